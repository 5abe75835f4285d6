package plan

import (
	"time"

	"workflows/worker/workflow"
)

const onErrorContinue = "continue"

// progress is how far a step or a block has come.
type progress struct {
	reach  reach
	last   *Attempt // the last one that succeeded
	failed *Attempt // the one that it failed with
}

type reach int

const (
	open     reach = iota // something in it is still to be done
	finished              // or it failed and may
	broken                // it failed for good
)

// walk gathers moves.
type walk struct {
	s     *State
	now   time.Time
	moves Moves
	busy  int            // attempts in hand that were met
	at    *workflow.Step // the first step that is not finished
}

// block goes through steps until one is not finished.
func (w *walk) block(steps []workflow.Step, iteration string) progress {
	p := progress{reach: finished}
	for i := range steps {
		if steps[i].Disabled {
			continue
		}
		q := w.step(&steps[i], iteration)
		if q.last != nil {
			p.last = q.last
		}
		if q.reach != finished {
			return progress{reach: q.reach, last: p.last, failed: q.failed}
		}
	}
	return p
}

func (w *walk) step(step *workflow.Step, iteration string) progress {
	at := Spot{step.ID, iteration}
	a := w.s.Done.Latest(at)
	if a != nil && a.Status == workflow.StepSucceeded {
		return w.succeeded(step, a)
	}
	if w.at == nil {
		w.at = step
	}
	switch {
	case w.s.InHand[at]:
		w.busy++
	case a == nil:
		w.begin(step, iteration, 1)
	case a.Status == workflow.StepFailed:
		return w.failed(step, a)
	case a.Status == workflow.StepWaiting:
		w.waiting(step, a)
	case a.Branch == BlockDo:
		w.walkItems(step, a)
	default: // begun by a worker that is gone
		w.begin(step, iteration, a.Number+1)
	}
	return progress{reach: open}
}

func (w *walk) begin(step *workflow.Step, iteration string, number int) {
	w.moves.Begin = append(w.moves.Begin, Beginning{step, iteration, number})
}

// succeeded goes on in the block that a condition chose.
func (w *walk) succeeded(step *workflow.Step, a *Attempt) progress {
	p := progress{reach: finished, last: a}
	block := step.Block(a.Branch)
	if block == nil || a.Branch == BlockDo {
		return p
	}
	if p = w.block(*block, a.Iteration); p.last == nil {
		p.last = a
	}
	return p
}

func (w *walk) failed(step *workflow.Step, a *Attempt) progress {
	switch {
	case a.WakeAt != nil && w.now.Before(*a.WakeAt):
		w.wait(*a.WakeAt, workflow.WaitRetry)
	case a.WakeAt != nil:
		w.begin(step, a.Iteration, a.Number+1)
	case step.OnError == onErrorContinue:
		return progress{reach: finished}
	default:
		return progress{reach: broken, failed: a}
	}
	return progress{reach: open}
}

// waiting settles an attempt when what it waits for has come, or when its time is
// over. What has come counts also where both are so.
func (w *walk) waiting(step *workflow.Step, a *Attempt) {
	came := w.s.Came[a.ID]
	switch {
	case came != nil || a.WakeAt != nil && !w.now.Before(*a.WakeAt):
		w.moves.Settle = append(w.moves.Settle, Settlement{Step: step, Attempt: a, Came: came})
	case a.WakeAt != nil:
		w.wait(*a.WakeAt, a.WaitsFor())
	default:
		w.wait(time.Time{}, a.WaitsFor())
	}
}

// wait notes what the run would wait for: what needs a person is said first, then
// what is due first.
func (w *walk) wait(until time.Time, reason string) {
	sooner := !until.IsZero() && (w.moves.Until.IsZero() || until.Before(w.moves.Until))
	if sooner {
		w.moves.Until = until
	}
	before, now := needsPerson(w.moves.WaitFor), needsPerson(reason)
	if w.moves.WaitFor == "" || now > before || now == before && sooner {
		w.moves.WaitFor = reason
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
