package schedule

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/workflow"
)

// resumeWhenDue ends pauses whose time has come, at most every resumeEvery.
func (s *Scheduler) resumeWhenDue(ctx context.Context, now time.Time, last *time.Time) error {
	if now.Sub(*last) < resumeEvery && !now.Before(*last) {
		return nil
	}
	*last = now
	return s.ResumeDue(ctx, now)
}

// ResumeDue ends the pauses of workflows and schedules whose time has come. The
// schedules go on from the end of the pause: what was planned before it is not made
// up for; what was planned since follows the schedule's missed rule.
func (s *Scheduler) ResumeDue(ctx context.Context, now time.Time) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	ids, err := models.WorkflowsToResume(ctx, s.DB, now)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.resumeWorkflow(ctx, id, now); err != nil {
			return err
		}
	}
	stored, err := schedules.ToResume(ctx, s.DB, now)
	if err != nil {
		return err
	}
	for _, found := range stored {
		if err := s.resumeSchedule(ctx, found, now); err != nil {
			return err
		}
	}
	return nil
}

// endOf is the last moment of a pause: a time planned for the very end of the
// pause is after it.
func endOf(until time.Time) time.Time { return until.Add(-time.Microsecond) }

func (s *Scheduler) resumeWorkflow(ctx context.Context, id string, now time.Time) error {
	return models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		w, err := models.LockWorkflow(ctx, tx, id)
		if err != nil {
			return err
		}
		if w.Status != workflow.StatusPaused || w.PausedUntil == nil || w.PausedUntil.After(now) {
			return nil // somebody was quicker
		}
		before := w
		w.Status, w.PausedUntil, w.PausedReason, w.PausedBy, w.UpdatedAt = workflow.StatusActive, nil, "", "", now
		if err := Resume(ctx, tx, before, w, endOf(*before.PausedUntil), now); err != nil {
			return err
		}
		return models.UpdateWorkflow(ctx, tx, w)
	})
}

func (s *Scheduler) resumeSchedule(ctx context.Context, found models.Schedule, now time.Time) error {
	return models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		w, err := models.LockWorkflow(ctx, tx, found.WorkflowID)
		if err != nil {
			return err
		}
		current, err := schedules.Get(ctx, tx, found.ID)
		if err != nil {
			return err
		}
		if current.PausedUntil == nil || current.PausedUntil.After(now) {
			return nil // somebody was quicker
		}
		return ResumeOne(ctx, tx, w, current, endOf(*current.PausedUntil), now)
	})
}
