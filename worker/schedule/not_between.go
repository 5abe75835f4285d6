package schedule

import (
	"fmt"
	"slices"
	"time"

	"workflows/worker/document"
	"workflows/worker/moment"
	"workflows/worker/workflow"
)

const (
	maxNotBetween = 10 // parts of the day without runs
	// longestRest is how long an interval's times may lie within them.
	longestRest = 366 * 24 * time.Hour
	// maxInside bounds how many times within them are passed over to find one outside: one in
	// each part of a day, for a rest that changes of the clock make longer.
	maxInside = 3 * 366 * maxNotBetween
)

// parseNotBetween reads the hours of the day in which nothing is planned. What else the
// trigger says is read.
func (r *Rule) parseNotBetween(t workflow.Trigger, complain func(path, code, message string)) {
	switch {
	case len(t.NotBetween) == 0:
		return
	case t.At != "":
		complain("not_between", "not_applicable", "A schedule for one moment has no hours without runs. Remove them, or choose another moment.")
		return
	case len(t.NotBetween) > maxNotBetween:
		complain("not_between", "too_many", fmt.Sprintf("A day has at most %d parts without runs. Join those that follow one another.", maxNotBetween))
		return
	}
	for i, text := range t.NotBetween {
		path := document.Item("not_between", i)
		hours, ok := moment.ReadHours(text)
		switch {
		case !ok:
			complain(path, "invalid_value", "Write when the hours without runs begin and end, like 22:00-06:00. Midnight is 00:00.")
			return
		case hours.From == hours.Until:
			complain(path, "invalid_value", "These hours end when they begin. Choose another end.")
			return
		case slices.Contains(r.notBetween, hours):
			complain(path, "duplicate", text+" is there already.")
			return
		}
		r.notBetween = append(r.notBetween, hours)
	}
	if r.cron != nil {
		r.cron.kept = r.outside(*r.cron)
	}
	switch {
	case r.wholeDay():
		complain("not_between", "invalid_value", "These hours are the whole day, so it never runs. Leave some time between them.")
	case r.cron != nil && len(r.cron.kept) == 0:
		complain("not_between", "invalid_value", "All its times lie in these hours, so it never runs. Choose other times or other hours.")
	case r.every >= minEvery && r.longestRest() > longestRest:
		complain("not_between", "invalid_value", "Every "+interval(r.every)+" can fall into these hours for more than a year, depending on when it is published. Choose days and times of the day in place of it, or other hours.")
	}
}

// wholeDay reports whether the hours leave no time: whatever is left begins where some end.
func (r Rule) wholeDay() bool {
	return !slices.ContainsFunc(r.notBetween, func(h moment.Hours) bool { return r.hoursWith(h.Until) < 0 })
}

// outside are the minutes of the day at which a line fires outside the hours.
func (r Rule) outside(l line) []int {
	kept := []int{}
	for minute, ok := l.inDay(0); ok; minute, ok = l.inDay(minute + 1) {
		if r.hoursWith(minute) < 0 {
			kept = append(kept, minute)
		}
	}
	return kept
}

// hoursWith is the place of the hours in which a minute of the day lies; -1 for none.
func (r Rule) hoursWith(minute int) int {
	for i, hours := range r.notBetween {
		if hours.Has(minute) {
			return i
		}
	}
	return -1
}

// hoursAt is hoursWith for a local time.
func (r Rule) hoursAt(local time.Time) int { return r.hoursWith(moment.MinuteOf(local)) }

// longestRest is how long an interval's times lie within the hours at most, whenever it is
// published. Times that all lie within them do so as well when they are as much earlier
// as one of them is after a beginning, so it is enough to look at those that meet one.
func (r Rule) longestRest() time.Duration {
	const day = 24 * time.Hour
	forth, longest := r.every%day, time.Duration(0)
	back := day - forth
	for _, hours := range r.notBetween {
		rest := time.Duration(0)
		count := func(at, step time.Duration) {
			for ; rest <= longestRest && r.hoursWith(int(at/time.Minute)) >= 0; at = (at + step) % day {
				rest += r.every
			}
		}
		begin := time.Duration(hours.From) * time.Minute
		count(begin, forth)
		count((begin+back)%day, back)
		longest = max(longest, rest)
	}
	return longest
}

// movesInside reports whether a line has no time but those that the clock skips, all of
// which would move into the hours. Its days are known but for a calendar.
func (r Rule) movesInside() bool {
	if r.cron == nil || r.notBetween == nil {
		return false
	}
	from := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if r.notBefore.After(from) {
		from = r.notBefore
	}
	r.before = from.AddDate(401, 0, 0) // in which every day of a calendar has come
	_, ok := r.nextPlanned(from)
	return !ok
}

// endOfHours is the first moment after one within the hours at which the clock shows a
// time outside them; false for one outside.
func (r Rule) endOfHours(at time.Time) (end time.Time, inside bool) {
	for {
		local := r.local(at)
		i := r.hoursAt(local)
		if i < 0 {
			return at, inside
		}
		inside = true
		const day = 24 * 60
		left := (r.notBetween[i].Until - moment.MinuteOf(local) + day) % day
		_, change, offset := period(at, r.Zone())
		at = wholeMinute(local).Add(time.Duration(left)*time.Minute - offset)
		if !change.IsZero() && at.After(change) { // the clock shows another time from then on
			at = change
		}
	}
}

// hoursWords name the hours within the rule's sentence.
func (r Rule) hoursWords() string {
	words := make([]string, len(r.notBetween))
	for i, hours := range r.notBetween {
		words[i] = "not " + betweenWords(hours)
	}
	if len(words) == 0 {
		return ""
	}
	return ", " + enumerate(words)
}

// restWords are a sentence that says in which hours without runs a moment lies; "" for none.
func (r Rule) restWords(at time.Time) string {
	if i := r.hoursAt(r.local(at)); i >= 0 {
		return "It does not run " + betweenWords(r.notBetween[i]) + ". "
	}
	return ""
}

func betweenWords(h moment.Hours) string {
	return "between " + clock(h.From/60, h.From%60) + " and " + clock(h.Until/60, h.Until%60)
}
