package schedule

import (
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

// maxLoadSteps bounds how many planned times are gone through to count those of a
// week: about half a second's work.
const maxLoadSteps = 500_000

// Hour is one hour of a clock, with how many starts are planned in it. The hour
// that a clock goes through twice is there twice.
type Hour struct {
	Start  time.Time // in the zone of the load
	End    time.Time
	Starts int
}

// Load counts how many starts some schedules plan in each hour from one time to
// another. Schedules with the same rule are counted together, since a thousand
// that run every minute cost as much as one then.
type Load struct {
	Hours []Hour
	// Counted is how many schedules are counted, Left how many are not: their rules
	// cannot be read, or they are too many and too different.
	Counted, Left int

	from, to time.Time
	steps    int
}

// LoadOf counts the planned times of schedules from one time to another, both at a
// full hour of the zone, by its hours.
func LoadOf(schedules []models.Schedule, calendars Calendars, from, to time.Time, zone *time.Location) Load {
	l := Load{from: from, to: to}
	for start := from.In(zone); start.Before(to); {
		// The next full hour by the clock; zones differ by half hours too.
		end := start.Add(time.Hour - time.Duration(start.Minute())*time.Minute - time.Duration(start.Second())*time.Second)
		l.Hours = append(l.Hours, Hour{Start: start, End: end})
		start = end
	}
	count := map[timetable]int{}
	var plans []timetable // in the order of the schedules
	one := map[timetable]workflow.Trigger{}
	for _, s := range schedules {
		trigger := TriggerOf(s)
		p := timetableOf(s, trigger)
		if s.CreatedAt.After(from) { // it starts nothing before it is there
			p.since = s.CreatedAt.UTC()
		}
		if count[p] == 0 {
			plans, one[p] = append(plans, p), trigger
		}
		count[p]++
	}
	for _, p := range plans {
		rule, problems := newRule(one[p], "", p.anchor, calendars)
		if len(problems) > 0 || l.steps > maxLoadSteps {
			l.Left += count[p]
			continue
		}
		l.add(rule, count[p], p.since)
		l.Counted += count[p]
	}
	return l
}

// timetable is the same for schedules that plan the same times; their spread aside,
// which moves starts but not what is planned.
type timetable struct {
	times  string
	anchor time.Time
	since  time.Time // zero: before all that is counted
}

func timetableOf(s models.Schedule, t workflow.Trigger) timetable {
	t.ID, t.Jitter = "", ""
	p := timetable{times: timesOf(t)}
	if t.Every != "" {
		p.anchor = s.AnchorAt.UTC()
	}
	return p
}

// add counts the times of a rule from since on.
func (l *Load) add(r Rule, count int, since time.Time) {
	if since.IsZero() && r.every > 0 && r.calendar == nil && r.notBetween == nil && r.notBefore.IsZero() && r.before.IsZero() {
		for i, hour := range l.Hours {
			l.Hours[i].Starts += count * (r.timesBefore(hour.End) - r.timesBefore(hour.Start))
		}
		return
	}
	i := 0
	for p, ok := r.nextPlanned(l.from.Add(-time.Microsecond)); ok && p.at.Before(l.to); p, ok = r.nextPlanned(p.at) {
		l.steps++
		for !p.at.Before(l.Hours[i].End) {
			i++
		}
		if p.free == "" && !p.at.Before(since) {
			l.Hours[i].Starts += count
		}
	}
}

// timesBefore counts the times of an interval before a moment.
func (r Rule) timesBefore(at time.Time) int {
	if !at.After(r.anchor) {
		return 0
	}
	return int((at.UnixMicro() - r.anchor.UnixMicro() - 1) / r.every.Microseconds())
}

// Within returns the planned times of a schedule from one time up to another that
// run, at most limit.
func (r Rule) Within(from, to time.Time, limit int) []time.Time {
	var times []time.Time
	for at, ok := r.Next(from.Add(-time.Microsecond)); ok && at.Before(to) && len(times) < limit; at, ok = r.Next(at) {
		times = append(times, at)
	}
	return times
}
