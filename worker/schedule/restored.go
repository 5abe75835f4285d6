package schedule

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
)

// Unaccounted is what an active schedule has planned up to a moment and nobody has
// accounted for.
type Unaccounted struct {
	Schedule     models.Schedule
	WorkflowName string
	Times        int
	More         bool // than Times
	Newest       time.Time
}

// AllUnaccounted tells of which active schedules times have passed that nobody has
// accounted for. Those on free days are none, and a schedule that cannot be read has none.
func AllUnaccounted(ctx context.Context, db *gorm.DB, until time.Time) ([]Unaccounted, error) {
	var all []Unaccounted
	for before := ""; ; {
		found, next, err := schedules.List(ctx, db, schedules.Filter{Status: models.ScheduleActive, Before: before, Limit: 100})
		if err != nil {
			return nil, err
		}
		read, _, err := readRules(ctx, db, found)
		if err != nil {
			return nil, err
		}
		ids := make([]string, len(found))
		for i, s := range found {
			ids[i] = s.WorkflowID
		}
		names, err := models.NamesOfWorkflows(ctx, db, ids)
		if err != nil {
			return nil, err
		}
		for _, r := range read {
			if u := r.unaccounted(until); u.Times > 0 {
				u.WorkflowName = names[r.stored.WorkflowID]
				all = append(all, u)
			}
		}
		if before = next; before == "" {
			return all, nil
		}
	}
}

func (r ruled) unaccounted(until time.Time) Unaccounted {
	u := Unaccounted{Schedule: r.stored}
	if !until.After(r.stored.AccountedUntil) {
		return u
	}
	times, more := r.rule.between(r.stored.AccountedUntil, until)
	for _, p := range times {
		if p.free == "" {
			u.Times, u.Newest = u.Times+1, p.at
		}
	}
	u.More = more
	return u
}

// PassOver accounts for everything that active schedules have planned up to a moment and
// that nobody has accounted for: it is missed for that reason, and never made up for. Done
// again, it goes on where it has stopped.
func PassOver(ctx context.Context, db *gorm.DB, until time.Time, reason string) error {
	for after := ""; ; {
		n, last := 0, ""
		err := models.Tx(ctx, db, func(tx *gorm.DB) error {
			found, err := schedules.LockActive(ctx, tx, after, batch)
			if err != nil || len(found) == 0 {
				return err
			}
			n, last = len(found), found[len(found)-1].ID
			return passOverLocked(ctx, tx, found, until, reason)
		})
		if err != nil || n < batch {
			return err
		}
		after = last
	}
}

func passOverLocked(ctx context.Context, tx *gorm.DB, found []models.Schedule, until time.Time, reason string) error {
	read, _, err := readRules(ctx, tx, found)
	if err != nil {
		return err
	}
	moved, ids := make([]models.Schedule, len(read)), make([]string, len(read))
	for i := range read {
		if err := accountFor(ctx, tx, &read[i], models.Workflow{}, until, reason, until); err != nil {
			return err
		}
		moved[i], ids[i] = read[i].withNextTimes(models.ScheduleActive, until), read[i].stored.WorkflowID
	}
	if err := schedules.Move(ctx, tx, moved, until); err != nil {
		return err
	}
	return leaveToNewer(ctx, tx, ids...)
}
