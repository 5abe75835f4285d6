package schedule

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/workflow"
)

// resumeWhenDue ends pauses whose time has come, at most every resumeEvery. A pause that
// does not end keeps nothing from firing: an error says that the database is away.
func (s *Scheduler) resumeWhenDue(ctx context.Context, now time.Time, r *rounds) error {
	if now.Sub(r.resumed) < resumeEvery && !now.Before(r.resumed) {
		return nil
	}
	r.resumed = now
	began := time.Now()
	err := s.ResumeDue(ctx, now)
	if ctx.Err() == nil {
		r.resuming.Note(began, err)
	}
	if errors.Is(err, models.ErrUnavailable) && !models.TroubleOf(err).Answers() {
		return err
	}
	return nil
}

// ResumeDue ends the pauses of workflows and schedules whose time has come. The
// schedules go on from the end of the pause: what was planned before it is not made
// up for; what was planned since follows the schedule's missed rule. A pause that
// cannot end, since a schedule cannot be read here, is left as it is and holds no
// other up.
func (s *Scheduler) ResumeDue(ctx context.Context, now time.Time) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	left := map[string]bool{}
	for {
		ids, err := models.WorkflowsToResume(ctx, s.DB, now, leftIDs(left), batch)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.leaveConflict(left, "workflow_id", id, s.resumeWorkflow(ctx, id, now)); err != nil {
				return err
			}
		}
		if len(ids) < batch {
			break
		}
	}
	for {
		found, err := schedules.ToResume(ctx, s.DB, now, leftIDs(left), batch)
		if err != nil {
			return err
		}
		for _, one := range found {
			if err := s.leaveConflict(left, "schedule_id", one.ID, s.resumeSchedule(ctx, one, now)); err != nil {
				return err
			}
		}
		if len(found) < batch {
			break
		}
	}
	s.endless = left
	return nil
}

// leaveConflict notes a pause that cannot end and says so when it is found first;
// other errors are returned.
func (s *Scheduler) leaveConflict(left map[string]bool, kind, id string, err error) error {
	if !errors.Is(err, models.ErrConflict) {
		return err
	}
	left[id] = true
	if !s.endless[id] {
		s.log().Error("a pause cannot end; it stays until a worker can end it", kind, id, "error", err)
	}
	return nil
}

func leftIDs(left map[string]bool) []string { return slices.Collect(maps.Keys(left)) }

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
