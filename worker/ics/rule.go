package ics

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// rule is an RRULE that can be written out.
type rule struct {
	option rrule.ROption
	until  *when
}

var (
	errRule    = errors.New("its rule cannot be read")
	errTooLong = errors.New("writing out what repeats in the calendar file takes too long: leave out what is not a free day")
)

const (
	maxRule     = 2000 // characters
	maxInterval = 10_000
)

// readRule reads the value of an RRULE as it is really written: in small letters, with
// empty parts, with a scale that is the usual one. Hours and less are of no meaning for
// whole days (RFC 5545, 3.3.10) and are left out.
func readRule(value string) (rule, error) {
	var r rule
	if len(value) > maxRule {
		return r, errRule
	}
	var parts []string
	for part := range strings.SplitSeq(strings.ToUpper(value), ";") {
		name, value, ok := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.Join(strings.Fields(value), "")
		switch {
		case name == "" && value == "", strings.HasPrefix(name, "X-"),
			name == "BYHOUR", name == "BYMINUTE", name == "BYSECOND",
			name == "RSCALE" && value == "GREGORIAN", name == "SKIP" && value == "OMIT":
		case !ok, name == "DTSTART", name == "BYEASTER": // the library would take them, RFC 5545 has none
			return r, errRule
		case name == "UNTIL":
			w, err := readWhen(value, nil)
			if err != nil {
				return r, errRule
			}
			r.until = &w
		default:
			parts = append(parts, name+"="+strings.TrimSuffix(value, ","))
		}
	}
	option, err := rrule.StrToROption(strings.Join(parts, ";"))
	if err != nil || option.Freq > rrule.DAILY || option.Count < 0 || option.Interval < 0 || option.Interval > maxInterval {
		return r, errRule
	}
	r.option = *option
	return r, nil
}

// starts are the days, or times, on which the rule begins anew, from one up to the
// last. The begin counts as the first one whatever the rule says (RFC 5545, 3.8.5.3).
//
// The library is kept from three things. Without an end it stops 290 years after the
// begin without a word, so a rule from 1601 gave nothing. An interval near the largest
// number turns back. BYDAY=53MO with a month is a panic.
func (r rule) starts(ctx context.Context, begin, from, last time.Time, clock func(when) time.Time) (starts []time.Time, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			starts, err = nil, fmt.Errorf("%w: %v", errRule, problem)
		}
	}()
	option := r.option
	option.Dtstart, option.Until = begin, last
	if r.until != nil {
		if until := clock(*r.until); until.Before(last) {
			option.Until = until
		}
	}
	written, err := rrule.NewRRule(option)
	if err != nil {
		return nil, errRule
	}
	if !begin.Before(from) {
		starts = append(starts, begin)
	}
	next := written.Iterator()
	for n := 1; ; {
		if ctx.Err() != nil {
			return nil, errTooLong
		}
		at, ok := next()
		if !ok || at.After(option.Until) {
			return starts, nil
		}
		if !at.After(begin) {
			continue
		}
		if n++; option.Count > 0 && n > option.Count {
			return starts, nil
		}
		if !at.Before(from) {
			starts = append(starts, at)
		}
	}
}
