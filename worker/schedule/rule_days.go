package schedule

import (
	"slices"
	"time"

	"workflows/worker/workflow"
)

// What becomes of planned times on free days.
const (
	FreeDaysSkip = "skip" // the default
	FreeDaysMove = "move" // to the same time of the next working day
)

// maxJitter bounds by how much starts are spread.
const maxJitter = 24 * time.Hour

// parseDays reads on which days a trigger may fire, and by how much it is spread.
// Its zone is known.
func (r *Rule) parseDays(t workflow.Trigger, complain func(path, code, message string)) {
	first, ok := parseDate(t.StartDate)
	if !ok {
		complain("start_date", "invalid_value", wantDate)
	}
	last, ok := parseDate(t.EndDate)
	if !ok {
		complain("end_date", "invalid_value", wantDate)
	}
	if !first.IsZero() {
		r.notBefore = reached(first, r.Zone())
	}
	if !last.IsZero() {
		if last.Before(first) {
			complain("end_date", "invalid_value", "The last day is before the first one. Choose a later day.")
		}
		r.before = reached(last.AddDate(0, 0, 1), r.Zone())
	}
	if t.Calendar != "" { // until Heed is given its days
		r.calendar = &Calendar{Name: t.Calendar}
	}
	r.parseMonthDay(t, complain)
	r.parseNthWeekday(t, complain)
	r.freeDays = t.FreeDays
	switch {
	case !slices.Contains([]string{"", FreeDaysSkip, FreeDaysMove}, t.FreeDays):
		complain("free_days", "invalid_value", "What happens on free days must be skip or move.")
	case t.FreeDays != "" && t.Calendar == "":
		complain("calendar", "required", "Choose the calendar whose free days count.")
	case t.FreeDays == FreeDaysMove && (r.cron == nil && t.Cron == "" || r.cron != nil && r.cron.realTime):
		complain("free_days", "invalid_value", "Only a schedule with fixed times of the day can move to the next working day. Choose skip.")
	}
	if t.Jitter == "" {
		return
	}
	jitter, err := workflow.ParseDuration(t.Jitter)
	switch {
	case err != nil:
		complain("jitter", "invalid_value", err.Error())
	case jitter < time.Second || jitter > maxJitter:
		complain("jitter", "out_of_range", "Spread starts over one second to one day, such as 5m.")
	}
	r.jitter = jitter
}

// parseMonthDay lets the rule pick one day of each month; days without a
// calendar are known from the start, Heed gives the calendar's.
func (r *Rule) parseMonthDay(t workflow.Trigger, complain func(path, code, message string)) {
	switch t.MonthDay {
	case "":
		return
	case MonthDayLast, MonthDayFirstBusiness, MonthDayLastBusiness:
	default:
		if nthBusinessDay(t.MonthDay) == 0 {
			complain("month_day", "invalid_value", "The day of the month must be last_day, first_business_day, last_business_day, or business_day_1 to business_day_20.")
			return
		}
	}
	switch {
	case r.cron == nil && t.Cron != "": // complained of already
		return
	case !r.daysOpen():
		complain("month_day", "invalid_value", "A picked day of the month needs a cron line that leaves the days open, such as 0 9 * * *.")
		return
	}
	r.monthDay = t.MonthDay
	r.pickDays()
}

// daysOpen reports whether there is a cron line that says nothing about days.
func (r *Rule) daysOpen() bool {
	return r.cron != nil && r.cron.dom == allDays && r.cron.dow == allWeek
}

func (r *Rule) pickDays() {
	if r.monthDay == "" {
		return
	}
	picked := *r.cron
	calendar, monthDay := r.calendar, r.monthDay
	picked.pick = func(year int, month time.Month) (int, bool) { return calendar.monthDay(monthDay, year, month) }
	r.cron = &picked
}

// Heed returns the rule with the calendar that its trigger names.
func (r Rule) Heed(calendar *Calendar) Rule {
	r.calendar = calendar
	r.pickDays()
	return r
}

const wantDate = "Write the day as year, month and day, such as 2026-12-01."

// parseDate reads a day as midnight of its local clock; an empty text is none.
func parseDate(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	at, err := time.Parse(time.DateOnly, text)
	return at, err == nil && at.Year() >= 1970 && at.Year() <= lastYear-1
}
