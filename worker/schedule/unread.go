package schedule

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"workflows/models"
)

// leaveUnread leaves schedules as they are of which this program cannot read the rule,
// or what it would start: a newer worker may, or the zone or calendar comes back, and
// then they fire by their own rule for missed times. That they stand still is told once
// for each planned time. It returns the others.
func (f *firing) leaveUnread(ctx context.Context, found []models.Schedule, due []ruled, broken map[string]string) (_ []ruled, err error) {
	var starting []string
	for _, r := range due {
		if r.startsAny() {
			starting = append(starting, r.stored.WorkflowID)
		}
	}
	if f.starting, err = f.s.Engine.Starting(ctx, f.tx, starting); err != nil {
		return nil, err
	}
	unread := map[string]string{} // why, by id
	for id, problem := range broken {
		unread[id] = "its rule. " + problem
	}
	for _, r := range due {
		newer := ""
		if r.startsAny() {
			newer = f.starting.Beyond(ctx, r.stored.WorkflowID)
		}
		if newer == "" {
			f.read = append(f.read, r)
			continue
		}
		unread[r.stored.ID] = "the published version. A newer program has published it: it holds " + newer + "."
	}
	for _, s := range found {
		why := unread[s.ID]
		if why == "" {
			continue
		}
		f.unread = append(f.unread, s)
		if f.s.unread.knows(s) {
			continue
		}
		f.s.log().Error("a schedule cannot be read; it stands still until a worker can read it", "schedule_id", s.ID, "problem", why)
		err := models.OpenAlerts(ctx, f.tx, models.Alert{
			Kind: models.AlertUnreadable, Subject: s.ID, WorkflowID: s.WorkflowID, ScheduleID: &s.ID, OpenedAt: f.now, HappenedAt: *s.NextFireAt,
			Message: "The schedule stands still, because this worker cannot read " + why + " It is left as it is, and fires again once a worker can read it: update the workers, or correct the trigger and publish again.",
		})
		if err != nil {
			return nil, err
		}
	}
	return f.read, nil
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
