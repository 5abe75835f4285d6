// Package notify says who is told when something happens to a workflow: the list
// settings.notify of a definition, what is wrong with one, its quiet hours, and all of it
// in words. It is pure: it reads no clock and no database, and sends nothing.
//
// A new event is a word here with its sentence, and somebody who notes that it has
// happened (told.Occurred): package telling does the rest.
package notify

import (
	"slices"
	"time"

	"workflows/worker/moment"
)

// Events of which people are told.
const (
	Failed    = "failed"    // a run failed
	Recovered = "recovered" // a run succeeded after that was told
	Overdue   = "overdue"   // no run has succeeded by a deadline
	Missed    = "missed"    // a planned time did not run
	Late      = "late"      // a planned time is not taken up by any worker
	Slow      = "slow"      // a run takes longer than it should
	Waiting   = "waiting"   // a run waits for a person
)

// Events are all of them.
func Events() []string { return []string{Failed, Recovered, Overdue, Missed, Late, Slow, Waiting} }

// Limits of the list.
const (
	MaxRules     = 10
	MaxAddresses = 50 // of one rule
)

// Rule says of what somebody is told, and where.
type Rule struct {
	On    []string `json:"on"`
	Email []string `json:"email,omitempty"`
	// ChatSecret names the secret that holds a chat's address.
	ChatSecret string `json:"chat_secret,omitempty"`
	// WebhookURL is called with POST; WebhookSecret names the secret with which the call
	// is signed, as Standard Webhooks says.
	WebhookURL    string `json:"webhook_url,omitempty"`
	WebhookSecret string `json:"webhook_secret,omitempty"`
	// Quiet are the hours, such as 22:00-07:00, whose messages wait for their end, by the
	// clocks of TimeZone; of the first schedule, or else UTC, when that is empty.
	Quiet    string `json:"quiet,omitempty"`
	TimeZone string `json:"time_zone,omitempty"`
}

// Tells reports whether somebody is told of an event.
func Tells(rules []Rule, event string) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return slices.Contains(r.On, event) })
}

// Zone is by which clocks its hours are meant.
func (r Rule) Zone(otherwise *time.Location) *time.Location {
	if r.TimeZone != "" {
		if zone, err := moment.LoadZone(r.TimeZone); err == nil {
			return zone
		}
	}
	return otherwise
}

// QuietUntil is the end of the quiet hours in which a moment lies; false when it lies in
// none.
func (r Rule) QuietUntil(now time.Time, zone *time.Location) (time.Time, bool) {
	quiet, ok := hours(r.Quiet)
	local := now.In(zone)
	minute, day := moment.MinuteOf(local), local.Day()
	if !ok || !quiet.Has(minute) {
		return now, false
	}
	if quiet.Until <= minute {
		day++
	}
	end := time.Date(local.Year(), local.Month(), day, quiet.Until/60, quiet.Until%60, 0, 0, zone)
	if !end.After(now) { // an hour that the clocks go through twice
		end = now.Add(time.Hour)
	}
	return end.UTC(), true
}

// hours reads 22:00-07:00.
func hours(text string) (moment.Hours, bool) {
	read, ok := moment.ReadHours(text)
	return read, ok && read.From != read.Until
}
