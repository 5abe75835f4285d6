package schedule

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"workflows/worker/workflow"
)

// Sentence says for people when the schedule fires: "Every weekday (Monday to
// Friday) at 09:00, Europe/Berlin". A line that no short sentence fits is spelled
// out field by field, so that it is never wrong.
func (r Rule) Sentence() string {
	switch {
	case r.cron != nil:
		return r.cronSentence() + r.hoursWords() + ", " + r.Zone().String() + r.conditions()
	case r.every > 0:
		words := "Every " + interval(r.every)
		if hours := r.hoursWords(); hours != "" { // which are by some clock
			words += hours + ", " + r.Zone().String()
		}
		return words + r.conditions()
	case !r.at.IsZero():
		return "Once, on " + r.stampInFull(r.at) + ", " + r.Zone().String() + r.conditions()
	}
	return "Never"
}

func (r Rule) cronSentence() string {
	picked := "last working day"
	switch {
	case r.nth.week != 0:
		picked = r.nth.words()
	case r.monthDay == "":
		return r.cron.sentence()
	case r.monthDay == MonthDayLast:
		picked = "last day"
	case r.monthDay == MonthDayFirstBusiness:
		picked = "first working day"
	case nthBusinessDay(r.monthDay) > 0:
		picked = ordinal(nthBusinessDay(r.monthDay)) + " working day"
	}
	return "On the " + picked + " of " + r.cron.everyMonth() + " " + r.cron.times()
}

// everyMonth names the months, for one picked day in each.
func (l line) everyMonth() string {
	switch {
	case l.turns.months == 2:
		return "every other month"
	case l.turns.months > 2:
		return "every " + ordinal(l.turns.months) + " month"
	case l.month == allMonths:
		return "every month"
	}
	return strings.TrimPrefix(l.inMonths(), " in ")
}

// conditions words the days on which the rule does not hold, and its spread.
func (r Rule) conditions() string {
	var words string
	switch {
	case r.calendar == nil || r.monthDay != "" && r.monthDay != MonthDayLast:
	case r.freeDays == FreeDaysMove:
		words += fmt.Sprintf(", moved to the next working day on free days of “%s”", r.calendar.Name)
	default:
		words += fmt.Sprintf(", but not on free days of “%s”", r.calendar.Name)
	}
	if !r.notBefore.IsZero() {
		words += ", from " + r.notBefore.In(r.Zone()).Format("2 January 2006")
		if r.cron != nil && r.cron.turns.weeks > 1 {
			words += ", counted from that week"
		}
	}
	if !r.before.IsZero() {
		words += ", until " + r.before.Add(-time.Microsecond).In(r.Zone()).Format("2 January 2006")
	}
	if r.jitter > 0 {
		words += ", up to " + workflow.DurationWords(r.jitter) + " later"
	}
	return words
}

// interval says "minute" for 1m and "15 minutes" for 15m.
func interval(d time.Duration) string {
	words := workflow.DurationWords(d)
	if rest, single := strings.CutPrefix(words, "1 "); single && !strings.Contains(rest, " ") {
		return rest
	}
	return words
}

func (l line) sentence() string {
	if repeated, ok := l.repeated(); ok && l.clock == nil {
		days := l.days()
		if days == "every day" {
			return repeated
		}
		return repeated + ", " + days
	}
	return capital(l.days()) + " " + l.times()
}

const (
	allMinutes = 1<<60 - 1
	allHours   = 1<<24 - 1
)

// repeated words lines that fire several times a day at even distances.
func (l line) repeated() (string, bool) {
	minutes, within := l.minuteStep()
	first, last, hours := span(l.hour)
	allDay := l.hour == allHours
	switch {
	case l.minute == allMinutes && allDay:
		return "Every minute", true
	case minutes != "" && allDay:
		return minutes, true
	case minutes != "" && hours:
		return fmt.Sprintf("%s from %s to %s", minutes, clock(first, bits.TrailingZeros64(l.minute)), clock(last, within)), true
	case bits.OnesCount64(l.minute) > 3:
		return "", false
	case allDay:
		return "Every hour " + l.pastHour(), true
	case hours && last-first > 2:
		return fmt.Sprintf("Every hour %s from %s to %s", l.pastHour(), clock(first, bits.TrailingZeros64(l.minute)), clock(last, within)), true
	}
	if step := evenStep(l.hour, 24); step > 1 && step < 12 {
		return fmt.Sprintf("Every %d hours %s", step, l.pastHour()), true
	}
	return "", false
}

// minuteStep words minutes at even distances over the whole hour, and returns
// the last minute of an hour.
func (l line) minuteStep() (words string, last int) {
	last = 63 - bits.LeadingZeros64(l.minute)
	if l.minute == allMinutes {
		return "Every minute", last
	}
	if step := evenStep(l.minute, 60); step > 1 && step < 60 {
		return fmt.Sprintf("Every %d minutes", step), last
	}
	return "", last
}

func (l line) pastHour() string {
	if l.minute == 1 {
		return "on the hour"
	}
	return "at " + enumerate(values(l.minute, "%d")) + " minutes past the hour"
}

// evenStep returns the distance when the set is {0, n, 2n …} and n divides the size.
func evenStep(set uint64, size int) int {
	if set == 1 {
		return size
	}
	if set&1 == 0 {
		return 0
	}
	step := bits.TrailingZeros64(set &^ 1)
	if step >= size || size%step != 0 {
		return 0
	}
	var even uint64
	for value := 0; value < size; value += step {
		even |= 1 << value
	}
	if set != even {
		return 0
	}
	return step
}

// span reports whether the set is one row of neighbours, and its ends.
func span(set uint64) (first, last int, ok bool) {
	first, last = bits.TrailingZeros64(set), 63-bits.LeadingZeros64(set)
	return first, last, bits.OnesCount64(set) == last-first+1
}

// times names the times of day, or the minutes and hours when there are many.
func (l line) times() string {
	if l.clock != nil {
		at := make([]string, len(l.clock))
		for i, minute := range l.clock {
			at[i] = clock(minute/60, minute%60)
		}
		return "at " + enumerate(at)
	}
	minutes, hours := bits.OnesCount64(l.minute), bits.OnesCount64(l.hour)
	if minutes*hours > 6 {
		return "at minute " + ranges(l.minute, "%d") + " of hour " + ranges(l.hour, "%d")
	}
	var at []string
	for hour := range 24 {
		for minute := range 60 {
			if l.hour>>hour&1 == 1 && l.minute>>minute&1 == 1 {
				at = append(at, clock(hour, minute))
			}
		}
	}
	return "at " + enumerate(at)
}

func clock(hour, minute int) string { return fmt.Sprintf("%02d:%02d", hour, minute) }
