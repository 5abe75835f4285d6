package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/engine"
	"workflows/worker/failpoint"
	"workflows/worker/workflow"
)

// fireBatch fires schedules that are due, in one transaction for all of them or nothing
// of it: ledger, runs and the next times belong together. It reports whether there may
// be more. Where one stops the others, each fires by itself next; one that cannot is
// left out of this tick.
func (s *Scheduler) fireBatch(ctx context.Context, t *tickResult) (more bool, err error) {
	limit := batch
	if t.apart > 0 {
		limit, t.apart = 1, t.apart-1
	}
	bounded, done := models.Bounded(ctx)
	defer done()
	var f *firing
	var found []models.Schedule
	err = models.Tx(bounded, s.DB, func(tx *gorm.DB) (err error) {
		f = &firing{s: s, tx: tx, now: s.now()}
		if found, err = schedules.LockDue(bounded, tx, f.now, t.leftOut, limit); err != nil || len(found) == 0 {
			return err
		}
		if err := mindZones(bounded, tx); err != nil {
			return err
		}
		return f.fireAll(bounded, found)
	})
	if err != nil {
		return true, s.failedToFire(ctx, t, found, err)
	}
	if len(f.cancelled) > 0 {
		s.Engine.AnnounceCancelled(ctx, f.cancelled...)
	}
	t.started = append(t.started, f.started...)
	for _, left := range f.unread {
		t.leftOut = append(t.leftOut, left.ID)
	}
	s.unread.noteFound(f.unread, f.read)
	return len(found) == limit, nil
}

// failedToFire decides what becomes of schedules that have not fired together. An error
// says that none can.
func (s *Scheduler) failedToFire(ctx context.Context, t *tickResult, found []models.Schedule, err error) error {
	switch {
	case len(found) == 0, errors.Is(err, models.ErrUnavailable), errors.Is(err, errOlderZones), ctx.Err() != nil:
		return fmt.Errorf("fire schedules: %w", err)
	case len(found) > 1:
		t.apart = len(found)
	default:
		s.log().Error("a schedule could not fire", "schedule_id", found[0].ID, "error", err)
		t.leftOut = append(t.leftOut, found[0].ID)
	}
	return nil
}

// firing is what one transaction does: to be told once it has committed.
type firing struct {
	s                  *Scheduler
	tx                 *gorm.DB
	now                time.Time
	starting           *engine.Starting
	started, cancelled []models.Run
	unread             []models.Schedule // left as they are
	read               []ruled
}

// fireAll accounts for everything that is due: each planned time gets a row in the
// ledger, with its run or the reason why nothing runs.
func (f *firing) fireAll(ctx context.Context, found []models.Schedule) error {
	due, broken, err := readRules(ctx, f.tx, found)
	if err != nil {
		return err
	}
	paused, err := f.pausedWorkflows(ctx, due)
	if err != nil {
		return err
	}
	for i := range due {
		r := &due[i]
		if r.stored.Status == models.SchedulePaused {
			r.verdicts = r.withoutRuns(f.now, workflow.OutcomePaused, pausedWords(r.stored, paused[r.stored.WorkflowID]))
		} else {
			r.verdicts = r.judge(f.now)
		}
		r.accounted()
	}
	if due, err = f.leaveUnread(ctx, found, due, broken); err != nil {
		return err
	}
	rows, err := f.startRuns(ctx, due)
	if err != nil {
		return err
	}
	if err := f.alert(ctx, due, rows); err != nil {
		return err
	}
	failpoint.Hit("schedule.after_ledger")
	moved := make([]models.Schedule, 0, len(due))
	for _, r := range due {
		moved = append(moved, r.withNextTimes(r.stored.Status, f.now))
	}
	return schedules.Move(ctx, f.tx, moved, f.now)
}

// pausedWorkflows reads who paused the workflows of paused schedules.
func (f *firing) pausedWorkflows(ctx context.Context, due []ruled) (map[string]models.Workflow, error) {
	var ids []string
	for _, r := range due {
		if r.stored.Status == models.SchedulePaused {
			ids = append(ids, r.stored.WorkflowID)
		}
	}
	return models.PausesOf(ctx, f.tx, ids)
}

// tickResult is what is done between two looks at the clock.
type tickResult struct {
	leftOut []string // schedules that cannot fire for a reason of their own
	apart   int      // how many fire by themselves next, since one of them stops the others
	// started runs are announced in the end: at a moment at which thousands are
	// planned, all of them are accepted before the first ones take the processor.
	started []models.Run
}
