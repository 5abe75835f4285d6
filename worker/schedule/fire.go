package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/engine"
	"workflows/worker/failpoint"
	"workflows/worker/workflow"
)

// fireBatch fires schedules that are due, in one transaction for all of them, and
// reports how many. One that stops the others is fired by itself, and left out of
// this tick when that fails too.
func (s *Scheduler) fireBatch(ctx context.Context, t *tickResult) (int, error) {
	var found []models.Schedule
	err := s.fire(ctx, t, func(ctx context.Context, tx *gorm.DB, now time.Time) (_ []models.Schedule, err error) {
		found, err = schedules.LockDue(ctx, tx, now, t.leftOut, batch)
		return found, err
	})
	if err == nil || errors.Is(err, models.ErrUnavailable) || ctx.Err() != nil {
		return len(found), err
	}
	if len(found) == 0 {
		return 0, err
	}
	for _, one := range found {
		err := s.fire(ctx, t, func(ctx context.Context, tx *gorm.DB, now time.Time) ([]models.Schedule, error) {
			locked, err := schedules.Lock(ctx, tx, []string{one.ID})
			return slices.DeleteFunc(locked, func(s models.Schedule) bool { return s.NextFireAt == nil || s.NextFireAt.After(now) }), err
		})
		if errors.Is(err, models.ErrUnavailable) || ctx.Err() != nil {
			return len(found), err
		}
		if err != nil {
			s.log().Error("a schedule could not fire", "schedule_id", one.ID, "error", err)
			t.leftOut = append(t.leftOut, one.ID)
		}
	}
	return len(found), nil
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

// fire does everything that is due of the schedules that lock returns, in one
// transaction, or nothing of it: ledger, runs and the next times belong together.
func (s *Scheduler) fire(ctx context.Context, t *tickResult, lock func(ctx context.Context, tx *gorm.DB, now time.Time) ([]models.Schedule, error)) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	var f *firing
	err := models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		f = &firing{s: s, tx: tx, now: s.now()}
		found, err := lock(ctx, tx, f.now)
		if err != nil || len(found) == 0 {
			return err
		}
		return f.fireAll(ctx, found)
	})
	if err != nil {
		return fmt.Errorf("fire schedules: %w", err)
	}
	if len(f.cancelled) > 0 {
		s.Engine.AnnounceCancelled(ctx, f.cancelled...)
	}
	t.started = append(t.started, f.started...)
	for _, left := range f.unread {
		t.leftOut = append(t.leftOut, left.ID)
	}
	s.unread.noteFound(f.unread, f.read)
	return nil
}

func (f *firing) fireAll(ctx context.Context, found []models.Schedule) error {
	due, broken, err := readRules(ctx, f.tx, found)
	if err != nil {
		return err
	}
	rows, starts, err := f.judgeAll(ctx, due)
	if err != nil {
		return err
	}
	beyond, err := f.readVersions(ctx, starts)
	if err != nil {
		return err
	}
	due, rows, starts = without(beyond, due, rows, starts)
	f.read = due
	if err := f.leaveUnread(ctx, found, broken, beyond); err != nil {
		return err
	}
	if rows, err = f.startRuns(ctx, rows, starts); err != nil {
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

// judgeAll accounts for everything that is due: rows for the ledger that say why
// nothing runs, and what is to be started.
func (f *firing) judgeAll(ctx context.Context, due []ruled) (rows []models.PlannedRun, starts []dueStart, err error) {
	paused, err := f.pausedWorkflows(ctx, due)
	if err != nil {
		return nil, nil, err
	}
	for i := range due {
		r := &due[i]
		var verdicts []verdict
		if r.stored.Status == models.SchedulePaused {
			verdicts = r.withoutRuns(f.now, workflow.OutcomePaused, pausedWords(r.stored, paused[r.stored.WorkflowID]))
		} else {
			verdicts = r.judge(f.now)
		}
		for _, v := range verdicts {
			if v.starts() {
				starts = append(starts, dueStart{ruled: r, verdict: v})
			} else {
				rows = append(rows, plannedRow(r.stored, v, f.now))
			}
		}
		if len(verdicts) > 0 {
			last := verdicts[len(verdicts)-1].at
			r.stored.AccountedUntil, r.stored.LastPlannedAt = last, &last
		}
	}
	return rows, starts, nil
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
	// started runs are announced in the end: at a moment at which thousands are
	// planned, all of them are accepted before the first ones take the processor.
	started []models.Run
}

// dueStart is a planned time at which a run shall start.
type dueStart struct {
	*ruled
	verdict
}
