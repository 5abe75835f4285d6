package schedule

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"workflows/worker/workflow"
)

const (
	maxTimes     = 100 // of one day
	maxTurnDays  = 1000
	maxTurnWeeks = 200
	maxTurnMonth = 120
)

// turns leaves out all but every so manieth day, week or month, counted from the one
// of a first day; weeks begin on Monday. The zero value leaves out nothing.
type turns struct {
	days, weeks, months int // 0 and 1: all of them; at most one is more
	from                time.Time
}

// come reports whether it is a day's turn.
func (t turns) come(day time.Time) bool {
	between := int(day.Sub(t.from) / (24 * time.Hour)) // both are midnights
	switch {
	case t.days > 1:
		return between%t.days == 0
	case t.weeks > 1:
		sinceMonday := int(t.from.Weekday()+6) % 7
		return floorDiv(between+sinceMonday, 7)%t.weeks == 0
	case t.months > 1:
		return ((day.Year()-t.from.Year())*12+int(day.Month()-t.from.Month()))%t.months == 0
	}
	return true
}

func floorDiv(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// parseTurns reads every how many days, weeks or months a trigger fires.
func (r *Rule) parseTurns(t workflow.Trigger, complain func(path, code, message string)) {
	counts := []struct {
		path, what  string
		count, most int
	}{{"day_interval", "days", t.DayInterval, maxTurnDays}, {"week_interval", "weeks", t.WeekInterval, maxTurnWeeks}, {"month_interval", "months", t.MonthInterval, maxTurnMonth}}
	given := 0
	for _, c := range counts {
		if c.count == 0 {
			continue
		}
		if given++; given > 1 {
			complain(c.path, "invalid_value", "Count only one of days, weeks and months.")
			return
		}
		if c.count < 1 || c.count > c.most {
			complain(c.path, "out_of_range", fmt.Sprintf("The number of %s must be 1–%d.", c.what, c.most))
			return
		}
		if r.cron == nil && t.Cron == "" {
			complain(c.path, "invalid_value", "Only a schedule with times of the day can count "+c.what+": give a cron line or times.")
			return
		}
		if c.count > 1 && t.StartDate == "" {
			complain("start_date", "required", "Choose the first day: the "+c.what+" are counted from it.")
			return
		}
	}
	first, ok := parseDate(t.StartDate)
	if given == 0 || !ok || r.cron == nil {
		return
	}
	r.cron.turns = turns{days: t.DayInterval, weeks: t.WeekInterval, months: t.MonthInterval, from: first}
	switch {
	case t.DayInterval > 1 && (!r.daysOpen() || r.cron.month != allMonths || t.MonthDay+t.WeekdayOfMonth != ""):
		complain("day_interval", "invalid_value", "Days can only be counted where the cron line leaves days and months open, such as 0 9 * * *.")
	case t.WeekInterval > 1 && (r.cron.dom != allDays || t.MonthDay+t.WeekdayOfMonth != ""):
		complain("week_interval", "invalid_value", "Weeks can only be counted where the cron line leaves the day of the month open, such as 0 9 * * 5.")
	case t.MonthInterval > 1 && r.cron.month != allMonths:
		complain("month_interval", "invalid_value", "Months can only be counted where the cron line leaves the month open, such as 0 9 1 * *.")
	case t.MonthInterval > 1 && r.daysOpen() && t.MonthDay+t.WeekdayOfMonth == "":
		complain("month_interval", "invalid_value", "Choose the day of the month, such as 0 9 1 * * for the first.")
	}
}

// neverComes reports whether counting leaves no day at all, such as the 31st in every
// twelfth month from February on.
func (r *Rule) neverComes() bool {
	if r.cron == nil || r.cron.turns.months < 2 {
		return false
	}
	_, ok := r.cron.nextMatch(r.cron.turns.from)
	return !ok
}

// parseTimes reads the times of the day that take the place of a cron line's.
func (r *Rule) parseTimes(t workflow.Trigger, complain func(path, code, message string)) {
	if len(t.Times) == 0 {
		return
	}
	var clock []int
	for i, text := range t.Times {
		at, err := time.Parse("15:04", text)
		if err != nil || len(text) != len("15:04") {
			complain(fmt.Sprintf("times[%d]", i), "invalid_value", "Write the time of the day with hour and minute, such as 09:00.")
			return
		}
		minute := at.Hour()*60 + at.Minute()
		if slices.Contains(clock, minute) {
			complain(fmt.Sprintf("times[%d]", i), "duplicate", text+" is there already.")
			return
		}
		clock = append(clock, minute)
	}
	slices.Sort(clock)
	switch l := r.cron; {
	case len(clock) > maxTimes:
		complain("times", "too_many", fmt.Sprintf("A schedule has at most %d times a day.", maxTimes))
	case l == nil && t.Every+t.At != "":
		complain("times", "invalid_value", "Times of the day belong to a cron line or stand alone, without every and at.")
	case l == nil: // the line is wrong and is complained of
	case l.minute != allMinutes || l.hour != allHours:
		one := bits.OnesCount64(l.minute) == 1 && bits.OnesCount64(l.hour) == 1
		if !one || !slices.Contains(clock, bits.TrailingZeros64(l.hour)*60+bits.TrailingZeros64(l.minute)) {
			complain("times", "invalid_value", "The cron line says other times of the day. Write * * in place of its minute and hour.")
			return
		}
		fallthrough
	default:
		l.clock, l.realTime = clock, false
	}
}

// nthWeekday is a weekday of each month by its number; 5 weeks may be too many for a
// month, -1 is the last. The zero value is none.
type nthWeekday struct {
	week    int
	weekday time.Weekday
}

// weekWords are the numbers that a weekday of the month has, from 1 on.
func weekWords() []string { return []string{"first", "second", "third", "fourth", "fifth", "last"} }

func readNthWeekday(text string) (nthWeekday, bool) {
	word, day, _ := strings.Cut(strings.ToLower(text), " ")
	week, weekday := slices.Index(weekWords(), word)+1, strings.Index("sunmontuewedthufrisat", day)
	if week == 0 || len(day) != 3 || weekday < 0 || weekday%3 != 0 {
		return nthWeekday{}, false
	}
	if word == "last" {
		week = -1
	}
	return nthWeekday{week, time.Weekday(weekday / 3)}, true
}

// dayIn is its day in a month; false where the month has none.
func (n nthWeekday) dayIn(year int, month time.Month) (int, bool) {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	days := first.AddDate(0, 1, -1).Day()
	day := 1 + int(n.weekday-first.Weekday()+7)%7
	if n.week > 0 {
		day += 7 * (n.week - 1)
		return day, day <= days
	}
	return day + (days-day)/7*7, true
}

func (n nthWeekday) words() string {
	if n.week < 0 {
		return "last " + n.weekday.String()
	}
	return weekWords()[n.week-1] + " " + n.weekday.String()
}

// parseNthWeekday lets the rule pick such a day.
func (r *Rule) parseNthWeekday(t workflow.Trigger, complain func(path, code, message string)) {
	if t.WeekdayOfMonth == "" {
		return
	}
	n, ok := readNthWeekday(t.WeekdayOfMonth)
	switch {
	case !ok:
		complain("weekday_of_month", "invalid_value", "Write first, second, third, fourth, fifth or last, and a day, such as first mon.")
	case t.MonthDay != "":
		complain("weekday_of_month", "invalid_value", "Only one day of the month can be picked. Remove month_day or weekday_of_month.")
	case r.cron == nil && t.Cron != "": // complained of already
	case !r.daysOpen():
		complain("weekday_of_month", "invalid_value", "A picked day of the month needs a cron line that leaves the days open, such as 0 9 * * *.")
	default:
		r.nth, r.cron.pick = n, n.dayIn
	}
}
