package ics

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// frame is how the times of an event are to be seen so that it lasts whole days.
type frame struct {
	zone   zone // nil where none is known
	inUTC  bool // the days are those of UTC
	begin  time.Time
	length int // days
}

// Why an event is left out.
const (
	whyTimed     = "Only a part of a day"
	whyCancelled = "Cancelled"
	whyOver      = "Over"
	whyAhead     = "More than ten years ahead"
	whyExcepted  = "No day left: the file itself takes all of them away"
	whyTooLong   = "Longer than a year"
	whyDate      = "No date, or one that cannot be read"
	whyRule      = "Repeats by a rule that cannot be read, or by another calendar than the usual one"
	whyTask      = "No event, but a task or a note"
)

// refused is why an event is left out.
type refused string

func (r refused) Error() string { return string(r) }

// reader turns the events of a file into days.
type reader struct {
	zones       *zones
	first, last time.Time
	overrides   map[string][]*component // by UID, the newest of each day
	calendar    zone                    // X-WR-TIMEZONE of the calendar that is read
}

// identity is what an event and the changes of its days have in common.
func identity(c *component) string {
	if uid := c.value("UID"); uid != "" {
		return uid
	}
	return "summary:" + c.text("SUMMARY")
}

func cancelled(c *component) bool {
	return strings.EqualFold(c.value("STATUS"), "CANCELLED") || strings.EqualFold(c.value("STATUS"), "CANCELED") || strings.EqualFold(c.calendar.value("METHOD"), "CANCEL")
}

// clockOf is what the clocks of an event show at a time that may be written for others.
func (r *reader) clockOf(ctx context.Context, f frame, w when) time.Time {
	switch {
	case w.dateOnly, !w.utc, f.inUTC:
		return w.clock
	case f.zone != nil:
		return f.zone(w.clock)
	}
	return nearest(w.clock)
}

// frameOf finds the whole days of an event: dates, or midnights in a zone, in UTC or in
// none, up to a midnight or a minute before it. Outlook says itself that an event lasts
// whole days; then the nearest midnights are meant.
func (r *reader) frameOf(ctx context.Context, c *component) (frame, error) {
	p, ok := c.first("DTSTART")
	if !ok {
		return frame{}, refused(whyDate)
	}
	begin, err := readWhen(p.value, p.params)
	if err != nil {
		return frame{}, refused(whyDate)
	}
	end, given, err := r.endOf(ctx, c, begin)
	if err != nil {
		return frame{}, err
	}
	f := frame{zone: r.zones.named(ctx, begin.zone), begin: begin.clock, length: 1}
	if f.zone == nil && (begin.utc || begin.dateOnly) {
		f.zone = r.calendar
	}
	if f.zone == nil && begin.dateOnly {
		f.zone = r.zones.named(ctx, r.zones.only)
	}
	if begin.dateOnly {
		if given {
			f.length = max(int(dateOf(r.clockOf(ctx, f, end)).Sub(f.begin)/day), 1)
		}
		return f, tooLong(f)
	}
	views := []frame{{zone: f.zone, begin: begin.clock, inUTC: begin.utc}}
	if begin.utc && f.zone != nil {
		views = append(views, frame{zone: f.zone, begin: f.zone(begin.clock)})
	}
	for _, v := range views {
		closes := r.clockOf(ctx, v, end)
		if last := closes.Add(time.Minute); !midnight(closes) && (closes.Hour() == 23 && closes.Minute() == 59) {
			closes = dateOf(last)
		}
		if given && midnight(v.begin) && midnight(closes) && closes.After(v.begin) {
			v.length = int(closes.Sub(v.begin) / day)
			return v, tooLong(v)
		}
	}
	if saysWholeDays(c) {
		f.begin = nearest(begin.clock)
		if given {
			f.length = max(int(nearest(end.clock).Sub(f.begin)/day), 1)
		}
		return f, tooLong(f)
	}
	return f, refused(whyTimed)
}

func tooLong(f frame) error {
	if f.length > maxDays {
		return refused(whyTooLong)
	}
	return nil
}

func saysWholeDays(c *component) bool {
	for _, name := range []string{"X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY"} {
		if value := c.value(name); strings.EqualFold(value, "TRUE") || value == "1" {
			return true
		}
	}
	return false
}

// endOf is when an event ends, as clocks show it that are those of its begin.
func (r *reader) endOf(ctx context.Context, c *component, begin when) (end when, given bool, err error) {
	if p, ok := c.first("DTEND"); ok {
		if end, err = readWhen(p.value, p.params); err != nil {
			return end, false, refused(whyDate)
		}
		if there := r.zones.named(ctx, begin.zone); end.utc && !begin.utc && there != nil {
			end.clock, end.utc = there(end.clock), false
		}
		return end, true, nil
	}
	if p, ok := c.first("DURATION"); ok {
		length, ok := readDuration(p.value)
		if !ok {
			return end, false, refused(whyDate)
		}
		end = begin
		end.clock = begin.clock.Add(length)
		return end, true, nil
	}
	return begin, false, nil
}

