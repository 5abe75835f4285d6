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

// decision is what shall become of one planned time.
type verdict struct {
	at      time.Time
	outcome string // ran or caught_up: start it; else do not
	reason  string
}

// starts reports whether a run shall be started.
func (d verdict) starts() bool {
	return d.outcome == workflow.OutcomeRan || d.outcome == workflow.OutcomeCaughtUp
}

// decide says what becomes of every planned time that is not accounted for and
// whose moment has come, oldest first.
func (r ruled) judge(now time.Time) []verdict {
	times, more := r.rule.between(r.stored.AccountedUntil, now)
	for len(times) > 0 && r.rule.firesAt(times[len(times)-1].at).After(now) { // its moment within the jitter comes later
		times = times[:len(times)-1]
	}
	decisions := make([]verdict, len(times))
	for i, p := range times {
		switch late := now.Sub(r.rule.firesAt(p.at)); {
		case p.free != "":
			decisions[i] = verdict{at: p.at, outcome: workflow.OutcomeSkipped, reason: p.free}
		case late <= Grace:
			decisions[i] = verdict{at: p.at, outcome: workflow.OutcomeRan}
		default:
			decisions[i] = verdict{at: p.at, outcome: workflow.OutcomeMissed, reason: nobodyThere}
		}
	}
	r.catchUp(decisions, now)
	if more && len(decisions) > 1 {
		summarize(decisions, workflow.OutcomeMissed, nobodyThere)
	}
	return decisions
}

const nobodyThere = "No worker was there to start it."

// summarize makes the first of the decisions stand for those that are not listed.
func summarize(decisions []verdict, outcome, reason string) {
	decisions[0].outcome = outcome
	decisions[0].reason = reason + " This line stands for all times from here to " +
		decisions[1].at.UTC().Format("2006-01-02 15:04") + " UTC, which are not listed one by one."
}

// catchUp applies the missed rule to the decisions.
func (r ruled) catchUp(decisions []verdict, now time.Time) {
	var late []int // those that the rule may make up for
	newest := -1   // the newest of all that shall run
	for i, d := range decisions {
		switch {
		case d.outcome == workflow.OutcomeMissed && r.tooOld(d.at, now):
			decisions[i].reason = "No worker was there to start it, and when one was there again it was older than " + workflow.DurationWords(r.maxAge()) + "."
		case d.outcome == workflow.OutcomeMissed:
			late, newest = append(late, i), i
		case d.outcome == workflow.OutcomeRan:
			newest = i
		}
	}
	if len(late) == 0 {
		return
	}
	switch r.trigger.Missed {
	case MissedSkip:
	case MissedAll:
		for n, i := range slices.Backward(late) {
			if len(late)-n <= maxCaughtUp {
				decisions[i].outcome, decisions[i].reason = workflow.OutcomeCaughtUp, ""
			} else {
				decisions[i].reason = nobodyThere[:len(nobodyThere)-1] + ", and only the newest 100 missed times are made up for."
			}
		}
	default: // one run makes up for all of them
		for i := range decisions[:newest] {
			if d := &decisions[i]; d.outcome == workflow.OutcomeRan || slices.Contains(late, i) {
				d.outcome, d.reason = workflow.OutcomeMissed, "No worker was there to start it; the run planned for "+
					decisions[newest].at.UTC().Format("2006-01-02 15:04")+" UTC makes up for it."
			}
		}
		decisions[newest].outcome, decisions[newest].reason = workflow.OutcomeCaughtUp, ""
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
