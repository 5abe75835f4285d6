package schedule

import (
	"errors"
	"time"

	"workflows/worker/moment"
	"workflows/worker/workflow"
)

// minEvery is the shortest interval.
const minEvery = time.Minute

// Rule is one schedule's times, parsed. The zero Rule has none.
type Rule struct {
	cron   *line
	every  time.Duration
	at     time.Time
	zone   *time.Location
	anchor time.Time

	notBefore time.Time // zero: from always
	before    time.Time // the first moment that is too late; zero: for ever
	monthDay  string
	nth       nthWeekday
	calendar  *Calendar // nil: every day is a working day
	freeDays  string
	// notBetween are the hours of the day in which nothing is planned.
	notBetween []moment.Hours
	jitter     time.Duration
	seed       string // makes the delays of different schedules differ
}

// Parse reads when a trigger fires. The paths of the problems are relative to
// the trigger: "cron", "every", "at", "time_zone".
func Parse(t workflow.Trigger) (Rule, []workflow.Problem) {
	var r Rule
	var problems []workflow.Problem
	complain := func(path, code, message string) {
		problems = append(problems, workflow.Problem{Path: path, Code: code, Message: message})
	}
	given := 0
	if t.Cron != "" {
		given++
		l, message := parseLine(t.Cron)
		if message != "" {
			complain("cron", "invalid_cron", message)
		} else {
			r.cron = &l
		}
	}
	if t.Cron == "" && t.Every == "" && t.At == "" && len(t.Times) > 0 {
		given++
		l, _ := parseLine("* * * * *")
		r.cron = &l
	}
	if t.Every != "" {
		given++
		every, err := workflow.ParseDuration(t.Every)
		switch {
		case err != nil:
			complain("every", "invalid_value", err.Error())
		case every < minEvery:
			complain("every", "invalid_value", "A schedule cannot run more often than once a minute. Write 1m or more.")
		}
		r.every = every
	}
	if t.At != "" {
		given++
		at, message := parseAt(t.At)
		if message != "" {
			complain("at", "invalid_value", message)
		}
		r.at = at
	}
	if given == 0 {
		problems = append(problems, workflow.Problem{Path: "cron", Code: "required", Message: "Say when it runs: give cron, times, every or at.", Incomplete: true})
	}
	if given > 1 {
		complain(second(t), "invalid_value", "Give only one of cron, every and at.")
	}
	var message string
	if r.zone, message = parseZone(t.TimeZone); message != "" {
		complain("time_zone", "unknown_time_zone", message)
	} else {
		r.parseTimes(t, complain)
		r.parseDays(t, complain)
		r.parseTurns(t, complain)
		r.parseNotBetween(t, complain)
	}
	if len(problems) == 0 && r.neverComes() {
		complain("start_date", "invalid_value", "This never happens: none of the months, counted from the first day, has the chosen day. Choose another first day.")
	}
	if len(problems) == 0 && r.movesInside() {
		complain("not_between", "invalid_value", "All its times are ones that the clock skips, and they would move into these hours, so it never runs. Choose other times or other hours.")
	}
	if len(problems) > 0 {
		return Rule{}, problems
	}
	return r, nil
}

// second names the field that is one too many.
func second(t workflow.Trigger) string {
	if t.At != "" {
		return "at"
	}
	return "every"
}

func parseAt(text string) (time.Time, string) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, "Write the date and time with its offset, such as 2027-03-01T09:00:00+01:00."
	}
	at = at.UTC().Truncate(time.Microsecond)
	if at.Year() < 1970 || at.Year() > lastYear {
		return time.Time{}, "Choose a date between 1970 and 9999."
	}
	return at, ""
}

func parseZone(name string) (*time.Location, string) {
	const hint = " Choose a time zone by its place, such as Europe/Berlin, or UTC."
	if name == "" {
		return time.UTC, ""
	}
	zone, err := workflow.LoadZone(name)
	switch {
	case errors.Is(err, workflow.ErrNotPlace):
		return nil, "This is not a time zone." + hint
	case err != nil:
		return nil, "There is no time zone of this name." + hint
	}
	return zone, ""
}

// From returns the rule with `every` counting from the anchor.
func (r Rule) From(anchor time.Time) Rule {
	r.anchor = anchor
	return r
}

// Zone is the time zone in which the schedule's times are meant.
func (r Rule) Zone() *time.Location {
	if r.zone == nil {
		return time.UTC
	}
	return r.zone
}

// raw returns the first time after the given one that is written in the rule,
// whatever a calendar says of its day.
func (r Rule) raw(after time.Time) (at time.Time, ok bool) {
	if after.Before(r.notBefore) {
		after = r.notBefore.Add(-time.Microsecond)
	}
	switch {
	case r.cron != nil && r.cron.realTime:
		at, ok = r.cron.nextReal(after, r.Zone())
	case r.cron != nil:
		at, ok = r.cron.nextOnce(after, r.Zone())
	case r.every > 0:
		at, ok = r.nextEvery(after), true
	default:
		at, ok = r.at, r.at.After(after)
	}
	if !ok || at.Year() > lastYear || !r.before.IsZero() && !at.Before(r.before) {
		return time.Time{}, false
	}
	return at.UTC(), true
}

func (r Rule) nextEvery(after time.Time) time.Time {
	anchor := r.anchor
	if anchor.IsZero() {
		anchor = after
	}
	if after.Before(anchor) {
		return anchor.Add(r.every)
	}
	// In microseconds, since a time.Duration ends after 292 years.
	step := r.every.Microseconds()
	passed := (after.UnixMicro() - anchor.UnixMicro()) / step
	return time.UnixMicro(anchor.UnixMicro() + (passed+1)*step).UTC()
}
