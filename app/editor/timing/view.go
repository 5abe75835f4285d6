package timing

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// Take puts the problems of the trigger beside the entries that caused them.
func (f *Form) Take(problems []workflow.Problem) {
	for _, problem := range problems {
		name := problem.Path
		switch name {
		case "at":
			name = "date"
		case "cron":
			name = frame.Either(f.Mode == modeCron, "cron", "mode")
		case "weekday_of_month":
			name = "week_of_month"
		}
		if name == "times" || strings.HasPrefix(name, "times[") {
			name = "more_times"
		}
		if rest, of := strings.CutPrefix(name, "not_between"); of {
			name = f.hoursEntry(rest)
		}
		if f.Problems[name] == "" {
			f.Problems[name] = problem.Message
		}
	}
}

// hoursEntry is the entry that shows the hours without runs of which [1] or the like, or
// all of them, are wrong.
func (f *Form) hoursEntry(place string) string {
	switch chosen := f.NotFrom+f.NotUntil != ""; {
	case !chosen || place != "" && place != "[0]":
		return "not_more"
	case f.NotUntil == "":
		return "not_until"
	}
	return "not_from"
}

// Control is the id of the builder's entry for a problem's path.
func Control(t workflow.Trigger, path string) string {
	form := New(t, "")
	form.Take([]workflow.Problem{{Path: path, Message: "?"}})
	for name := range form.Problems {
		return name
	}
	return "mode"
}

// repeating are the ways in which hours can be without runs.
const repeating = "mode=every,hourly,daily,weekly,monthly,weekday_of_month,cron"

// Fields are the entries that say when it runs.
func (f *Form) Fields() []views.FormField {
	return f.entries([]ui.FieldProps{
		{Name: "mode", Label: "How often", Kind: "choice", Value: f.Mode, Options: []ui.Option{
			{Value: modeEvery, Label: "Every few minutes, hours or days"},
			{Value: modeHourly, Label: "Every hour"},
			{Value: modeDaily, Label: "Every day, or every few days"},
			{Value: modeWeekly, Label: "On days of the week, or of every few weeks"},
			{Value: modeMonthly, Label: "On a day of the month"},
			{Value: modeNth, Label: "On a weekday of the month, such as the first Monday"},
			{Value: modeOnce, Label: "Once"},
			{Value: modeCron, Label: "Advanced: a cron line"},
		}},
		{Name: "cron", Label: "Cron line", Mono: true, Value: f.Cron, ShowIf: "mode=cron", Placeholder: "0 9 * * 1-5", Help: "Five fields: minute, hour, day of month, month, day of week. Or @hourly, @daily, @weekly, @monthly."},
		{Name: "every", Label: "Every", Kind: "number", Width: "short", Value: f.Every, ShowIf: "mode=every", Help: "Counted in real time from when it is published."},
		{Name: "unit", Label: "Unit", Kind: "choice", Width: "medium", Value: f.Unit, ShowIf: "mode=every", Options: []ui.Option{{Value: "m", Label: "Minutes"}, {Value: "h", Label: "Hours"}, {Value: "d", Label: "Days (24 hours)"}}},
		{Name: "minute", Label: "Minute of the hour", Kind: "number", Width: "short", Value: f.Minute, ShowIf: "mode=hourly"},
		{Name: "days", Label: "Days", Kind: "chips", Values: f.Days, ShowIf: "mode=weekly", Options: frame.WeekdayChips()},
		{Name: "month_day", Label: "On which day", Kind: "choice", Width: "medium", Value: f.MonthDay, ShowIf: "mode=monthly,cron", Options: monthDays()},
		{Name: "day", Label: "Day of the month", Kind: "number", Width: "short", Value: f.Day, ShowIf: "mode=monthly"},
		{Name: "week_of_month", Label: "Which one", Kind: "choice", Width: "medium", Value: f.Nth, ShowIf: "mode=weekday_of_month,cron", Options: []ui.Option{
			{Value: "", Label: "Choose, or none"},
			{Value: "first", Label: "The first"},
			{Value: "second", Label: "The second"},
			{Value: "third", Label: "The third"},
			{Value: "fourth", Label: "The fourth"},
			{Value: "fifth", Label: "The fifth, in months that have one"},
			{Value: "last", Label: "The last"},
		}},
		{Name: "weekday", Label: "Weekday", Kind: "choice", Width: "medium", Value: f.NthDay, ShowIf: "mode=weekday_of_month,cron", Options: []ui.Option{
			{Value: "mon", Label: "Monday"},
			{Value: "tue", Label: "Tuesday"},
			{Value: "wed", Label: "Wednesday"},
			{Value: "thu", Label: "Thursday"},
			{Value: "fri", Label: "Friday"},
			{Value: "sat", Label: "Saturday"},
			{Value: "sun", Label: "Sunday"},
		}},
		{Name: "day_interval", Label: "Every how many days", Kind: "number", Width: "short", Value: f.EveryDays, ShowIf: "mode=daily,cron", Help: "1 is every day."},
		{Name: "week_interval", Label: "Every how many weeks", Kind: "number", Width: "short", Value: f.EveryWeeks, ShowIf: "mode=weekly,cron", Help: "1 is every week, 2 every other week. Weeks begin on Monday."},
		{Name: "month_interval", Label: "Every how many months", Kind: "number", Width: "short", Value: f.EveryMonths, ShowIf: "mode=monthly,weekday_of_month,cron", Help: "1 is every month."},
		{Name: "time", Label: "Time", Kind: "time", Width: "medium", Value: f.Time, ShowIf: "mode=daily,weekly,monthly,weekday_of_month"},
		{Name: "more_times", Label: "Further times on these days", Value: f.More, ShowIf: "mode=daily,weekly,monthly,weekday_of_month,cron", Placeholder: "12:30, 16:30", Help: "With commas between them. Empty: only that one."},
		{Name: "date", Label: "Date and time", Kind: "datetime-local", Width: "medium", Value: f.Date, ShowIf: "mode=once"},
		{Name: "time_zone", Label: "Time zone", Value: f.Zone, Help: "The place whose clock counts, such as Europe/Berlin.", Attributes: f.zoneAttributes()},
		{Name: "start_date", Label: "First day", Kind: "date", Width: "medium", Value: f.First, Help: "Empty: from now on. Several days, weeks or months at a time are counted from this day."},
		{Name: "not_from", Label: "No runs from", Kind: "time", Width: "medium", Value: f.NotFrom, ShowIf: repeating, Help: "On the clocks of the time zone, over midnight too. Empty: at any time."},
		{Name: "not_until", Label: "No runs until", Kind: "time", Width: "medium", Value: f.NotUntil, ShowIf: repeating, Help: "From this time on it runs again."},
	})
}

