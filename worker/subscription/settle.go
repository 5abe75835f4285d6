package subscription

import (
	"time"

	"workflows/models/subscriptions"
)

// Every is how often an address is fetched, whether it went well or not.
const Every = 24 * time.Hour

// whole is after how long all of a file is asked for again although it may not have changed:
// what repeats is written out only so far.
const whole = 30 * 24 * time.Hour

// Well settles a fetch that went well: all of the file came, or it has not changed.
func Well(s *subscriptions.Subscription, unchanged bool, now time.Time) {
	s.TriedAt, s.FetchedAt = &now, &now
	if !unchanged {
		s.ReadAt = &now
	}
	s.Problem, s.FailingSince, s.FailedDays = "", nil, 0
	plan(s, now)
}

// Badly settles a fetch that came to nothing. Several on one day count once.
func Badly(s *subscriptions.Subscription, problem string, now time.Time) {
	if s.FailingSince == nil {
		s.FailingSince, s.FailedDays = &now, 1
	} else if s.TriedAt == nil || day(*s.TriedAt) != day(now) {
		s.FailedDays++
	}
	s.TriedAt, s.Problem = &now, problem
	plan(s, now)
}

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// plan is when the next fetch is: what somebody looks at is fetched once.
func plan(s *subscriptions.Subscription, now time.Time) {
	s.Begun, s.DueAt = false, nil
	if s.CalendarID != nil {
		next := now.Add(Every)
		s.DueAt = &next
	}
}

// known is what a fetch need not send again; nothing where all of the file is wanted.
func known(s subscriptions.Subscription, now time.Time) (etag, modified string) {
	if s.ReadAt == nil || now.Sub(*s.ReadAt) >= whole {
		return "", ""
	}
	return s.ETag, s.Modified
}
