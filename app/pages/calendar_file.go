package pages

import (
	"context"
	"slices"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/views"
	"workflows/worker/catalog"
	"workflows/worker/ics"
	"workflows/worker/schedule"
	"workflows/worker/subscription"
)

// readFile reads the .ics file of the form, and reports whether it could. The first time, what
// is usual is taken, or what was chosen before.
func (f *calendarForm) readFile(ctx context.Context, first bool, now time.Time) bool {
	file, err := ics.Read(ctx, f.File, now)
	if err != nil {
		f.problems, f.showFirst, f.File = append(f.problems, frame.Message(frame.Either(f.Look == "", "days", "address"), capital(frame.Either(f.Look == "", err.Error(), subscription.Why(err)))+".")), false, ""
		return false
	}
	f.read = &file
	if first {
		for _, group := range file.Groups() {
			if f.before.Takes(group) {
				f.Taken = append(f.Taken, group.Key)
			}
		}
	}
	free, working := file.Days(f.takes)
	if len(free)+len(working) == 0 && !f.showFirst {
		f.problems = append(f.problems, frame.Message("file", "No day of the file would be saved. "+nothingTaken(file)))
	}
	return true
}

// addDays adds the days that are taken of the file to those that were typed.
func (f *calendarForm) addDays(days *catalog.CalendarDays) {
	free, working := f.read.Days(f.takes)
	listed := map[string]bool{}
	for _, day := range slices.Concat(days.Days, days.Working) {
		listed[day.Date] = true
	}
	add := func(to []schedule.FreeDay, more []ics.Day) []schedule.FreeDay {
		for _, day := range more {
			if date := day.Date.Format(time.DateOnly); !listed[date] {
				to = append(to, schedule.FreeDay{Date: date, Name: day.Name})
			}
		}
		return to
	}
	days.Days, days.Working = add(days.Days, free), add(days.Working, working)
}

func (f *calendarForm) takes(group ics.Group) bool { return slices.Contains(f.Taken, group.Key) }

// nothingTaken says what to do about a file of which no day is taken.
func nothingTaken(file ics.File) string {
	switch {
	case len(file.Events) > 0:
		return "Tick what is free for you, or leave the file out."
	case len(file.LeftOut) > 0:
		return "Below is why each of its events is left out. Look for a file of the coming years, or leave this one out."
	}
	return "There is no event in it. Look for another file, or leave this one out."
}

// fileView is what the page says of the file; nil without one.
func (f *calendarForm) fileView(now time.Time) *views.CalendarFile {
	if f.read == nil {
		return nil
	}
	view := &views.CalendarFile{Text: f.File, Look: f.Look, Host: f.host}
	free, working := f.read.Days(f.takes)
	taken, unticked := 0, 0
	for _, group := range f.read.Groups() {
		if f.takes(group) {
			taken += len(group.Events)
		} else {
			unticked += len(group.Events)
		}
		view.Groups = append(view.Groups, views.CalendarGroup{
			Key: group.Key, Label: groupWords(group), Taken: f.takes(group), Count: frame.Count(int64(len(group.Events)), "event"), Names: namesOf(group.Events),
		})
	}
	view.LeftOut = leftOutRows(f.read.LeftOut)
	view.Sentence = frame.Count(int64(taken), "event") + " taken, " + frame.Count(int64(len(free)), "free day") + " in the next ten years"
	if len(working) > 0 {
		view.Sentence += " and " + frame.Count(int64(len(working)), "day") + " of work"
	}
	var rest []string
	if unticked > 0 {
		rest = append(rest, frame.Number(int64(unticked))+" not ticked")
	}
	if left := len(f.read.LeftOut); left > 0 {
		rest = append(rest, frame.Number(int64(left))+" left out")
	}
	if len(rest) > 0 {
		view.Sentence += "; " + strings.Join(rest, ", ")
	}
	view.Sentence += "."
	if view.Nothing = len(free)+len(working) == 0; view.Nothing {
		view.Sentence = "No day of the file is taken. " + nothingTaken(*f.read)
	}
	for _, day := range free {
		view.Days = append(view.Days, views.CalendarDay{Date: day.Date, Name: day.Name})
	}
	for _, day := range working {
		view.Days = append(view.Days, views.CalendarDay{Date: day.Date, Name: day.Name, Work: true})
	}
	slices.SortStableFunc(view.Days, func(a, b views.CalendarDay) int { return a.Date.Compare(b.Date) })
	if len(free) > 0 {
		var dates []schedule.FreeDay
		for _, day := range free {
			dates = append(dates, schedule.FreeDay{Date: day.Date.Format(time.DateOnly)})
		}
		view.Ending = strings.Replace(ending(dates, now), "Its last free day", "The last free day of the file", 1)
	}
	return view
}

func groupWords(group ics.Group) string {
	switch group.Kind {
	case ics.Regional:
		if group.Of == "" {
			return "Free in a part of the country that the file does not name"
		}
		return "Free only in " + group.Of
	case ics.Observance:
		return "Kept, but not free: people work on these days"
	case ics.Working:
		return "Days of work, although their day of the week may be free"
	}
	if group.Of != "" {
		return "Free days of the kind “" + group.Of + "”"
	}
	return "Free days"
}

const maxNamed = 8 // names of a group that are shown

// namesOf are the first different names of events.
func namesOf(events []ics.Event) string {
	var names []string
	for _, event := range events {
		if event.Name != "" && !slices.Contains(names, event.Name) {
			names = append(names, event.Name)
		}
	}
	return few(names)
}

func few(names []string) string {
	if more := len(names) - maxNamed; more > 0 {
		return strings.Join(names[:maxNamed], ", ") + " and " + frame.Number(int64(more)) + " more"
	}
	return strings.Join(names, ", ")
}

// leftOutRows are the reasons why events are left out, with their events.
func leftOutRows(left []ics.LeftOut) []views.CalendarLeftOut {
	var rows []views.CalendarLeftOut
	names := map[string][]string{}
	count := map[string]int64{}
	for _, l := range left {
		if count[l.Why]++; count[l.Why] == 1 {
			rows = append(rows, views.CalendarLeftOut{Why: l.Why})
		}
		name := l.Name
		if name == "" {
			name = l.Date
		}
		if name != "" && !slices.Contains(names[l.Why], name) {
			names[l.Why] = append(names[l.Why], name)
		}
	}
	for i, row := range rows {
		rows[i].Names = few(names[row.Why])
		rows[i].Count = frame.Count(count[row.Why], "event")
	}
	return rows
}
