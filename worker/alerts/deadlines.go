package alerts

import (
	"context"
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
	// passedOver is how long one is left alone that cannot be read.
	passedOver = 10 * time.Minute
	// lookBack bounds for how long an outage is made up for.
	lookBack = 7 * 24 * time.Hour
)

// deadlines judges those that have passed, also while nobody watched. The alert
// and the deadline's next time are one transaction: each is judged once.
func (w *Watcher) deadlines(ctx context.Context, now time.Time) error {
	for {
		judged := 0
		err := models.Tx(ctx, w.DB, func(tx *gorm.DB) error {
			due, err := models.LockDueDeadlines(ctx, tx, now.Add(-settle), atOnce)
			if err != nil {
				return err
			}
			judged = len(due)
			for _, stored := range due {
				if err := w.judge(ctx, tx, stored, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || judged < atOnce {
			return err
		}
	}
}

// judge looks at every time of a deadline that has passed, and moves it on.
func (w *Watcher) judge(ctx context.Context, tx *gorm.DB, stored models.Deadline, now time.Time) error {
	until := now.Add(-settle)
	d, err := DeadlineOf(stored)
	if err != nil {
		return w.passOver(ctx, tx, stored, now, err)
	}
	next, err := nextDeadline(d, until)
	if err != nil { // a zone that this program's data no longer has
		return w.passOver(ctx, tx, stored, now, err)
	}
	watched, err := models.GetWorkflow(ctx, tx, stored.WorkflowID)
	if err != nil {
		return err
	}
	if watched.Status == workflow.StatusActive {
		if err := w.judgeTimes(ctx, tx, stored, d, until, now); err != nil {
			return err
		}
	}
	if err := models.CloseAlert(ctx, tx, models.AlertUnreadable, stored.ID, "A worker could read the deadline.", now); err != nil {
		return err
	}
	return models.MoveDeadline(ctx, tx, stored.ID, next)
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

// passOver leaves alone what cannot be read, and looks again soon: a newer worker may
// have taken over.
func (w *Watcher) passOver(ctx context.Context, tx *gorm.DB, stored models.Deadline, now time.Time, why error) error {
	w.log().Error("a deadline is not watched", "workflow_id", stored.WorkflowID, "error", why)
	err := models.OpenAlerts(ctx, tx, models.Alert{
		Kind: models.AlertUnreadable, Subject: stored.ID, WorkflowID: stored.WorkflowID, OpenedAt: now, HappenedAt: stored.NextAt,
		Message: "A deadline is not watched, because this worker cannot read it. It is left as it is, and watched again once a worker can: update the workers, or set the deadline anew and publish again.",
	})
	if err != nil {
		return err
	}
	return models.MoveDeadline(ctx, tx, stored.ID, now.Add(passedOver))
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