func (f *Form) zoneAttributes() map[string]any {
	attributes := map[string]any{"list": "time-zones"}
	if f.zoneGuessed {
		maps.Copy(attributes, ui.BrowserZone(""))
	}
	return attributes
}

// Rules are the entries that say what happens when something is in the way.
func (f *Form) Rules() []views.FormField {
	return f.entries([]ui.FieldProps{
		{Name: "missed", Label: "If times were missed because nothing was running", Kind: "choice", Value: f.Missed, Options: []ui.Option{
			{Value: schedule.MissedLatest, Label: "Run the latest one"}, {Value: schedule.MissedSkip, Label: "Leave them out"}, {Value: schedule.MissedAll, Label: "Run all of them, at most 100"},
		}},
		{Name: "missed_max_age", Label: "But only what is not older than", Width: "medium", Value: workflow.LengthWords(f.MaxAge), Placeholder: "2 hours", Help: "Such as 30 minutes, 2 hours or a day. Empty: however old."},
		{Name: "overlap", Label: "If the run before is still going on", Kind: "choice", Value: f.Overlap, Options: []ui.Option{
			{Value: schedule.OverlapSkip, Label: "Skip the new one"}, {Value: schedule.OverlapQueue, Label: "Let the new one wait for it, one at most"}, {Value: schedule.OverlapAllow, Label: "Start the new one beside it"}, {Value: schedule.OverlapReplace, Label: "Cancel it and start the new one"},
		}},
		{Name: "not_more", Label: "Further hours without runs", Value: f.NotMore, ShowIf: repeating, Placeholder: "12:00-13:00", Help: "With commas between them."},
		{Name: "end_date", Label: "Last day", Kind: "date", Width: "medium", Value: f.Last, Help: "Empty: for ever."},
		{Name: "calendar", Label: "Calendar of free days", Kind: "choice", Value: f.Calendar, Options: CalendarOptions(f.Calendars, f.Calendar)},
		{Name: "free_days", Label: "On its free days", Kind: "choice", Value: f.FreeDays, Options: []ui.Option{
			{Value: schedule.FreeDaysSkip, Label: "Do not run"}, {Value: schedule.FreeDaysMove, Label: "Run at the same time of the next working day"},
		}},
		{Name: "jitter", Label: "Spread the starts over", Width: "medium", Value: workflow.LengthWords(f.Jitter), Placeholder: "5 minutes", Help: "Each run starts up to this much later, so that many do not start at once. Empty: on the minute."},
		{Name: "disabled", Label: "Switch this schedule off", Kind: "checkbox", Checked: f.Off, Value: "on", Help: "Nothing is planned until it is switched on again."},
	})
}

