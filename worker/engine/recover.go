package engine

import (
	"fmt"

	"workflows/models"
	"workflows/worker/workflow"
)

// maxRecoveries is how often in a row a run may lose its worker at one step.
const maxRecoveries = 3

// resolveLost decides about attempts that an earlier holder has begun and never
// ended, and returns why the run must end for that: an act of unknown outcome,
// or a step that ends every worker.
func (x *execution) resolveLost() *failure {
	var lost *failure
	for _, rows := range x.done {
		for _, row := range rows {
			if row.Status != workflow.StepRunning {
				continue
			}
			if unknown := x.interrupted(row, codeWorkerLost, "The worker was lost during this attempt."); unknown != nil {
				lost = unknown
			}
		}
	}
	if lost == nil && x.run.Recoveries >= maxRecoveries {
		next := decide(&x.version.definition, x.done, x.now(), x.deadline())
		if next.step != nil {
			return poison(next.step, x.e.types)
		}
	}
	return lost
}

func poison(step *workflow.Step, types workflow.Types) *failure {
	return &failure{Code: codePoison, StepID: step.ID, Message: fmt.Sprintf(
		"The worker was lost %d times at the step “%s”, so the run was ended. Look at what this step does before you run it again.", maxRecoveries, workflow.StepTitle(*step, types))}
}

// interrupted notes that an attempt was cut off through no fault of its step.
// An act that may have happened is not repeated unasked: its failure ends the run.
func (x *execution) interrupted(row *models.StepRun, code, message string) *failure {
	now := x.now()
	row.Status, row.FinishedAt, row.WakeAt = workflow.StepFailed, &now, &now
	var unknown *failure
	if x.mayHaveActed(row) {
		code, row.WakeAt = codeUnknownOutcome, nil
		message = "The worker was lost while “" + row.Name + "” was running, so it is not known whether it acted. Check on the other side, then run again from this step if it did not."
		unknown = &failure{Code: code, Message: message, StepID: row.StepID}
	}
	row.Error = failure{Code: code, Message: message}.stored()
	x.touch(row, false)
	return unknown
}

// mayHaveActed reports whether an attempt that was begun may have changed
// something outside. What cannot be told counts as yes.
func (x *execution) mayHaveActed(row *models.StepRun) bool {
	kind, known := x.e.types[row.Type]
	if !known || isNote(row.Input) {
		return true
	}
	config, err := fromJSON(row.Input)
	fields, ok := config.(map[string]any)
	return err != nil || !ok || kind.Effects(fields)
}
