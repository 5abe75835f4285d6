package editor

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// draft is what the pages of the editor work on: a workflow and its draft,
// decoded afresh for each request, so that a page may change it as it likes.
type draft struct {
	workflow   models.Workflow
	definition workflow.Definition
	// base is what a form was opened with that was sent, where the draft has changed since,
	// and opened that revision. The definition is that too then, for the form to change.
	base   *workflow.Definition
	opened int64
	// told means that the page was told what others had changed by then.
	told bool
	// unknown means that nobody knows any more what the form was opened with.
	unknown bool
}

// draft reads the workflow that the address names.
func (s *Site) draft(c *gin.Context) (draft, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return draft{}, err
	}
	found, err := models.GetWorkflow(c.Request.Context(), s.DB, id)
	if err != nil {
		return draft{}, err
	}
	return newDraft(found)
}

// newDraft decodes a workflow's draft as it was read: also beside one that a form has
// changed.
func newDraft(found models.Workflow) (draft, error) {
	definition, err := workflow.Load(found.Draft)
	if err != nil {
		return draft{}, fmt.Errorf("read the draft of workflow %s: %w", found.ID, err)
	}
	return draft{workflow: found, definition: definition}, nil
}

// draftAndForm reads both sides of an edit: what there was when the form was opened, and what
// was sent.
func (s *Site) draftAndForm(c *gin.Context) (draft, url.Values, error) {
	form, err := web.Form(c)
	if err != nil {
		return draft{}, nil, err
	}
	d, err := s.draft(c)
	if err != nil || form.Get("revision") == d.revision() {
		return d, form, err
	}
	d, err = s.openedWith(c, d, form.Get("revision"))
	return d, form, err
}

// url is the address of a page of this workflow.
func (d draft) url(parts ...string) string {
	return "/workflows/" + d.workflow.ID + strings.Join(parts, "")
}

// notYet says that what is saved does not run yet.
func notYet(d draft) string {
	if d.workflow.VersionID == nil {
		return "It runs once you have published it."
	}
	return "What is published keeps running until you publish again."
}

func (d draft) stepURL(id string) string { return d.url("/edit/steps/", id) }

// triggerURL is the form of a trigger.
func (d draft) triggerURL(t workflow.Trigger) string {
	if t.Type == "webhook" {
		return d.url("/edit/webhooks/", t.ID)
	}
	if t.Type == "form" {
		return d.url("/forms/", t.ID)
	}
	return d.url("/edit/triggers/", t.ID)
}

// revision is that of what a form shows.
func (d draft) revision() string {
	if d.base != nil {
		return strconv.FormatInt(d.opened, 10)
	}
	return strconv.FormatInt(d.workflow.DraftRevision, 10)
}

// same reports whether the form has changed nothing.
func (d draft) same() bool {
	before := []byte(d.workflow.Draft)
	if d.base != nil {
		before = d.base.Marshal()
	}
	return string(d.definition.Marshal()) == string(before)
}

// proposal is where a change of a draft comes from.
type proposal struct {
	form url.Values
	// again is where the form shows the present state; empty is the form's own address.
	again string
}

// save stores a draft that a form has changed, together with what was changed since the form
// was opened. Where both have changed the same, the answer is a page that asks.
func (s *Site) save(c *gin.Context, d draft, e proposal) error {
	_, err := s.saved(c, d, e)
	return err
}

// conflict shows the present draft beside what was typed, and lets the person
// save theirs into it all the same.
func (s *Site) conflict(c *gin.Context, next workflow.Definition, e proposal) error {
	d, err := s.draft(c)
	if err != nil {
		return err
	}
	page := views.ConflictPage{
		Layout:   s.editorLayout(c, d, "Somebody else changed it"),
		Sentence: "The draft has changed since you opened the form. Nothing of yours is saved yet, and nothing is lost.",
		Action:   c.Request.URL.Path,
		Hidden:   []ui.Pair{{Name: "revision", Value: d.revision()}},
		BackURL:  d.url("/edit"),
		AgainURL: e.again,
	}
	if page.Changes, err = s.changes(c.Request.Context(), d.definition, next); err != nil {
		return err
	}
	if len(page.Changes) == 0 {
		page.Changes = []views.Change{{Sentence: "Nothing changes: the draft already says the same."}}
	}
	page.Hidden = append(page.Hidden, sent(e.form)...)
	return web.Status(http.StatusConflict, views.Conflict(page))
}

// gone answers a form whose step or trigger somebody else has deleted meanwhile:
// what was typed is shown, since it has no place any more.
func (s *Site) gone(c *gin.Context, d draft, form url.Values, what string) error {
	page := views.ConflictPage{
		Layout:   s.editorLayout(c, d, "Deleted meanwhile"),
		Sentence: "The " + what + " was deleted while you had its form open. Below is what you entered; add it again if it is still needed.",
		BackURL:  d.url("/edit"),
	}
	for _, pair := range sent(form) {
		if strings.TrimSpace(pair.Value) != "" {
			page.Typed = append(page.Typed, pair)
		}
	}
	return web.Status(http.StatusConflict, views.Conflict(page))
}

// sent lists what a form holds in a stable order, without what it was opened with and what
// was chosen.
func sent(form url.Values) []ui.Pair {
	var pairs []ui.Pair
	for name, list := range form {
		if name == "revision" || name == "seen" || strings.HasPrefix(name, chosenOf) {
			continue
		}
		for _, value := range list {
			pairs = append(pairs, ui.Pair{Name: name, Value: value})
		}
	}
	slices.SortStableFunc(pairs, func(a, b ui.Pair) int { return strings.Compare(a.Name, b.Name) })
	return pairs
}

// editorLayout is the layout of the editor's pages, with the way back up.
func (s *Site) editorLayout(c *gin.Context, d draft, title string) ui.Page {
	p := s.Page(c, title, "workflows")
	p.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: d.workflow.Name, URL: d.url()}, {Label: "Editor", URL: d.url("/edit")}}
	p.Wide = true
	return p
}

// mine are the problems at paths under a prefix, with the prefix cut off.
func mine(problems []workflow.Problem, prefix string) []workflow.Problem {
	var found []workflow.Problem
	for _, problem := range problems {
		if rest, ours := strings.CutPrefix(problem.Path, prefix); ours {
			problem.Path = strings.TrimPrefix(rest, ".")
			found = append(found, problem)
		}
	}
	return found
}

// wrong leaves out what a draft may lack.
func wrong(problems []workflow.Problem) []workflow.Problem {
	return slices.DeleteFunc(slices.Clone(problems), func(p workflow.Problem) bool { return p.Incomplete })
}
