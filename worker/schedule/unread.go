package schedule

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"workflows/models"
)

// leaveUnread leaves schedules that this program cannot read as they are: a newer worker
// may, or the zone or calendar comes back, and then they fire by their own rule for
// missed times. That they stand still is told once for each planned time.
func (f *firing) leaveUnread(ctx context.Context, found []models.Schedule, broken, beyond map[string]string) error {
	for _, s := range found {
		problem, what := broken[s.ID], "its rule"
		if problem == "" {
			problem, what = beyond[s.ID], "the published version"
		}
		if problem == "" {
			continue
		}
		f.unread = append(f.unread, s)
		if f.s.unread.knows(s) {
			continue
		}
		f.s.log().Error("a schedule cannot be read; it stands still until a worker can read it", "schedule_id", s.ID, "problem", problem)
		err := models.OpenAlerts(ctx, f.tx, models.Alert{
			Kind: models.AlertUnreadable, Subject: s.ID, WorkflowID: s.WorkflowID, ScheduleID: &s.ID, OpenedAt: f.now, HappenedAt: *s.NextFireAt,
			Message: "The schedule stands still, because this worker cannot read " + what + ". " + problem + " It is left as it is, and fires again once a worker can read it: update the workers, or correct the trigger and publish again.",
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readVersions reads what is to be started. It returns, by schedule, why that cannot be
// read: it is of a newer kind.
func (f *firing) readVersions(ctx context.Context, starts []dueStart) (beyond map[string]string, err error) {
	workflows := make([]string, len(starts))
	for i, s := range starts {
		workflows[i] = s.stored.WorkflowID
	}
	if f.starting, err = f.s.Engine.Starting(ctx, f.tx, workflows); err != nil {
		return nil, err
	}
	beyond = map[string]string{}
	for _, s := range starts {
		if what := f.starting.Beyond(ctx, s.stored.WorkflowID); what != "" {
			beyond[s.stored.ID] = "A newer program has published it: it holds " + what + "."
		}
	}
	return beyond, nil
}

// without leaves these schedules out of what is done.
func without(left map[string]string, due []ruled, rows []models.PlannedRun, starts []dueStart) ([]ruled, []models.PlannedRun, []dueStart) {
	if len(left) == 0 {
		return due, rows, starts
	}
	// The starts point into due, which therefore stays as it is.
	kept := make([]ruled, 0, len(due))
	for _, r := range due {
		if left[r.stored.ID] == "" {
			kept = append(kept, r)
		}
	}
	rows = slices.DeleteFunc(rows, func(row models.PlannedRun) bool { return left[row.ScheduleID] != "" })
	starts = slices.DeleteFunc(starts, func(s dueStart) bool { return left[s.stored.ID] != "" })
	return kept, rows, starts
}

// unread remembers which schedules were told of as unreadable, by the time at
// which they stand still.
type unread struct {
	mu   sync.Mutex
	when map[string]time.Time
}

// noteFound takes what a firing has found: those that were told of, and those that could
// be read.
func (u *unread) noteFound(left []models.Schedule, read []ruled) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.when) > 0 {
		for _, r := range read {
			delete(u.when, r.stored.ID)
		}
	}
	for _, s := range left {
		if u.when == nil {
			u.when = map[string]time.Time{}
		}
		u.when[s.ID] = *s.NextFireAt
	}
}

func (u *unread) knows(s models.Schedule) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.when[s.ID].Equal(*s.NextFireAt)
}

// ids are the schedules that the next time to wake up must not wait for.
func (u *unread) ids() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Collect(maps.Keys(u.when))
}
