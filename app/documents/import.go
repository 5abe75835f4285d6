package documents

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/columns"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

const (
	// maxImport is what fits the form beside its other fields; larger ones are for the
	// command apply.
	maxImport = 200 << 10
	// asNew answers what becomes of a workflow whose name is taken.
	asNew = "new"
	// offered is how many workflows of the same name may be replaced.
	offered = 10
)

// ImportShow is the form into which a workflow is put, by file or by paste.
func (s *Site) ImportShow(c *gin.Context) (templ.Component, error) {
	return views.Import(views.ImportPage{Layout: s.importLayout(c), Form: views.ImportForm{}}), nil
}

// Import makes a draft of what was sent. It asks first when the name is taken, or when
// secrets are missing; whatever it answers with holds what was sent.
func (s *Site) Import(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	sent, err := web.FormWithFiles(c, maxImport)
	if err != nil {
		return nil, err
	}
	i := &importing{Site: s, page: views.ImportPage{Layout: s.importLayout(c)}}
	i.page.Form.Text, i.page.Form.As, i.page.Form.Name = sent.Values.Get("text"), sent.Values.Get("as"), strings.TrimSpace(sent.Values.Get("name"))
	i.take(sent.Files)
	if len(i.page.Problems) == 0 {
		i.read()
	}
	if len(i.page.Problems) == 0 {
		err = i.look(ctx)
	}
	switch {
	case err != nil:
		return nil, err
	case len(i.page.Problems) > 0:
		return nil, web.Status(http.StatusUnprocessableEntity, views.Import(i.page))
	case i.page.Asks() && sent.Values.Get("import") == "":
		return views.Import(i.page), nil
	}
	return i.store(ctx, sent.Values.Get("revision"))
}

// importing is one document on its way.
type importing struct {
	*Site
	page     views.ImportPage
	document workflow.Document
	taken    []models.Workflow // those of the same name
}

// problem says what is wrong, and where in the text: in which line, where it is known.
func (i *importing) problem(path, message string) {
	problem := views.ImportProblem{Path: path, Message: message}
	if path != "name" || i.document.Name != i.page.Form.Name { // else it was entered beside the text
		problem.At = i.document.Lines.At(path)
	}
	i.page.Problems = append(i.page.Problems, problem)
}

// take puts the text of a file into the form: what is wrong with it can be mended there.
func (i *importing) take(files []web.File) {
	at := slices.IndexFunc(files, func(f web.File) bool { return f.Field == "file" && f.Name != "" })
	switch {
	case at < 0:
	case files[at].TooLarge:
		i.problem("", fmt.Sprintf("“%s” is larger than 200 kB. Bring it in with the command: go run ./app apply FILE.", files[at].Name))
	case !utf8.Valid(files[at].Data) || !columns.Holds(string(files[at].Data)):
		i.problem("", fmt.Sprintf("“%s” is not a text. Choose the file that “Download as YAML” or the command export has written.", files[at].Name))
	default:
		i.page.Form.Text = string(files[at].Data)
	}
	if at < 0 && len(i.page.Form.Text) > maxImport {
		i.problem("", "This is longer than 200 kB. Bring it in with the command: go run ./app apply FILE.")
	}
}

func (i *importing) read() {
	if strings.TrimSpace(i.page.Form.Text) == "" {
		i.problem("", "Choose a file, or paste what stands in one.")
		return
	}
	documents, problems, err := workflow.ParseYAML([]byte(i.page.Form.Text)) // JSON is YAML too
	switch {
	case err != nil:
		i.problem("", strings.TrimSuffix(err.Error(), ".")+".")
		if malformed := (*document.MalformedError)(nil); errors.As(err, &malformed) && malformed.Line > 0 {
			i.page.Problems[0].At = document.PlaceOf([]byte(i.page.Form.Text), malformed.Line)
		}
	case len(documents) == 0:
		i.problem("", "There is no workflow in it.")
	case len(documents) > 1:
		i.problem("", fmt.Sprintf("It holds %d workflows. Import one after the other, or all with the command: go run ./app apply FILE.", len(documents)))
	default:
		i.document = documents[0]
		for _, problem := range problems[0] {
			i.problem(problem.Path, problem.Message)
		}
	}
}

