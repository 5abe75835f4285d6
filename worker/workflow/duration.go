package workflow

import (
	"strconv"
	"strings"
	"time"

	"workflows/worker/document"
)

const (
	day         = 24 * time.Hour
	maxDuration = 366 * day
)

func itoa(n int) string { return strconv.Itoa(n) }

// ParseDuration reads a length of time as people write it in a definition:
// 10s, 15m, 2h, 3d, 1h30m (500ms too). It refuses nothing, less than nothing
// and more than 366 days; the error is a sentence for people.
func ParseDuration(text string) (time.Duration, error) {
	rest := strings.ReplaceAll(strings.TrimSpace(text), " ", "")
	if rest == "" {
		return 0, sentence("Enter a length of time, such as 30s, 15m, 2h or 3d.")
	}
	if rest[0] == '-' {
		return 0, sentence("A length of time cannot be negative. Write it like 30s, 15m, 2h or 3d.")
	}
	var total time.Duration
	last := maxDuration + 1 // units must go from large to small
	for rest != "" {
		amount, unit, tail, ok := durationPart(rest)
		if !ok || unit >= last {
			return 0, sentence("“%s” is not a length of time. Write it like 30s, 15m, 2h, 3d or 1h30m.", document.Shorten(text, 40))
		}
		if amount > int64(maxDuration/unit) || total+time.Duration(amount)*unit > maxDuration {
			return 0, sentence("“%s” is too long: use at most 366 days.", document.Shorten(text, 40))
		}
		total += time.Duration(amount) * unit
		last, rest = unit, tail
	}
	if total == 0 {
		return 0, sentence("A length of time must be more than zero. Write it like 30s, 15m, 2h or 3d.")
	}
	return total, nil
}

// durationPart reads one number with its unit from the start of a text.
func durationPart(text string) (amount int64, unit time.Duration, rest string, ok bool) {
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits > 18 {
		return 0, 0, "", false
	}
	amount, _ = strconv.ParseInt(text[:digits], 10, 64)
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", day}} {
		if tail, found := strings.CutPrefix(text[digits:], u.name); found {
			return amount, u.unit, tail, true
		}
	}
	return 0, 0, "", false
}

// DurationWords says a length of time for people: "1 hour 30 minutes".
func DurationWords(d time.Duration) string {
	if d < time.Second {
		return plural(int(d.Milliseconds()), "millisecond")
	}
	var words []string
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / u.unit; n > 0 {
			words = append(words, plural(int(n), u.name))
			d -= n * u.unit
		}
	}
	return strings.Join(words, " ")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if stem, found := strings.CutSuffix(word, "ry"); found {
		return itoa(n) + " " + stem + "ries"
	}
	return itoa(n) + " " + word + "s"
}