// monthDays are the days of a month that can be picked by what they are.
func monthDays() []ui.Option {
	days := []ui.Option{
		{Value: "", Label: "As given below"},
		{Value: schedule.MonthDayLast, Label: "The last day of the month"},
		{Value: schedule.MonthDayFirstBusiness, Label: "The first working day of the month"},
		{Value: schedule.MonthDayLastBusiness, Label: "The last working day of the month"},
	}
	for n := 2; n <= schedule.MaxBusinessDay; n++ {
		days = append(days, ui.Option{Value: schedule.MonthDayBusiness + strconv.Itoa(n), Label: "Working day " + strconv.Itoa(n) + " of the month"})
	}
	return days
}

// CalendarOptions are the calendars there are, and the one that is named already.
func CalendarOptions(names []string, chosen string) []ui.Option {
	options := []ui.Option{{Value: "", Label: "None: every day counts"}}
	for _, name := range names {
		options = append(options, ui.Option{Value: name, Label: name})
	}
	if chosen != "" && !slices.Contains(names, chosen) {
		options = append(options, ui.Option{Value: chosen, Label: chosen + " (does not exist)"})
	}
	return options
}

// RulesSet reports whether any of the rules is not what it is without saying.
func (f *Form) RulesSet() bool {
	if f.Missed != schedule.MissedLatest || f.Overlap != schedule.OverlapSkip || f.Off || f.MaxAge+f.Last+f.Jitter+f.Calendar+f.NotMore != "" {
		return true
	}
	return slices.ContainsFunc(f.Rules(), func(entry views.FormField) bool { return entry.Field.Error != "" })
}

func (f *Form) entries(fields []ui.FieldProps) []views.FormField {
	entries := make([]views.FormField, len(fields))
	for i := range fields {
		fields[i].ID, fields[i].Error, fields[i].Autocomplete = fields[i].Name, f.Problems[fields[i].Name], "off"
		entries[i].Field = &fields[i]
	}
	return entries
}

// Errors lists the problems in the order of the entries.
func (f *Form) Errors(entries ...[]views.FormField) []ui.FieldMessage {
	var messages []ui.FieldMessage
	for _, list := range entries {
		for _, entry := range list {
			if entry.Field.Error != "" {
				messages = append(messages, ui.FieldMessage{FieldID: entry.Field.ID, Message: entry.Field.Error})
			}
		}
	}
	return messages
}

// previewCount is how many planned times the builder shows.
const previewCount = 5

// Preview says what the form means, in the schedule's zone and in the reader's.
func (f *Form) Preview(now time.Time, viewerZone string, calendars schedule.Calendars) views.SchedulePreviewProps {
	trigger := f.Trigger()
	var p views.SchedulePreviewProps
	if len(f.Problems) == 0 {
		preview, problems := schedule.MakePreview(trigger, calendars, now, previewCount)
		f.Take(problems)
		p.Sentence, p.Next, p.Warnings = preview.Sentence, preview.Next, preview.Warnings
		for _, change := range preview.ClockChanges {
			p.ClockChanges = append(p.ClockChanges, views.ClockChangeRow{At: change.At, Effect: change.Effect})
		}
	}
	for _, message := range f.Errors(f.Fields(), f.Rules()) {
		p.Problems = append(p.Problems, message.Message)
	}
	p.Zone = frame.ZoneOr(trigger.TimeZone)
	if zone, err := workflow.LoadZone(viewerZone); err == nil && zone.String() != p.Zone.String() {
		p.ViewerZone = zone
	}
	return p
}
