package engine

import (
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

// action is what a run does next.
type action int

const (
	executeStep action = iota // run attempt of step
	settleStep                // step has waited long enough: it has succeeded
	waitUntil                 // give the run back until then
	finishRun                 // the run is final
)

// decision is an action with what it needs.
type decision struct {
	action  action
	step    *workflow.Step
	attempt int
	until   time.Time
	waitFor string // time or retry
	// Of a finished run: the row that gives the output, nil for none; the failure
	// that ended it, nil when it succeeded.
	last    *models.StepRun
	failure *failure
}

// results are the stored attempts of each step, oldest first.
type results map[string][]*models.StepRun

// add keeps a new attempt.
func (r results) add(row *models.StepRun) { r[row.StepID] = append(r[row.StepID], row) }

// latest is the newest attempt of a step, or nil.
func (r results) latest(stepID string) *models.StepRun {
	rows := r[stepID]
	if len(rows) == 0 {
		return nil
	}
	return rows[len(rows)-1]
}

// decide says what to do next. It looks at nothing but its arguments, so that
// any worker comes to the same decision: it walks the definition from its first
// step past everything that the results show as finished. A zero deadline is none.
//
// A failed attempt with a wake time is tried again then; without one the step
// has failed for good.
func decide(d *workflow.Definition, done results, now, deadline time.Time) decision {
	w := &walk{done: done, now: now}
	w.steps(d.Steps)
	next := w.next
	if next == nil {
		return decision{action: finishRun, last: w.last}
	}
	if next.action == finishRun || next.action == settleStep {
		return *next
	}
	if !deadline.IsZero() && !now.Before(deadline) {
		return decision{action: finishRun, failure: &failure{Code: codeTimeout, StepID: next.step.ID, Message: "The run took longer than its settings allow, so it was ended. Raise the limit, or make its steps faster."}}
	}
	if next.action == waitUntil && !deadline.IsZero() && deadline.Before(next.until) {
		next.until = deadline
	}
	return *next
}

// walk goes through the steps until it finds one that is not finished.
type walk struct {
	done results
	now  time.Time
	last *models.StepRun // the last step that succeeded
	next *decision
}

// steps reports whether all of them are finished.
func (w *walk) steps(steps []workflow.Step) bool {
	for i := range steps {
		if !w.step(&steps[i]) {
			return false
		}
	}
	return true
}

func (w *walk) step(step *workflow.Step) bool {
	row := w.done.latest(step.ID)
	if row == nil {
		w.next = &decision{action: executeStep, step: step, attempt: 1}
		return false
	}
	switch row.Status {
	case workflow.StepSucceeded:
		w.last = row
		return w.branch(step, row.Branch)
	case workflow.StepFailed:
		return w.failed(step, row)
	case workflow.StepWaiting:
		if row.WakeAt != nil && w.now.Before(*row.WakeAt) {
			w.next = &decision{action: waitUntil, step: step, until: *row.WakeAt, waitFor: workflow.WaitTime}
		} else {
			w.next = &decision{action: settleStep, step: step}
		}
		return false
	}
	w.next = &decision{action: executeStep, step: step, attempt: row.Attempt + 1}
	return false
}

// branch walks the block that a condition chose; no name is no block.
func (w *walk) branch(step *workflow.Step, name string) bool {
	if block := step.Block(name); block != nil {
		return w.steps(*block)
	}
	return true
}

func (w *walk) failed(step *workflow.Step, row *models.StepRun) bool {
	switch {
	case row.WakeAt != nil && w.now.Before(*row.WakeAt):
		w.next = &decision{action: waitUntil, step: step, until: *row.WakeAt, waitFor: workflow.WaitRetry}
	case row.WakeAt != nil:
		w.next = &decision{action: executeStep, step: step, attempt: row.Attempt + 1}
	case step.OnError == onErrorContinue:
		return true
	default:
		reason := readFailure(row.Error)
		reason.StepID = step.ID
		w.next = &decision{action: finishRun, step: step, failure: &reason, last: nil}
	}
	return false
}
