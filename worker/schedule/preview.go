package schedule

import (
	"fmt"
	"math/bits"
	"time"

	"workflows/worker/workflow"
)

// MaxPreview is how many planned times a preview gives at most.
const MaxPreview = 50

// Preview is what a person sees of a schedule before it is published.
type Preview struct {
	Sentence     string
	Next         []time.Time // in the schedule's zone
	ClockChanges []ClockChange
	Warnings     []string
}

// MakePreview shows a trigger's next planned times after the given one, 1 to
// MaxPreview of them, with the zone's next two clock changes and what is
// surprising about the rule. The paths of the problems are those of RuleOf.
func MakePreview(t workflow.Trigger, calendars Calendars, after time.Time, count int) (Preview, []workflow.Problem) {
	rule, problems := newRule(t, "", after, calendars)
	if count < 1 || count > MaxPreview {
		problems = append(problems, workflow.Problem{Path: "count", Code: "invalid_value", Message: fmt.Sprintf("The number of times to show must be 1–%d.", MaxPreview)})
	}
	if len(problems) > 0 {
		return Preview{}, problems
	}
	preview := Preview{Sentence: rule.Sentence(), Warnings: rule.warnings(after), ClockChanges: rule.clockChanges(after)}
	for at, ok := rule.Next(after); ok && len(preview.Next) < count; at, ok = rule.Next(at) {
		preview.Next = append(preview.Next, at.In(rule.Zone()))
	}
	return preview, nil
}

// warnings says what a person may not expect of the rule.
func (r Rule) warnings(after time.Time) []string {
	var warnings []string
	warn := func(text string) { warnings = append(warnings, text) }
	if !r.at.IsZero() && !r.at.After(after) {
		warn("This time has passed: it will not run.")
	}
	if !r.before.IsZero() && !r.before.After(after) {
		warn("Its last day has passed: it will not run.")
	} else if _, planned := r.raw(after); planned {
		warnings = append(warnings, r.surprises(after)...)
	}
	if r.every > 0 && r.every%(24*time.Hour) == 0 {
		warn("It is counted in real time from when it is published, and runs at the time of day of that. For a day and a time that you choose, use days, weeks or months at a time.")
	}
	if r.cron == nil {
		return warnings
	}
	l := r.cron
	onlyDates := l.bothDays && l.dow == allWeek && l.dom != allDays
	if first := bits.TrailingZeros64(l.dom); onlyDates && first > 28 && l.month == allMonths {
		warn(fmt.Sprintf("Months without a %s have no run.", ordinal(first)))
	} else if onlyDates && first == 29 && l.month == 1<<time.February {
		warn("This runs in leap years only.")
	}
	switch {
	case l.dom == allDays || l.dow == allWeek:
	case l.bothDays:
		warn("Day of month and day of week are both given, and one begins with “*”: as in a crontab, it runs on days that match both of them.")
	default:
		warn("Day of month and day of week are both given: it runs on days that match either of them.")
	}
	if unevenStep(l.minute, 60) {
		warn("The minutes start again at every full hour, so the last interval of an hour is shorter.")
	}
	if l.minute == allMinutes && l.hour != allHours {
		warn("This runs at every minute of the chosen hours.")
	}
	return warnings
}

// surprises are what the days and the spread make of the next times.
func (r Rule) surprises(after time.Time) []string {
	first, ok := r.Next(after)
	if !ok && r.calendar != nil {
		return []string{fmt.Sprintf("All its days are free days of “%s”: it will not run.", r.calendar.Name)}
	}
	if !ok && r.notBetween != nil {
		return []string{"No time is left outside the hours without runs: it will not run."}
	}
	second, ok := r.Next(first)
	if ok && r.jitter > 0 && r.jitter >= second.Sub(first) {
		return []string{"The starts are spread over more time than lies between two of them. Each still comes before the next planned time."}
	}
	return nil
}

// unevenStep recognises */7: even distances from 0 on that do not divide the hour.
func unevenStep(set uint64, size int) bool {
	if set&1 == 0 || bits.OnesCount64(set) < 3 {
		return false
	}
	step := bits.TrailingZeros64(set &^ 1)
	if size%step == 0 {
		return false
	}
	for value := 0; value < size; value++ {
		if (set>>value&1 == 1) != (value%step == 0) {
			return false
		}
	}
	return true
}
