package moment

import (
	"strings"
	"time"
)

// Hours are a part of every day by the clock, in minutes from midnight: From lies in
// them, Until does not. Where Until comes first they go on over midnight; nothing lies
// in those whose ends are the same.
type Hours struct{ From, Until int }

// ReadHours reads hours such as 22:00-06:00.
func ReadHours(text string) (Hours, bool) {
	first, last, found := strings.Cut(text, "-")
	from, fine := readMinute(first)
	until, also := readMinute(last)
	return Hours{from, until}, found && fine && also
}

func readMinute(text string) (int, bool) {
	clock, err := time.Parse("15:04", text)
	return MinuteOf(clock), err == nil && len(text) == len("15:04")
}

// MinuteOf is the minute of the day that a clock shows.
func MinuteOf(clock time.Time) int { return clock.Hour()*60 + clock.Minute() }

// Has reports whether a minute of the day lies in the hours.
func (h Hours) Has(minute int) bool {
	if h.From <= h.Until {
		return h.From <= minute && minute < h.Until
	}
	return h.From <= minute || minute < h.Until
}
