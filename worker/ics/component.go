package ics

import (
	"errors"
	"strings"
)

// component is what stands between a BEGIN and its END: its properties that matter here.
type component struct {
	name       string
	properties []property
	unreadable []string // lines of names that matter, but of no form
	calendar   *component
	inside     []*component
}

const (
	maxFile       = 1 << 20 // bytes
	maxLine       = 64 << 10
	maxText       = 4 << 10 // of a text that only describes
	maxComponents = 20_000
	maxDepth      = 32
)

var (
	errTooLarge   = errors.New("the calendar file is larger than 1 MB: leave out what is not a free day")
	errNoCalendar = errors.New("this is not a calendar that can be read: copy the whole .ics file, from BEGIN:VCALENDAR to END:VCALENDAR")
	errCutOff     = errors.New("the calendar file is cut off before END:VCALENDAR: copy all of it")
	errTooMany    = errors.New("the calendar file has more than 20,000 entries: leave out what is not a free day")
)

// kept are the properties that say something about days.
var kept = map[string]bool{
	"DTSTART": true, "DTEND": true, "DURATION": true, "RRULE": true, "RDATE": true, "EXDATE": true, "EXRULE": true, "RECURRENCE-ID": true,
	"STATUS": true, "SUMMARY": true, "DESCRIPTION": true, "CATEGORIES": true, "LOCATION": true, "UID": true, "SEQUENCE": true,
	"METHOD": true, "PRODID": true, "TZID": true, "TZOFFSETFROM": true, "TZOFFSETTO": true,
	"X-WR-CALNAME": true, "X-WR-TIMEZONE": true, "X-APPLE-SPECIAL-DAY": true,
	"X-MICROSOFT-CDO-ALLDAYEVENT": true, "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT": true, "X-FUNAMBOL-ALLDAY": true,
}

// described are those of them that may be long and are only looked at for words.
var described = map[string]bool{"DESCRIPTION": true, "SUMMARY": true, "LOCATION": true, "CATEGORIES": true}

// components reads the calendars of a file. What is out of place is forgiven as long
// as no event can be lost by it.
func components(text string) ([]*component, error) {
	if len(text) > maxFile {
		return nil, errTooLarge
	}
	var all []*component
	var open []*component
	var wrong error
	count := 0
	eachLine(text, func(line string) {
		name := nameIn(line)
		switch {
		case wrong != nil:
		case name == "BEGIN":
			p, _ := readProperty(line)
			c := &component{name: strings.ToUpper(p.value)}
			if count++; count > maxComponents || len(open) == maxDepth {
				wrong = errTooMany
			}
			if c.name == "VCALENDAR" { // also where the end of the one before is missing
				all, open = append(all, c), []*component{c}
				return
			}
			if len(open) == 0 {
				return
			}
			inside := open[len(open)-1]
			if c.calendar = open[0]; c.name == "VEVENT" || c.name == "VTIMEZONE" {
				inside = open[0]
			}
			inside.inside = append(inside.inside, c)
			open = append(open, c)
		case name == "END":
			p, _ := readProperty(line)
			ended := strings.ToUpper(p.value)
			for i := len(open) - 1; i >= 0; i-- {
				if open[i].name == ended {
					open = open[:i]
					break
				}
			}
		case len(open) > 0 && kept[name]:
			c := open[len(open)-1]
			if described[name] && len(line) > maxText {
				line = line[:maxText]
			}
			if p, ok := readProperty(line); ok && len(line) <= maxLine {
				c.properties = append(c.properties, p)
			} else {
				c.unreadable = append(c.unreadable, shorten(line))
			}
		}
	})
	switch {
	case wrong != nil:
		return nil, wrong
	case len(all) == 0:
		return nil, errNoCalendar
	case len(open) > 0:
		return nil, errCutOff
	}
	return all, nil
}

// first is the first property of a name; one without a value stands for none.
func (c *component) first(name string) (property, bool) {
	for _, p := range c.properties {
		if p.name == name && p.value != "" {
			return p, true
		}
	}
	return property{}, false
}

func (c *component) all(name string) []property {
	var found []property
	for _, p := range c.properties {
		if p.name == name && p.value != "" {
			found = append(found, p)
		}
	}
	return found
}

func (c *component) value(name string) string {
	p, _ := c.first(name)
	return p.value
}

func (c *component) text(name string) string {
	p, _ := c.first(name)
	return p.text()
}
