package schedule

import (
	"slices"
	"time"

	"workflows/worker/workflow"
)

const (
	maxCaughtUp = 100  // late times that `all` still starts
	maxRows     = 1000 // rows written into the ledger at once
)

// verdict is what shall become of one planned time.
type verdict struct {
	at      time.Time
	outcome string // ran or caught_up: start it; else do not
	reason  string
}

// starts reports whether a run shall be started.
func (v verdict) starts() bool {
	return v.outcome == workflow.OutcomeRan || v.outcome == workflow.OutcomeCaughtUp
}

// judge says what becomes of every planned time that is not accounted for and
// whose moment has come, oldest first.
func (r ruled) judge(now time.Time) []verdict {
	times, more := r.rule.between(r.stored.AccountedUntil, now)
	for len(times) > 0 && r.rule.firesAt(times[len(times)-1].at).After(now) { // its moment within the jitter comes later
		times = times[:len(times)-1]
	}
	verdicts := make([]verdict, len(times))
	for i, p := range times {
		switch late := now.Sub(r.rule.firesAt(p.at)); {
		case p.free != "":
			verdicts[i] = verdict{at: p.at, outcome: workflow.OutcomeSkipped, reason: p.free}
		case late <= Grace:
			verdicts[i] = verdict{at: p.at, outcome: workflow.OutcomeRan, reason: r.rule.unusual(p)}
		default:
			verdicts[i] = verdict{at: p.at, outcome: workflow.OutcomeMissed, reason: nobodyThere}
		}
	}
	r.catchUp(verdicts, now)
	if more && len(verdicts) > 1 {
		summarize(verdicts, workflow.OutcomeMissed, nobodyThere)
	}
	return verdicts
}

// summarize makes the first of the verdicts stand for those that are not listed.
func summarize(verdicts []verdict, outcome, reason string) {
	verdicts[0].outcome = outcome
	verdicts[0].reason = reason + " This line stands for all times from here to " +
		verdicts[1].at.UTC().Format("2006-01-02 15:04") + " UTC, which are not listed one by one."
}

// catchUp applies the missed rule to the verdicts.
func (r ruled) catchUp(verdicts []verdict, now time.Time) {
	var late []int // those that the rule may make up for
	newest := -1   // the newest of all that shall run
	for i, v := range verdicts {
		switch {
		case v.outcome == workflow.OutcomeMissed && r.tooOld(v.at, now):
			verdicts[i].reason = "No worker was there to start it, and when one was there again it was older than " + workflow.DurationWords(r.maxAge()) + ", the most that its rule makes up for."
		case v.outcome == workflow.OutcomeMissed:
			late, newest = append(late, i), i
		case v.outcome == workflow.OutcomeRan:
			newest = i
		}
	}
	if len(late) == 0 {
		return
	}
	switch r.trigger.Missed {
	case MissedSkip:
		for _, i := range late {
			verdicts[i].reason = nobodyThere + leftOut
		}
	case MissedAll:
		for n, i := range slices.Backward(late) {
			if len(late)-n <= maxCaughtUp {
				verdicts[i].outcome, verdicts[i].reason = workflow.OutcomeCaughtUp, caughtUpLate
			} else {
				verdicts[i].reason = nobodyThere[:len(nobodyThere)-1] + ", and only the newest 100 missed times are made up for."
			}
		}
	default: // one run makes up for all of them
		for i := range verdicts[:newest] {
			if v := &verdicts[i]; v.outcome == workflow.OutcomeRan || slices.Contains(late, i) {
				v.outcome, v.reason = workflow.OutcomeMissed, "No worker was there to start it; the run planned for "+
					verdicts[newest].at.UTC().Format("2006-01-02 15:04")+" UTC makes up for it."
			}
		}
		verdicts[newest].reason = caughtUpLate
		if verdicts[newest].outcome == workflow.OutcomeRan {
			verdicts[newest].reason = caughtUpEarlier
		}
		verdicts[newest].outcome = workflow.OutcomeCaughtUp
	}
}

func (r ruled) tooOld(at, now time.Time) bool {
	age := r.maxAge()
	return age > 0 && now.Sub(at) > age
}

// maxAge is how old a missed time may be; 0 is any.
func (r ruled) maxAge() time.Duration {
	age, err := workflow.ParseDuration(r.trigger.MissedMaxAge)
	if err != nil {
		return 0
	}
	return age
}

// between lists the planned times after from, up to until, those that a calendar
// takes out included. Of more than maxRows there are the first one and the newest
// ones, and more is true.
func (r Rule) between(from, until time.Time) (times []plannedTime, more bool) {
	// Times can only be counted forwards, so look back further and further until
	// there are enough of them: a schedule may have slept for years.
	for window := maxRows * time.Minute; ; window *= 2 {
		start := until.Add(-window)
		if !start.After(from) {
			return r.collect(from, until)
		}
		if times, _ = r.collect(start, until); len(times) >= maxRows {
			first, _ := r.nextPlanned(from)
			return append([]plannedTime{first}, times[len(times)-maxRows+1:]...), true
		}
	}
}

// collect is between in one go.
func (r Rule) collect(from, until time.Time) (times []plannedTime, more bool) {
	for p, ok := r.nextPlanned(from); ok && !p.at.After(until); p, ok = r.nextPlanned(p.at) {
		times = append(times, p)
	}
	if len(times) > maxRows {
		return append(times[:1:1], times[len(times)-maxRows+1:]...), true
	}
	return times, false
}
