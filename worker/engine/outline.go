package engine

import (
	"context"

	"workflows/models"
	"workflows/worker/workflow"
)

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
	// WaitingFor says what a waiting step waits for: time, retry, workflow, decision.
	WaitingFor string
	// Attempts are its rows, oldest first; none for pending and skipped steps.
	Attempts []models.StepRun
	// Items are those that a loop has begun, in their order.
	Items []OutlineItem
}

// Latest is the newest attempt, or nil.
func (s *OutlineStep) Latest() *models.StepRun {
	if len(s.Attempts) == 0 {
		return nil
	}
	return &s.Attempts[len(s.Attempts)-1]
}

// Outline lists every step of the definition in its order, nested ones after the
// step that holds them, with the attempts of the run. Which items of a loop are
// listed step by step is said by open, from the loop's step and the item's place;
// nil lists them all.
func Outline(d workflow.Definition, types workflow.Types, run models.Run, rows []models.StepRun, open func(loop, iteration string) bool) []OutlineStep {
	o := &outline{types: types, final: workflow.Final(run.Status), open: open}
	o.gather(d.Steps, rows)
	o.steps(d.Steps, listing{possible: true})
	return o.listed
}

// Steps is Outline of a run with everything it needs read from the database: the
// steps up to so many attempts, of which further ones are left out. more says that
// there are.
func (e *Engine) Steps(ctx context.Context, run models.Run, attempts int) (listed []OutlineStep, more bool, err error) {
	version, err := e.version(ctx, e.db, run.VersionID)
	if err != nil {
		return nil, false, err
	}
	marks, err := models.StepMarks(ctx, e.db, run.ID)
	if err != nil {
		return nil, false, err
	}
	listed, more = firstSteps(Outline(version.definition, e.types, run, marks, nil), attempts)
	var ids []string
	for _, step := range listed {
		for _, row := range step.Attempts {
			ids = append(ids, row.ID)
		}
	}
	whole, err := models.StepRunsByID(ctx, e.db, run.ID, ids)
	if err != nil {
		return nil, false, err
	}
	for _, step := range listed {
		for i, row := range step.Attempts {
			step.Attempts[i].Input, step.Attempts[i].Output = whole[row.ID].Input, whole[row.ID].Output
		}
	}
	return listed, more, nil
}

// firstSteps cuts a list off before the step that would make it too many
// attempts; steps without one count too.
func firstSteps(listed []OutlineStep, attempts int) ([]OutlineStep, bool) {
	for i, step := range listed {
		if attempts -= max(len(step.Attempts), 1); attempts < 0 {
			return listed[:i], true
		}
	}
	return listed, false
}

type outline struct {
	types    workflow.Types
	final    bool
	open     func(loop, iteration string) bool
	attempts map[place][]models.StepRun
	items    map[place][]int // of a loop's step: the items that were begun
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

// steps lists a block.
func (o *outline) steps(steps []workflow.Step, at listing) {
	for i := range steps {
		step := &steps[i]
		rows := o.attempts[place{step.ID, at.iteration}]
		off := at.off || step.Disabled
		listed := OutlineStep{
			StepID: step.ID, Name: workflow.StepTitle(*step, o.types), Type: step.Type, Iteration: at.iteration,
			Depth: at.depth, Block: at.block, Disabled: off, Attempts: rows, Items: o.itemsOf(step, at.iteration),
		}
		listed.Status, listed.WaitingFor = o.status(rows, at.possible && !off)
		o.listed = append(o.listed, listed)
		for _, name := range []string{"then", "else"} {
			o.steps(*step.Block(name), listing{at.iteration, at.depth + 1, name, at.possible && mayEnter(rows, name), off})
		}
		o.loop(step, listed, at, off)
	}
}

// loop lists the steps of a loop: for each item that is open, or, where none was
// begun, as they stand in the definition.
func (o *outline) loop(step *workflow.Step, listed OutlineStep, at listing, off bool) {
	inside := listing{at.iteration, at.depth + 1, blockDo, at.possible && mayLoop(listed), off}
	if len(listed.Items) == 0 {
		o.steps(step.Do, inside)
		return
	}
	for _, item := range listed.Items {
		if o.open == nil || o.open(step.ID, item.Iteration) {
			inside.iteration, inside.possible = item.Iteration, at.possible && !workflow.Final(item.Status)
			o.steps(step.Do, inside)
		}
	}
}

// status is a step's state, and what it waits for.
func (o *outline) status(rows []models.StepRun, possible bool) (status, waitingFor string) {
	switch {
	case len(rows) == 0 && (o.final || !possible):
		return workflow.StepSkipped, ""
	case len(rows) == 0:
		return workflow.StepPending, ""
	}
	last := rows[len(rows)-1]
	switch {
	case last.Status == workflow.StepFailed && last.WakeAt != nil && !o.final:
		return workflow.StepWaiting, workflow.WaitRetry
	case last.Status != workflow.StepWaiting:
		return last.Status, ""
	case last.ChildID != nil:
		return last.Status, workflow.WaitWorkflow
	case last.Branch == blockApproval:
		return last.Status, workflow.WaitApproval
	case readFailure(last.Error).Code == codeUnknownOutcome:
		return last.Status, workflow.WaitDecision
	}
	return last.Status, workflow.WaitTime
}

// Result is what an attempt gave: while a loop is under way, its row holds what
// it goes through instead.
func Result(row models.StepRun) models.JSON {
	underWay := row.Branch == blockDo && row.Status != workflow.StepSucceeded && row.Status != workflow.StepFailed
	if underWay {
		return nil
	}
	return row.Output
}

// mayEnter reports whether the block is the one that its step chose, or may
// still choose.
func mayEnter(rows []models.StepRun, block string) bool {
	if len(rows) == 0 {
		return true
	}
	last := rows[len(rows)-1]
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
