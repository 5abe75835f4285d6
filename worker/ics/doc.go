// Package ics reads calendar files (.ics, RFC 5545) as they are really written, for
// the days that they say are free: what lasts whole days, with all that repeats,
// moves and takes away. What it does not take it names, with the reason.
//
// It reads lines itself. github.com/arran4/golang-ical v0.3.4 gives a file up for one
// line without a colon, for a second VCALENDAR, for a property after a component and
// for names in small letters, and takes time that grows with the square of a line's
// parameters. Rules are written out by github.com/teambition/rrule-go (rule.go says
// what it has to be kept from).
package ics
