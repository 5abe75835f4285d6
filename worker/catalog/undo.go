package catalog

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/drafts"
	"workflows/worker/workflow"
)

// Undo takes back the newest change of a workflow's draft, whoever made it, and returns it.
// It is a *models.ConflictError when revision is no longer the draft's, and when no change is
// known that came before.
func (c *Catalog) Undo(ctx context.Context, id string, revision int64, by string) (models.Workflow, drafts.Change, error) {
	return c.goTo(ctx, id, revision, by, func(tx *gorm.DB, present drafts.Change) (next, told drafts.Change, err error) {
		next, err = drafts.At(ctx, tx, id, present.Back)
		next.Ahead = present.Revision
		return next, present, err
	})
}

// Redo makes the change again that was taken back last, and returns it.
func (c *Catalog) Redo(ctx context.Context, id string, revision int64, by string) (models.Workflow, drafts.Change, error) {
	return c.goTo(ctx, id, revision, by, func(tx *gorm.DB, present drafts.Change) (next, told drafts.Change, err error) {
		next, err = drafts.At(ctx, tx, id, present.Ahead)
		next.Back = present.Revision
		return next, next, err
	})
}

// goTo makes a draft again what it was, which choose says.
func (c *Catalog) goTo(ctx context.Context, id string, revision int64, by string, choose func(tx *gorm.DB, present drafts.Change) (next, told drafts.Change, err error)) (w models.Workflow, told drafts.Change, err error) {
	err = models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		if w, err = models.LockWorkflow(ctx, tx, id); err != nil {
			return err
		}
		if revision != w.DraftRevision {
			return stale()
		}
		present, err := c.presentChange(ctx, tx, w)
		if err != nil {
			return err
		}
		var next drafts.Change
		next, told, err = choose(tx, present)
		if errors.Is(err, models.ErrNotFound) {
			return &models.ConflictError{Code: "nothing_to_undo", Message: "No change is known that could be undone or made again here."}
		}
		if err != nil {
			return err
		}
		next.Part, next.Passing = "", false
		definition, err := next.Unpacked()
		if err != nil {
			return err
		}
		d, err := workflow.Load(definition)
		if err != nil {
			return err
		}
		sentences, err := c.sentencesSince(ctx, tx, w.Draft, d)
		if err != nil {
			return err
		}
		return c.storeDraft(ctx, tx, &w, d, next, sentences, by)
	})
	if err != nil {
		return models.Workflow{}, drafts.Change{}, err
	}
	return w, told, nil
}

// presentChange is the change that made a draft what it is. Of one that none is known of it
// stores the draft, so that one can come back to it.
func (c *Catalog) presentChange(ctx context.Context, tx *gorm.DB, w models.Workflow) (drafts.Change, error) {
	present, known, err := drafts.Tell(ctx, tx, w.ID, w.DraftRevision)
	if err != nil || known {
		return present, err
	}
	first := drafts.Change{WorkflowID: w.ID, Revision: w.DraftRevision, MadeAt: w.UpdatedAt}
	if first.Definition, err = drafts.Pack(w.Draft); err != nil {
		return first, err
	}
	return first, drafts.Insert(ctx, tx, first)
}
