package catalog

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/drafts"
	"workflows/worker/workflow"
	"workflows/worker/workflow/merge"
)

// goesOn is for how long who types into a field may stop and go on: it is one change.
const goesOn = 5 * time.Minute

// SaveTyped saves a draft while somebody types: next is what becomes of it, and form what
// their page shows, which may lack what others have changed. It returns the revision that the
// page shows from then on. Going on in one field is one change, to undo and in the audit log,
// which has it as it began.
func (c *Catalog) SaveTyped(ctx context.Context, id string, form, next workflow.Definition, revision, shown int64, by string) (w models.Workflow, now int64, err error) {
	err = models.Tx(ctx, c.DB, func(tx *gorm.DB) (err error) {
		if w, err = models.LockWorkflow(ctx, tx, id); err != nil {
			return err
		}
		if revision != w.DraftRevision {
			return stale()
		}
		text := string(next.Marshal())
		alone := string(form.Marshal()) == text
		if now = shown; text == string(w.Draft) {
			if alone {
				now = w.DraftRevision
			}
			return nil
		}
		before, err := c.presentChange(ctx, tx, w)
		if err != nil {
			return err
		}
		if !alone {
			if err := c.keepForm(ctx, tx, &w, form, by); err != nil {
				return err
			}
			now = w.DraftRevision
		}
		if err := c.storeTyped(ctx, tx, &w, next, before, by); err != nil {
			return err
		}
		if alone {
			now = w.DraftRevision
		}
		return nil
	})
	if err != nil {
		return models.Workflow{}, 0, err
	}
	return w, now, nil
}

// keepForm makes what a page shows a revision of its own, for what is typed next to be
// compared with.
func (c *Catalog) keepForm(ctx context.Context, tx *gorm.DB, w *models.Workflow, form workflow.Definition, by string) error {
	packed, err := drafts.Pack(form.Marshal())
	if err != nil {
		return err
	}
	w.DraftRevision++
	me := models.ActorOf(ctx).ID
	return drafts.Insert(ctx, tx, drafts.OfForm(drafts.Change{
		WorkflowID: w.ID, Revision: w.DraftRevision, Definition: packed, PersonID: me, Person: by, WriterID: me, Writer: by, MadeAt: c.now(),
	}))
}

// storeTyped stores what was typed, as the same change as before where somebody goes on.
func (c *Catalog) storeTyped(ctx context.Context, tx *gorm.DB, w *models.Workflow, next workflow.Definition, before drafts.Change, by string) error {
	old, err := workflow.Load(w.Draft)
	if err != nil {
		return err
	}
	me := models.ActorOf(ctx).ID
	change := drafts.Change{PersonID: me, Person: by, MadeAt: c.now(), Back: before.Revision, Part: merge.Touched(old, next)}
	further := change.Part != "" && change.Part == before.Part && me == before.PersonID && change.MadeAt.Sub(before.MadeAt) <= goesOn
	var from drafts.Change
	if further {
		from, err = drafts.At(ctx, tx, w.ID, before.Back)
	}
	if !further || errors.Is(err, models.ErrNotFound) {
		sentences, err := c.sentences(ctx, tx, old, next)
		if err != nil {
			return err
		}
		change.Sentence = inOne(sentences)
		return c.storeDraft(ctx, tx, w, next, change, sentences, by)
	}
	if err != nil {
		return err
	}
	text, err := from.Unpacked()
	if err != nil {
		return err
	}
	sentences, err := c.sentencesSince(ctx, tx, text, next)
	if err != nil {
		return err
	}
	if err := drafts.GoOn(ctx, tx, before); err != nil {
		return err
	}
	change.Sentence, change.Back = inOne(sentences), before.Back
	return c.storeDraft(ctx, tx, w, next, change, nil, by)
}
