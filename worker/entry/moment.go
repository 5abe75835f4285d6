package entry

import "time"

// localTimes are how browsers send a date with a time of day.
var localTimes = [...]string{"2006-01-02T15:04", "2006-01-02T15:04:05"}

// TimeOfDay reports whether a text is a time of day, such as 18:30 or 18:30:05.
func TimeOfDay(text string) bool {
	_, err := time.Parse("15:04", text)
	if err != nil {
		_, err = time.Parse("15:04:05", text)
	}
	return err == nil && (len(text) == 5 || len(text) == 8)
}

// Moment reports whether a text is a date and a time with its zone, as RFC 3339 has it.
func Moment(text string) bool {
	_, err := time.Parse(time.RFC3339, text)
	return err == nil
}

// Local reads a date and a time of day as the clocks of a place show it, and writes it
// with its offset: 2026-12-24T18:30 in Berlin is 2026-12-24T18:30:00+01:00. What has an
// offset keeps it. Of a time that a clock shows twice it is one; exists is false for a
// time that the clock leaves out.
func Local(text string, place *time.Location) (moment string, ok, exists bool) {
	if Moment(text) {
		return text, true, true
	}
	for _, layout := range localTimes {
		at, err := time.ParseInLocation(layout, text, place)
		if err == nil {
			return at.Format(time.RFC3339), true, at.Format(layout) == text
		}
	}
	return "", false, false
}

// Shown is a moment as an entry of a form shows it, by the clocks of a place.
func Shown(moment string, place *time.Location) string {
	at, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		return moment
	}
	if at = at.In(place); at.Second() != 0 {
		return at.Format(localTimes[1])
	}
	return at.Format(localTimes[0])
}
