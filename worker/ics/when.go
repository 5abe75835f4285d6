package ics

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// when is a date or a time as a file writes it. A clock's time is a time.Time in UTC
// that shows the same.
type when struct {
	clock    time.Time
	dateOnly bool
	utc      bool
	zone     string // TZID
}

var errWhen = errors.New("it is neither a date nor a time")

const (
	day     = 24 * time.Hour
	maxDays = 366 // of one event
)

// readWhen reads 20261224, 20261224T000000 and 20261224T000000Z.
func readWhen(value string, params map[string]string) (when, error) {
	value = strings.ToUpper(strings.TrimSpace(value))
	w := when{zone: params["TZID"]}
	layout := "20060102"
	switch {
	case len(value) == 16 && value[15] == 'Z':
		layout, w.utc = "20060102T150405Z", true
	case len(value) == 15:
		layout = "20060102T150405"
	case len(value) == 8:
		w.dateOnly = true
	case len(value) == 10 && value[4] == '-': // no file should, some do
		layout, w.dateOnly = time.DateOnly, true
	default:
		return w, errWhen
	}
	at, err := time.Parse(layout, value)
	if err != nil && strings.HasSuffix(strings.TrimSuffix(value, "Z"), "60") { // a leap second
		at, err = time.Parse(layout, strings.Replace(value, "60", "59", 1))
	}
	if err != nil || at.Year() < 1 {
		return w, errWhen
	}
	if w.clock = at; strings.EqualFold(params["VALUE"], "DATE") && !w.dateOnly {
		w.clock, w.dateOnly, w.utc = dateOf(at), true, false
	}
	return w, nil
}

func dateOf(clock time.Time) time.Time { return clock.Truncate(day) }

func midnight(clock time.Time) bool { return clock.Equal(dateOf(clock)) }

// nearest is the midnight next to an instant in UTC: that of the day which begins then
// in the zones where it is about midnight.
func nearest(at time.Time) time.Time { return dateOf(at.Add(day / 2)) }

// readDuration reads P1W, P2D, PT24H and P1DT12H, in time.
func readDuration(value string) (time.Duration, bool) {
	value = strings.ToUpper(strings.TrimSpace(strings.TrimPrefix(value, "+")))
	rest, ok := strings.CutPrefix(value, "P")
	if !ok || rest == "" {
		return 0, false
	}
	units := map[byte]time.Duration{'W': 7 * day, 'D': day, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	var length time.Duration
	for rest != "" {
		rest = strings.TrimPrefix(rest, "T")
		digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if digits <= 0 || digits > 9 || units[rest[digits]] == 0 {
			return 0, false
		}
		n, err := strconv.Atoi(rest[:digits])
		if err != nil || n > 1_000_000 {
			return 0, false
		}
		length += time.Duration(min(n, 20_000)) * units[rest[digits]]
		rest = rest[digits+1:]
	}
	return length, true
}
