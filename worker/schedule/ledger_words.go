package schedule

import (
	"strings"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

// LedgerWords are what the ledger says of a planned time: which rule has decided what became of
// it. Of most there is nothing to store.
func LedgerWords(row models.PlannedRun) string {
	switch {
	case row.Reason != "":
		return row.Reason
	case row.Outcome == workflow.OutcomeRan:
		return "As planned."
	case row.Outcome == workflow.OutcomeCaughtUp:
		return caughtUpLate
	}
	return ""
}

// What is said of times that are made up for, and of those that are not.
const (
	nobodyThere      = "No worker was there to start it."
	leftOut          = " Its rule for missed times leaves it out."
	caughtUpLate     = "No worker was there at its time. It ran late, as its rule for missed times says."
	caughtUpEarlier  = "It makes up for those before it that no worker was there to start, as its rule for missed times says."
	waitsForItsTurn  = "It waits for its turn, since only so many runs of this workflow go on at once."
	notBesideAnother = "was not finished, and its rule starts no second one beside it"
	oneWaits         = "was waiting already, and its rule has one wait at most"
)

// unusual says what of a rule had a time run just then, where that is another one than the
// rule has written; "" elsewhere.
func (r Rule) unusual(p plannedTime) string {
	var said []string
	if own, ok := r.raw(p.at.Add(-time.Microsecond)); !p.from.IsZero() && (!ok || !own.Equal(p.at)) {
		said = append(said, "It was moved here: "+r.lookUp(p.from).free)
	} else if r.cron != nil && !r.cron.realTime {
		said = append(said, r.jumped(p.at)...)
	}
	if later := r.firesAt(p.at).Sub(p.at); later > 0 {
		said = append(said, "Its place in the spread of "+workflow.DurationWords(r.jitter)+" was "+workflow.DurationWords(later)+" after the time.")
	}
	return strings.Join(said, " ")
}

// jumped says what a change of the clock did to a time at which a rule of fixed times fires.
func (r Rule) jumped(at time.Time) []string {
	start, end, offset := period(at, r.Zone())
	if at.Equal(start) {
		_, _, before := period(start.Add(-1), r.Zone())
		meant, ok := r.cron.nextMatch(minuteFrom(start.Add(before)))
		if ok && meant.Before(start.Add(offset)) {
			return []string{"The clock went forward over " + meant.Format("15:04") + ", so it ran right after."}
		}
	}
	if end.IsZero() {
		return nil
	}
	if _, _, next := period(end, r.Zone()); next < offset && !at.Before(end.Add(next-offset)) {
		return []string{r.local(at).Format("15:04") + " came twice, since the clock went back: it ran the first time."}
	}
	return nil
}
