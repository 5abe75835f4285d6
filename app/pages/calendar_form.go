package pages

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views/ui"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
)

// calendarForm is a calendar as its form shows it.
type calendarForm struct {
	Name     string
	Weekend  []string // 0–6
	Days     string   // a day a line
	problems []ui.FieldMessage
}

func calendarFormOf(stored models.Calendar) (calendarForm, error) {
	weekend, days, err := schedule.CalendarDays(stored)
	form := calendarForm{Name: stored.Name}
	for _, weekday := range weekend {
		form.Weekend = append(form.Weekend, strconv.Itoa(weekday))
	}
	var lines []string
	for _, day := range days {
		lines = append(lines, strings.TrimSpace(day.Date+" "+day.Name))
	}
	form.Days = strings.Join(lines, "\n")
	return form, err
}

// readCalendar reads what was sent: days a line each, or the text of an .ics file.
func readCalendar(sent url.Values, now time.Time) (calendarForm, catalog.CalendarDays) {
	form := calendarForm{Name: strings.TrimSpace(sent.Get("name")), Weekend: sent["weekend"], Days: sent.Get("days")}
	var free catalog.CalendarDays
	for _, weekday := range form.Weekend {
		n, err := strconv.Atoi(weekday)
		if err != nil {
			n = -1
		}
		free.Weekend = append(free.Weekend, n)
	}
	var err error
	if free.Days, err = readFreeDays(form.Days, now); err != nil {
		form.problems = append(form.problems, frame.Message("days", capital(err.Error())+"."))
	}
	return form, free
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func readFreeDays(text string, now time.Time) ([]schedule.FreeDay, error) {
	before, file, isFile := strings.Cut(text, "BEGIN:VCALENDAR")
	var days []schedule.FreeDay
	for line := range strings.SplitSeq(before, "\n") {
		date, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if date != "" {
			days = append(days, schedule.FreeDay{Date: date, Name: strings.TrimSpace(name)})
		}
	}
	if !isFile {
		return days, nil
	}
	more, err := schedule.ReadICS("BEGIN:VCALENDAR"+file, now)
	for _, day := range more {
		if !slices.ContainsFunc(days, func(listed schedule.FreeDay) bool { return listed.Date == day.Date }) {
			days = append(days, day)
		}
	}
	return days, err
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
		if number, _, _ := strings.Cut(rest, "]"); listed && name == "days" {
			if n, err := strconv.Atoi(number); err == nil {
				text = "Free day " + strconv.Itoa(n+1) + ": " + text
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
			Name: "days", Label: "Free days", Kind: "multiline", Rows: 14, Mono: true, Value: f.Days, ReadOnly: readOnly, Placeholder: "2026-12-25 Christmas Day",
			Help: "One day a line: the date, then its name if it has one. To take over an .ics file, paste all of it here below the days that are listed already, or choose it; what repeats is written out for ten years.",
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
