package foreign

import (
	"fmt"
	"strconv"
	"strings"

	"workflows/worker/pattern"
	"workflows/worker/schedule"
)

var (
	// scheduled is Spring's annotation in Java and Kotlin.
	scheduled     = pattern.Of(`@Scheduled\s*\(.*\bcron\s*=\s*"([^"]+)"`)
	scheduledZone = pattern.Of(`\bzone\s*=\s*"([^"]+)"`)
	yearWord      = pattern.Of(`^(\*|(19|20|21)\d\d([-,/](\d+))*)$`)
	sixthSigns    = pattern.Of(`^([0-9*?,/-]+|\d*L|\d{1,2}W|LW|\w{1,3}#[1-5])$`)
	sixthNames    = pattern.Of(`(?i)^(sun|mon|tue|wed|thu|fri|sat)l?([,-](sun|mon|tue|wed|thu|fri|sat))*$`)
)

// sixFields recognises a sixth word that is a field and no command.
func sixFields(words []string) bool {
	if len(words) < 6 {
		return false
	}
	for _, word := range words[:5] {
		if !fieldWord().MatchString(word) {
			return false
		}
	}
	sixth := words[5]
	return sixthSigns().MatchString(sixth) || sixthNames().MatchString(sixth) && (sixth == strings.ToUpper(sixth) || len(words) == 6)
}

// readClocked reads lines with seconds or a year beside the five fields.
func (s *state) readClocked(line *Line, words []string, kind Kind) {
	count := 6
	if len(words) > 6 && yearWord().MatchString(words[6]) && kind != YearLast && kind != AWS {
		count = 7
	}
	if len(words) < 6 {
		line.Taken = takenFor(kind)
		line.refuse("It has %d fields; that system has six or seven.", len(words))
		return
	}
	line.Command = strings.Join(words[count:], " ")
	words = words[:count]
	kinds := []Kind{kind}
	if kind == FindOut {
		kinds = []Kind{Quartz, Spring, AWS, YearLast}
	}
	var readings []Line
	var reason string
	for _, kind := range kinds {
		reading := *line
		reading.Taken = takenFor(kind)
		if !s.readAs(&reading, words, kind) {
			if kind == Spring || reason == "" {
				reason = reading.Problem
			}
			continue
		}
		reading.check()
		if len(readings) == 0 || !sameReading(readings[0], reading) {
			readings = append(readings, reading)
		}
	}
	switch len(readings) {
	case 0:
		line.Taken = "Six or seven fields"
		line.refuse("%s", reason)
	case 1:
		*line = readings[0]
	default:
		line.Taken = "Six fields, which are not the same everywhere"
		ways := make([]string, len(readings))
		for i, reading := range readings {
			ways[i] = reading.Taken + ": " + reading.meaning()
		}
		line.refuse("It can be read in more than one way. %s Choose above where it comes from.", strings.Join(ways, " "))
	}
}

func takenFor(kind Kind) string {
	switch kind {
	case Quartz:
		return "Quartz (seconds first, 1 is Sunday)"
	case Spring:
		return "Spring and the like (seconds first, 1 is Monday)"
	case AWS:
		return "Amazon (year last, 1 is Sunday)"
	}
	return "Six fields with the year last"
}

func sameReading(a, b Line) bool {
	return a.Problem == b.Problem && schedule.SameTimes(a.Trigger, b.Trigger)
}

// meaning is what a reading comes to, in a sentence.
func (l Line) meaning() string {
	if l.Problem != "" {
		return l.Problem
	}
	rule, _ := schedule.Parse(l.Trigger)
	return "“" + rule.Sentence() + "”."
}

