package plan

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/worker/workflow"
)

// OutlineItem is one item of a loop: what its steps have come to together.
type OutlineItem struct {
	Index     int
	Iteration string // its place, that of the loops around it included
	// Status is succeeded when all its steps have finished, failed when one has
	// failed for good, cancelled when the run ended before it did; else running or
	// waiting.
	Status, WaitingFor string
	// StepID names the step that it failed at or is at, Error why it failed.
	StepID string
	Error  []byte
	// StartedAt and FinishedAt are when its first step began and its last ended.
	StartedAt, FinishedAt *time.Time
}

// gather sorts the attempts by the spot to which they belong, and finds the items
// that each loop has begun.
func (o *outliner) gather(steps []workflow.Step, attempts []Attempt) {
	loops := map[string][]string{} // of each step, the loops around it, outermost first
	workflow.Walk(steps, func(_ string, step *workflow.Step, parents []*workflow.Step) bool {
		for _, parent := range parents {
			if len(parent.Do) > 0 {
				loops[step.ID] = append(loops[step.ID], parent.ID)
			}
		}
		return true
	})
	o.attempts, o.items = map[Spot][]Attempt{}, map[Spot][]int{}
	seen := map[Spot]bool{}
	for _, a := range attempts {
		at := a.Spot()
		o.attempts[at] = append(o.attempts[at], a)
		rest := a.Iteration
		for i := len(loops[a.StepID]) - 1; i >= 0 && rest != ""; i-- {
			item := Spot{loops[a.StepID][i], rest}
			if seen[item] {
				break
			}
			seen[item] = true
			outside := Around(rest)
			index, _ := strconv.Atoi(strings.TrimPrefix(rest[len(outside):], ".")) // ItemPath writes them
			loop := Spot{item.StepID, outside}
			o.items[loop] = append(o.items[loop], index)
			rest = outside
		}
	}
	for _, indexes := range o.items {
		slices.Sort(indexes)
	}
}

// sumItems sums up the items that a loop has begun.
func (o *outliner) sumItems(step *workflow.Step, iteration string) []OutlineItem {
	indexes := o.items[Spot{step.ID, iteration}]
	if len(indexes) == 0 {
		return nil
	}
	items := make([]OutlineItem, len(indexes))
	for i, index := range indexes {
		items[i] = OutlineItem{Index: index, Iteration: ItemPath(iteration, index), Status: workflow.StepSucceeded}
		o.walkItem(step.Do, &items[i])
	}
	return items
}

// walkItem walks an item's block as the run does, and reports whether the item
// has come to its end.
func (o *outliner) walkItem(steps []workflow.Step, item *OutlineItem) bool {
	for i := range steps {
		if !steps[i].Disabled && !o.past(&steps[i], item) {
			return false
		}
	}
	return true
}

// past reports whether an item has finished a step; if not, the item has the
// step's state.
func (o *outliner) past(step *workflow.Step, item *OutlineItem) bool {
	attempts := o.attempts[Spot{step.ID, item.Iteration}]
	item.spans(attempts)
	status, waitingFor := o.stepStatus(attempts, true)
	if status == workflow.StepSucceeded {
		block := step.Block(attempts[len(attempts)-1].Branch)
		return block == nil || len(step.Do) > 0 || o.walkItem(*block, item)
	}
	if status == workflow.StepFailed && step.OnError == onErrorContinue {
		return true
	}
	item.Status, item.WaitingFor, item.StepID = status, waitingFor, step.ID
	switch status {
	case workflow.StepFailed:
		item.Error = attempts[len(attempts)-1].Error
	case workflow.StepPending: // between two steps
		item.Status, item.FinishedAt = workflow.StepRunning, nil
	case workflow.StepSkipped:
		item.Status = workflow.StepCancelled
	case workflow.StepRunning, workflow.StepWaiting:
		item.FinishedAt = nil
	}
	return false
}

// spans widens the item's time by that of a step's attempts.
func (i *OutlineItem) spans(attempts []Attempt) {
	for _, a := range attempts {
		if a.StartedAt != nil && (i.StartedAt == nil || a.StartedAt.Before(*i.StartedAt)) {
			i.StartedAt = a.StartedAt
		}
		if a.FinishedAt != nil && (i.FinishedAt == nil || a.FinishedAt.After(*i.FinishedAt)) {
			i.FinishedAt = a.FinishedAt
		}
	}
}
