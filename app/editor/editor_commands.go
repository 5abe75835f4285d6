package editor

import (
	"net/url"
	"strings"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/worker/engine"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
	"workflows/worker/workflow/trial"
)

// commands are all that the buttons of the page can say, with what step types offer.
func (e *editing) commands() map[string]func(e *editing) error {
	all := map[string]func(e *editing) error{
		"": (*editing).done, "open": (*editing).opens, "go": (*editing).leaves,
		"add": (*editing).adds, "compose": (*editing).composes, "more": (*editing).tellsMore, "start": func(e *editing) error { return e.start(e.arg(0)) },
		"move": (*editing).moves, "switch": (*editing).switches, "duplicate": (*editing).duplicates,
		doTry: func(e *editing) error { return e.tries(false) }, doAct: func(e *editing) error { return e.tries(true) }, "try-all": (*editing).triesAll, doTryOn: (*editing).choosesData,
		"publish": (*editing).publishes, "undo": (*editing).undoes, "redo": (*editing).redoes,
	}
	for _, t := range e.Types {
		if t.Deed != nil {
			all[t.Deed.Word] = func(e *editing) error { return e.deed(t) }
		}
	}
	return all
}

// done closes the open step.
func (e *editing) done() error {
	switch {
	case e.to != e.here(""):
		return nil
	case e.form == nil:
		e.goes(e.to, "The draft is saved. "+notYet(e.d))
		return nil
	}
	e.goes(e.d.url("/edit#step-", e.open), "The step “"+workflow.StepTitle(e.form.step, e.Types)+"” is saved in the draft. "+notYet(e.d))
	return nil
}

func (e *editing) opens() error {
	step, err := e.step()
	if err != nil {
		return err
	}
	e.goes(e.d.stepURL(step.ID)+"#step-"+step.ID, "")
	return nil
}

// leaves leads to another page of the workflow. With the address of a step what it lacks
// is marked there.
func (e *editing) leaves() error {
	path := strings.Join(e.args, ":")
	if path != "" && path[0] != '/' {
		return models.ErrNotFound
	}
	e.goes(e.d.url(path), "")
	return nil
}

// composes opens the entry for a new step in another place.
func (e *editing) composes() error {
	page, _, _ := strings.Cut(e.here(""), "#")
	place := e.arg(0)
	if place == "after" {
		_, at, found := edit.ListOf(&e.d.definition, e.arg(1))
		if !found {
			return models.ErrNotFound
		}
		at.Index++
		place = at.String()
	}
	e.goes(page+"?at="+url.QueryEscape(place), "")
	return nil
}

// tellsMore shows what else can be done with a step, where no script opens its menu.
func (e *editing) tellsMore() error {
	step, err := e.step()
	if err != nil {
		return err
	}
	page, _, _ := strings.Cut(e.here(""), "#")
	e.goes(page+"?more="+step.ID+"#step-"+step.ID, "")
	return nil
}

// moves takes a step up or down in its list.
func (e *editing) moves() error {
	by := 1
	if e.arg(1) == "up" {
		by = -1
	}
	e.goes(e.here(e.arg(0)), "The step is moved.")
	return edit.Move(&e.d.definition, e.arg(0), by)
}

// switches has a step passed over, or not any more.
func (e *editing) switches() error {
	step, err := e.step()
	if err != nil {
		return err
	}
	step.Disabled = e.arg(1) == "off"
	e.goes(e.here(step.ID), switchedWords(step.Disabled))
	return nil
}

func (e *editing) duplicates() error {
	id, err := edit.Duplicate(&e.d.definition, e.arg(0))
	e.goes(e.here(id), "The copy is added after it.")
	return err
}

// tries tries the open step, or the branch that the command names, once all is saved: on the
// data that were chosen for an earlier try where the command names that, else on the latest.
func (e *editing) tries(acts bool) error {
	r := engine.TryRequest{Part: trial.ReadPart(e.arg(0)), Acts: acts, On: engine.TryData{RunID: e.arg(1)}}
	switch {
	case r.Part.Block != "" && acts:
		r.Shown = e.arg(1)
	case r.Part.Block != "":
	case e.open != "":
		r.Part.StepID = e.open
	default:
		return models.ErrNotFound
	}
	e.then = func() error { return e.tryPart(e.c, e.d, r) }
	return nil
}

func (e *editing) triesAll() error {
	e.then = func() error { return e.tryPart(e.c, e.d, engine.TryRequest{}) }
	return nil
}

// publishes makes the draft what runs, if it is the first version and nothing is wrong:
// what it does stands on the page already. Later ones are compared with what runs first.
func (e *editing) publishes() error {
	seen := e.sent.Get("revision") == e.shown
	e.then = func() error {
		problems, err := e.Catalog.Check(e.c.Request.Context(), e.d.workflow.ID, e.d.definition)
		switch {
		case err != nil:
			return err
		case len(problems) > 0:
			page, _, _ := strings.Cut(e.here(""), "#")
			return web.SeeOther(page + "?check=1#problems")
		case e.d.workflow.VersionID != nil || !seen: // somebody else has changed what the page shows
			return web.SeeOther(e.d.url("/publish"))
		}
		ctx := e.c.Request.Context()
		revision := e.d.workflow.DraftRevision
		published, err := e.Catalog.Publish(ctx, e.d.workflow.ID, &revision, auth.By(ctx))
		if err != nil {
			return err
		}
		said, err := e.publishedWords(e.c, e.d.workflow, published)
		if err != nil {
			return err
		}
		return web.Done(e.d.url(), said)
	}
	return nil
}
