package schedule

import "time"

// dateLine is longer than any change of a zone's clock: the longest have skipped
// or repeated a whole day.
const dateLine = 48 * time.Hour

// nextReal follows real time: the first instant after the given one whose local
// clock matches. Within one period of a zone the local clock just runs.
func (l line) nextReal(after time.Time, zone *time.Location) (time.Time, bool) {
	_, end, offset := period(after, zone)
	from := wholeMinute(after.Add(offset)).Add(time.Minute)
	for range 4 * 400 { // four periods a year at most, for as long as next searches
		local, ok := l.nextMatch(from)
		if !ok {
			return time.Time{}, false
		}
		at := local.Add(-offset)
		if end.IsZero() || at.Before(end) {
			return at, true
		}
		start := end
		_, end, offset = period(start, zone)
		from = minuteFrom(start.Add(offset))
	}
	return time.Time{}, false
}

// nextOnce gives each local time one instant: the first at which the local clock
// has reached it. That is its first occurrence, or the end of the gap that it
// falls into; and it grows with the local time, so the first local time that was
// not reached by `after` is the next one.
func (l line) nextOnce(after time.Time, zone *time.Location) (time.Time, bool) {
	start, _, offset := period(after, zone)
	from := wholeMinute(after.Add(offset)).Add(time.Minute)
	for !start.IsZero() && after.Sub(start) < dateLine { // clocks may have been ahead before
		earlier, _, before := period(start.Add(-1), zone)
		if reached := minuteFrom(start.Add(before)); reached.After(from) {
			from = reached
		}
		start = earlier
	}
	local, ok := l.nextMatch(from)
	if !ok {
		return time.Time{}, false
	}
	return reached(local, zone), true
}

// reached returns the first instant at which the zone's clock shows the local
// time or, where it is skipped, a later one.
func reached(local time.Time, zone *time.Location) time.Time {
	at := local.Add(-dateLine)
	for {
		start, end, offset := period(at, zone)
		instant := local.Add(-offset)
		if !end.IsZero() && !instant.Before(end) {
			at = end
			continue
		}
		if instant.Before(start) {
			return start
		}
		return instant
	}
}

// period returns the time around t during which the zone's clock runs evenly.
// start and end are zero where there is none.
func period(t time.Time, zone *time.Location) (start, end time.Time, offset time.Duration) {
	local := t.In(zone)
	_, seconds := local.Zone()
	start, end = local.ZoneBounds()
	if !start.IsZero() {
		start = start.UTC()
	}
	if !end.IsZero() {
		end = end.UTC()
		if !end.After(t) { // Go ends a leap year a day early where it follows a rule
			end = time.Date(t.UTC().Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)
		}
	}
	return start, end, time.Duration(seconds) * time.Second
}

// wholeMinute is the minute that a local time lies in.
func wholeMinute(local time.Time) time.Time { return local.UTC().Truncate(time.Minute) }

// minuteFrom is the first whole minute that is not before a local time.
func minuteFrom(local time.Time) time.Time {
	return wholeMinute(local.Add(time.Minute - 1))
}
