package schedule

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
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

// ResumeDue resumes the workflows whose pause has ended by now. Their schedules
// go on from the end of the pause: what was planned before it is not made up for;
// what was planned since follows the schedule's missed rule.
func (s *Scheduler) ResumeDue(ctx context.Context, now time.Time) error {
	ids, err := models.WorkflowsToResume(ctx, s.DB, now)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.resumeOne(ctx, id, now); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scheduler) resumeOne(ctx context.Context, id string, now time.Time) error {
	return models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		w, err := models.LockWorkflow(ctx, tx, id)
		if err != nil {
			return err
		}
		if w.Status != workflow.StatusPaused || w.PausedUntil == nil || w.PausedUntil.After(now) {
			return nil // somebody was quicker
		}
		// A time planned for the very end of the pause is after it.
		end := w.PausedUntil.Add(-time.Microsecond)
		if err := Resume(ctx, tx, id, end); err != nil {
			return err
		}
		w.Status, w.PausedUntil, w.PausedReason, w.PausedBy, w.UpdatedAt = workflow.StatusActive, nil, "", "", now
		return models.UpdateWorkflow(ctx, tx, w)
	})
}
