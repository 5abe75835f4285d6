package schedule

import (
	"slices"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

const (
	maxCaughtUp = 100  // late times that `all` still starts
	maxRows     = 1000 // rows written into the ledger at once
)

// decision is what shall become of one planned time.
type decision struct {
	at      time.Time
	outcome string // ran or caught_up: start it; missed: do not
	reason  string
}

// decide says what becomes of every planned time from the schedule's next one up
// to now, oldest first, and when the schedule fires after that.
func decide(s models.Schedule, rule Rule, now time.Time) (decisions []decision, next time.Time, more bool) {
	times, left := dueTimes(rule, *s.NextFireAt, now)
	decisions = make([]decision, len(times))
	for i, at := range times {
		decisions[i] = decision{at: at, outcome: workflow.OutcomeRan}
		if now.Sub(at) > Grace {
			decisions[i] = decision{at: at, outcome: workflow.OutcomeMissed, reason: "No worker was there to start it."}
		}
	}
	catchUp(decisions, s.Missed)
	if left {
		decisions[0].outcome, decisions[0].reason = workflow.OutcomeMissed,
			"No worker was there to start it, nor any of the times from here to "+times[1].UTC().Format("2006-01-02 15:04")+" UTC, which are not listed one by one."
	}
	next, more = rule.Next(now)
	return decisions, next, more
}

// catchUp applies the missed rule to the decisions, of which the late ones come
// first and are missed so far.
func catchUp(decisions []decision, missed string) {
	late := slices.IndexFunc(decisions, func(d decision) bool { return d.outcome != workflow.OutcomeMissed })
	if late < 0 {
		late = len(decisions)
	}
	if late == 0 {
		return
	}
	switch missed {
	case MissedSkip:
	case MissedAll:
		for i := max(0, late-maxCaughtUp); i < late; i++ {
			decisions[i].outcome, decisions[i].reason = workflow.OutcomeCaughtUp, ""
		}
		for i := range max(0, late-maxCaughtUp) {
			decisions[i].reason = "No worker was there to start it, and only the newest 100 missed times are made up for."
		}
	default: // one run makes up for all of them
		newest := len(decisions) - 1
		for i := range newest {
			decisions[i].outcome, decisions[i].reason = workflow.OutcomeMissed, "No worker was there to start it; the run planned for "+
				decisions[newest].at.UTC().Format("2006-01-02 15:04")+" UTC makes up for it."
		}
		decisions[newest].outcome, decisions[newest].reason = workflow.OutcomeCaughtUp, ""
	}
}

// dueTimes lists the planned times from first up to now. Of more than maxRows
// there are the first one and the newest ones, and left is true.
func dueTimes(rule Rule, first, now time.Time) (times []time.Time, left bool) {
	// Times can only be counted forwards, so look back further and further until
	// there are enough of them: a schedule may have slept for years.
	for window := maxRows * time.Minute; ; window *= 2 {
		from := now.Add(-window)
		if !from.After(first) {
			return after(rule, first, now, []time.Time{first})
		}
		if times, _ = after(rule, from, now, nil); len(times) >= maxRows {
			return append([]time.Time{first}, times[len(times)-maxRows+1:]...), true
		}
	}
}

// after appends the times after from, up to now.
func after(rule Rule, from, now time.Time, times []time.Time) ([]time.Time, bool) {
	for at, ok := rule.Next(from); ok && !at.After(now); at, ok = rule.Next(at) {
		times = append(times, at)
	}
	if len(times) > maxRows {
		return append(times[:1:1], times[len(times)-maxRows+1:]...), true
	}
	return times, false
}
