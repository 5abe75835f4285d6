package plan

import (
	"time"

	"workflows/worker/workflow"
)

// State is all that decisions about a run look at. Everything in it but InHand can
// be read again from the database by any worker, who then decides the same: there
// is no cursor to keep.
type State struct {
	Definition *workflow.Definition
	Deadline   time.Time // when settings.timeout ends the run; zero is never
	Done       History
	Loops      map[string]*Loop  // what each for_each that is under way goes through, by its attempt
	Came       map[string]any    // what has come that attempts wait for, by the attempt
	InHand     map[Spot]bool     // attempts that this worker is executing
	passed     map[string]passed // the first items of each for_each that are known to be finished
}

// NewState is the state of a run that has not begun.
func NewState(definition *workflow.Definition) *State {
	return &State{Definition: definition, Done: History{}}
}

// Moves are what a run does next. Settlements come first: after them the state has
// to be asked again. Then it ends, or attempts begin, or those in hand are awaited,
// or the run is given back.
type Moves struct {
	Settle []Settlement
	End    *Ending
	Begin  []Beginning
	// Until is when something that waits is due, zero for never; WaitFor is what
	// the run waits for: time, retry, workflow, approval, decision …
	Until   time.Time
	WaitFor string
}

// Beginning is an attempt that may begin.
type Beginning struct {
	Step      *workflow.Step
	Iteration string
	Number    int
}

// Settlement ends an attempt without executing anything: what it waited for has
// come or its time is over, or all items of a for_each are finished.
type Settlement struct {
	Step    *workflow.Step
	Attempt *Attempt
	Came    any    // what it waited for; nil when its time is over
	Items   []Item // of a for_each
	Cause   *workflow.StepError
}

// Item is what became of one item of a for_each: the attempt that gives its output,
// nil for none, or the one that failed.
type Item struct{ Last, Failed *Attempt }

// Ending makes the run final: with the output of an attempt, if there is one, or as
// failed.
type Ending struct {
	Last    *Attempt
	Failure *workflow.Failure
}

// NextMoves walks the definition from its first step past everything that is finished.
//
// A failed attempt with a wake time is tried again then; without one the step has
// failed for good. A waiting one waits for what its kind says, at most until its
// wake time.
func (s *State) NextMoves(now time.Time) Moves {
	w := &walk{s: s, now: now}
	p := w.block(s.Definition.Steps, "")
	next := w.moves
	late := !s.Deadline.IsZero() && !now.Before(s.Deadline)
	switch {
	case len(next.Settle) > 0:
		return next
	case p.reach == finished:
		next.End = &Ending{Last: p.last}
	case p.reach == broken:
		reason := workflow.ReadFailure(p.failed.Error)
		reason.StepID = p.failed.StepID
		next.End = &Ending{Failure: &reason}
	case late && w.busy == 0:
		next.End = &Ending{Failure: &workflow.Failure{Code: workflow.CodeTimeout, StepID: w.at.ID, Message: "The run took longer than its settings allow, so it was ended. Raise the limit, or make its steps faster."}}
	case late: // those in hand have the same limit
		next.Begin = nil
	case !s.Deadline.IsZero() && (next.Until.IsZero() || s.Deadline.Before(next.Until)):
		next.Until = s.Deadline
	}
	if next.End != nil {
		next.Begin = nil
	}
	return next
}
