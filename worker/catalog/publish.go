package catalog

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/alerts"
	"workflows/worker/hooks"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// Publish makes the draft a version that never changes, and what runs from now
// on; the schedules move in the same transaction. Every problem is refused, as a
// *models.InvalidError. A draft that is the same as the published version makes
// no new one. A paused workflow stays paused. With a revision it publishes that one, and
// is a *models.ConflictError when the draft has changed since.
func (c *Catalog) Publish(ctx context.Context, id string, revision *int64, by string) (models.Workflow, error) {
	var w models.Workflow
	err := models.Tx(ctx, c.DB, func(tx *gorm.DB) (err error) {
		if w, err = models.LockWorkflow(ctx, tx, id); err != nil {
			return err
		}
		if revision != nil && *revision != w.DraftRevision {
			return stale()
		}
		d, err := workflow.Load(w.Draft)
		if err != nil {
			return fmt.Errorf("publish the draft: %w", err)
		}
		if err := models.KeepWorkflows(ctx, tx, idsOf(c.callsIn(d))); err != nil {
			return err
		}
		problems, err := c.check(ctx, tx, id, d)
		if err != nil {
			return err
		}
		if invalid := refused(problems, true); invalid != nil {
			return invalid
		}
		return c.publish(ctx, tx, &w, d, by, c.now())
	})
	if err != nil {
		return models.Workflow{}, err
	}
	return w, nil
}

// publish stores the version; w's row is locked.
func (c *Catalog) publish(ctx context.Context, tx *gorm.DB, w *models.Workflow, d workflow.Definition, by string, now time.Time) error {
	same, err := published(ctx, tx, *w, d)
	if err != nil || same {
		return err
	}
	version := models.WorkflowVersion{
		ID: models.NewID(), WorkflowID: w.ID, Name: d.Name, Definition: d.Marshal(), PublishedBy: by, CreatedAt: now,
	}
	if err := models.InsertVersion(ctx, tx, &version); err != nil {
		return err
	}
	if err := record(ctx, tx, "published", *w, map[string]any{"version": w.Version}, map[string]any{"version": version.Number}); err != nil {
		return err
	}
	w.VersionID, w.Version, w.UpdatedAt = &version.ID, &version.Number, now
	if w.Status == workflow.StatusDraft {
		w.Status = workflow.StatusActive
	}
	if err := models.UpdateWorkflow(ctx, tx, *w); err != nil {
		return err
	}
	if err := models.SetKeep(ctx, tx, w.ID, keepOf(d)); err != nil {
		return err
	}
	if err := hooks.Sync(ctx, tx, w.ID, d, now); err != nil {
		return err
	}
	if err := alerts.Sync(ctx, tx, w.ID, d, now); err != nil {
		return err
	}
	return schedule.Sync(ctx, tx, *w, d, now)
}

// keepOf is how long the runs of a workflow are to be kept.
func keepOf(d workflow.Definition) models.Keep {
	said := d.Settings.Keep
	if said == nil {
		return models.Keep{}
	}
	keep := models.Keep{Days: said.Days, FailedDays: said.FailedDays}
	if said.Last > 0 {
		keep.Last = &said.Last
	}
	return keep
}

// published reports whether the definition is what is published already.
func published(ctx context.Context, tx *gorm.DB, w models.Workflow, d workflow.Definition) (bool, error) {
	if w.VersionID == nil {
		return false, nil
	}
	version, err := models.VersionByID(ctx, tx, *w.VersionID)
	if err != nil {
		return false, err
	}
	return string(version.Definition) == string(d.Marshal()), nil
}
