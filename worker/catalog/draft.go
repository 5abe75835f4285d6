package catalog

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/hooks"
	"workflows/worker/workflow"
)

// SaveDraft replaces a workflow's draft. When revision is given and is no longer
// the draft's, it is a *models.ConflictError with the code "conflict". It refuses
// what a draft may not have.
func (c *Catalog) SaveDraft(ctx context.Context, id string, d workflow.Definition, revision *int64, by string) (models.Workflow, error) {
	problems, err := c.Check(ctx, id, d)
	if err != nil {
		return models.Workflow{}, err
	}
	if invalid := refused(problems, false); invalid != nil {
		if _, err := models.GetWorkflow(ctx, c.DB, id); err != nil { // first things first
			return models.Workflow{}, err
		}
		return models.Workflow{}, invalid
	}
	return c.SaveDraftLoosely(ctx, id, d, revision, by)
}

// SaveDraftLoosely is SaveDraft for the editor: it stores whatever is a
// definition, problems and all, so that no work is lost. A draft that is the same
// as before keeps its revision.
func (c *Catalog) SaveDraftLoosely(ctx context.Context, id string, d workflow.Definition, revision *int64, by string) (models.Workflow, error) {
	var w models.Workflow
	err := models.Tx(ctx, c.DB, func(tx *gorm.DB) (err error) {
		if w, err = models.LockWorkflow(ctx, tx, id); err != nil {
			return err
		}
		if revision != nil && *revision != w.DraftRevision {
			return stale()
		}
		return c.replaceDraft(ctx, tx, &w, d)
	})
	if err != nil {
		return models.Workflow{}, err
	}
	return w, nil
}

// draft reads a workflow with its draft.
func (c *Catalog) draft(ctx context.Context, id string) (models.Workflow, workflow.Definition, error) {
	w, err := models.GetWorkflow(ctx, c.DB, id)
	if err != nil {
		return models.Workflow{}, workflow.Definition{}, err
	}
	d, err := workflow.Load(w.Draft)
	return w, d, err
}

func (c *Catalog) replaceDraft(ctx context.Context, tx *gorm.DB, w *models.Workflow, d workflow.Definition) error {
	draft := d.Marshal()
	if string(draft) == string(w.Draft) {
		return nil
	}
	facts, err := c.changeFacts(ctx, tx, w.Draft, d, w.DraftRevision+1)
	if err != nil {
		return err
	}
	w.Draft, w.Name, w.UpdatedAt = draft, d.Name, c.now()
	w.DraftRevision++
	if err := models.UpdateWorkflow(ctx, tx, *w); err != nil {
		return err
	}
	if err := record(ctx, tx, "changed", *w, nil, facts); err != nil {
		return err
	}
	return hooks.Keep(ctx, tx, w.ID, d, w.UpdatedAt)
}

// Restore makes a published version the draft again. It becomes what runs only
// when somebody publishes it. With a revision it replaces that draft only, and is a
// *models.ConflictError when the draft has changed since.
func (c *Catalog) Restore(ctx context.Context, id string, number int, revision *int64, by string) (models.Workflow, error) {
	var w models.Workflow
	err := models.Tx(ctx, c.DB, func(tx *gorm.DB) (err error) {
		if w, err = models.LockWorkflow(ctx, tx, id); err != nil {
			return err
		}
		if revision != nil && *revision != w.DraftRevision {
			return stale()
		}
		version, err := models.GetVersion(ctx, tx, id, number)
		if err != nil {
			return err
		}
		d, err := workflow.Load(version.Definition)
		if err != nil {
			return fmt.Errorf("restore version %d: %w", number, err)
		}
		return c.replaceDraft(ctx, tx, &w, d)
	})
	if err != nil {
		return models.Workflow{}, err
	}
	return w, nil
}
