package engine

import (
	"context"

	"workflows/models"
	"workflows/worker/workflow"
)

// OutlineStep is one step of a definition with what a run has made of it.
type OutlineStep struct {
	StepID, Name, Type string
	Depth              int    // 0 for the steps of the workflow itself
	Block              string // the block that holds it: "", then, else
	// Status is that of its newest attempt, waiting while it is to be tried again,
	// pending before the first, skipped when there will be none.
	Status string
	// Attempts are its rows, oldest first; none for pending and skipped steps.
	Attempts []models.StepRun
}

// Outline lists every step of the definition in its order, nested ones after the
// step that holds them, with the attempts of the run.
func Outline(d workflow.Definition, types workflow.Types, run models.Run, rows []models.StepRun) []OutlineStep {
	o := &outline{types: types, final: workflow.Final(run.Status), attempts: map[string][]models.StepRun{}}
	for _, row := range rows {
		o.attempts[row.StepID] = append(o.attempts[row.StepID], row)
	}
	o.steps(d.Steps, 0, "", true)
	return o.listed
}

// Steps is Outline of a run with everything it needs read from the database.
func (e *Engine) Steps(ctx context.Context, run models.Run) ([]OutlineStep, error) {
	version, err := e.version(ctx, e.db, run.VersionID)
	if err != nil {
		return nil, err
	}
	rows, err := models.StepRuns(ctx, e.db, run.ID)
	if err != nil {
		return nil, err
	}
	return Outline(version.definition, e.types, run, rows), nil
}

type outline struct {
	types    workflow.Types
	final    bool
	attempts map[string][]models.StepRun
	listed   []OutlineStep
}

// steps lists a block; possible says whether it can still be reached.
func (o *outline) steps(steps []workflow.Step, depth int, block string, possible bool) {
	for i := range steps {
		step := &steps[i]
		rows := o.attempts[step.ID]
		listed := OutlineStep{StepID: step.ID, Name: workflow.StepTitle(*step, o.types), Type: step.Type, Depth: depth, Block: block, Attempts: rows}
		listed.Status = o.status(rows, possible)
		o.listed = append(o.listed, listed)
		for _, name := range []string{"then", "else", "do"} {
			inside := step.Block(name)
			o.steps(*inside, depth+1, name, possible && mayEnter(rows, name))
		}
	}
}

func (o *outline) status(rows []models.StepRun, possible bool) string {
	switch {
	case len(rows) == 0 && (o.final || !possible):
		return workflow.StepSkipped
	case len(rows) == 0:
		return workflow.StepPending
	}
	last := rows[len(rows)-1]
	if last.Status == workflow.StepFailed && last.WakeAt != nil && !o.final {
		return workflow.StepWaiting
	}
	return last.Status
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
