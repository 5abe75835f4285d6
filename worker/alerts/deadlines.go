package alerts

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

const (
	// settle is how long after a deadline it is looked at: a run that ended just
	// before it is written by then.
	settle = 15 * time.Second
	// window is how long before a deadline a success counts at most.
	window = 24 * time.Hour
	// passedOver is how long this watcher leaves one alone that it cannot read.
	passedOver = 10 * time.Minute
	// lookBack bounds for how long an outage is made up for.
	lookBack = 7 * 24 * time.Hour
)

// deadlines judges those that have passed, also while nobody watched. The alert
// and the deadline's next time are one transaction: each is judged once.
func (w *Watcher) deadlines(ctx context.Context, now time.Time) error {
	for {
		judged, unread := 0, []string(nil)
		err := models.Tx(ctx, w.DB, func(tx *gorm.DB) error {
			due, err := models.LockDueDeadlines(ctx, tx, now.Add(-settle), w.leftAlone(now), atOnce)
			if err != nil {
				return err
			}
			judged = len(due)
			for _, stored := range due {
				read, err := w.judge(ctx, tx, stored, now)
				if err != nil {
					return err
				}
				if !read {
					unread = append(unread, stored.ID)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, id := range unread {
			w.again[id] = now.Add(passedOver)
		}
		if judged < atOnce {
			return nil
		}
	}
}

// leftAlone are the deadlines that could not be read and are not looked at again yet.
func (w *Watcher) leftAlone(now time.Time) []string {
	if w.again == nil {
		w.again = map[string]time.Time{}
	}
	maps.DeleteFunc(w.again, func(_ string, again time.Time) bool { return !again.After(now) })
	return slices.Collect(maps.Keys(w.again))
}

// judge looks at every time of a deadline that has passed, and moves it on; false when
// it cannot be read.
func (w *Watcher) judge(ctx context.Context, tx *gorm.DB, stored models.Deadline, now time.Time) (read bool, err error) {
	until := now.Add(-settle)
	d, err := DeadlineOf(stored)
	if err != nil {
		return false, w.passOver(ctx, tx, stored, now, err)
	}
	next, err := nextDeadline(d, until)
	if err != nil { // a zone that this program's data no longer has
		return false, w.passOver(ctx, tx, stored, now, err)
	}
	watched, err := models.GetWorkflow(ctx, tx, stored.WorkflowID)
	if err != nil {
		return true, err
	}
	if watched.Status == workflow.StatusActive {
		if err := w.judgeTimes(ctx, tx, stored, d, until, now); err != nil {
			return true, err
		}
	}
	if err := models.CloseAlert(ctx, tx, models.AlertUnreadable, stored.ID, "A worker could read the deadline.", now); err != nil {
		return true, err
	}
	return true, models.MoveDeadline(ctx, tx, stored.ID, next)
}

func (w *Watcher) judgeTimes(ctx context.Context, tx *gorm.DB, stored models.Deadline, d workflow.Deadline, until, now time.Time) error {
	rule, err := heeding(ctx, tx, d)
	if err != nil {
		return err
	}
	from := stored.NextAt
	if earliest := until.Add(-lookBack); from.Before(earliest) {
		from = earliest
	}
	for at, ok := rule.Next(from.Add(-time.Microsecond)); ok && !at.After(until); at, ok = rule.Next(at) {
		met, err := models.Succeeded(ctx, tx, stored.WorkflowID, opens(rule, at), at)
		if err != nil {
			return err
		}
		if met {
			err = models.CloseAlert(ctx, tx, models.AlertOverdue, stored.ID, "A run succeeded in time for the next deadline.", now)
		} else {
			err = models.OpenAlerts(ctx, tx, models.Alert{
				Kind: models.AlertOverdue, Subject: stored.ID, WorkflowID: stored.WorkflowID, OpenedAt: now, HappenedAt: at,
				Message: "No run had succeeded by " + rule.Stamp(at) + ".",
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// heeding is the rule of a deadline, without the free days of its calendar as they
// are now.
func heeding(ctx context.Context, tx *gorm.DB, d workflow.Deadline) (schedule.Rule, error) {
	rule, _ := schedule.Parse(d.Trigger()) // who asks knows that it can be read
	calendars, err := schedule.LoadCalendars(ctx, tx, d.Calendar)
	if err != nil {
		return schedule.Rule{}, err
	}
	if calendar := calendars[d.Calendar]; calendar != nil {
		rule = rule.Heed(calendar)
	}
	return rule, nil
}

// opens is since when a success counts for the deadline at a time: since the one
// before it, and for a day at most.
func opens(rule schedule.Rule, at time.Time) time.Time {
	since := at.Add(-window)
	for before, ok := rule.Next(since.Add(-time.Microsecond)); ok && before.Before(at); before, ok = rule.Next(before) {
		since = before
	}
	return since
}

// passOver leaves as it is what cannot be read: a newer worker judges all its times that
// pass meanwhile.
func (w *Watcher) passOver(ctx context.Context, tx *gorm.DB, stored models.Deadline, now time.Time, why error) error {
	w.log().Error("a deadline is not watched", "workflow_id", stored.WorkflowID, "error", why)
	return models.OpenAlerts(ctx, tx, models.Alert{
		Kind: models.AlertUnreadable, Subject: stored.ID, WorkflowID: stored.WorkflowID, OpenedAt: now, HappenedAt: stored.NextAt,
		Message: "A deadline is not watched, because this worker cannot read it. It is left as it is, and watched again once a worker can: update the workers, or set the deadline anew and publish again.",
	})
}

// succeeded closes the alerts of deadlines after which a run did succeed.
func (w *Watcher) succeeded(ctx context.Context, now time.Time) error {
	for after := ""; ; {
		open, err := models.OpenAlertsOf(ctx, w.DB, models.AlertOverdue, after, atOnce)
		if err != nil {
			return err
		}
		for _, alert := range open {
			after = alert.ID
			since, err := models.Succeeded(ctx, w.DB, alert.WorkflowID, alert.HappenedAt, now)
			if err != nil {
				return err
			}
			if !since {
				continue
			}
			if err := models.CloseAlert(ctx, w.DB, models.AlertOverdue, alert.Subject, "A run has succeeded since.", now); err != nil {
				return err
			}
		}
		if len(open) < atOnce {
			return nil
		}
	}
}
