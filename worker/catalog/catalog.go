// Package catalog is the workflows that people keep: made, edited as drafts,
// published as versions that never change, paused, resumed and deleted. Pausing a
// lane of the queue is here too: like all of these it is an act of a person, a row
// and a line of the audit log. Pages and API go through it alike.
package catalog

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/listing"
	"workflows/worker/hooks"
	"workflows/worker/queue"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// Catalog changes workflows. All its methods may be called at once.
type Catalog struct {
	DB      *gorm.DB
	Checker workflow.Checker
	Queue   *queue.Queue     // is told which of its lanes are paused
	Now     func() time.Time // models.Now when nil
	// Redactor takes secrets out of what is recorded; nil knows none.
	Redactor *secrets.Redactor
	// Secrets seals the addresses of calendars; without it none can be subscribed to.
	Secrets *secrets.Store
}

func (c *Catalog) now() time.Time {
	if c.Now == nil {
		return models.Now()
	}
	return c.Now()
}

// Create stores a new workflow, and publishes it at once if asked to. It refuses
// what a draft may not have, and with publish everything that is wrong.
func (c *Catalog) Create(ctx context.Context, d workflow.Definition, publish bool, by string) (models.Workflow, error) {
	problems, err := c.Check(ctx, "", d)
	if err != nil {
		return models.Workflow{}, err
	}
	if invalid := refused(problems, publish); invalid != nil {
		return models.Workflow{}, invalid
	}
	now := c.now()
	var w models.Workflow
	err = models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		w = newWorkflow(d, now)
		if err := models.InsertWorkflow(ctx, tx, &w); err != nil {
			return err
		}
		if err := record(ctx, tx, "created", w, nil, nil); err != nil {
			return err
		}
		if !publish {
			return hooks.Keep(ctx, tx, w.ID, d, now)
		}
		return c.publish(ctx, tx, &w, d, by, now)
	})
	if err != nil {
		return models.Workflow{}, err
	}
	return w, nil
}

func newWorkflow(d workflow.Definition, now time.Time) models.Workflow {
	return models.Workflow{
		ID: models.NewID(), Name: d.Name, Status: workflow.StatusDraft, Draft: d.Marshal(), DraftRevision: 1,
		CreatedAt: now, UpdatedAt: now,
	}
}

// Delete removes a workflow with its versions, schedules and finished runs. While
// it has runs that are not final, or others run it, it is a *models.ConflictError
// that says how many or names them.
func (c *Catalog) Delete(ctx context.Context, id string) error {
	return models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		if err := models.LockToDelete(ctx, tx, id); err != nil {
			return err
		}
		w, err := models.GetWorkflow(ctx, tx, id)
		if err != nil {
			return err
		}
		users, err := c.callers(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return usedBy(users)
		}
		last, err := c.lastFacts(ctx, tx, w)
		if err != nil {
			return err
		}
		unfinished, err := models.DeleteWorkflow(ctx, tx, id)
		if err != nil {
			return err
		}
		if unfinished > 0 {
			return inUse(unfinished)
		}
		return record(ctx, tx, "deleted", w, last, nil)
	})
}

// Duplicate stores the workflow's draft as a new workflow, with its tags.
func (c *Catalog) Duplicate(ctx context.Context, id, by string) (models.Workflow, error) {
	original, err := models.GetWorkflow(ctx, c.DB, id)
	if err != nil {
		return models.Workflow{}, err
	}
	d, err := workflow.Load(original.Draft)
	if err != nil {
		return models.Workflow{}, err
	}
	d.Name = copyName(d.Name)
	w := newWorkflow(d, c.now())
	err = models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		if err := models.InsertWorkflow(ctx, tx, &w); err != nil {
			return err
		}
		if err := record(ctx, tx, "created", w, nil, map[string]any{"copy_of": id}); err != nil {
			return err
		}
		tags, err := listing.TagsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := listing.SetTags(ctx, tx, w.ID, tags[id]); err != nil {
			return err
		}
		return hooks.Keep(ctx, tx, w.ID, d, w.CreatedAt)
	})
	if err != nil {
		return models.Workflow{}, err
	}
	return w, nil
}

func copyName(name string) string {
	const prefix = "Copy of "
	runes := []rune(prefix + name)
	return string(runes[:min(len(runes), workflow.MaxNameLength)])
}
