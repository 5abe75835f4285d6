package pages

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/models"
	"workflows/models/subscriptions"
	"workflows/views/ui"
	"workflows/worker/catalog"
	"workflows/worker/ics"
	"workflows/worker/schedule"
	"workflows/worker/subscription"
)

// calendarForm is a calendar as its form shows it.
type calendarForm struct {
	Name     string
	Weekend  []string // 0–6
	Days     string   // a day a line
	Working  string   // the same
	File     string   // the text of an .ics file whose days are to be added
	Taken    []string // the groups of the file that are taken
	problems []ui.FieldMessage

	Address  string              // that is to be looked at
	Look     string              // the id of what came from an address
	Excluded []string            // the dates that are left out of what comes from the address
	beside   bool                // the days are those beside what comes from an address
	waiting  bool                // for what comes from the address
	host     string              // of the address that is looked at
	before   subscription.Choice // of what comes from the address that is followed

	read      *ics.File // what the file says
	showFirst bool      // nothing is saved before that is seen
	ending    string    // that its last day is near
}

func calendarFormOf(stored models.Calendar, followed *subscriptions.Subscription, now time.Time) (calendarForm, error) {
	days, err := schedule.CalendarDaysOf(stored)
	form := calendarForm{Name: stored.Name, Days: lines(days.Free), Working: lines(days.Working), ending: ending(days.Free, now)}
	if followed != nil && err == nil {
		var beside subscription.Beside
		beside, err = subscription.BesideOf(*followed)
		form.beside, form.Days, form.Working, form.Excluded = true, lines(beside.Own.Free), lines(beside.Own.Working), beside.Excluded
	}
	for _, weekday := range days.Weekend {
		form.Weekend = append(form.Weekend, strconv.Itoa(weekday))
	}
	return form, err
}

func lines(days []schedule.FreeDay) string {
	var all []string
	for _, day := range days {
		all = append(all, strings.TrimSpace(day.Date+" "+day.Name))
	}
	return strings.Join(all, "\n")
}

// ending says that the last free day of a calendar is near or has passed; "" when it
// is not, or when it never had one.
func ending(days []schedule.FreeDay, now time.Time) string {
	last := ""
	for _, day := range days {
		last = max(last, day.Date)
	}
	at, err := time.Parse(time.DateOnly, last)
	if err != nil {
		return ""
	}
	return schedule.CalendarEnds(at, now)
}

