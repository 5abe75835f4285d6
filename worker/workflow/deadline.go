package workflow

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/worker/document"
)

// Trigger is the deadline as the schedule that plans its times; its calendar is
// asked at each of them, not before.
func (d Deadline) Trigger() Trigger {
	clock, err := time.Parse("15:04", d.Time)
	if err != nil {
		return Trigger{Type: "schedule", TimeZone: d.TimeZone}
	}
	var days []string
	for _, day := range d.Days {
		days = append(days, strconv.Itoa(day))
	}
	onDays := cmp.Or(strings.Join(days, ","), "*")
	return Trigger{Type: "schedule", Cron: fmt.Sprintf("%d %d * * %s", clock.Minute(), clock.Hour(), onDays), TimeZone: d.TimeZone}
}

// Words say when the deadline is: "07:00 on Monday to Friday (Europe/Berlin)".
func (d Deadline) Words() string {
	words := d.Time + " " + d.dayWords()
	if d.TimeZone != "" && d.TimeZone != "UTC" {
		words += " (" + d.TimeZone + ")"
	} else {
		words += " (UTC)"
	}
	if d.Calendar != "" {
		words += ", but for the free days of “" + d.Calendar + "”"
	}
	return words
}

func (d Deadline) dayWords() string {
	days := slices.Compact(slices.Sorted(slices.Values(d.Days)))
	switch {
	case len(days) == 0 || len(days) == 7:
		return "every day"
	case slices.Equal(days, []int{1, 2, 3, 4, 5}):
		return "on Monday to Friday"
	}
	if days[0] == 0 { // a week ends with its Sunday
		days = append(days[1:], 0)
	}
	var names []string
	for _, day := range days {
		names = append(names, time.Weekday(day).String())
	}
	if len(names) == 1 {
		return "on " + names[0]
	}
	return "on " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// deadline checks one deadline at its path.
func (c *checking) deadline(path string, d Deadline) {
	if _, err := time.Parse("15:04", d.Time); err != nil || len(d.Time) != len("15:04") {
		c.add(path+".time", "invalid_value", "Write the time of the day with hour and minute, such as 07:00.")
	}
	for i, day := range d.Days {
		if day < 0 || day > 6 {
			c.add(document.Item(path+".days", i), "out_of_range", "Use a weekday from 0 (Sunday) to 6 (Saturday).")
			return
		}
		if slices.Contains(d.Days[:i], day) {
			c.add(document.Item(path+".days", i), "duplicate", "%s is there already.", time.Weekday(day))
			return
		}
	}
	if c.Trigger == nil {
		return
	}
	for _, problem := range c.Trigger(Trigger{Type: "schedule", Cron: "0 0 * * *", TimeZone: d.TimeZone}) {
		problem.Path = path + "." + problem.Path
		c.problems = append(c.problems, problem)
	}
}
