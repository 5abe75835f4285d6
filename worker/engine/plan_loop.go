package engine

import (
	"fmt"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

const (
	// blockDo is the block that a for_each executes for each item.
	blockDo = "do"
	// maxItems bounds the list of one.
	maxItems = 10_000
)

// loop goes through the items of a for_each that is under way: in their order, at
// most as many at once as the step allows. After the first failed one, unless
// failed items may be, and after the step's time limit nothing more begins inside;
// what is in hand may end, and waits are given up.
func (w *walk) loop(step *workflow.Step, row *models.StepRun) {
	items := w.m.loops[row.ID]
	before := *w
	limit := loopLimit(step, row)
	at, stop := 0, false
	for i := w.m.passed[row.ID]; i < len(items.List); i++ {
		path := within(row.Iteration, i)
		if !stop && at >= max(items.MaxParallel, 1) && !w.begun(step.Do, path) {
			break // those after it have to wait
		}
		p := w.block(step.Do, path)
		switch {
		case p.state == open:
			at++
		case p.state == failed && items.OnItemError != onErrorContinue:
			stop = true
		case i == w.m.passed[row.ID]:
			w.m.pass(row, i+1)
		}
	}
	late := !limit.IsZero() && !w.now.Before(limit)
	switch {
	case at == 0 && w.m.passed[row.ID] == len(items.List):
		w.gather(step, row, items, nil)
	case stop || late:
		busy := w.busy
		*w = before // nothing in it goes on
		w.busy = busy
		if busy == before.busy {
			w.gather(step, row, items, outOfTime(step))
		}
	case !limit.IsZero() && (w.plan.until.IsZero() || limit.Before(w.plan.until)):
		w.plan.until = limit
	}
}

// loopLimit is when the step's timeout ends a for_each; zero for never.
func loopLimit(step *workflow.Step, row *models.StepRun) time.Time {
	if step.Timeout == "" || row.StartedAt == nil {
		return time.Time{}
	}
	return row.StartedAt.Add(durationOr(step.Timeout, 0))
}

func outOfTime(step *workflow.Step) *workflow.StepError {
	limit := workflow.DurationWords(durationOr(step.Timeout, 0))
	return &workflow.StepError{Code: codeTimeout, Permanent: true, Message: "Not all items were finished within " + limit + ". Raise the step's time limit, or do more of them at once."}
}

// begun reports whether an item has been begun: its first step has.
func (w *walk) begun(steps []workflow.Step, path string) bool {
	for i := range steps {
		if !steps[i].Disabled {
			at := place{steps[i].ID, path}
			return w.m.inHand[at] || w.m.done.latest(at) != nil
		}
	}
	return false
}

// pass keeps how many first items are finished, so that long lists are not gone
// through again and again.
func (m *machine) pass(row *models.StepRun, n int) {
	if m.passed == nil {
		m.passed = map[string]int{}
	}
	m.passed[row.ID] = n
}

// gather settles a for_each with what became of its items. cause is why it ends
// before all are finished, where none of them is to blame.
func (w *walk) gather(step *workflow.Step, row *models.StepRun, items *workflow.Items, cause *workflow.StepError) {
	over := settlement{step: step, row: row, items: make([]item, len(items.List))}
	look := &walk{m: w.m, now: w.now} // its plan is not for use
	for i := range items.List {
		p := look.block(step.Do, within(row.Iteration, i))
		if p.state != failed {
			over.items[i].last = p.last
			continue
		}
		over.items[i].failed = p.failed
		if over.cause == nil && items.OnItemError != onErrorContinue {
			reason := readFailure(p.failed.Error)
			over.cause = &workflow.StepError{Code: codeItemFailed, Permanent: true, Message: fmt.Sprintf("Item %d of %d failed at “%s”: %s", i+1, len(items.List), p.failed.Name, reason.Message)}
		}
	}
	if over.cause == nil {
		over.cause = cause
	}
	w.plan.settle = append(w.plan.settle, over)
}
