package schedule

import (
	"context"
	"errors"
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
	began, all := time.Now(), false
	heeded, err := s.HeedZones(ctx, moment.FindZoneData().Version, now)
	if err == nil {
		all, err = s.Reread(ctx, now)
	}
	r.reckoning.Note(began, err)
	if all && heeded || err != nil {
		r.reread = now
	}
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
			if err := mindZones(ctx, tx); errors.Is(err, errOlderZones) {
				return nil // another process does
			} else if err != nil {
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

// movedWords tells whoever expected the next run, or one of those after it, at another time;
// "" when none moves.
func (r ruled) movedWords(moved models.Schedule) string {
	before, after := r.stored.NextAt, moved.NextAt
	switch {
	case before == nil:
		return ""
	case after != nil && after.Equal(*before):
		return r.elsewhereWords()
	}
	stamp := r.rule.stampInFull
	change := "Its next run was planned for " + stamp(*before) + "; it has none any more."
	switch {
	case after != nil && r.stored.Reread == models.RereadZones:
		return r.zoneWords(*before, *after)
	case after != nil:
		change = fmt.Sprintf("Its next run moves from %s to %s.", stamp(*before), stamp(*after))
	}
	return change + " " + r.rereadWords()
}

// zoneWords tells of a next run that moves with the clocks of its zone, which show the same
// before and after.
func (r ruled) zoneWords(before, after time.Time) string {
	from, to := before.UTC().Format(fullStamp), after.UTC().Format(fullStamp)
	if before.UTC().Truncate(24 * time.Hour).Equal(after.UTC().Truncate(24 * time.Hour)) {
		to = after.UTC().Format("15:04")
	}
	return fmt.Sprintf("%s Its next run moves from %s to %s UTC, which is %s there.", r.rereadWords(), from, to, after.In(r.rule.Zone()).Format("15:04"))
}

// elsewhereWords tells of the first time from which a rule gives others than the same rule
// before, where the next run is the same; "" where that is in none of the next ones.
func (r ruled) elsewhereWords() string {
	if r.stored.Reread != models.RereadCronDays || r.rule.cron == nil || r.stored.NextAt == nil {
		return ""
	}
	before, line := r.rule, *r.rule.cron
	if line.bothDays == line.bothDaysBefore {
		return ""
	}
	line.bothDays = line.bothDaysBefore
	before.cron = &line
	was, is := *r.stored.NextAt, *r.stored.NextAt
	for range timesCompared {
		var planned, plans bool
		was, planned = before.Next(was)
		is, plans = r.rule.Next(is)
		switch {
		case !planned && !plans:
			return ""
		case planned && (!plans || was.Before(is)):
			return "Its next run stays, but none is planned any more for " + r.rule.stampInFull(was) + ". " + r.rereadWords()
		case !planned || is.Before(was):
			return "Its next run stays, and one more is planned for " + r.rule.stampInFull(is) + ". " + r.rereadWords()
		}
	}
	return ""
}

// timesCompared is how many of the next times tell two rules apart.
const timesCompared = 100

// fullStamp is how a moment is written in a sentence that stands by itself.
const fullStamp = "Monday, 2 January 2006 at 15:04"

func (r Rule) stampInFull(at time.Time) string { return at.In(r.Zone()).Format(fullStamp) }

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
