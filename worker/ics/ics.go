package ics

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	years      = 10      // for which what repeats is written out
	maxWritten = 100_000 // days of all events together
	maxTime    = 8 * time.Second
	maxName    = 200 // characters
)

// File is what a calendar file says about days.
type File struct {
	Events  []Event // those with days from the asked one on, by their first day
	LeftOut []LeftOut
}

// Event is one event that lasts whole days.
type Event struct {
	Name     string
	Kind     Kind
	Region   string // of a regional one, where the file names it
	Category string // the first that the file gives it; may be empty
	Days     []time.Time
}

// LeftOut is an event of which no day is taken.
type LeftOut struct {
	Name string // may be empty
	Date string // as the file writes its begin; may be empty
	Why  string // in words
}

var errTooManyDays = errors.New("the calendar file has more than 100,000 days in the next ten years: leave out what is not a free day")

// Read reads the whole days of a calendar file from the given day on: what repeats is
// written out for ten years. The error is a sentence for people. What is read is bounded
// in size, number and time.
func Read(ctx context.Context, text string, from time.Time) (File, error) {
	ctx, stop := context.WithTimeout(ctx, maxTime)
	defer stop()
	return fileOf(ctx, text, from)
}

// fileOf is Read until its context has ended, which is asked before each day that a rule
// gives.
func fileOf(ctx context.Context, text string, from time.Time) (File, error) {
	all, err := components(text)
	if err != nil {
		return File{}, err
	}
	year, month, date := from.Date()
	first := time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
	r := &reader{first: first, last: first.AddDate(years, 0, 0)}
	r.zones = zonesOf(all, r.last)
	var events []*component
	var file File
	for _, calendar := range all {
		for _, c := range calendar.inside {
			switch c.name {
			case "VEVENT":
				events = append(events, c)
			case "VTODO", "VJOURNAL":
				file.LeftOut = append(file.LeftOut, leftOut(c, whyTask))
			}
		}
	}
	r.overrides = overridesOf(events)
	byIdentity := map[string][]*component{}
	for _, c := range events {
		byIdentity[identity(c)] = append(byIdentity[identity(c)], c)
	}
	official := slices.ContainsFunc(events, isOfficial)
	written := 0
	for _, c := range events {
		if ctx.Err() != nil {
			return File{}, errTooLong
		}
		r.calendar = r.zones.named(ctx, c.calendar.value("X-WR-TIMEZONE"))
		stale, err := r.stale(ctx, c, byIdentity[identity(c)])
		if err != nil {
			return File{}, err
		}
		if stale || r.replaced(c) {
			continue
		}
		days, err := r.daysOf(ctx, c)
		why := refused("")
		switch {
		case errors.As(err, &why):
			file.LeftOut = append(file.LeftOut, leftOut(c, string(why)))
			continue
		case err != nil:
			return File{}, err
		}
		if written += len(days); written > maxWritten {
			return File{}, errTooManyDays
		}
		event := Event{Name: clean(c.text("SUMMARY")), Days: days}
		event.Kind, event.Region = kindOf(c)
		category, _, _ := strings.Cut(c.text("CATEGORIES"), ",")
		event.Region, event.Category = clean(event.Region), clean(category)
		if event.Kind == Free && official && !isOfficial(c) {
			event.Kind = Observance
		}
		file.Events = append(file.Events, event)
	}
	file.ofOneRegion()
	slices.SortStableFunc(file.Events, func(a, b Event) int { return a.Days[0].Compare(b.Days[0]) })
	return file, nil
}

// ofOneRegion sees to files of one region, all of whose days say so: there is nothing
// to choose between.
func (f File) ofOneRegion() {
	region := ""
	for _, event := range f.Events {
		if event.Kind == Free || event.Kind == Regional && region != "" && event.Region != region {
			return
		}
		if event.Kind == Regional {
			region = event.Region
		}
	}
	for i := range f.Events {
		if region != "" && f.Events[i].Kind == Regional {
			f.Events[i].Kind, f.Events[i].Region = Free, ""
		}
	}
}

// replaced reports whether a newer change of the same day stands in the file.
func (r *reader) replaced(c *component) bool {
	p, ok := c.first("RECURRENCE-ID")
	return ok && !slices.Contains(r.overrides[identity(c)], c) && p.value != ""
}

func sequence(c *component) int {
	n, _ := strconv.Atoi(c.value("SEQUENCE"))
	return n
}

func leftOut(c *component, why string) LeftOut {
	p, _ := c.first("DTSTART")
	return LeftOut{Name: clean(c.text("SUMMARY")), Date: shorten(p.value), Why: why}
}

// clean leaves out what cannot be seen, and cuts what is too long for the name of a day.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	text = strings.Join(strings.Fields(text), " ")
	return string([]rune(text)[:min(len([]rune(text)), maxName)])
}

func shorten(text string) string {
	text = clean(text)
	return string([]rune(text)[:min(len([]rune(text)), 60)])
}
