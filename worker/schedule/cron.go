package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const maxLine = 500 // characters of a cron line

// line is a parsed cron line: a bit per matching minute, hour and so on.
type line struct {
	minute, hour, dom, month, dow uint64
	bothDays                      bool // a day must match dom and dow; else one of them is enough
	bothDaysBefore                bool // as schedules that are models.RereadCronDays were planned
	realTime                      bool // the hour field begins with "*"
	// pick chooses one day of each month; nil: the fields say the days.
	pick func(year int, month time.Month) (day int, ok bool)
	// clock lists minutes of the day, in order; nil: the fields say the times.
	clock []int
	// kept are the minutes of the day that remain beside hours without runs, in order;
	// nil: all of them.
	kept  []int
	turns turns // leaves out days whose turn it is not
}

// shorthand returns the five fields that a word stands for.
func shorthand(word string) string {
	switch word {
	case "@hourly":
		return "0 * * * *"
	case "@daily":
		return "0 0 * * *"
	case "@weekly":
		return "0 0 * * 0"
	case "@monthly":
		return "0 0 1 * *"
	}
	return word
}

// parseLine reads a cron line; message is a sentence for people when it cannot.
func parseLine(text string) (l line, message string) {
	text = strings.Trim(text, " ")
	if message := checkWhole(text); message != "" {
		return line{}, message
	}
	text = shorthand(text)
	if strings.HasPrefix(text, "@") {
		return line{}, "Of the words with @ only @hourly, @daily, @weekly and @monthly are offered. For an interval use “every”."
	}
	parts := strings.Fields(text)
	if len(parts) != 5 {
		return line{}, wrongCount(len(parts))
	}
	for i, f := range fields() {
		part, message := f.normalize(parts[i])
		if message != "" {
			return line{}, message
		}
		parts[i] = part
	}
	l, err := parseFields(parts)
	if err != nil {
		return line{}, "This cron line cannot be read. Write five fields, such as 0 9 * * 1-5."
	}
	if _, ok := l.nextMatch(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); !ok {
		return line{}, "This never happens: no chosen month has the chosen day. Change day of month or month."
	}
	return l, ""
}

func checkWhole(text string) string {
	switch {
	case text == "":
		return "Enter five fields: minute, hour, day of month, month and day of week, such as 0 9 * * 1-5."
	case len(text) > maxLine:
		return fmt.Sprintf("The cron line is too long: use at most %d characters.", maxLine)
	case strings.HasPrefix(strings.ToUpper(text), "TZ=") || strings.HasPrefix(strings.ToUpper(text), "CRON_TZ="):
		return "Leave the time zone out of the cron line and give it as the schedule's time zone."
	}
	for _, r := range text {
		if r == '\t' {
			return "Put single spaces between the five fields, not tabs."
		}
		if r < ' ' || r > '~' {
			return "Use only plain digits 0–9, plain letters and the signs * , - / in a cron line."
		}
	}
	return ""
}

func wrongCount(n int) string {
	hint := ""
	if n == 6 {
		hint = " Leave out the seconds."
	}
	return fmt.Sprintf("A cron line has five fields: minute (0–59), hour (0–23), day of month (1–31), month (1–12) and day of week (0–7). This one has %d.%s", n, hint)
}

// parseFields hands checked fields to robfig/cron, which has been seen to panic.
func parseFields(parts []string) (l line, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("parse cron line: %v", problem)
		}
	}()
	const five = cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow
	parsed, err := cron.NewParser(five).Parse(strings.Join(parts, " "))
	if err != nil {
		return line{}, fmt.Errorf("parse cron line: %w", err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return line{}, fmt.Errorf("parse cron line: got a %T", parsed)
	}
	const star = 1 << 63 // robfig's own mark of a "*" without a step; crontabs go by how a field begins
	return line{
		minute: spec.Minute &^ star, hour: spec.Hour &^ star, dom: spec.Dom &^ star,
		month: spec.Month &^ star, dow: spec.Dow &^ star,
		bothDays:       strings.HasPrefix(parts[2], "*") || strings.HasPrefix(parts[4], "*"),
		bothDaysBefore: (spec.Dom|spec.Dow)&star != 0,
		realTime:       strings.HasPrefix(parts[1], "*"),
	}, nil
}
