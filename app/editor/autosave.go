package editor

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

const (
	// autosave is the command of a form that the page sends by itself while somebody types.
	autosave = "autosave"
	notSaved = "Not saved: "
)

// autosaving reports whether a form on a page of its own is saved as it is typed: the page sent
// it by itself, or its Undo did.
func autosaving(sent url.Values) bool { return sent.Get("do") == autosave || undoing(sent) }

// undoing reports whether the Undo of a page of its own was pressed.
func undoing(sent url.Values) bool { return strings.HasPrefix(sent.Get("do"), "undo:") }

// savesTyped reports whether it is to be saved so. Where something cannot be, Undo leads to
// the page that says why, with all that is typed.
func savesTyped(sent url.Values, problems map[string]string) bool {
	return autosaving(sent) && (len(problems) == 0 || !undoing(sent))
}

// autosavesForm answers a form on a page of its own that was sent by itself and has made this of
// the draft. What is wrong is kept, for the page that comes next to mark; problems are what
// cannot be, by its entries.
func (s *Site) autosavesForm(c *gin.Context, d draft, sent url.Values, problems map[string]string) (templ.Component, error) {
	if problem := firstOf(problems); problem != "" {
		return views.AutosavedForm(sent.Get("revision"), notSaved+problem, nil), nil
	}
	stored, err := s.savedTyped(c, d, sent)
	if err != nil {
		return nil, err
	}
	if undoing(sent) {
		return nil, s.undoesForm(c, d, stored, sent)
	}
	if stored.DraftRevision == d.workflow.DraftRevision { // nothing is new; the page keeps the Undo that it has
		return views.AutosavedForm(sent.Get("revision"), saidSaved(c), nil), nil
	}
	undo, _, err := s.ways(c.Request.Context(), draft{workflow: stored})
	return views.AutosavedForm(sent.Get("revision"), saidSaved(c)+" “Undo” takes it back.", undo), err
}

// savedTyped saves a draft as a form has made it while somebody types into that. From then on
// the form is of the revision that its page shows.
func (s *Site) savedTyped(c *gin.Context, d draft, sent url.Values) (models.Workflow, error) {
	ctx := c.Request.Context()
	opened, err := strconv.ParseInt(d.revision(), 10, 64)
	if err != nil {
		return models.Workflow{}, err
	}
	shown := opened
	stored, err := s.savedBy(c, d, proposal{form: sent}, func(next workflow.Definition, revision int64) (w models.Workflow, err error) {
		w, shown, err = s.Catalog.SaveTyped(ctx, d.workflow.ID, d.definition, next, revision, opened, auth.By(ctx))
		return w, err
	})
	if err == nil {
		sent.Set("revision", strconv.FormatInt(shown, 10))
	}
	return stored, err
}

// autosaves saves by itself what is typed into the editor's page, and answers with what that
// changes on it. Nothing is added, and no id follows a name that is not finished.
func (e *editing) autosaves(step *workflow.Step) (templ.Component, error) {
	unkept := []string{"name"}
	if step != nil {
		t := e.Types[step.Type]
		e.form = e.read(*step, t)
		if problem := firstOf(e.form.problems); problem != "" {
			return e.autosaved(e.d, notSaved+problem)
		}
		was := step.Config
		*step, step.Config = e.form.step, t.Tidied(e.form.step.Config)
		if err := e.renames(was); err != nil {
			return nil, err
		}
		_, path, _ := workflow.FindStep(&e.d.definition, step.ID)
		unkept = append(unkept, path+".name")
	}
	e.takeName()
	for _, problem := range e.d.definition.CheckNames() {
		if slices.Contains(unkept, problem.Path) {
			return e.autosaved(e.d, notSaved+problem.Message)
		}
	}
	stored, err := e.savedTyped(e.c, e.d, e.sent)
	if err != nil {
		return nil, err
	}
	present, err := newDraft(stored)
	if err != nil {
		return nil, err
	}
	return e.autosaved(present, saidSaved(e.c))
}

// autosaved is what an autosave changes on the page, with what is said of it.
func (e *editing) autosaved(d draft, said string) (templ.Component, error) {
	ctx := e.c.Request.Context()
	page := views.EditorPage{ID: d.workflow.ID, Status: d.workflow.Status, Revision: e.sent.Get("revision"), Name: d.definition.Name, NameStored: d.definition.Name}
	page.NameFollows = !e.typesName() && page.Name != e.sent.Get("workflow.name")
	if err := e.draftHead(ctx, d, &page); err != nil {
		return nil, err
	}
	var problems []workflow.Problem
	lacking := ""
	if page.Checked = e.sent.Get("problems") != ""; page.Checked {
		var err error
		if problems, err = e.Catalog.Check(ctx, d.workflow.ID, d.definition); err != nil {
			return nil, err
		}
		if page.Publishing = e.sent.Get("problems") == views.ProblemsPublishing; !page.Publishing {
			lacking = unfilled(d.definition, problems, e.form)
		}
		page.Problems = e.problemLinks(d, problems, lacking)
	}
	if e.open == "" {
		return views.Autosaved(page, nil, said), nil
	}
	types, err := e.typesNaming(ctx, d.definition)
	if err != nil {
		return nil, err
	}
	rows := stepRows(d.definition, types)
	i := slices.IndexFunc(rows, func(row ui.StepRow) bool { return row.ID == e.open })
	if i < 0 { // somebody else has taken it out
		return views.Autosaved(page, nil, said), nil
	}
	rows[i].Problems, rows[i].Unfilled = stepProblems(d.definition, problems)[e.open], e.open == lacking
	page.Open, err = e.follows(ctx, d)
	return views.Autosaved(page, &rows[i], said), err
}

// follows is what of the open step's entries follows what is typed into them: its name, and what
// is said of them; where nothing is, nothing is asked.
func (e *editing) follows(ctx context.Context, d draft) (*views.StepFormPage, error) {
	t, name := e.Types[e.form.step.Type], e.form.step.Name
	page := &views.StepFormPage{TypeTitle: t.Title, Name: name, NameStored: name, NameFollows: name != strings.TrimSpace(e.sent.Get("name"))}
	if !t.Narrows() && len(e.form.typed) == 0 {
		return page, nil
	}
	known, err := e.knowledge(ctx, d)
	if err != nil {
		return nil, err
	}
	step, _, _ := workflow.FindStep(&d.definition, e.open)
	page.Given = e.gaveOrWould(ctx, known, *step)
	e.form.judges(t)
	b := formBuilder{form: e.form, known: &known, stepID: e.open}
	for _, field := range t.Fields {
		if e.form.typed["config."+field.Name] {
			page.Fields = append(page.Fields, b.entries("config", field, t.Fields, e.form.step.Config)...)
		}
	}
	return page, nil
}

func saidSaved(c *gin.Context) string { return strings.TrimSpace("Saved. " + web.AlsoSaid(c)) }

// sentBack reports whether a form comes back with what was typed, which is not in the draft.
func sentBack(c *gin.Context) bool { return c.Request.Method == http.MethodPost }

// firstOf is one of the problems, the same each time; "" for none.
func firstOf(problems map[string]string) string {
	for _, path := range slices.Sorted(maps.Keys(problems)) {
		return problems[path]
	}
	return ""
}
