package filter

import (
	"strconv"
	"strings"
	"time"

	"workflows/worker/document"
)

// period is a length of time by the calendar.
type period struct{ months, days, seconds int }

// maxPeriod bounds each number of a period; more leads out of all years.
const maxPeriod = 1_000_000_000_000

var units = map[string]period{
	"second": {seconds: 1}, "minute": {seconds: 60}, "hour": {seconds: 3600},
	"day": {days: 1}, "week": {days: 7}, "month": {months: 1}, "year": {months: 12},
}

// periodOf reads "2 days", "1 day 2 hours", "-1 month". The error is the end of a
// sentence about a word.
func periodOf(text string) (period, error) {
	var sum period
	words := strings.FieldsFunc(document.Shorten(text, 200), func(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\n' || r == '\r' })
	if len(words) == 0 {
		return sum, needsPeriod(text)
	}
	for i := 0; i < len(words); i++ {
		word := strings.ToLower(words[i])
		if word == "and" && i > 0 {
			continue
		}
		digits := len(word) - len(strings.TrimLeft(word, "+-0123456789"))
		number, unit := word[:digits], word[digits:]
		if unit == "" && i+1 < len(words) {
			i++
			unit = strings.ToLower(words[i])
		}
		n, err := strconv.Atoi(number)
		one, known := units[strings.TrimSuffix(unit, "s")]
		if err != nil || !known || n > maxPeriod || n < -maxPeriod {
			return sum, needsPeriod(text)
		}
		sum.months += n * one.months
		sum.days += n * one.days
		sum.seconds += n * one.seconds
	}
	return sum, nil
}

func needsPeriod(text string) error {
	return sentence("needs a length of time such as \"2 days\" or \"1 hour 30 minutes\", and got “" + document.Shorten(text, 40) + "”. It knows seconds, minutes, hours, days, weeks, months and years.")
}

// after is the time so much later, or earlier where sign is -1: first the months, at
// most to the end of the month, then the days, then the rest. False is out of the years
// 1 to 9999.
func (p period) after(when time.Time, sign int) (time.Time, bool) {
	const mostMonths, mostDays, mostSeconds = 12 * 10_000, 366 * 10_000, 366 * 10_000 * 86_400
	if abs(p.months) > mostMonths || abs(p.days) > mostDays || abs(p.seconds) > mostSeconds {
		return when, false
	}
	year, month, day := when.Date()
	hour, minute, second := when.Clock()
	first := time.Date(year, month+time.Month(sign*p.months), 1, 0, 0, 0, 0, time.UTC)
	day = min(day, first.AddDate(0, 1, -1).Day())
	then := time.Date(first.Year(), first.Month(), day+sign*p.days, hour, minute, second, when.Nanosecond(), when.Location())
	then = time.Unix(then.Unix()+int64(sign*p.seconds), int64(then.Nanosecond())).In(when.Location())
	return then, within(then) && within(then.UTC())
}

func within(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

func abs(n int) int { return max(n, -n) }
