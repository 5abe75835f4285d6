package schedule

import (
	"hash/fnv"
	"time"
)

const (
	// maxFree bounds how many free days in a row are passed over to find a planned
	// time: what falls on none but free days within that never runs.
	maxFree = 4000
	// maxMove is by how many days a time is moved to find a working day; one that
	// finds none is skipped.
	maxMove = 31
)

// plannedTime is a planned time, or one that a calendar takes out.
type plannedTime struct {
	at   time.Time
	free string    // why it does not run; "" when it does
	from time.Time // when it was meant, if that is a free day from which it moves
}

// Next returns the first planned time strictly after the given one, in UTC;
// false: never again. Times on free days are left out or moved, as the rule says.
// `every` counts from the anchor (see From), and from after itself when there is
// none.
func (r Rule) Next(after time.Time) (time.Time, bool) {
	for range maxFree {
		p, ok := r.nextPlanned(after)
		if !ok || p.free == "" {
			return p.at, ok
		}
		tomorrow := dateOf(r.local(p.at).AddDate(0, 0, 1)).midnight()
		if after = reached(tomorrow, r.Zone()).Add(-time.Microsecond); after.Before(p.at) {
			after = p.at
		}
	}
	return time.Time{}, false
}

// nextPlanned returns the first planned time after the given one, those that a calendar
// takes out included. Times within hours without runs are none.
func (r Rule) nextPlanned(after time.Time) (plannedTime, bool) {
	if r.notBetween == nil {
		return r.nextMeant(after)
	}
	if r.anchor.IsZero() {
		r.anchor = after
	}
	for range maxInside {
		p, ok := r.nextMeant(after)
		if !ok {
			return p, false
		}
		end, inside := r.endOfHours(p.at)
		if !inside {
			return p, true
		}
		if after = end.Add(-time.Microsecond); after.Before(p.at) {
			after = p.at
		}
	}
	return plannedTime{}, false
}

// nextMeant is nextPlanned by days and intervals alone.
func (r Rule) nextMeant(after time.Time) (plannedTime, bool) {
	if r.freeDays == FreeDaysMove {
		return r.nextMoved(after)
	}
	at, ok := r.raw(after)
	if !ok || r.calendar == nil {
		return plannedTime{at: at}, ok
	}
	return r.lookUp(at), true
}

// lookUp asks the calendar about a time.
func (r Rule) lookUp(at time.Time) plannedTime {
	day := dateOf(r.local(at))
	if name, free := r.calendar.dayOff(day); free {
		return plannedTime{at: at, free: r.calendar.why(day, name)}
	}
	return plannedTime{at: at}
}

// nextMoved is nextPlanned for a rule whose times on free days move to the next working
// day. Times never move backwards, so once the written times have passed the best
// moved one, nothing earlier can come.
func (r Rule) nextMoved(after time.Time) (plannedTime, bool) {
	var best plannedTime
	found := false
	at, ok := r.raw(r.freeSince(after))
	for ; ok && (!found || at.Before(best.at)); at, ok = r.raw(at) {
		p := r.nextWorkingDay(at)
		if p.at.After(after) && (!found || p.at.Before(best.at)) {
			best, found = p, true
		}
	}
	return best, found
}

// nextWorkingDay is where a time goes: to the same local time of the next working day.
func (r Rule) nextWorkingDay(at time.Time) plannedTime {
	p := r.lookUp(at)
	if p.free == "" {
		return p
	}
	local := r.local(at)
	for range maxMove {
		local = local.AddDate(0, 0, 1)
		if _, free := r.calendar.dayOff(dateOf(local)); !free {
			return plannedTime{at: reached(local, r.Zone()), from: at}
		}
	}
	return p
}

// freeSince goes back to before the free days that come right before a time:
// theirs may have moved to after it.
func (r Rule) freeSince(after time.Time) time.Time {
	day := dateOf(r.local(after)).midnight()
	for range maxMove {
		if _, free := r.calendar.dayOff(dateOf(day.AddDate(0, 0, -1))); !free {
			break
		}
		day = day.AddDate(0, 0, -1)
	}
	if start := reached(day, r.Zone()).Add(-time.Microsecond); start.Before(after) {
		return start
	}
	return after
}

// local is the time that the rule's zone shows, written in UTC.
func (r Rule) local(at time.Time) time.Time {
	here := at.In(r.Zone())
	_, offset := here.Zone()
	return at.Add(time.Duration(offset) * time.Second).UTC()
}

// firesAt is when a planned time starts: at once, or after a part of the jitter
// that is its own and the same for every scheduler. It comes before the next
// planned time.
func (r Rule) firesAt(at time.Time) time.Time {
	if r.jitter == 0 {
		return at
	}
	most := r.jitter
	if next, ok := r.nextPlanned(at); ok {
		most = min(most, next.at.Sub(at)-time.Second)
	}
	if most <= 0 {
		return at
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(r.seed)) // never fails
	_, _ = hash.Write([]byte(at.UTC().Format(time.RFC3339Nano)))
	return at.Add(time.Duration(hash.Sum64() % uint64(most)).Truncate(time.Millisecond)) // #nosec G115 -- less than most, which is a duration
}