// readAs reads six or seven fields as one system does, and returns false where that
// would not take them.
func (s *state) readAs(line *Line, words []string, kind Kind) bool {
	second, five, year := words[0], words[1:6], ""
	if len(words) == 7 {
		year = words[6]
	}
	if kind == AWS || kind == YearLast {
		second, five, year = "0", words[:5], words[5]
		if len(words) != 6 || !yearWord().MatchString(year) {
			line.refuse("“%s” is no year.", words[len(words)-1])
			return false
		}
	}
	question := 0
	for _, i := range []int{2, 4} {
		if five[i] == "?" {
			question++
		}
	}
	// Quartz 2 and Amazon take exactly one “?”; Spring has no seventh field.
	switch {
	case (kind == Quartz || kind == AWS) && question != 1:
		line.refuse("That system wants “?” for one of the two day fields.")
		return false
	case kind == YearLast && question > 0, kind == Spring && len(words) == 7 && (question > 0 || strings.ContainsAny(five[4], "0123456789")):
		line.refuse("That system does not take this line.")
		return false
	}
	if kind == AWS {
		s.inAmazonsZone(line)
	}
	join := eitherIsEnough
	if kind == Spring {
		join = bothMustMatch // each field of Spring's CronExpression restricts
	}
	if !readAll(line, five, kind, join) {
		return false
	}
	seconds, message := field{name: "second", high: 59}.read(second)
	if message != "" {
		line.refuse("%s", message)
		return false
	}
	if seconds != 1 {
		line.refuse("Its first field, %s, is seconds. Schedules here start on the minute: write 0 there.", second)
	}
	line.readYear(year)
	if kind == YearLast {
		line.noteEither("that system", five)
	}
	return true
}

var years = pattern.Of(`^(\d{4})(?:-(\d{4}))?$`)

// readYear bounds the schedule by first and last day.
func (l *Line) readYear(year string) {
	if year == "" || year == "*" {
		return
	}
	found := years().FindStringSubmatch(year)
	if found == nil {
		l.refuse("The years %s cannot be said here: only one year, or one after the other.", year)
		return
	}
	last := found[2]
	if last == "" {
		last = found[1]
	}
	l.Trigger.StartDate, l.Trigger.EndDate = found[1]+"-01-01", last+"-12-31"
}

var (
	amazonCall = pattern.Of(`\b(cron|rate|at)\(\s*((?:[^\s()]+\s+){5}[^\s()]+|\d+\s+(?:minute|hour|day)s?|\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)\s*\)`)
	zoneKey    = pattern.Of(`(?i)schedule_?-?expression_?-?time_?zone["']?\s*[:= ]\s*["']?([A-Za-z][A-Za-z0-9_+/-]*)`)
	rateWords  = pattern.Of(`^(\d+)\s+(minute|hour|day)s?$`)
)

// amazonZone is the zone that a text names for all of Amazon's schedules in it; "" when
// it names none, or several.
func amazonZone(text string) string {
	zone := ""
	for _, found := range zoneKey().FindAllStringSubmatch(text, -1) {
		if zone != "" && zone != found[1] {
			return ""
		}
		zone = found[1]
	}
	return zone
}

func (s *state) isAmazons(text string) bool {
	return (s.options.Kind == FindOut || s.options.Kind == AWS) && amazonCall().MatchString(text)
}

func (s *state) inAmazonsZone(line *Line) {
	line.Trigger.TimeZone = s.amazon
	if s.amazon == "" {
		line.Trigger.TimeZone = "UTC"
		line.note("Amazon goes by UTC where no ScheduleExpressionTimezone says otherwise.")
	}
}

// readAmazon reads what stands in cron(), rate() or at().
func (s *state) readAmazon(line *Line, call, inner string) {
	switch call {
	case "rate":
		line.Taken = "rate() of Amazon"
		found := rateWords().FindStringSubmatch(inner)
		if found == nil {
			line.refuse("“%s” is no rate.", inner)
			return
		}
		n, _ := strconv.Atoi(found[1])
		line.Trigger.Every = fmt.Sprintf("%d%s", n, found[2][:1])
		line.Trigger.TimeZone = "UTC"
	case "at":
		line.Taken = "at() of Amazon"
		s.inAmazonsZone(line)
		line.Trigger.At = momentIn(inner, line.Trigger.TimeZone)
	default:
		s.readClocked(line, strings.Fields(inner), AWS)
	}
}
