package schedule

import (
	"math/bits"
	"slices"
	"time"
)

// A local time is written as a time.Time in UTC that shows the same clock: the
// calendar below has no gaps, no folds and 24 hours in every day.

// lastYear is the last in which anything is planned: RFC 3339 ends there.
const lastYear = 9999

// nextMatch returns the first matching local minute that is not before from, which
// must be a whole minute. The search ends after 400 years, in which the calendar
// repeats, so any line costs a bounded time.
func (l line) nextMatch(from time.Time) (time.Time, bool) {
	day := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	begin := int(from.Sub(day) / time.Minute)
	for end := day.AddDate(400, 0, 1); day.Before(end) && day.Year() <= lastYear; begin = 0 {
		if l.month>>day.Month()&1 == 0 {
			day = time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
			continue
		}
		if l.onDay(day) {
			if minute, ok := l.inDay(begin); ok {
				return day.Add(time.Duration(minute) * time.Minute), true
			}
		}
		day = day.Add(24 * time.Hour)
	}
	return time.Time{}, false
}

// onDay reports whether the day (whose month is known to match) matches.
func (l line) onDay(day time.Time) bool {
	if !l.turns.come(day) {
		return false
	}
	if l.pick != nil {
		picked, ok := l.pick(day.Year(), day.Month())
		return ok && picked == day.Day()
	}
	dom, dow := l.dom>>day.Day()&1 == 1, l.dow>>day.Weekday()&1 == 1
	if l.bothDays {
		return dom && dow
	}
	return dom || dow
}

// inDay returns the first matching minute of a day from begin on.
func (l line) inDay(begin int) (int, bool) {
	times := l.clock
	if l.kept != nil {
		times = l.kept
	}
	if times != nil {
		at, _ := slices.BinarySearch(times, begin)
		if at == len(times) {
			return 0, false
		}
		return times[at], true
	}
	for hour := begin / 60; hour < 24; hour++ {
		if l.hour>>hour&1 == 0 {
			continue
		}
		first := 0
		if hour == begin/60 {
			first = begin % 60
		}
		if rest := l.minute >> first; rest != 0 {
			return hour*60 + first + bits.TrailingZeros64(rest), true
		}
	}
	return 0, false
}
