package editor

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workflows/app/editor/timing"
	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// deadlineName is the entry for a part of a deadline.
func deadlineName(i int, part string) string {
	return fmt.Sprintf("settings.must_succeed_by[%d].%s", i, part)
}

// readDeadlines are those of a form; one without a time is taken away, unless a zone was typed
// that is none: that is said. Days that are the same as before stay in the order in which they were
// written.
func readDeadlines(form url.Values, before []workflow.Deadline) []workflow.Deadline {
	var deadlines []workflow.Deadline
	for i := range workflow.MaxDeadlines {
		d := workflow.Deadline{
			Time: strings.TrimSpace(form.Get(deadlineName(i, "time"))), TimeZone: strings.TrimSpace(form.Get(deadlineName(i, "time_zone"))), Calendar: form.Get(deadlineName(i, "calendar")),
		}
		if _, err := workflow.LoadZone(d.TimeZone); d.Time == "" && (d.TimeZone == "" || err == nil) {
			continue
		}
		for _, text := range form[deadlineName(i, "days")] {
			if day, err := strconv.Atoi(text); err == nil {
				d.Days = append(d.Days, day)
			}
		}
		if i < len(before) && slices.Equal(slices.Sorted(slices.Values(d.Days)), slices.Sorted(slices.Values(before[i].Days))) {
			d.Days = before[i].Days
		}
		deadlines = append(deadlines, d)
	}
	return deadlines
}

// deadlineFields are a part of the form for each deadline, and one for another.
func deadlineFields(deadlines []workflow.Deadline, zone string, calendars []models.Calendar, problems map[string]string) []views.FormField {
	shown := deadlines
	if len(shown) < workflow.MaxDeadlines {
		shown = append(slices.Clone(shown), workflow.Deadline{TimeZone: zone})
	}
	var parts []views.FormField
	for i, d := range shown {
		group := &views.FieldGroup{ID: fieldID("deadline-" + strconv.Itoa(i)), Legend: "A run must have succeeded by", Help: "Otherwise an alert is raised. Leave the time empty to have no such deadline."}
		if i > 0 {
			group.Legend, group.Help = "And by", "Leave the time empty to have no such deadline."
		}
		var days []string
		for _, day := range d.Days {
			days = append(days, strconv.Itoa(day))
		}
		fields := []ui.FieldProps{
			{Name: deadlineName(i, "time"), Label: "Time", Kind: "time", Width: "medium", Value: d.Time},
			{Name: deadlineName(i, "days"), Label: "Days", Kind: "chips", Values: days, Options: frame.WeekdayChips(), Help: "None chosen: every day."},
			{Name: deadlineName(i, "time_zone"), Label: "Time zone", Value: d.TimeZone, Attributes: map[string]any{"list": "time-zones"}},
			{Name: deadlineName(i, "calendar"), Label: "But for the free days of", Kind: "choice", Value: d.Calendar, Options: deadlineCalendars(calendars, d.Calendar)},
		}
		for j := range fields {
			fields[j].ID, fields[j].Error, fields[j].Autocomplete = fieldID(fields[j].Name), problems[fields[j].Name], "off"
			group.Fields = append(group.Fields, views.FormField{Field: &fields[j]})
		}
		parts = append(parts, views.FormField{Group: group})
	}
	return parts
}

func deadlineCalendars(calendars []models.Calendar, chosen string) []ui.Option {
	names := make([]string, len(calendars))
	for i, calendar := range calendars {
		names[i] = calendar.Name
	}
	return timing.CalendarOptions(names, chosen)
}

// The entries for how long a workflow's runs are kept.
const (
	keepDays       = "settings.keep.days"
	keepFailedDays = "settings.keep.failed_days"
	keepLast       = "settings.keep.last"
)

// keepFields ask how long runs are kept, with what is typed.
func (s *Site) keepFields(typed url.Values) []ui.FieldProps {
	return []ui.FieldProps{
		{Name: keepDays, Label: "Keep finished runs for … days", Kind: "number", Width: "short", Value: typed.Get(keepDays), Help: fmt.Sprintf("Then they are removed with all that they hold. Left empty it is %d, as everywhere here.", s.Settings.RunRetentionDays)},
		{Name: keepFailedDays, Label: "Keep failed runs for … days", Kind: "number", Width: "short", Value: typed.Get(keepFailedDays), Help: "Left empty they are kept as long as the others."},
		{Name: keepLast, Label: "Always keep the last … runs", Kind: "number", Width: "short", Value: typed.Get(keepLast), Help: "However old they are. The last one that succeeded and the last one that failed stay anyway."},
	}
}

// typedKeep is what stands in the entries.
func typedKeep(k *workflow.Keep, into url.Values) {
	if k == nil {
		return
	}
	for name, days := range map[string]*int{keepDays: k.Days, keepFailedDays: k.FailedDays} {
		if days != nil {
			into.Set(name, strconv.Itoa(*days))
		}
	}
	if k.Last > 0 {
		into.Set(keepLast, strconv.Itoa(k.Last))
	}
}

// readKeep reads the entries; nil where none is filled in.
func readKeep(form url.Values, problems map[string]string) *workflow.Keep {
	number := func(name, problem string) *int {
		typed := strings.TrimSpace(form.Get(name))
		if typed == "" {
			return nil
		}
		n, err := strconv.Atoi(typed)
		if err != nil {
			problems[name] = problem
			return nil
		}
		return &n
	}
	const days = "Use a whole number of days, such as 90, or leave it empty."
	k := workflow.Keep{Days: number(keepDays, days), FailedDays: number(keepFailedDays, days)}
	if last := number(keepLast, "Use a whole number of runs, such as 100, or leave it empty."); last != nil {
		k.Last = *last
	}
	if k == (workflow.Keep{}) {
		return nil
	}
	return &k
}

// keptWords say how long runs are kept.
func (s *Site) keptWords(k *workflow.Keep) string {
	return workflow.KeepWords(k, fmt.Sprintf("%d days (as everywhere here)", s.Settings.RunRetentionDays))
}
