package engine

import (
	"workflows/models"
	"workflows/worker/workflow"
)

// succeed keeps the result of an attempt that did not fail. A step that asked to
// wait has succeeded only when the wait is over.
func (x *execution) succeed(step *workflow.Step, row *models.StepRun, outcome workflow.Outcome) {
	if problem := x.keepOutput(row, outcome.Output); problem != nil {
		x.fail(step, row, problem)
		return
	}
	now := x.now()
	row.Status, row.Branch, row.FinishedAt = workflow.StepSucceeded, outcome.Branch, &now
	if outcome.WaitUntil.After(now) {
		until := outcome.WaitUntil.UTC()
		row.Status, row.FinishedAt, row.WakeAt = workflow.StepWaiting, nil, &until
	}
	x.touch(row, row.Status == workflow.StepSucceeded)
}

// fail keeps the failure of an attempt and when the step is tried again.
func (x *execution) fail(step *workflow.Step, row *models.StepRun, cause *workflow.StepError) {
	if cause.Output != nil {
		if problem := x.keepOutput(row, cause.Output); problem != nil {
			row.Output = nil // the failure itself matters more
		}
	}
	now := x.now()
	row.Status, row.FinishedAt = workflow.StepFailed, &now
	row.Error = failure{Code: cause.Code, Message: cause.Message}.stored()
	row.WakeAt = retryAt(step.Retry, x.done[step.ID], cause, now)
	x.touch(row, true)
}

// stop ends the run as a step has asked.
func (x *execution) stop(row *models.StepRun, outcome workflow.Outcome) error {
	now := x.now()
	row.Status, row.FinishedAt = workflow.StepSucceeded, &now
	final := decision{action: finishRun, last: row}
	if problem := x.keepOutput(row, outcome.Output); problem != nil {
		row.Output = nil
	}
	if outcome.Stop == workflow.RunFailed {
		message := outcome.Message
		if message == "" {
			message = "The step “" + row.Name + "” ended the run as failed."
		}
		final.failure = &failure{Code: codeStopped, Message: message, StepID: row.StepID}
		row.Status, row.Error = workflow.StepFailed, failure{Code: codeStopped, Message: message}.stored()
	}
	x.touch(row, true)
	return ignoreFenced(x.finish(final))
}

// keepOutput stores an output in its row, or aside when it is too large for it.
func (x *execution) keepOutput(row *models.StepRun, output any) *workflow.StepError {
	if output == nil {
		return nil
	}
	data, err := toJSON(output)
	if err != nil {
		x.e.log.Error("a step's output cannot be written as JSON", "run_id", x.run.ID, "step_id", row.StepID, "error", err)
		return &workflow.StepError{Code: codeInternal, Permanent: true, Message: "The step's result cannot be stored. The log has the details."}
	}
	if len(data) > maxKept {
		return &workflow.StepError{Code: codeTooLarge, Permanent: true, Message: "The step's result is larger than 16 MB. Ask for less at once."}
	}
	stored, cut := capped(data)
	row.Output = stored
	if cut {
		if x.payloads == nil {
			x.payloads = map[string]models.JSON{}
		}
		x.payloads[row.ID] = data
		x.unsaved = append(x.unsaved, models.Payload{StepRunID: row.ID, RunID: row.RunID, Data: data})
	}
	return nil
}
