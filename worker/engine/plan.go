package engine

import (
	"strconv"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

// place is where an attempt stands in a run: its step, and inside a for_each the
// index path of the item, "3" or "3.0".
type place struct{ stepID, iteration string }

func placeOf(row *models.StepRun) place { return place{row.StepID, row.Iteration} }

// within is the index path of item i of a for_each that stands at iteration.
func within(iteration string, i int) string {
	if iteration == "" {
		return strconv.Itoa(i)
	}
	return iteration + "." + strconv.Itoa(i)
}

// results are the attempts at each place, oldest first.
type results map[place][]*models.StepRun

// add keeps a new attempt.
func (r results) add(row *models.StepRun) { r[placeOf(row)] = append(r[placeOf(row)], row) }

// latest is the newest attempt at a place, or nil.
func (r results) latest(at place) *models.StepRun {
	rows := r[at]
	if len(rows) == 0 {
		return nil
	}
	return rows[len(rows)-1]
}

// machine is all that decisions about a run look at. Everything in it but inHand
// can be read again from the database by any worker, who then decides the same:
// there is no cursor to keep.
type machine struct {
	definition *workflow.Definition
	deadline   time.Time // when settings.timeout ends the run; zero is never
	done       results
	loops      map[string]*workflow.Items  // what each for_each that is under way goes through, by its row
	children   map[string]*models.Run      // the started runs that have ended
	approvals  map[string]*models.Approval // what people have decided, by the attempts that ask
	inHand     map[place]bool              // attempts that this worker is executing
	passed     map[string]int              // how many first items of a for_each are known to be finished
}

func newMachine(definition *workflow.Definition) *machine {
	return &machine{definition: definition, done: results{}}
}

// plan is what a run does next. Settlements come first: after them the machine
// has to be asked again. Then it ends, or attempts begin, or those in hand are
// awaited, or the run is given back.
type plan struct {
	settle []settlement
	end    *ending
	begin  []beginning
	// until is when something that waits is due, zero for never; waitFor is what
	// the run waits for: time, retry, workflow, approval or decision.
	until   time.Time
	waitFor string
}

// beginning is an attempt that may begin.
type beginning struct {
	step      *workflow.Step
	iteration string
	attempt   int
}

// settlement ends an attempt without executing anything: a wait is over, a
// started run has ended, or all items of a for_each are finished.
type settlement struct {
	step  *workflow.Step
	row   *models.StepRun
	child *models.Run // the run that has ended
	items []item      // of a for_each
	// approval says that a person was asked.
	approval bool
	cause    *workflow.StepError
}

// item is what became of one item of a for_each: the row that gives its output,
// nil for none, or the one that failed.
type item struct{ last, failed *models.StepRun }

// ending makes the run final: with the output of a row, if there is one, or as
// failed.
type ending struct {
	last    *models.StepRun
	failure *failure
}

// next walks the definition from its first step past everything that is finished.
//
// A failed attempt with a wake time is tried again then; without one the step
// has failed for good. A waiting one waits for its wake time, for its child, or,
// with neither, for a person's decision.
func (m *machine) next(now time.Time) plan {
	w := &walk{m: m, now: now}
	p := w.block(m.definition.Steps, "")
	next := w.plan
	late := !m.deadline.IsZero() && !now.Before(m.deadline)
	switch {
	case len(next.settle) > 0:
		return next
	case p.state == finished:
		next.end = &ending{last: p.last}
	case p.state == failed:
		reason := readFailure(p.failed.Error)
		reason.StepID = p.failed.StepID
		next.end = &ending{failure: &reason}
	case late && w.busy == 0:
		next.end = &ending{failure: &failure{Code: codeTimeout, StepID: w.at.ID, Message: "The run took longer than its settings allow, so it was ended. Raise the limit, or make its steps faster."}}
	case late: // those in hand have the same limit
		next.begin = nil
	case !m.deadline.IsZero() && (next.until.IsZero() || m.deadline.Before(next.until)):
		next.until = m.deadline
	}
	if next.end != nil {
		next.begin = nil
	}
	return next
}

// progress is how far a step or a block has come.
type progress struct {
	state  state
	last   *models.StepRun // the last row that succeeded
	failed *models.StepRun // what it failed with
}

type state int

const (
	open state = iota
	finished
	failed
)

// walk gathers a plan.
type walk struct {
	m    *machine
	now  time.Time
	plan plan
	busy int            // attempts in hand that were met
	at   *workflow.Step // the first step that is not finished
}

// block goes through steps until one is not finished.
func (w *walk) block(steps []workflow.Step, iteration string) progress {
	p := progress{state: finished}
	for i := range steps {
		if steps[i].Disabled {
			continue
		}
		q := w.step(&steps[i], iteration)
		if q.last != nil {
			p.last = q.last
		}
		if q.state != finished {
			return progress{state: q.state, last: p.last, failed: q.failed}
		}
	}
	return p
}

func (w *walk) step(step *workflow.Step, iteration string) progress {
	at := place{step.ID, iteration}
	row := w.m.done.latest(at)
	if row != nil && row.Status == workflow.StepSucceeded {
		return w.succeeded(step, row)
	}
	if w.at == nil {
		w.at = step
	}
	switch {
	case w.m.inHand[at]:
		w.busy++
	case row == nil:
		w.begin(step, iteration, 1)
	case row.Status == workflow.StepFailed:
		return w.failed(step, row)
	case row.Status == workflow.StepWaiting:
		w.waiting(step, row)
	case row.Branch == blockDo:
		w.loop(step, row)
	default: // begun by a worker that is gone
		w.begin(step, iteration, row.Attempt+1)
	}
	return progress{state: open}
}

func (w *walk) begin(step *workflow.Step, iteration string, attempt int) {
	w.plan.begin = append(w.plan.begin, beginning{step, iteration, attempt})
}

// succeeded goes on in the block that a condition chose.
func (w *walk) succeeded(step *workflow.Step, row *models.StepRun) progress {
	p := progress{state: finished, last: row}
	block := step.Block(row.Branch)
	if block == nil || row.Branch == blockDo {
		return p
	}
	if p = w.block(*block, row.Iteration); p.last == nil {
		p.last = row
	}
	return p
}

func (w *walk) failed(step *workflow.Step, row *models.StepRun) progress {
	switch {
	case row.WakeAt != nil && w.now.Before(*row.WakeAt):
		w.wait(*row.WakeAt, workflow.WaitRetry)
	case row.WakeAt != nil:
		w.begin(step, row.Iteration, row.Attempt+1)
	case step.OnError == onErrorContinue:
		return progress{state: finished}
	default:
		return progress{state: failed, failed: row}
	}
	return progress{state: open}
}

// waiting settles a wait that is over.
func (w *walk) waiting(step *workflow.Step, row *models.StepRun) {
	overdue := row.WakeAt != nil && !w.now.Before(*row.WakeAt)
	switch {
	case row.ChildID != nil:
		w.child(step, row, overdue)
	case row.Branch == blockApproval:
		w.approval(step, row, overdue)
	case row.WakeAt == nil:
		w.wait(time.Time{}, workflow.WaitDecision)
	case overdue:
		w.plan.settle = append(w.plan.settle, settlement{step: step, row: row})
	default:
		w.wait(*row.WakeAt, workflow.WaitTime)
	}
}

// child waits for the end of a started run; the step's own time limit, if it has
// one, stands as its wake time.
func (w *walk) child(step *workflow.Step, row *models.StepRun, overdue bool) {
	if child := w.m.children[*row.ChildID]; child != nil {
		w.plan.settle = append(w.plan.settle, settlement{step: step, row: row, child: child, cause: childFailure(child)})
		return
	}
	if overdue {
		w.plan.settle = append(w.plan.settle, settlement{step: step, row: row, cause: &workflow.StepError{Code: codeTimeout, Message: "The workflow that it started did not end within the step's time limit. Raise the limit, or look at that run."}})
		return
	}
	if row.WakeAt != nil {
		w.wait(*row.WakeAt, workflow.WaitWorkflow)
		return
	}
	w.wait(time.Time{}, workflow.WaitWorkflow)
}

// wait notes what the run would wait for: what needs a person is said first, then
// what is due first.
func (w *walk) wait(until time.Time, reason string) {
	sooner := !until.IsZero() && (w.plan.until.IsZero() || until.Before(w.plan.until))
	if sooner {
		w.plan.until = until
	}
	before, now := needsPerson(w.plan.waitFor), needsPerson(reason)
	if w.plan.waitFor == "" || now > before || now == before && sooner {
		w.plan.waitFor = reason
	}
}

// needsPerson orders what a run waits for: what only a person can end first, and
// of that a decision, without which nobody knows what has happened.
func needsPerson(reason string) int {
	switch reason {
	case workflow.WaitDecision:
		return 2
	case workflow.WaitApproval:
		return 1
	}
	return 0
}
