package editor

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/drafts"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
	"workflows/worker/workflow/merge"
)

const (
	// chosenOf begins the names of what is chosen of both changes, and seen is the revision
	// that it was chosen from.
	chosenOf = "choice:"
	seen     = "seen"
	// joinings is how often somebody else may be faster.
	joinings = 5
)

// openedWith is the draft as it was when a form was opened, for the form to change; and as it
// is, where that is not known any more.
func (s *Site) openedWith(c *gin.Context, d draft, revision string) (draft, error) {
	opened, err := strconv.ParseInt(revision, 10, 64)
	if err != nil {
		d.unknown = true
		return d, nil
	}
	was, err := drafts.At(c.Request.Context(), s.DB, d.workflow.ID, opened)
	if errors.Is(err, models.ErrNotFound) {
		d.unknown = true
		return d, nil
	}
	if err != nil {
		return d, err
	}
	text, err := was.Unpacked()
	if err != nil {
		return d, err
	}
	base, err := workflow.Load(text)
	if err != nil {
		return d, err
	}
	d.base, d.opened, d.told = &base, opened, was.Form()
	d.definition, err = workflow.Load(text)
	return d, err
}

// saved is save that gives the workflow as it is then.
func (s *Site) saved(c *gin.Context, d draft, e proposal) (models.Workflow, error) {
	ctx := c.Request.Context()
	return s.savedBy(c, d, e, func(next workflow.Definition, revision int64) (models.Workflow, error) {
		return s.Catalog.SaveDraftLoosely(ctx, d.workflow.ID, next, &revision, auth.By(ctx))
	})
}

// savedBy has a draft stored, with what was changed since the form was opened.
func (s *Site) savedBy(c *gin.Context, d draft, e proposal, store func(next workflow.Definition, revision int64) (models.Workflow, error)) (models.Workflow, error) {
	ctx := c.Request.Context()
	if d.unknown {
		return d.workflow, s.conflict(c, d.definition, e)
	}
	for range joinings {
		next, err := s.joined(c, d, e)
		if err != nil {
			return d.workflow, err
		}
		revision := d.workflow.DraftRevision
		stored, err := store(next, revision)
		if !errors.Is(err, models.ErrConflict) {
			return stored, err
		}
		if d.base == nil {
			present, err := newDraft(d.workflow)
			if err != nil {
				return stored, err
			}
			d.base, d.opened = &present.definition, revision
		}
		if d.workflow, err = models.GetWorkflow(ctx, s.DB, d.workflow.ID); err != nil {
			return stored, err
		}
	}
	return d.workflow, s.conflict(c, d.definition, e)
}

// joined is what the form makes of the draft as it is now. What both have changed is asked
// for, unless it was chosen from just that.
func (s *Site) joined(c *gin.Context, d draft, e proposal) (workflow.Definition, error) {
	if d.base == nil {
		return d.definition, nil
	}
	present, err := newDraft(d.workflow)
	if err != nil {
		return d.definition, err
	}
	var chosen map[string]merge.Choice
	if e.form.Get(seen) == strconv.FormatInt(d.workflow.DraftRevision, 10) {
		chosen = chosenIn(e.form)
	}
	next, clashes, ok := merge.Join(*d.base, d.definition, present.definition, chosen)
	if !ok {
		return next, s.conflict(c, d.definition, e)
	}
	since, err := drafts.Since(c.Request.Context(), s.DB, d.workflow.ID, d.opened)
	if err != nil {
		return next, err
	}
	all := slices.Clone(since)
	if d.told {
		since = slices.DeleteFunc(since, func(change drafts.Change) bool { return change.WriterID == models.ActorOf(c.Request.Context()).ID })
	}
	if len(clashes.Paths) > 0 {
		naming, err := s.Catalog.Naming(c.Request.Context(), d.definition, present.definition)
		if err != nil {
			return next, err
		}
		return next, s.ask(c, d, e, clashes.InWords(naming), all)
	}
	if len(chosen) == 0 && len(since) > 0 && string(next.Marshal()) != string(d.definition.Marshal()) {
		told, err := s.Catalog.Told(c.Request.Context(), *d.base, present.definition)
		if err != nil {
			return next, err
		}
		web.Also(c, "Meanwhile "+writers(c, since, "you, in another window,")+" changed the draft too: "+told+" Both are kept.")
	}
	return next, nil
}

func chosenIn(form map[string][]string) map[string]merge.Choice {
	chosen := map[string]merge.Choice{}
	for name, values := range form {
		if path, ours := strings.CutPrefix(name, chosenOf); ours && len(values) == 1 {
			chosen[path] = merge.Choice(values[0])
		}
	}
	return chosen
}

// ask shows what both have changed, as two fields each, and sends the form again with what
// is chosen.
func (s *Site) ask(c *gin.Context, d draft, e proposal, clashes []merge.Clash, since []drafts.Change) error {
	page := views.ClashPage{
		Layout: s.editorLayout(c, d, "Changed by both"), Action: c.Request.URL.Path, BackURL: d.url("/edit"),
		Sentence: "Choose whose to keep. Everything else that either of you changed is kept.",
		Theirs:   writers(c, since, "You, in another window"),
		Hidden:   append([]ui.Pair{{Name: "revision", Value: d.revision()}, {Name: seen, Value: strconv.FormatInt(d.workflow.DraftRevision, 10)}}, sent(e.form)...),
	}
	if len(since) > 0 {
		page.At = since[0].MadeAt
	}
	for _, clash := range clashes {
		page.Clashes = append(page.Clashes, views.Clash{Name: chosenOf + clash.Path, Title: clash.Title, Mine: clash.Mine, Theirs: clash.Theirs})
	}
	return web.Status(http.StatusConflict, views.Clashes(page))
}

// writers names who made changes; you is for whoever reads it.
func writers(c *gin.Context, since []drafts.Change, you string) string {
	var names []string
	user := auth.User(c.Request.Context())
	for _, change := range since {
		name := cmp.Or(change.Writer, "somebody")
		if user != nil && change.WriterID == user.ID {
			name = you
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return cmp.Or(strings.Join(names, " and "), "somebody")
}
