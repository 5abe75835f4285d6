package plan

import "workflows/worker/workflow"

// OutlineStep is one step of a definition with what a run has made of it; a step
// inside a loop stands once for each item that was begun.
type OutlineStep struct {
	StepID, Name, Type string
	Iteration          string // the item's place in its loops, "3" or "3.0"; "" outside of one
	Depth              int    // 0 for the steps of the workflow itself
	Block              string // the block that holds it: "", then, else, do
	Disabled           bool   // switched off, or inside of a step that is
	// Status is that of its newest attempt, waiting while it is to be tried again,
	// pending before the first, skipped when there will be none.
	Status string
	// WaitingFor says what a waiting step waits for: time, retry, workflow, decision …
	WaitingFor string
	// Attempts are oldest first; none for pending and skipped steps.
	Attempts []Attempt
	// Items are those that a loop has begun, in their order.
	Items []OutlineItem
}

// Latest is the newest attempt, or nil.
func (s *OutlineStep) Latest() *Attempt {
	if len(s.Attempts) == 0 {
		return nil
	}
	return &s.Attempts[len(s.Attempts)-1]
}

// Outline lists every step of the definition in its order, nested ones after the
// step that holds them, with the attempts of a run in the state runStatus. Which
// items of a loop are listed step by step is said by opened, from the loop's step
// and the item's place; nil lists them all.
func Outline(d workflow.Definition, types workflow.Types, runStatus string, attempts []Attempt, opened func(loop, iteration string) bool) []OutlineStep {
	o := &outliner{types: types, final: workflow.Final(runStatus), opened: opened}
	o.gather(d.Steps, attempts)
	o.listBlock(d.Steps, listing{possible: true})
	return o.listed
}

// FirstSteps cuts an outline off before the step that would make it too many
// attempts; steps without one count too. more says that it did.
func FirstSteps(listed []OutlineStep, attempts int) (first []OutlineStep, more bool) {
	for i, step := range listed {
		if attempts -= max(len(step.Attempts), 1); attempts < 0 {
			return listed[:i], true
		}
	}
	return listed, false
}

// outliner lists the steps of one run.
type outliner struct {
	types    workflow.Types
	final    bool
	opened   func(loop, iteration string) bool
	attempts map[Spot][]Attempt
	items    map[Spot][]int // of a loop's step: the items that were begun
	listed   []OutlineStep
}

// listing is where a block is listed.
type listing struct {
	iteration string
	depth     int
	block     string
	possible  bool // it can still be reached
	off       bool // a step around it is switched off
}

// listBlock lists a block.
func (o *outliner) listBlock(steps []workflow.Step, at listing) {
	for i := range steps {
		step := &steps[i]
		attempts := o.attempts[Spot{step.ID, at.iteration}]
		off := at.off || step.Disabled
		listed := OutlineStep{
			StepID: step.ID, Name: workflow.StepTitle(*step, o.types), Type: step.Type, Iteration: at.iteration,
			Depth: at.depth, Block: at.block, Disabled: off, Attempts: attempts, Items: o.sumItems(step, at.iteration),
		}
		listed.Status, listed.WaitingFor = o.stepStatus(attempts, at.possible && !off)
		o.listed = append(o.listed, listed)
		for _, name := range []string{"then", "else"} {
			o.listBlock(*step.Block(name), listing{at.iteration, at.depth + 1, name, at.possible && mayEnter(attempts, name), off})
		}
		o.inside(step, listed, at, off)
	}
}

// inside lists the steps of a loop: for each item that is opened, or, where none
// was begun, as they stand in the definition.
func (o *outliner) inside(step *workflow.Step, listed OutlineStep, at listing, off bool) {
	within := listing{at.iteration, at.depth + 1, BlockDo, at.possible && mayLoop(listed), off}
	if len(listed.Items) == 0 {
		o.listBlock(step.Do, within)
		return
	}
	for _, item := range listed.Items {
		if o.opened == nil || o.opened(step.ID, item.Iteration) {
			within.iteration, within.possible = item.Iteration, at.possible && !workflow.Final(item.Status)
			o.listBlock(step.Do, within)
		}
	}
}

// stepStatus is a step's state, and what it waits for.
func (o *outliner) stepStatus(attempts []Attempt, possible bool) (status, waitingFor string) {
	switch {
	case len(attempts) == 0 && (o.final || !possible):
		return workflow.StepSkipped, ""
	case len(attempts) == 0:
		return workflow.StepPending, ""
	}
	last := &attempts[len(attempts)-1]
	switch {
	case last.Status == workflow.StepFailed && last.WakeAt != nil && !o.final:
		return workflow.StepWaiting, workflow.WaitRetry
	case last.Status == workflow.StepWaiting:
		return last.Status, last.WaitsFor()
	}
	return last.Status, ""
}

// mayEnter reports whether the block is the one that its step chose, or may
// still choose.
func mayEnter(attempts []Attempt, block string) bool {
	if len(attempts) == 0 {
		return true
	}
	last := attempts[len(attempts)-1]
	switch last.Status {
	case workflow.StepSucceeded:
		return last.Branch == block
	case workflow.StepFailed:
		return last.WakeAt != nil
	}
	return true
}

// mayLoop reports whether a loop without items may still come to some.
func mayLoop(step OutlineStep) bool {
	return step.Status != workflow.StepSucceeded && step.Status != workflow.StepFailed
}
