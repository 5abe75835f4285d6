package engine

import (
	"fmt"

	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// maxRecoveries is how often in a row a run may lose its worker at one step.
const maxRecoveries = 3

// resolveLost decides about attempts that an earlier holder has begun and never
// ended. It returns why the run must end: a step that ends every worker.
func (x *execution) resolveLost() *failure {
	if x.run.Attempt == 1 {
		return nil
	}
	for _, rows := range x.done {
		for _, row := range rows {
			if row.Status == workflow.StepRunning && row.Branch != blockDo {
				x.interrupted(row, codeWorkerLost, "The worker was lost during this attempt.")
			}
		}
	}
	if x.run.Recoveries < maxRecoveries {
		return nil
	}
	if next := x.next(x.now()); len(next.begin) > 0 {
		return poison(next.begin[0].step, x.e.types)
	}
	return nil
}

func poison(step *workflow.Step, types workflow.Types) *failure {
	return &failure{Code: codePoison, StepID: step.ID, Message: fmt.Sprintf(
		"The worker was lost %d times at the step “%s”, so the run was ended. Look at what this step does before you run it again.", maxRecoveries, workflow.StepTitle(*step, types))}
}

// interrupted notes that an attempt was cut off through no fault of its step,
// which is then tried again. An act that may have happened is not repeated
// unasked: it waits for a person's decision, or fails, as the step says.
func (x *execution) interrupted(row *models.StepRun, code, message string) {
	now := x.now()
	row.Status, row.FinishedAt, row.WakeAt = workflow.StepFailed, &now, &now
	if rule := x.onUnknown(row); rule != workflow.UnknownRepeat {
		fate := map[string]string{codeWorkerLost: "lost", codeInterrupted: "stopped"}[code]
		code, row.WakeAt = codeUnknownOutcome, nil
		message = "The worker was " + fate + " while “" + row.Name + "” was running, so it is not known whether it acted."
		if rule == workflow.UnknownWait {
			row.Status, row.FinishedAt = workflow.StepWaiting, nil
		}
	}
	row.Error = failure{Code: code, Message: message}.stored()
	x.touch(row, false)
}

// onUnknown is what becomes of an attempt that was begun and may have acted.
func (x *execution) onUnknown(row *models.StepRun) string {
	if !x.mayHaveActed(row) {
		return workflow.UnknownRepeat
	}
	step, _, found := workflow.FindStep(x.definition, row.StepID)
	if !found || step.OnUnknown == "" {
		return workflow.UnknownWait
	}
	return step.OnUnknown
}

// mayHaveActed reports whether an attempt that was begun may have changed
// something outside. What cannot be told counts as yes.
func (x *execution) mayHaveActed(row *models.StepRun) bool {
	kind, known := x.e.types[row.Type]
	if !known || isNote(row.Input) {
		return true
	}
	config, err := document.Value(row.Input)
	fields, ok := config.(map[string]any)
	return err != nil || !ok || kind.Effects(fields)
}