// readCalendar reads what was sent: days a line each, and the text of an .ics file
// among them or kept from before.
func readCalendar(ctx context.Context, sent url.Values, now time.Time) (calendarForm, catalog.CalendarDays) {
	form := calendarForm{
		Name: strings.TrimSpace(sent.Get("name")), Weekend: sent["weekend"], Working: sent.Get("working_days"), File: sent.Get("file"), Taken: sent["take"],
		showFirst: sent.Get("act") == "read", Look: sent.Get("look"), Address: strings.TrimSpace(sent.Get("address")), Excluded: sent["out"], beside: sent.Get("beside") != "",
	}
	var file string
	if form.Days, file = splitFile(sent.Get("days")); file != "" {
		form.File, form.Look, form.Taken, form.showFirst = file, "", nil, true
	}
	if sent.Get("act") == "drop" {
		form.File, form.Look, form.Address, form.showFirst = "", "", "", true
	}
	free := catalog.CalendarDays{Days: readDays(form.Days), Working: readDays(form.Working), Beside: form.beside, Excluded: form.Excluded}
	for _, weekday := range form.Weekend {
		n, err := strconv.Atoi(weekday)
		if err != nil {
			n = -1
		}
		free.Weekend = append(free.Weekend, n)
	}
	if form.File != "" && form.Look == "" && form.readFile(ctx, file != "", now) {
		form.addDays(&free)
	}
	return form, free
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// splitFile parts the lines that were typed from an .ics file among them.
func splitFile(text string) (typed, file string) {
	const begin, end = "BEGIN:VCALENDAR", "END:VCALENDAR"
	upper := asciiUpper(text)
	from := strings.Index(upper, begin)
	if from < 0 {
		return strings.TrimSpace(text), ""
	}
	to := len(text)
	if last := strings.LastIndex(upper, end); last > from {
		to = last + len(end)
	}
	typed = strings.TrimSuffix(text[:from], "\ufeff") + "\n" + text[to:]
	return strings.TrimSpace(typed), text[from:to]
}

// asciiUpper is as long as the text, which strings.ToUpper need not be.
func asciiUpper(text string) string {
	upper := []byte(text)
	for i, b := range upper {
		if 'a' <= b && b <= 'z' {
			upper[i] = b - 'a' + 'A'
		}
	}
	return string(upper)
}

// readDays reads a day a line; never nil.
func readDays(text string) []schedule.FreeDay {
	days := []schedule.FreeDay{}
	for line := range strings.SplitSeq(text, "\n") {
		date, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if date != "" {
			days = append(days, schedule.FreeDay{Date: date, Name: strings.TrimSpace(name)})
		}
	}
	return days
}

// take puts what the catalog has against the calendar beside its entries.
func (f *calendarForm) take(err error) {
	var invalid *models.InvalidError
	if !errors.As(err, &invalid) {
		return
	}
	for _, field := range invalid.Fields {
		name, rest, listed := strings.Cut(field.Path, "[")
		text := field.Message
		what := map[string]string{"days": "Free day ", "working_days": "Day of work "}[name]
		if number, _, _ := strings.Cut(rest, "]"); listed && what != "" {
			if n, err := strconv.Atoi(number); err == nil {
				text = what + strconv.Itoa(n+1) + ": " + text
			}
		}
		f.problems = append(f.problems, frame.Message(name, text))
	}
}

// fields are the form's entries; the name of a calendar that exists is fixed.
func (f calendarForm) fields(exists, readOnly bool) []ui.FieldProps {
	fields := []ui.FieldProps{
		{Name: "name", Label: "Name", Value: f.Name, Required: true, ReadOnly: exists, Help: frame.Either(exists, "Schedules name it, so it stays as it is.", "Such as Germany. Schedules name it, so it cannot be changed later.")},
		{Name: "weekend", Label: "Free days of every week", Kind: "chips", Values: f.Weekend, Options: frame.WeekdayChips()},
		{
			Name: "days", Label: frame.Either(f.beside, "Free days beside those of the address", "Free days"), Kind: "multiline", Rows: 14, Mono: true, Value: f.Days, ReadOnly: readOnly, Placeholder: "2026-12-25 Christmas Day",
			Help: "One day a line: the date, then its name if it has one. To take over an .ics file, paste all of it here below the days that are listed already, or choose it; you see what it says before anything is saved.",
		},
		{
			Name: "working_days", Label: "Days of work", Kind: "multiline", Rows: 3, Mono: true, Value: f.Working, ReadOnly: readOnly, Placeholder: "2027-01-10 Makes up for New Year",
			Help: "On which is worked although their day of the week is free, one a line, as some countries make up for holidays.",
		},
	}
	for i := range fields {
		for _, problem := range f.problems {
			if problem.FieldID == fields[i].Name && fields[i].Error == "" {
				fields[i].Error = problem.Message
			}
		}
		fields[i].Disabled = readOnly && fields[i].Kind == "chips"
	}
	return fields
}

// addressField is the entry for an address that is to be followed. One that is followed
// already is not shown.
func (f calendarForm) addressField() ui.FieldProps {
	field := ui.FieldProps{
		Name: "address", Label: "Address of a calendar file", Value: f.Address, Autocomplete: "off", Placeholder: "https://calendar.example.com/holidays.ics",
		Help: "It begins with https:// or webcal:// and gives an .ics file: an official one of holidays, or the secret address of a calendar of your own. You see what it says before anything is saved.",
	}
	if f.beside {
		field.Label, field.Help = "Another address", "Left empty, it is the one that is followed now: look at it again to take other days of it."
	}
	for _, problem := range f.problems {
		if problem.FieldID == field.Name {
			field.Error = problem.Message
		}
	}
	return field
}
