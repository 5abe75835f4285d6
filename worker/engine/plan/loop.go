package plan

import (
	"encoding/json"
	"fmt"
	"time"

	"workflows/worker/workflow"
)

// MaxItems bounds the list that a for_each goes through.
const MaxItems = 10_000

// Loop is what a for_each goes through, as its attempt's output holds it until the
// items are finished: what any worker needs to go on in its middle.
type Loop struct {
	List        []json.RawMessage `json:"list"`
	MaxParallel int               `json:"max_parallel"`
	OnItemError string            `json:"on_item_error"`
}

// Enter keeps what a for_each goes through from now on.
func (s *State) Enter(a *Attempt, items *Loop) {
	if s.Loops == nil {
		s.Loops = map[string]*Loop{}
	}
	s.Loops[a.ID] = items
}

// walkItems goes through the items of a for_each that is under way: in their order, at
// most as many at once as the step allows. After the first failed one, unless
// failed items may be, after the step's time limit, and once the items have given
// more than can be kept, nothing more begins inside; what is in hand may end, and
// waits are given up.
func (w *walk) walkItems(step *workflow.Step, a *Attempt) {
	items := w.s.Loops[a.ID]
	before := *w
	limit := loopLimit(step, a)
	at, stop, gave := 0, false, w.s.passed[a.ID].gave
	for i := w.s.passed[a.ID].items; i < len(items.List); i++ {
		path := ItemPath(a.Iteration, i)
		if !stop && at >= max(items.MaxParallel, 1) && !w.begun(step.Do, path) {
			break // those after it have to wait
		}
		p := w.block(step.Do, path)
		if p.reach == finished {
			gave += p.last.Bytes()
		}
		switch {
		case p.reach == open:
			at++
		case p.reach == broken && items.OnItemError != onErrorContinue:
			stop = true
		case i == w.s.passed[a.ID].items:
			w.s.pass(a, passed{i + 1, gave})
		}
	}
	late := !limit.IsZero() && !w.now.Before(limit)
	switch {
	case gave > MaxKept:
		w.cutOff(step, a, items, before, tooMuch(len(items.List)))
	case at == 0 && w.s.passed[a.ID].items == len(items.List):
		w.sumUp(step, a, items, nil)
	case stop || late:
		w.cutOff(step, a, items, before, outOfTime(step))
	case !limit.IsZero() && (w.moves.Until.IsZero() || limit.Before(w.moves.Until)):
		w.moves.Until = limit
	}
}

// cutOff lets nothing inside a for_each go on: it ends when what is in hand has.
func (w *walk) cutOff(step *workflow.Step, a *Attempt, items *Loop, before walk, cause *workflow.StepError) {
	busy := w.busy
	*w = before
	w.busy = busy
	if busy == before.busy {
		w.sumUp(step, a, items, cause)
	}
}

// loopLimit is when the step's timeout ends a for_each; zero for never.
func loopLimit(step *workflow.Step, a *Attempt) time.Time {
	if step.Timeout == "" || a.StartedAt == nil {
		return time.Time{}
	}
	return a.StartedAt.Add(DurationOr(step.Timeout, 0))
}

func outOfTime(step *workflow.Step) *workflow.StepError {
	limit := workflow.DurationWords(DurationOr(step.Timeout, 0))
	return &workflow.StepError{Code: workflow.CodeTimeout, Permanent: true, Message: "Not all items were finished within " + limit + ". Raise the step's time limit, or do more of them at once."}
}

func tooMuch(items int) *workflow.StepError {
	return &workflow.StepError{Code: workflow.CodeTooLarge, Permanent: true, Message: fmt.Sprintf("The %d items give more than 16 MB together, so those that were left are left out. Have the last step inside give less, or go through fewer items at once.", items)}
}

// begun reports whether an item has been begun: its first step has.
func (w *walk) begun(steps []workflow.Step, path string) bool {
	for i := range steps {
		if !steps[i].Disabled {
			at := Spot{steps[i].ID, path}
			return w.s.InHand[at] || w.s.Done.Latest(at) != nil
		}
	}
	return false
}

// passed are the first items of a list that are finished, and the bytes that they gave.
type passed struct{ items, gave int }

// pass keeps them, so that long lists are not gone through again and again.
func (s *State) pass(a *Attempt, first passed) {
	if s.passed == nil {
		s.passed = map[string]passed{}
	}
	s.passed[a.ID] = first
}

// sumUp settles a for_each with what became of its items. cause is why it ends
// before all are finished, where none of them is to blame.
func (w *walk) sumUp(step *workflow.Step, a *Attempt, items *Loop, cause *workflow.StepError) {
	over := Settlement{Step: step, Attempt: a, Items: make([]Item, len(items.List))}
	if cause != nil && cause.Code == workflow.CodeTooLarge {
		over.Items, over.Cause = nil, cause // they could not be kept
		w.moves.Settle = append(w.moves.Settle, over)
		return
	}
	look := &walk{s: w.s, now: w.now} // its moves are not for use
	for i := range items.List {
		p := look.block(step.Do, ItemPath(a.Iteration, i))
		if p.reach != broken {
			over.Items[i].Last = p.last
			continue
		}
		over.Items[i].Failed = p.failed
		if over.Cause == nil && items.OnItemError != onErrorContinue {
			reason := workflow.ReadFailure(p.failed.Error)
			over.Cause = &workflow.StepError{Code: workflow.CodeItemFailed, Permanent: true, Message: fmt.Sprintf("Item %d of %d failed at “%s”: %s", i+1, len(items.List), p.failed.Name, reason.Message)}
		}
	}
	if over.Cause == nil {
		over.Cause = cause
	}
	w.moves.Settle = append(w.moves.Settle, over)
}