// untilOf is the last day on which a rule may begin anew. An instant on an event of
// dates is a midnight of some zone, or the last second before one.
func (r *reader) untilOf(ctx context.Context, f frame, dates bool) func(when) time.Time {
	return func(w when) time.Time {
		switch {
		case !w.utc || !dates:
			return dateOf(r.clockOf(ctx, f, w))
		case midnight(w.clock):
			return w.clock
		case f.zone != nil:
			return dateOf(f.zone(w.clock))
		case w.clock.Second() == 59:
			return nearest(w.clock.Add(time.Second)).Add(-day)
		}
		return nearest(w.clock)
	}
}

// dayOf is the day that a time in an RDATE, an EXDATE or a RECURRENCE-ID means.
func (r *reader) dayOf(ctx context.Context, f frame, w when, dates bool) time.Time {
	if dates && w.utc && midnight(w.clock) {
		return w.clock
	}
	return dateOf(r.clockOf(ctx, f, w))
}

// daysOf are the days of an event from the first to the last that is asked for.
func (r *reader) daysOf(ctx context.Context, c *component) ([]time.Time, error) {
	if cancelled(c) {
		return nil, refused(whyCancelled)
	}
	p, _ := c.first("DTSTART")
	written, _ := readWhen(p.value, p.params)
	f, err := r.frameOf(ctx, c)
	if errors.Is(err, refused(whyTimed)) {
		if kind, _ := kindOf(c); kind == Working { // written with the hours of work
			f.begin, f.length, err = dateOf(r.clockOf(ctx, f, written)), 1, nil
		}
	}
	if err != nil {
		return nil, err
	}
	spans, repeats, err := r.spansOf(ctx, c, f, written.dateOnly)
	if err != nil {
		return nil, err
	}
	had := len(spans) > 0
	if spans, err = r.change(ctx, c, f, written.dateOnly, spans); err != nil {
		return nil, err
	}
	var days []time.Time
	for _, s := range spans {
		for n := range s.length {
			if at := s.begin.AddDate(0, 0, n); !at.Before(r.first) && !at.After(r.last) {
				days = append(days, at)
			}
		}
	}
	switch {
	case len(days) > 0:
		slices.SortFunc(days, time.Time.Compare)
		return slices.Compact(days), nil
	case had && len(spans) == 0:
		return nil, refused(whyExcepted)
	case !repeats && f.begin.After(r.last):
		return nil, refused(whyAhead)
	}
	return nil, refused(whyOver)
}

// span is one time that an event takes place.
type span struct {
	begin  time.Time
	length int
}

// spansOf are the times that an event takes place by its begin, its rules and its list,
// less those that are excepted.
func (r *reader) spansOf(ctx context.Context, c *component, f frame, dates bool) (spans []span, repeats bool, err error) {
	if slices.ContainsFunc(c.unreadable, func(line string) bool { return nameIn(line) != "DESCRIPTION" && nameIn(line) != "SUMMARY" }) {
		return nil, false, refused(whyDate)
	}
	from := r.first.AddDate(0, 0, -maxDays)
	_, change := c.first("RECURRENCE-ID") // of one day, whatever rule it has taken along
	byRules := func(name string) (starts []time.Time, err error) {
		if change {
			return nil, nil
		}
		for _, p := range c.all(name) {
			written, err := readRule(p.value)
			if err != nil {
				return nil, refused(whyRule)
			}
			more, err := written.starts(ctx, f.begin, from, r.last, r.untilOf(ctx, f, dates))
			if errors.Is(err, errRule) {
				return nil, refused(whyRule)
			}
			if err != nil {
				return nil, err
			}
			starts, repeats = append(starts, more...), true
		}
		return starts, nil
	}
	excepted := map[time.Time]bool{}
	ruledOut, err := byRules("EXRULE") // of RFC 2445, still found
	if err != nil {
		return nil, false, err
	}
	for _, at := range ruledOut {
		excepted[at] = true
	}
	for _, p := range c.all("EXDATE") {
		for value := range strings.SplitSeq(p.value, ",") {
			w, err := readWhen(value, p.params)
			if err != nil {
				return nil, false, refused(whyDate)
			}
			excepted[r.dayOf(ctx, f, w, dates)] = true
		}
	}
	starts, err := byRules("RRULE")
	if err != nil {
		return nil, false, err
	}
	seen := map[time.Time]bool{}
	add := func(s span) {
		if !seen[s.begin] && !excepted[s.begin] {
			spans, seen[s.begin] = append(spans, s), true
		}
	}
	listed, err := r.listed(ctx, c, f, dates)
	if err != nil {
		return nil, false, err
	}
	for _, s := range listed { // first, as a period may be longer than the event
		add(s)
	}
	for _, at := range append(starts, f.begin) {
		add(span{at, f.length})
	}
	repeats = repeats || len(listed) > 0
	if len(spans) == 0 && len(excepted) > 0 {
		return nil, repeats, refused(whyExcepted)
	}
	return spans, repeats, nil
}

