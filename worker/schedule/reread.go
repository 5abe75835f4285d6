package schedule

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/moment"
)

// rereadEvery is how often schedules are looked for whose rules are read anew.
const rereadEvery = time.Minute

// rereadWhenDue reckons anew what was planned otherwise, at most every rereadEvery once
// that is done. It keeps nothing from firing: whatever fires is looked up by the rules
// of today anyway.
func (s *Scheduler) rereadWhenDue(ctx context.Context, now time.Time, r *rounds) {
	if now.Sub(r.reread) < rereadEvery && !now.Before(r.reread) {
		return
	}
	began, err := time.Now(), error(nil)
	if !r.zones {
		r.zones, err = s.HeedZones(ctx, moment.FindZoneData().Version, now)
	}
	all := false
	if err == nil {
		all, err = s.Reread(ctx, now)
	}
	r.reckoning.Note(began, err)
	if all && r.zones || err != nil {
		r.reread = now
	}
}

// zonesAtOnce is of how many schedules the zones are looked at before what is due fires
// again.
const zonesAtOnce = 5000

// HeedZones has the next times in all zones reckoned anew when the time-zone data is
// newer than that by which they were: those of some schedules, and at the next call of
// further ones. It reports whether that was all.
func (s *Scheduler) HeedZones(ctx context.Context, version string, now time.Time) (all bool, err error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	before, err := models.GetSetting(ctx, s.DB, models.SettingZoneData)
	if err != nil || version <= before {
		return err == nil, err
	}
	last, err := schedules.RereadZones(ctx, s.DB, s.heeded, zonesAtOnce)
	if err != nil {
		return false, err
	}
	if s.heeded = last; last != "" {
		return false, nil
	}
	return true, models.SetSetting(ctx, s.DB, models.SettingZoneData, version, now)
}

// rereadAtOnce is how many batches are reckoned anew before what is due fires again.
const rereadAtOnce = 5

// Reread reckons the next times of schedules anew whose rules or clocks were others when
// they were planned, and reports whether that was all. Whose next run moves
// is said on the schedule's page, in the audit log and by an alert, in the same transaction. What this
// program cannot read is left as it is.
func (s *Scheduler) Reread(ctx context.Context, now time.Time) (all bool, err error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	var left []string
	for range rereadAtOnce {
		n := 0
		err := models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
			found, err := schedules.LockToReread(ctx, tx, left, batch)
			if err != nil || len(found) == 0 {
				return err
			}
			n = len(found)
			unreadable, err := rereadSome(ctx, tx, found, now)
			left = append(left, unreadable...)
			return err
		})
		if err != nil || n < batch {
			return err == nil, err
		}
	}
	return false, nil
}

// rereadSome does so with schedules whose rows are locked, and returns the ids of those
// that it cannot read.
func rereadSome(ctx context.Context, tx *gorm.DB, found []models.Schedule, now time.Time) (left []string, err error) {
	all, broken, err := readRules(ctx, tx, found)
	if err != nil {
		return nil, err
	}
	for id := range broken {
		left = append(left, id)
	}
	ids := make([]string, len(all))
	for i, r := range all {
		ids[i] = r.stored.WorkflowID
	}
	workflows, err := models.PausesOf(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	names, err := models.NamesOfWorkflows(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	reckoned, same := make([]models.Schedule, len(all)), make([]string, 0, len(all))
	for i, r := range all {
		reckoned[i] = r.withNextTimes(r.statusIn(workflows[r.stored.WorkflowID]), now)
		if r.movedWords(reckoned[i]) == "" {
			same = append(same, r.stored.ID)
		}
	}
	if err := schedules.Move(ctx, tx, reckoned, now); err != nil {
		return nil, err
	}
	if err := schedules.NoteReread(ctx, tx, same, "", now); err != nil {
		return nil, err
	}
	for i, r := range all {
		moved := reckoned[i]
		why := r.movedWords(moved)
		if why == "" {
			continue
		}
		if err := schedules.NoteReread(ctx, tx, []string{moved.ID}, why, now); err != nil {
			return nil, err
		}
		type next struct {
			NextAt *time.Time `json:"next_at"`
			Why    string     `json:"why,omitempty"`
		}
		err := models.OpenAlerts(ctx, tx, models.Alert{
			Kind: models.AlertMoved, Subject: moved.ID, WorkflowID: moved.WorkflowID, ScheduleID: &moved.ID,
			OpenedAt: now, HappenedAt: now, Message: why,
		})
		if err != nil {
			return nil, err
		}
		err = models.Record(ctx, tx, models.Act{
			Action: "schedule.moved", ObjectKind: "schedule", ObjectID: moved.ID, ObjectName: names[moved.WorkflowID],
			Before: next{NextAt: r.stored.NextAt}, After: next{NextAt: moved.NextAt, Why: why},
		})
		if err != nil {
			return nil, err
		}
	}
	return left, nil
}

// movedWords tells whoever expected the next run at another time; "" when it does not move.
func (r ruled) movedWords(moved models.Schedule) string {
	before, after := r.stored.NextAt, moved.NextAt
	if before == nil || after != nil && after.Equal(*before) {
		return ""
	}
	stamp := func(at time.Time) string { return at.In(r.rule.Zone()).Format("Monday, 2 January 2006 at 15:04") }
	change := "Its next run was planned for " + stamp(*before) + "; it has none any more."
	if after != nil {
		change = fmt.Sprintf("Its next run moves from %s to %s.", stamp(*before), stamp(*after))
	}
	return change + " " + r.rereadWords()
}

// rereadWords says what has changed about how the rule is read.
func (r ruled) rereadWords() string {
	switch {
	case r.stored.Reread == models.RereadZones:
		return "The clocks of " + r.rule.Zone().String() + " have changed, and this system has learned of it."
	case r.stored.Reread != models.RereadCronDays || r.rule.cron == nil:
		return "Its rule is read anew."
	case r.rule.cron.bothDays:
		return "The days of its cron line are now read as crontabs read them: day of month and day of week must both match, since one of them begins with “*”. Before, one of them was enough."
	}
	return "The days of its cron line are now read as crontabs read them: day of month or day of week is enough, since neither begins with “*”. Before, both had to match."
}
