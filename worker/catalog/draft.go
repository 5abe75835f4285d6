package catalog

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/drafts"
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
		return c.replaceDraft(ctx, tx, &w, d, "", by)
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

// replaceDraft stores what becomes of a draft, whose row is locked, as the newest of its
// changes. A sentence says what it is as a whole; "" has its parts told.
func (c *Catalog) replaceDraft(ctx context.Context, tx *gorm.DB, w *models.Workflow, d workflow.Definition, sentence, by string) error {
	if string(d.Marshal()) == string(w.Draft) {
		return nil
	}
	before, err := c.presentChange(ctx, tx, *w)
	if err != nil {
		return err
	}
	sentences, err := c.sentencesSince(ctx, tx, w.Draft, d)
	if err != nil {
		return err
	}
	change := drafts.Change{
		Sentence: cmp.Or(sentence, inOne(sentences)), PersonID: models.ActorOf(ctx).ID, Person: by, MadeAt: c.now(), Back: before.Revision,
	}
	return c.storeDraft(ctx, tx, w, d, change, sentences, by)
}

// storeDraft makes a definition the next revision of a draft.
func (c *Catalog) storeDraft(ctx context.Context, tx *gorm.DB, w *models.Workflow, d workflow.Definition, change drafts.Change, sentences []string, by string) error {
	w.Draft, w.Name, w.UpdatedAt = d.Marshal(), d.Name, c.now()
	w.DraftRevision++
	if err := models.UpdateWorkflow(ctx, tx, *w); err != nil {
		return err
	}
	packed, err := drafts.Pack(w.Draft)
	if err != nil {
		return err
	}
	change.WorkflowID, change.Revision, change.Definition = w.ID, w.DraftRevision, packed
	change.WriterID, change.Writer = models.ActorOf(ctx).ID, by
	if err := drafts.Insert(ctx, tx, change); err != nil {
		return err
	}
	if len(sentences) > 0 || change.Part == "" { // else it is told already
		facts := map[string]any{"draft_revision": w.DraftRevision}
		if len(sentences) > 0 {
			facts["changes"] = sentences
		}
		if err := record(ctx, tx, "changed", *w, nil, facts); err != nil {
			return err
		}
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
		return c.replaceDraft(ctx, tx, &w, d, restoredWords(w, version), by)
	})
	if err != nil {
		return models.Workflow{}, err
	}
	return w, nil
}

// restoredWords tell what a version does to the draft: that of the one which runs leaves
// nothing of what came after.
func restoredWords(w models.Workflow, version models.WorkflowVersion) string {
	number := strconv.Itoa(version.Number)
	if w.VersionID != nil && *w.VersionID == version.ID {
		return "Everything since version " + number + " is discarded."
	}
	return "Version " + number + " is restored into the draft."
}
