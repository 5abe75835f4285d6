package schedule

import (
	"fmt"
	"time"

	"workflows/worker/workflow"
)

// ClockChange is a moment at which the zone's clock jumps, and what that does to
// the schedule.
type ClockChange struct {
	At     time.Time // in the schedule's zone, the first moment of the new clock
	Effect string
}

// clockChanges returns the next two changes within three years.
func (r Rule) clockChanges(after time.Time) []ClockChange {
	if !r.at.IsZero() {
		return nil // one moment, given with its offset
	}
	var changes []ClockChange
	_, end, before := period(after, r.Zone())
	for horizon := after.AddDate(3, 0, 0); len(changes) < 2 && !end.IsZero() && end.Before(horizon); {
		at := end
		_, next, offset := period(at, r.Zone())
		if offset != before {
			changes = append(changes, ClockChange{At: at.In(r.Zone()), Effect: r.jumpWords(at, before, offset)})
		}
		end, before = next, offset
	}
	return changes
}

// jumpWords says what a jump from one offset to another does.
func (r Rule) jumpWords(at time.Time, before, offset time.Duration) string {
	old, now := at.Add(before), at.Add(offset)
	direction := "forward"
	if now.Before(old) {
		direction = "back"
	}
	form := "15:04"
	if old.YearDay() != now.YearDay() {
		form = "15:04 on 2 January"
	}
	jump := fmt.Sprintf("The clock goes %s from %s to %s. ", direction, old.Format(form), now.Format(form))
	switch {
	case r.cron == nil:
		return jump + "Runs keep their distance in real time, so they move by " + workflow.DurationWords(now.Sub(old).Abs()) + " on the clock."
	case r.cron.realTime:
		return jump + "Runs follow real time: none is lost and none is repeated."
	case now.After(old):
		return jump + r.gapWords(old, now)
	}
	return jump + r.foldWords(now, old)
}

// gapWords words what becomes of local times that do not exist.
func (r Rule) gapWords(from, to time.Time) string {
	first, count := r.cron.countBetween(from, to)
	switch {
	case count == 0:
		return "No run is affected."
	case r.hoursAt(to) >= 0:
		return fmt.Sprintf("What is planned from %s until then is left out: at %s it does not run.", first.Format("15:04"), to.Format("15:04"))
	case count == 1:
		return fmt.Sprintf("The run at %s starts at %s instead.", first.Format("15:04"), to.Format("15:04"))
	}
	return fmt.Sprintf("The runs from %s until then are one run at %s.", first.Format("15:04"), to.Format("15:04"))
}

// foldWords words what becomes of local times that happen twice.
func (r Rule) foldWords(from, to time.Time) string {
	first, count := r.cron.countBetween(from, to)
	switch {
	case count == 0:
		return "No run is affected."
	case count == 1:
		return fmt.Sprintf("%s happens twice: the run starts the first time only.", first.Format("15:04"))
	}
	return "The runs in between start the first time only."
}

// countBetween counts the matching local times from one to before another, up to two.
func (l line) countBetween(from, to time.Time) (first time.Time, count int) {
	at, ok := l.nextMatch(minuteFrom(from))
	for ; ok && at.Before(to) && count < 2; at, ok = l.nextMatch(at.Add(time.Minute)) {
		if count == 0 {
			first = at
		}
		count++
	}
	return first, count
}
