package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"

	"workflows/models"
)

const (
	maxICS     = 1 << 20 // bytes
	icsYears   = 10      // for which what repeats is written out
	maxICSDays = 366     // of one event
)

// ReadICS reads the whole days of an .ics file as free days, in order: what
// repeats is written out for ten years from the given day on, days before it are
// left out. The error is a sentence for people. Its source is RFC 5545.
func ReadICS(text string, from time.Time) ([]FreeDay, error) {
	if len(text) > maxICS {
		return nil, errors.New("the calendar file is larger than 1 MB: leave out what is not a free day")
	}
	calendar, err := parseICS(text)
	if err != nil {
		return nil, errors.New("this is not a calendar that can be read: copy the whole .ics file, from BEGIN:VCALENDAR to END:VCALENDAR")
	}
	first := dateOf(from).midnight()
	last := first.AddDate(icsYears, 0, 0)
	byDate := map[string]FreeDay{}
	for _, event := range calendar.Events() {
		for _, at := range datesOf(event, first, last) {
			date := at.Format(time.DateOnly)
			if _, listed := byDate[date]; listed || at.Before(first) || at.After(last) {
				continue
			}
			if len(byDate) == maxFreeDays {
				return nil, fmt.Errorf("the calendar has more than %d free days in the next ten years: leave out what is not a free day", maxFreeDays)
			}
			byDate[date] = FreeDay{Date: date, Name: nameOf(event)}
		}
	}
	days := make([]FreeDay, 0, len(byDate))
	for _, day := range byDate {
		days = append(days, day)
	}
	slices.SortFunc(days, func(a, b FreeDay) int { return strings.Compare(a.Date, b.Date) })
	return days, nil
}

// parseICS hands what a stranger has written to the library.
func parseICS(text string) (calendar *ics.Calendar, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("parse calendar: %v", problem)
		}
	}()
	if !strings.Contains(text, "BEGIN:VCALENDAR") {
		return nil, models.ErrNotFound
	}
	return ics.ParseCalendar(strings.NewReader(text))
}

// datesOf lists the days of an event that lasts whole days; none for any other.
func datesOf(event *ics.VEvent, first, last time.Time) []time.Time {
	begin, ok := dayOf(event, ics.ComponentPropertyDtStart)
	if !ok {
		return nil
	}
	length := 1
	if end, given := dayOf(event, ics.ComponentPropertyDtEnd); given {
		length = min(max(int(end.Sub(begin)/(24*time.Hour)), 1), maxICSDays)
	}
	var days []time.Time
	for _, start := range startsOf(event, begin, first.AddDate(0, 0, -maxICSDays), last) {
		for n := range length {
			days = append(days, start.AddDate(0, 0, n))
		}
	}
	return days
}

func dayOf(event *ics.VEvent, property ics.ComponentProperty) (time.Time, bool) {
	found := event.GetProperty(property)
	if found == nil {
		return time.Time{}, false
	}
	at, err := time.Parse("20060102", found.Value)
	return at, err == nil
}

// startsOf lists when an event begins between two days, as often as there is room for.
func startsOf(event *ics.VEvent, begin, first, last time.Time) []time.Time {
	repeats := event.GetProperty(ics.ComponentPropertyRrule)
	if repeats == nil {
		return []time.Time{begin}
	}
	option, err := rrule.StrToROption(repeats.Value)
	if err != nil || option.Freq > rrule.DAILY { // hours and less are no days
		return []time.Time{begin}
	}
	option.Dtstart = begin
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return []time.Time{begin}
	}
	except := map[string]bool{}
	for _, property := range event.Properties {
		if property.IANAToken == string(ics.ComponentPropertyExdate) {
			for value := range strings.SplitSeq(property.Value, ",") {
				except[value] = true
			}
		}
	}
	var starts []time.Time
	next := rule.Iterator()
	for seen := 0; seen < 50_000 && len(starts) <= maxFreeDays+maxICSDays; seen++ {
		at, ok := next()
		if !ok || at.After(last) {
			break
		}
		if !at.Before(first) && !except[at.Format("20060102")] {
			starts = append(starts, at)
		}
	}
	return starts
}

func nameOf(event *ics.VEvent) string {
	summary := event.GetProperty(ics.ComponentPropertySummary)
	if summary == nil {
		return ""
	}
	name := strings.Map(func(r rune) rune {
		if hidden(r) {
			return -1
		}
		return r
	}, ics.FromText(summary.Value))
	return string([]rune(name)[:min(len([]rune(name)), maxDayName)])
}
