package schedule

import (
	"fmt"
	"strings"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

// Remedy is the one thing that helps, or shows more.
type Remedy string

// What a person can do about a schedule.
const (
	RemedyNone           Remedy = ""
	RemedyShowRun        Remedy = "show_run"
	RemedyResume         Remedy = "resume"          // the schedule
	RemedyResumeWorkflow Remedy = "resume_workflow" // its workflow
	RemedyEdit           Remedy = "edit"            // the schedule's rule
	RemedyEditWorkflow   Remedy = "edit_workflow"
	RemedyCalendars      Remedy = "calendars"
	RemedyQueue          Remedy = "queue"
	RemedyRunNow         Remedy = "run_now"
)

// Explanation says in one sentence why a schedule did not run, or that it did.
type Explanation struct {
	Sentence string
	Well     bool // nothing is wrong
	Remedy   Remedy
	RunID    string
}

// Case is what is known of a schedule when somebody asks.
type Case struct {
	Schedule models.Schedule
	Workflow models.Workflow
	Rule     Rule
	Readable bool               // the rule could be read
	Last     *models.PlannedRun // the newest row of its ledger
	Run      *models.Run        // the run of the row that is asked about; nil when there is none
	Workers  int                // connected ones; -1 is not known
	// Standstill says why nothing starts.
	Standstill models.Standstill
	// QueuePaused says that the queue of that run is paused.
	QueuePaused bool
	Now         time.Time
}

// lateAfter is how far in the past the next time must lie for nobody to be at it.
const lateAfter = 30 * time.Second

// WhyNow answers why a schedule does not run, as things stand.
func (c Case) WhyNow() Explanation {
	s := c.Schedule
	switch {
	case s.Status == models.ScheduleRemoved:
		return Explanation{Sentence: "It is not part of what is published any more.", Remedy: RemedyEditWorkflow}
	case !c.Readable:
		return Explanation{Sentence: "Its rule cannot be read: a time zone or a calendar that it names does not exist any more.", Remedy: RemedyEdit}
	case s.Status == models.ScheduleOff:
		return Explanation{Sentence: "It is switched off: nothing is planned until somebody switches it on and publishes.", Remedy: RemedyEdit}
	case s.Status == models.ScheduleEnded && c.Rule.neverAgain(c.Now):
		return Explanation{Sentence: "It has no further time: " + c.endWords(), Remedy: RemedyEdit}
	case s.Status == models.SchedulePaused && s.PausedAt != nil:
		return Explanation{Sentence: untilWords(pausedWords(s, c.Workflow), s.PausedUntil, c.Rule.Zone()), Remedy: RemedyResume}
	case s.Status == models.SchedulePaused:
		return Explanation{Sentence: untilWords(pausedWords(s, c.Workflow), c.Workflow.PausedUntil, c.Rule.Zone()), Remedy: RemedyResumeWorkflow}
	case s.NextFireAt != nil && c.Now.Sub(*s.NextFireAt) > lateAfter:
		return c.late(*s.NextFireAt)
	case c.Last == nil && s.NextAt != nil:
		return Explanation{Sentence: c.Rule.restWords(c.Now) + "Its first time has not come: it runs next on " + c.Rule.clockStamp(*s.NextAt) + ".", Well: true}
	case c.Last == nil:
		return Explanation{Sentence: "No time has been planned yet.", Well: true}
	}
	answer := c.row(*c.Last)
	if answer.Well && s.NextAt != nil {
		answer.Sentence += " " + c.Rule.restWords(c.Now) + "It runs next on " + c.Rule.clockStamp(*s.NextAt) + "."
	}
	return answer
}

// WhyAt answers what became of one moment; row is the ledger's for its minute,
// nil when there is none.
func (c Case) WhyAt(at time.Time, row *models.PlannedRun) Explanation {
	switch {
	case row != nil:
		return c.row(*row)
	case !c.Readable:
		return c.WhyNow()
	case at.After(c.Now):
		return Explanation{Sentence: "That is still to come. " + c.Rule.restWords(at) + c.near(at), Well: true}
	case at.Before(c.Schedule.CreatedAt):
		return Explanation{Sentence: "This schedule has been published only since " + c.Rule.clockStamp(c.Schedule.CreatedAt) + ".", Well: true}
	case c.plannedAt(at) && at.After(c.Schedule.AccountedUntil):
		return c.late(at)
	case c.plannedAt(at):
		return Explanation{Sentence: "The rule of today has this time, but nothing was planned for it then: the rule was another one, or it was switched off or not published.", Well: true}
	}
	return Explanation{Sentence: "It was not planned for this time. " + c.Rule.restWords(at) + c.near(at), Well: true, Remedy: RemedyEdit}
}

func (c Case) plannedAt(at time.Time) bool {
	p, ok := c.Rule.nextPlanned(at.Add(-time.Microsecond))
	return ok && p.at.Equal(at)
}

// near names the planned times around a moment.
func (c Case) near(at time.Time) string {
	var before time.Time
	for window := time.Hour; before.IsZero() && window < 10*366*24*time.Hour; window *= 4 {
		if times, _ := c.Rule.between(at.Add(-window), at); len(times) > 0 {
			before = times[len(times)-1].at
		}
	}
	after, ok := c.Rule.Next(at)
	switch {
	case before.IsZero() && !ok:
		return "It has no times near it."
	case !ok:
		return "The last time before it is " + c.Rule.clockStamp(before) + "."
	case before.IsZero():
		return "The next time after it is " + c.Rule.clockStamp(after) + "."
	}
	return "The times around it are " + c.Rule.clockStamp(before) + " and " + c.Rule.clockStamp(after) + "."
}

func (c Case) late(since time.Time) Explanation {
	when := "It should have started on " + c.Rule.clockStamp(since)
	if c.Standstill.Holds() {
		return Explanation{Sentence: when + ", but " + c.Standstill.Cause()}
	}
	if c.Workers == 0 {
		return Explanation{Sentence: when + ", but no worker is connected.", Remedy: RemedyQueue}
	}
	return Explanation{Sentence: when + ", and no worker has taken it up: what the workers log says why.", Remedy: RemedyQueue}
}

// row explains a row of the ledger.
func (c Case) row(row models.PlannedRun) Explanation {
	at := "The time of " + c.Rule.clockStamp(row.PlannedAt) + " "
	switch row.Outcome {
	case workflow.OutcomeRan, workflow.OutcomeCaughtUp:
		return c.ran(row)
	case workflow.OutcomePaused:
		return Explanation{Sentence: at + "was passed over. " + row.Reason, Remedy: RemedyRunNow}
	case workflow.OutcomeSkipped:
		return c.whySkipped(at, row)
	}
	remedy := RemedyRunNow
	if strings.HasPrefix(row.Reason, "It could not start") {
		remedy = RemedyEditWorkflow
	}
	return Explanation{Sentence: at + "was missed. " + row.Reason, Remedy: remedy}
}

func (c Case) whySkipped(at string, row models.PlannedRun) Explanation {
	answer := Explanation{Sentence: at + "was skipped. " + row.Reason, Remedy: RemedyEditWorkflow}
	if row.RunID != nil {
		answer.Remedy, answer.RunID = RemedyShowRun, *row.RunID
	} else if strings.Contains(row.Reason, "in the calendar") {
		answer.Remedy = RemedyCalendars
	}
	return answer
}

// endWords says why there is no further time.
func (c Case) endWords() string {
	switch {
	case !c.Rule.at.IsZero():
		return "it was meant for " + c.Rule.clockStamp(c.Rule.at) + " only."
	case !c.Rule.before.IsZero():
		return "its last day was " + c.Rule.before.Add(-time.Microsecond).In(c.Rule.Zone()).Format("2 January 2006") + "."
	}
	return "no day fits its rule."
}

func (r Rule) neverAgain(now time.Time) bool {
	_, ok := r.Next(now)
	return !ok
}

// Stamp writes a moment on the clock of the rule's zone, which it names.
func (r Rule) Stamp(at time.Time) string { return r.clockStamp(at) + " (" + r.Zone().String() + ")" }

// clockStamp writes a moment on the clock of the rule's zone.
func (r Rule) clockStamp(at time.Time) string {
	return at.In(r.Zone()).Format("Mon 2 Jan 2006 at 15:04")
}

func untilWords(words string, until *time.Time, zone *time.Location) string {
	words = strings.TrimSuffix(words, ".")
	if until == nil {
		return words + ", until somebody resumes it."
	}
	return fmt.Sprintf("%s, until %s.", words, until.In(zone).Format("Mon 2 Jan 2006 at 15:04"))
}
