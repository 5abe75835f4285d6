package ics

import (
	"regexp"
	"strings"

	"workflows/worker/pattern"
)

// Kind is what a file says a day is.
type Kind string

// Kinds of days.
const (
	Free       Kind = "free"       // nobody works, as far as the file says
	Regional   Kind = "regional"   // free in a part of the country
	Observance Kind = "observance" // people work
	Working    Kind = "working"    // people work although they do not do so on its weekday
)

// How calendars of holidays mark what is not free for everybody. Google writes it into
// the description, of which only observances have a second line with a way through its
// settings; Apple has a property of its own; officeholidays.com writes it into the
// name, timeanddate.com and Thunderbird into the description or the categories.
var (
	workingDay = pattern.Of(`(?i)補班|补班|調休上班|调休上班|[（(]班[)）]|\b(?:make-?up|substitute|replacement|special) work(?:ing)? ?day\b|^working day\b|\bworking day (?:on|\(|for|in)|\bmunkanap\b|^(?:перенос\S* )?рабочий день|^робочий день|^работен ден`)
	nonWorking = pattern.Of(`(?i)\bnon[- ]?working|munkasz|нерабоч|неробоч|неработ`)
	observance = pattern.Of(`(?i)^(?:\w+ )?observance\b|\(observance\)|\(not a public holiday\)|^unofficial\b|^niet-officiële|^birthdays?$`)
	clocks     = pattern.Of(`(?i)daylight saving time|zeitumstellung|^(?:beginn|ende) der sommerzeit|changement d.heure`)
	regionName = pattern.Of(`(?i)^(?:[\p{L}]+ )?(?:holiday|holiday or observance|feiertag|jour férié|festivo|feriado|giorno festivo|feestdag)s? (?:in|en|à|em|a)(?: der| dem| la| the)?:? (.{1,150})$`)
	regional   = pattern.Of(`(?i)\((?:regional|local|regionaler|regionale?)[\p{L} ]*\)|^(?:common )?(?:local|state|regional|provincial|district|federal territory|autonomous community)\b[\p{L} ]* holiday\b|^local(?:er|e)? (?:feiertag|holiday|feestdag)|^lokale (?:feestdag|feiertag)|^fiesta local`)
)

// kindOf tells what a file says of an event, and in which region it is free.
func kindOf(c *component) (kind Kind, region string) {
	summary, description := c.text("SUMMARY"), c.text("DESCRIPTION")
	first, rest, _ := strings.Cut(description, "\n")
	first, _, _ = strings.Cut(strings.TrimSpace(first), " - ")
	first, summary = clean(first), clean(summary)
	google := strings.Contains(c.calendar.value("PRODID"), "Google") && strings.Contains(rest, " > ")
	says := append([]string{summary, first}, strings.Split(c.text("CATEGORIES"), ",")...)
	any := func(mark func() *regexp.Regexp) bool {
		for _, text := range says {
			if mark().MatchString(strings.TrimSpace(text)) {
				return true
			}
		}
		return false
	}
	if special := c.value("X-APPLE-SPECIAL-DAY"); special != "" {
		if strings.EqualFold(special, "ALTERNATE-WORKDAY") {
			return Working, ""
		}
		return Free, ""
	}
	switch {
	case any(workingDay) && !any(nonWorking):
		return Working, ""
	case google, any(observance), clocks().MatchString(summary):
		return Observance, ""
	}
	if match := regionName().FindStringSubmatch(first); match != nil {
		if name := strings.TrimRight(match[1], ". "); !strings.Contains(c.calendar.text("X-WR-CALNAME"), name) {
			return Regional, name
		}
		return Free, ""
	}
	if any(regional) {
		return Regional, strings.TrimSpace(c.text("LOCATION"))
	}
	return Free, ""
}

// isOfficial reports whether a file marks an event as free by law. Where it marks
// some, the others are days that are kept, such as the solar terms in the calendars of
// China.
func isOfficial(c *component) bool {
	return c.value("X-APPLE-SPECIAL-DAY") != "" || strings.Contains(c.text("CATEGORIES"), "法定")
}
