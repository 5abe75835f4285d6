package engine

import (
	"fmt"

	"workflows/models/told"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/notify"
	"workflows/worker/workflow"
)

// maxRecoveries is how often in a row a run may lose its worker at one step.
const maxRecoveries = 3

// resolveLost decides about attempts that an earlier holder has begun and never
// ended. It returns why the run must end: a step that ends every worker.
func (x *execution) resolveLost() *workflow.Failure {
	for _, rows := range x.Done {
		for _, row := range rows {
			if row.Status == workflow.StepRunning && row.Branch != plan.BlockDo {
				x.interrupted(row, workflow.CodeWorkerLost, "The worker was lost during this attempt.")
			}
		}
	}
	if x.run.Recoveries < maxRecoveries {
		return nil
	}
	if next := x.NextMoves(x.now()); len(next.Begin) > 0 {
		return poison(next.Begin[0].Step, x.e.types)
	}
	return nil
}

func poison(step *workflow.Step, types workflow.Types) *workflow.Failure {
	return &workflow.Failure{Code: workflow.CodePoison, StepID: step.ID, Message: fmt.Sprintf(
		"The worker was lost %d times at the step “%s”, so the run was ended. Look at what this step does before you run it again.", maxRecoveries, workflow.StepTitle(*step, types))}
}

// interrupted notes that an attempt was cut off through no fault of its step,
// which is then tried again. An act that may have happened is not repeated
// unasked: it waits for a person's decision, or fails, as the step says.
func (x *execution) interrupted(row *plan.Attempt, code, message string) {
	now := x.now()
	row.Status, row.FinishedAt, row.WakeAt = workflow.StepFailed, &now, &now
	if rule := x.onUnknown(row); rule != workflow.UnknownRepeat {
		fate := map[string]string{workflow.CodeWorkerLost: "lost", workflow.CodeInterrupted: "stopped"}[code]
		code, row.WakeAt = workflow.CodeUnknownOutcome, nil
		message = "The worker was " + fate + " while “" + row.Name + "” was running, so it is not known whether it acted."
		if rule == workflow.UnknownWait {
			row.Status, row.FinishedAt = workflow.StepWaiting, nil
			x.happened(told.Occurred{Event: notify.Waiting, Cause: row.StepID, StepName: row.Name, Sentence: message + " A person decides what becomes of it."})
		}
	}
	row.Error = workflow.Failure{Code: code, Message: message}.Stored()
	x.touch(row, false)
}

// onUnknown is what becomes of an attempt that was begun and may have acted.
func (x *execution) onUnknown(row *plan.Attempt) string {
	if !x.mayHaveActed(row) {
		return workflow.UnknownRepeat
	}
	step, _, found := workflow.FindStep(x.Definition, row.StepID)
	if !found || step.OnUnknown == "" {
		return workflow.UnknownWait
	}
	return step.OnUnknown
}

// mayHaveActed reports whether an attempt that was begun may have changed
// something outside. What cannot be told counts as yes.
func (x *execution) mayHaveActed(row *plan.Attempt) bool {
	kind, known := x.e.types[row.Type]
	if !known || plan.IsCut(row.Input) {
		return true
	}
	config, err := document.Value(row.Input)
	fields, ok := config.(map[string]any)
	if err != nil || !ok {
		return true
	}
	acts, defect := effects(kind, fields)
	return acts || defect != nil
}
