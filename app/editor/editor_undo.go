package editor

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/drafts"
	"workflows/views"
)

// ways are the change of the draft that can be undone, and the one that can be made again.
func (s *Site) ways(ctx context.Context, d draft) (undo, redo *views.DraftChange, err error) {
	way, err := drafts.WayFrom(ctx, s.DB, d.workflow.ID, d.workflow.DraftRevision)
	if err != nil {
		return nil, nil, err
	}
	shown := func(command string, change drafts.Change) *views.DraftChange {
		return &views.DraftChange{Command: command + ":" + d.revision(), By: whose(ctx, change), At: change.MadeAt, Sentence: change.Sentence}
	}
	if way.Undo {
		undo = shown("undo", way.Present)
	}
	if way.Redo != nil {
		redo = shown("redo", *way.Redo)
	}
	return undo, redo, nil
}

// whose names who made a change, as the person who reads it would.
func whose(ctx context.Context, change drafts.Change) string {
	if user := auth.User(ctx); user != nil && user.ID == change.PersonID {
		return "Your change"
	}
	return cmp.Or(change.Person, "Somebody") + "’s change"
}

// undoes takes back the newest change of the draft: what was typed just now, else the one
// that the button named.
func (e *editing) undoes() error {
	e.then = func() error { return e.goesTo(e.Catalog.Undo, "undone") }
	return nil
}

// redoes makes the change again that was taken back last.
func (e *editing) redoes() error {
	e.then = func() error { return e.goesTo(e.Catalog.Redo, "made again") }
	return nil
}

// undoesForm takes back the newest change by the button of a form on a page of its own, with
// what was typed there just now, and leads back to that page.
func (s *Site) undoesForm(c *gin.Context, d draft, stored models.Workflow, sent url.Values) error {
	e := &editing{Site: s, c: c, d: draft{workflow: stored}, sent: sent, shown: strconv.FormatInt(d.workflow.DraftRevision, 10)}
	_, e.args = e.command()
	e.goes(c.Request.URL.Path, "")
	return e.goesTo(s.Catalog.Undo, "undone")
}

type goTo func(ctx context.Context, id string, revision int64, by string) (models.Workflow, drafts.Change, error)

// goesTo undoes a change or makes it again, and says whose it was. Nothing is undone that
// came after what the button named.
func (e *editing) goesTo(way goTo, done string) error {
	ctx := e.c.Request.Context()
	seen, err := strconv.ParseInt(e.arg(0), 10, 64)
	if err != nil {
		seen = 0 // none has it
	}
	if e.arg(0) == e.shown {
		seen = e.d.workflow.DraftRevision
	}
	w, change, err := way(ctx, e.d.workflow.ID, seen, auth.By(ctx))
	if errors.Is(err, models.ErrConflict) {
		return e.notGone(ctx)
	}
	if err != nil {
		return err
	}
	present, err := newDraft(w)
	if err != nil {
		return err
	}
	e.leadsOn(present.definition)
	return web.Done(e.to, whose(ctx, change)+" is "+done+". It was: "+change.Sentence)
}

// notGone says why nothing was undone: what is the newest change now, or that none is known.
func (e *editing) notGone(ctx context.Context) error {
	present, err := models.GetWorkflow(ctx, e.DB, e.d.workflow.ID)
	if err != nil {
		return err
	}
	newest, known, err := drafts.Tell(ctx, e.DB, present.ID, present.DraftRevision)
	if err != nil {
		return err
	}
	if !known || newest.Sentence == "" {
		return web.Done(e.to, "Nothing is undone: no change is known that came before.")
	}
	return web.Done(e.to, "Nothing is undone yet, since the draft was changed meanwhile. "+whose(ctx, newest)+": "+newest.Sentence)
}

// discardLabel names what leaves of a draft what is published.
func discardLabel(version int) string { return "Discard all since version " + strconv.Itoa(version) }
