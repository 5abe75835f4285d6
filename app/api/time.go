package api

import "time"

// Time is a moment in an answer: RFC 3339, UTC, always six digits of a second,
// so that texts sort as times do.
type Time time.Time

// MarshalJSON writes the contract's form.
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format(`"2006-01-02T15:04:05.000000Z"`)), nil
}

// at is a moment that may be absent.
func at(t *time.Time) *Time {
	if t == nil || t.IsZero() {
		return nil
	}
	moment := Time(*t)
	return &moment
}
