package catalog

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/columns"
	"workflows/models/schedules"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// Pause says for how long, why and by whom a workflow is paused.
type Pause struct {
	// Until is when the workflow resumes by itself; nil is until somebody does it.
	Until  *time.Time
	Reason string
	By     string
}

const maxReason = 500 // characters

// Pause stops a workflow's triggers; runs in progress go on, and a person may
// still start one. Pausing again replaces until when, why and by whom. A draft
// that was never published is a *models.ConflictError.
func (c *Catalog) Pause(ctx context.Context, id string, p Pause) (models.Workflow, error) {
	now := c.now()
	if invalid := p.check(now); invalid != nil {
		return models.Workflow{}, invalid
	}
	return c.change(ctx, id, func(tx *gorm.DB, w *models.Workflow) error {
		if w.Status == workflow.StatusDraft {
			return &models.ConflictError{Code: "not_published", Message: "This workflow has never been published, so there is nothing to pause."}
		}
		before := *w
		w.Status, w.PausedUntil, w.PausedReason, w.PausedBy, w.UpdatedAt = workflow.StatusPaused, p.Until, p.Reason, p.By, now
		if err := record(ctx, tx, "paused", *w, pausedFacts(before.Status == workflow.StatusPaused, before.PausedUntil, before.PausedReason, before.PausedBy), pauseFacts(p.Until, p.Reason, p.By)); err != nil {
			return err
		}
		return schedule.Pause(ctx, tx, before, *w, now)
	})
}

func (p *Pause) check(now time.Time) error {
	p.Reason = columns.Shown(p.Reason)
	var fields []models.FieldError
	if p.Until != nil {
		until := p.Until.UTC().Truncate(time.Microsecond)
		p.Until = &until
		if !until.After(now) || until.Year() > 9999 {
			fields = append(fields, models.FieldError{Path: "until", Code: "invalid_value", Message: "Choose a time in the future, or leave it empty to pause until somebody resumes it."})
		}
	}
	if len([]rune(p.Reason)) > maxReason {
		fields = append(fields, models.FieldError{Path: "reason", Code: "too_long", Message: "The reason is longer than 500 characters. Shorten it."})
	}
	if len(fields) == 0 {
		return nil
	}
	return &models.InvalidError{Code: "invalid_pause", Message: "Nothing was paused: correct what is marked.", Fields: fields}
}

// Resume lets a paused workflow's triggers start it again, from their next time
// on: nothing that was planned meanwhile is made up for. Resuming an active one
// changes nothing.
func (c *Catalog) Resume(ctx context.Context, id, by string) (models.Workflow, error) {
	now := c.now()
	return c.change(ctx, id, func(tx *gorm.DB, w *models.Workflow) error {
		switch w.Status {
		case workflow.StatusDraft:
			return &models.ConflictError{Code: "not_published", Message: "This workflow has never been published. Publish it to let it run."}
		case workflow.StatusActive:
			return nil
		}
		before := *w
		w.Status, w.PausedUntil, w.PausedReason, w.PausedBy, w.UpdatedAt = workflow.StatusActive, nil, "", "", now
		if err := record(ctx, tx, "resumed", *w, pauseFacts(before.PausedUntil, before.PausedReason, before.PausedBy), nil); err != nil {
			return err
		}
		return schedule.Resume(ctx, tx, before, *w, now, now)
	})
}

// PauseSchedule pauses one schedule, besides its workflow's own pauses. Pausing
// again replaces until when, why and by whom. One that plans nothing is a
// *models.ConflictError.
func (c *Catalog) PauseSchedule(ctx context.Context, id string, p Pause) (models.Schedule, error) {
	now := c.now()
	if invalid := p.check(now); invalid != nil {
		return models.Schedule{}, invalid
	}
	return c.changeSchedule(ctx, id, func(tx *gorm.DB, w models.Workflow, s models.Schedule) error {
		if s.Status != models.ScheduleActive && s.Status != models.SchedulePaused {
			return &models.ConflictError{Code: "not_planned", Message: "This schedule plans nothing, so there is nothing to pause."}
		}
		before := pausedFacts(s.PausedAt != nil, s.PausedUntil, s.PausedReason, s.PausedBy)
		if s.PausedAt == nil {
			s.PausedAt = &now
		}
		s.PausedUntil, s.PausedReason, s.PausedBy = p.Until, p.Reason, p.By
		if err := recordSchedule(ctx, tx, "paused", w, s, before, pauseFacts(p.Until, p.Reason, p.By)); err != nil {
			return err
		}
		return schedule.PauseOne(ctx, tx, w, s, now)
	})
}

// ResumeSchedule ends a schedule's own pause: it goes on with its next time,
// unless its workflow is paused. Resuming one that is not paused changes nothing.
func (c *Catalog) ResumeSchedule(ctx context.Context, id string) (models.Schedule, error) {
	now := c.now()
	return c.changeSchedule(ctx, id, func(tx *gorm.DB, w models.Workflow, s models.Schedule) error {
		if s.PausedAt == nil {
			return nil
		}
		if err := recordSchedule(ctx, tx, "resumed", w, s, pauseFacts(s.PausedUntil, s.PausedReason, s.PausedBy), nil); err != nil {
			return err
		}
		return schedule.ResumeOne(ctx, tx, w, s, now, now)
	})
}

func recordSchedule(ctx context.Context, tx *gorm.DB, action string, w models.Workflow, s models.Schedule, before, after any) error {
	return models.Record(ctx, tx, models.Act{Action: "schedule." + action, ObjectKind: "schedule", ObjectID: s.ID, ObjectName: w.Name + ", " + s.TriggerID, Before: before, After: after})
}

// changeSchedule reads a schedule while its workflow's row is locked.
func (c *Catalog) changeSchedule(ctx context.Context, id string, do func(tx *gorm.DB, w models.Workflow, s models.Schedule) error) (models.Schedule, error) {
	var changed models.Schedule
	err := models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		s, err := schedules.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		w, err := models.LockWorkflow(ctx, tx, s.WorkflowID)
		if err != nil {
			return err
		}
		if s, err = schedules.Get(ctx, tx, id); err != nil {
			return err
		}
		if err := do(tx, w, s); err != nil {
			return err
		}
		changed, err = schedules.Get(ctx, tx, id)
		return err
	})
	return changed, err
}

// change applies what do did to the locked row.
func (c *Catalog) change(ctx context.Context, id string, do func(tx *gorm.DB, w *models.Workflow) error) (models.Workflow, error) {
	var w models.Workflow
	err := models.Tx(ctx, c.DB, func(tx *gorm.DB) (err error) {
		if w, err = models.LockWorkflow(ctx, tx, id); err != nil {
			return err
		}
		if err := do(tx, &w); err != nil {
			return err
		}
		return models.UpdateWorkflow(ctx, tx, w)
	})
	if err != nil {
		return models.Workflow{}, err
	}
	return w, nil
}