// look finds out what the document would do here.
func (i *importing) look(ctx context.Context) error {
	d := i.document.Definition
	if i.page.Form.As == asNew && i.page.Form.Name != "" {
		d.Name = i.page.Form.Name
		i.document.Name = d.Name
	}
	var err error
	if i.taken, err = models.WorkflowsNamed(ctx, i.DB, []string{d.Name}); err != nil {
		return err
	}
	i.taken = i.taken[:min(len(i.taken), offered)]
	replaced := ""
	if target := i.target(); target != nil {
		replaced = target.ID
	}
	problems, err := i.Catalog.Check(ctx, replaced, d)
	if err != nil {
		return err
	}
	for _, problem := range problems {
		switch {
		case problem.Doubtful:
		case problem.Code == "unknown_secret":
		case problem.Incomplete:
			if !slices.Contains(i.page.Missing, problem.Message) {
				i.page.Missing = append(i.page.Missing, problem.Message)
			}
		default:
			i.problem(problem.Path, problem.Message)
		}
	}
	if i.page.Secrets, err = i.Catalog.MissingSecrets(ctx, d); err != nil {
		return err
	}
	i.page.SecretsURL = frame.SecretsURL
	i.page.Name, i.page.Remarks = d.Name, i.document.Remarks
	return i.offer(ctx, d)
}

// offer lets the person choose what becomes of a name that is taken.
func (i *importing) offer(ctx context.Context, d workflow.Definition) error {
	if len(i.taken) == 0 {
		return nil
	}
	i.page.Options = []ui.Option{{Value: asNew, Label: "A new workflow beside it"}}
	for n, w := range i.taken {
		label := "Replace the draft of “" + w.Name + "”"
		if len(i.taken) > 1 {
			label += " (" + strconv.Itoa(n+1) + ")"
		}
		i.page.Options = append(i.page.Options, ui.Option{Value: w.ID, Label: label})
	}
	if i.page.Form.Name == "" || i.page.Form.Name == d.Name {
		i.page.Form.Name = d.Name + " (imported)"
	}
	if len(i.taken) > 1 {
		return nil
	}
	i.page.Revision = strconv.FormatInt(i.taken[0].DraftRevision, 10)
	old, err := workflow.Load(i.taken[0].Draft)
	if err != nil {
		return err
	}
	said, err := i.Catalog.Changes(ctx, old, d)
	if i.page.Changes = frame.Changes(said); err == nil && len(said) == 0 {
		i.page.Changes = []views.Change{{Sentence: "Nothing: its draft says the same."}}
	}
	return err
}

// target is the workflow whose draft was chosen to be replaced, or nil.
func (i *importing) target() *models.Workflow {
	for n := range i.taken {
		if i.taken[n].ID == i.page.Form.As {
			return &i.taken[n]
		}
	}
	return nil
}

// store keeps the document as a draft. revision is that of the draft whose replacement the
// person has seen.
func (i *importing) store(ctx context.Context, revision string) (templ.Component, error) {
	target := i.target()
	switch {
	case target == nil && len(i.taken) > 0: // the name that was chosen is taken too, or nothing was chosen
		i.problem("", "There is a workflow “"+i.document.Name+"” already. Choose what becomes of it.")
		return nil, web.Status(http.StatusUnprocessableEntity, views.Import(i.page))
	case target == nil:
		made, err := i.Catalog.Create(ctx, i.document.Definition, false, auth.By(ctx))
		if err != nil {
			return nil, err
		}
		return nil, web.Done("/workflows/"+made.ID+"/edit", "“"+made.Name+"” is imported as a draft. It runs once you have published it.")
	}
	seen := &target.DraftRevision
	if number, err := strconv.ParseInt(revision, 10, 64); err == nil && len(i.taken) == 1 {
		seen = &number
	}
	_, err := i.Catalog.SaveDraft(ctx, target.ID, i.document.Definition, seen, auth.By(ctx))
	if errors.Is(err, models.ErrConflict) {
		i.problem("", "The draft of “"+target.Name+"” has changed since you looked. Look at what is replaced now, then import it again.")
		return nil, web.Status(http.StatusConflict, views.Import(i.page))
	}
	if err != nil {
		return nil, err
	}
	said := "What you have imported is the draft of “" + target.Name + "” now."
	if target.VersionID != nil {
		said += " What is published keeps running until you publish again."
	}
	return nil, web.Done("/workflows/"+target.ID+"/edit", said)
}

func (s *Site) importLayout(c *gin.Context) ui.Page {
	p := s.Page(c, "Import a workflow", "workflows")
	p.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}}
	return p
}
