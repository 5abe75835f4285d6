package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

// field is one of the five, with its range and how people are told of it.
type field struct {
	name     string
	min, max int
	names    string // three letters each, from min on
	allowed  string
}

// fields are the five in the order in which a line has them.
func fields() []field {
	return []field{
		{name: "Minute", min: 0, max: 59, allowed: "0–59"},
		{name: "Hour", min: 0, max: 23, allowed: "0–23"},
		{name: "Day of month", min: 1, max: 31, allowed: "1–31"},
		{name: "Month", min: 1, max: 12, names: "janfebmaraprmayjunjulaugsepoctnovdec", allowed: "1–12 or jan–dec"},
		{name: "Day of week", min: 0, max: 7, names: "sunmontuewedthufrisat", allowed: "0–7 or sun–sat, where 0 and 7 are Sunday"},
	}
}

// normalize returns the field as robfig/cron reads it (days of the week written out,
// because it knows no 7), or a sentence that says what is wrong.
func (f field) normalize(text string) (string, string) {
	if text == "?" && (f.name == "Day of month" || f.name == "Day of week") {
		return "*", "" // other systems' word for "any"
	}
	parts := strings.Split(text, ",")
	for i, part := range parts {
		checked, message := f.normalizePart(part)
		if message != "" {
			return "", message
		}
		parts[i] = checked
	}
	return strings.Join(parts, ","), ""
}

func (f field) normalizePart(part string) (string, string) {
	base, stepText, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		var ok bool
		// The usual crontab line for "first Monday" is 0 9 */100,1-7 * 1.
		days := base == "*" && strings.HasPrefix(f.name, "Day")
		if step, ok = parseDigits(stepText); !ok || step < 1 || step > f.size() && !days {
			return "", fmt.Sprintf("The step after “/” in %s must be 1–%d.", strings.ToLower(f.name), f.size())
		}
	}
	if base == "*" {
		return part, ""
	}
	lowText, highText, ranged := strings.Cut(base, "-")
	low, ok := f.value(lowText)
	if !ok {
		return "", f.outOfRange()
	}
	high := low
	switch {
	case ranged:
		if high, ok = f.value(highText); !ok {
			return "", f.outOfRange()
		}
		if f.max == 7 && high == 0 && low > 0 { // "fri-sun"
			high = 7
		}
	case stepped:
		high = max(low, f.min+f.size()-1)
	}
	if low > high {
		return "", fmt.Sprintf("%s: the range %s must go from the smaller to the larger.", f.name, base)
	}
	if f.max == 7 {
		return weekdays(low, high, step), ""
	}
	return part, ""
}

func (f field) outOfRange() string { return fmt.Sprintf("%s must be %s.", f.name, f.allowed) }

// size is how many different values the field has: Sunday is one day.
func (f field) size() int {
	if f.max == 7 {
		return 7
	}
	return f.max - f.min + 1
}

func (f field) value(text string) (int, bool) {
	if at := strings.Index(f.names, strings.ToLower(text)); len(text) == 3 && at >= 0 && at%3 == 0 {
		return f.min + at/3, true
	}
	n, ok := parseDigits(text)
	return n, ok && n >= f.min && n <= f.max
}

// parseDigits reads one to three plain digits: no sign, no others.
func parseDigits(text string) (int, bool) {
	if text == "" || len(text) > 3 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

func weekdays(low, high, step int) string {
	var days []string
	for day := low; day <= high; day += step {
		days = append(days, strconv.Itoa(day%7))
	}
	return strings.Join(days, ",")
}