// listed are the dates, times and periods of RDATE.
func (r *reader) listed(ctx context.Context, c *component, f frame, dates bool) (spans []span, err error) {
	for _, p := range c.all("RDATE") {
		for value := range strings.SplitSeq(p.value, ",") {
			begin, until, period := strings.Cut(value, "/")
			w, err := readWhen(begin, p.params)
			if err != nil {
				return nil, refused(whyDate)
			}
			s := span{r.dayOf(ctx, f, w, dates), f.length}
			if period {
				length, ok := readDuration(until)
				if end, err := readWhen(until, p.params); err == nil {
					length, ok = r.clockOf(ctx, f, end).Sub(r.clockOf(ctx, f, w)), true
				}
				if !ok {
					return nil, refused(whyDate)
				}
				if s.length = max(int((length+day/2)/day), 1); s.length > maxDays {
					return nil, refused(whyTooLong)
				}
			}
			spans = append(spans, s)
		}
	}
	return spans, nil
}

// change takes away the times that the file moves or cancels: what was moved is an
// event of its own. A change may go for all that follow, too.
func (r *reader) change(ctx context.Context, c *component, f frame, dates bool, spans []span) ([]span, error) {
	if _, one := c.first("RECURRENCE-ID"); one {
		return spans, nil
	}
	for _, override := range r.overrides[identity(c)] {
		p, _ := override.first("RECURRENCE-ID")
		w, err := readWhen(p.value, p.params)
		if err != nil {
			return nil, refused(whyDate)
		}
		at := r.dayOf(ctx, f, w, dates)
		follow := strings.EqualFold(p.params["RANGE"], "THISANDFUTURE")
		var to frame
		if follow && !cancelled(override) {
			if to, err = r.frameOf(ctx, override); err != nil {
				return nil, err
			}
		}
		var left []span
		for _, s := range spans {
			switch {
			case s.begin.Before(at), !follow && s.begin.After(at):
				left = append(left, s)
			case follow && s.begin.After(at) && to.length > 0:
				left = append(left, span{s.begin.Add(to.begin.Sub(at)), to.length})
			}
		}
		spans = left
	}
	return spans, nil
}

// stale reports whether a change is older than its event, which no longer takes place
// on that day.
func (r *reader) stale(ctx context.Context, c *component, events []*component) (bool, error) {
	p, change := c.first("RECURRENCE-ID")
	w, err := readWhen(p.value, p.params)
	if !change || err != nil {
		return false, nil
	}
	newer := false
	for _, master := range events {
		if _, other := master.first("RECURRENCE-ID"); other || identity(master) != identity(c) || sequence(master) <= sequence(c) {
			continue
		}
		f, err := r.frameOf(ctx, master)
		if err != nil {
			continue
		}
		begin, _ := master.first("DTSTART")
		written, _ := readWhen(begin.value, begin.params)
		spans, _, err := r.spansOf(ctx, master, f, written.dateOnly)
		if errors.Is(err, errTooLong) {
			return false, err
		}
		at := r.dayOf(ctx, f, w, written.dateOnly)
		if slices.ContainsFunc(spans, func(s span) bool { return s.begin.Equal(at) }) {
			return false, nil
		}
		newer = true
	}
	return newer, nil
}

// overridesOf are the changes of single days in a file, each the newest of its day, in
// the order of the days.
func overridesOf(events []*component) map[string][]*component {
	type key struct{ identity, day string }
	newest := map[key]*component{}
	for _, c := range events {
		if p, ok := c.first("RECURRENCE-ID"); ok {
			k := key{identity(c), strings.ToUpper(p.value)}
			if before := newest[k]; before == nil || sequence(c) >= sequence(before) {
				newest[k] = c
			}
		}
	}
	all := map[string][]*component{}
	for k, c := range newest {
		all[k.identity] = append(all[k.identity], c)
	}
	for _, changes := range all {
		slices.SortFunc(changes, func(a, b *component) int {
			return cmp.Compare(a.value("RECURRENCE-ID"), b.value("RECURRENCE-ID"))
		})
	}
	return all
}
