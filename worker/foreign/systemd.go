package foreign

import (
	"strings"

	"workflows/worker/document"
	"workflows/worker/pattern"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

var (
	unitKey     = pattern.Of(`(?m)^\s*(OnCalendar|OnUnitActiveSec|OnUnitInactiveSec|OnBootSec|OnStartupSec|OnActiveSec)\s*=`)
	unitLine    = pattern.Of(`^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$`)
	weekdayWord = pattern.Of(`(?i)^(mon|tue|wed|thu|fri|sat|sun)[a-z]*((,|\.\.|-)(mon|tue|wed|thu|fri|sat|sun)[a-z]*)*,?$`)
	dateWord    = pattern.Of(`^(?:([0-9*.,/]+)-)?([0-9*.,/]+)([-~])([0-9*.,/]+)$`)
	timeWord    = pattern.Of(`^([0-9*.,/]+):([0-9*.,/]+)(?::([0-9*.,/]+))?$`)
	unitLength  = pattern.Of(`^(\d+) ?(m|min|minutes?|h|hr|hours?|d|days?|w|weeks?|s|sec|seconds?)?$`)
)

func looksLikeUnit(text string) bool { return unitKey().MatchString(text) }

// spelledOut replaces the words that systemd has for an expression; a zone may follow.
func spelledOut(words []string) []string {
	names := map[string]string{
		"minutely": "*-*-* *:*", "hourly": "*-*-* *:00", "daily": "*-*-*", "weekly": "Mon *-*-*", "monthly": "*-*-01",
		"quarterly": "*-01,04,07,10-01", "semiannually": "*-01,07-01", "yearly": "*-01-01", "annually": "*-01-01",
	}
	if len(words) > 0 && names[strings.ToLower(words[0])] != "" {
		return append(strings.Fields(names[strings.ToLower(words[0])]), words[1:]...)
	}
	return words
}

// onCalendar recognises an expression of systemd without its key.
func onCalendar(words []string) bool {
	words = spelledOut(words)
	if len(words) == 0 || len(words) > 4 {
		return false
	}
	dated := false
	for i, word := range words {
		switch {
		case dateWord().MatchString(word), timeWord().MatchString(word):
			dated = true
		case i == 0 && weekdayWord().MatchString(word), i == len(words)-1 && isZone(word):
		default:
			return false
		}
	}
	return dated
}

func isZone(word string) bool {
	_, err := workflow.LoadZone(word)
	return err == nil
}

// readTimers reads units with a section [Timer].
func readTimers(written []string, options Options) (found []Line) {
	first := 0 // of the section that is read
	missed, jitter, name := schedule.MissedSkip, "", ""
	end := func() {
		for i := range found[first:] {
			t := &found[first+i].Trigger
			t.Missed, t.Jitter, found[first+i].Command = missed, jitter, name
		}
		first, missed, jitter, name = len(found), schedule.MissedSkip, "", ""
	}
	for i, raw := range written {
		text := strings.TrimSpace(raw)
		if text == "[Unit]" || text == "[Timer]" && len(found) > first {
			end()
		}
		set := unitLine().FindStringSubmatch(text)
		if set == nil && (text == "" || strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") || strings.HasPrefix(text, "[")) {
			continue
		}
		line := Line{Number: i + 1, Text: text, Taken: "OnCalendar of systemd", Trigger: workflow.Trigger{TimeZone: options.Zone}}
		key, value := "OnCalendar", text // a bare expression
		if set != nil {
			key, value = set[1], set[2]
		}
		switch key {
		case "OnCalendar":
			if value == "" { // takes back what stands above
				found = found[:first]
				continue
			}
			readOnCalendar(&line, value)
		case "OnUnitActiveSec", "OnUnitInactiveSec":
			line.Taken = key + " of systemd"
			if line.Trigger.Every = length(value); line.Trigger.Every == "" {
				line.refuse("“%s” is a length of time that cannot be read. Write it such as 15min.", value)
			}
			line.note("It is counted from when it is published.")
		case "OnBootSec", "OnStartupSec", "OnActiveSec":
			line.Taken = key + " of systemd"
			line.refuse("%s counts from when a machine or the timer starts. There is no such moment here.", key)
		case "Persistent":
			if yes, ok := document.YesOrNo(value); ok && yes {
				missed = schedule.MissedLatest
			}
			continue
		case "RandomizedDelaySec":
			jitter = length(value)
			continue
		case "Unit", "Description":
			name = value
			continue
		default:
			continue
		}
		found = append(found, line)
	}
	end()
	return found
}

// length is a length of time of systemd as ours; "" when it cannot be read.
func length(text string) string {
	found := unitLength().FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	unit := "s"
	if found[2] != "" {
		unit = found[2][:1]
	}
	if unit == "w" {
		return ""
	}
	return found[1] + unit
}

// readOnCalendar reads systemd.time(7): weekdays, date, time and zone, of which all that
// are given must match.
func readOnCalendar(line *Line, text string) {
	words := spelledOut(strings.Fields(text))
	five, year, fromEnd := []string{"0", "0", "*", "*", "*"}, "", ""
	for i, word := range words {
		date, clock := dateWord().FindStringSubmatch(word), timeWord().FindStringSubmatch(word)
		switch {
		case i == 0 && weekdayWord().MatchString(word):
			five[4] = shortDays(word)
		case date != nil:
			year, five[3], five[2] = strings.ReplaceAll(date[1], "..", "-"), dashes(date[2]), dashes(date[4])
			if date[3] == "~" {
				fromEnd, five[2] = date[4], "*"
			}
		case clock != nil:
			five[1], five[0] = dashes(clock[1]), dashes(clock[2])
			if strings.Trim(clock[3], "0.") != "" {
				line.refuse("Its seconds are %s. Schedules here start on the minute.", clock[3])
			}
		case i == len(words)-1 && isZone(word):
			line.Trigger.TimeZone = word
		default:
			line.refuse("“%s” cannot be read as a date, a time or a time zone of systemd.", word)
			return
		}
	}
	switch fromEnd = strings.TrimLeft(fromEnd, "0"); {
	case fromEnd == "":
	case fromEnd == "1" && five[4] == "*":
		five[2] = "L"
	case fromEnd == "7/1" && len(five[4]) == 3: // one weekday among the last seven days
		five[4] += "L"
	default:
		line.refuse("~%s counts days from the end of the month, of which schedules here have only the last one and the last weekday.", fromEnd)
	}
	readAll(line, five, Systemd, bothMustMatch)
	line.readYear(year)
}

func dashes(text string) string { return strings.ReplaceAll(text, "..", "-") }

// shortDays writes Monday..Friday as mon-fri.
func shortDays(text string) string {
	parts := strings.Split(strings.TrimSuffix(text, ","), ",")
	for i, part := range parts {
		ends := strings.Split(dashes(part), "-")
		for n, end := range ends {
			ends[n] = strings.ToLower(end[:3])
		}
		parts[i] = strings.Join(ends, "-")
	}
	return strings.Join(parts, ",")
}
