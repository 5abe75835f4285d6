package schedule

import (
	"fmt"
	"regexp"
	"strings"

	"workflows/worker/workflow"
)

// Limits of a crontab that is taken over.
const (
	MaxCrontabLines = 500
	MaxCrontabBytes = 64 << 10
)

// CrontabLine is a line of a crontab that is meant to start something.
type CrontabLine struct {
	Number  int    // from 1
	Text    string // as it was written
	Trigger workflow.Trigger
	Command string // what cron would have run; nothing here runs it
	// Problem says in a sentence why the line cannot be taken over; "" when it can.
	Problem string
}

var (
	cronVariable = regexp.MustCompile(`^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$`)
	// sixthField is what the time fields of other systems have and commands do not
	// begin with.
	sixthField = regexp.MustCompile(`^[0-9*?,/-]+$`)
	crontabAs  = map[string]string{"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@midnight": "@daily"}
)

// ReadCrontab reads the lines of a crontab (Vixie's, cronie's and that of systems
// with a column for the user) as schedules in a zone, which TZ= and CRON_TZ= change
// for the lines after them. Empty lines, comments and other variables are passed
// over. The error is a sentence about the whole text.
func ReadCrontab(text, zone string, users bool) ([]CrontabLine, error) {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if len(text) > MaxCrontabBytes || len(lines) > MaxCrontabLines {
		return nil, fmt.Errorf("a crontab may have at most %d lines and 64 kB. Paste it in parts", MaxCrontabLines)
	}
	var found []CrontabLine
	badZone := ""
	for i, text := range lines {
		trimmed := strings.TrimSpace(text)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		if set := cronVariable.FindStringSubmatch(trimmed); set != nil {
			if set[1] == "TZ" || set[1] == "CRON_TZ" {
				zone, badZone = strings.Trim(set[2], `"'`), ""
				if _, message := parseZone(zone); message != "" {
					badZone = fmt.Sprintf("The time zone “%s” of line %d is not known.", zone, i+1)
				}
			}
			continue
		}
		line := readCrontabLine(trimmed, users)
		line.Number, line.Text, line.Trigger.TimeZone = i+1, trimmed, zone
		if line.Problem == "" && badZone != "" {
			line.Problem = badZone
		}
		if line.Problem == "" {
			if _, problems := Parse(line.Trigger); len(problems) > 0 {
				line.Problem = problems[0].Message
			}
		}
		found = append(found, line)
	}
	return found, nil
}

func readCrontabLine(text string, users bool) CrontabLine {
	line := CrontabLine{Trigger: workflow.Trigger{Type: "schedule"}}
	count := 5
	if strings.HasPrefix(text, "@") {
		count = 1
	}
	fields, rest := cutFields(text, count)
	if word := strings.ToLower(fields[0]); count == 1 {
		switch {
		case word == "@reboot":
			line.Problem = "@reboot means when a machine starts. There is no such moment here; run the workflow by hand or through the API then."
		case word == "@every":
			fields, rest = cutFields(rest, 1)
			line.Trigger.Every = fields[0]
		case crontabAs[word] != "":
			line.Trigger.Cron = crontabAs[word]
		default:
			line.Trigger.Cron = word
		}
	} else {
		line.Trigger.Cron = strings.Join(fields, " ")
	}
	if first, _ := cutFields(rest, 1); count == 5 && sixthField.MatchString(first[0]) {
		line.Problem = "It has six fields for the time. Seconds are not offered: take the first field away."
	}
	if users {
		_, rest = cutFields(rest, 1)
	}
	line.Command = rest
	return line
}

// cutFields takes fields off the beginning of a text; those that are missing are
// empty.
func cutFields(text string, count int) (fields []string, rest string) {
	fields = make([]string, count)
	for i := range fields {
		text = strings.TrimLeft(text, " \t")
		end := strings.IndexAny(text, " \t")
		if end < 0 {
			end = len(text)
		}
		fields[i], text = text[:end], text[end:]
	}
	return fields, strings.TrimSpace(text)
}
