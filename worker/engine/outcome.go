package engine

import (
	"fmt"

	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// succeed keeps the result of an attempt that did not fail.
func (x *execution) succeed(step *workflow.Step, row *plan.Attempt, outcome workflow.Outcome) {
	if problem := x.keepOutput(row, outcome.Output); problem != nil {
		x.fail(step, row, problem)
		return
	}
	now := x.now()
	row.Status, row.Branch, row.FinishedAt = workflow.StepSucceeded, outcome.Branch, &now
	x.touch(row, true)
}

// fail keeps the failure of an attempt and when the step is tried again.
func (x *execution) fail(step *workflow.Step, row *plan.Attempt, cause *workflow.StepError) {
	if cause.Output != nil {
		if problem := x.keepOutput(row, cause.Output); problem != nil {
			row.Output = nil // the failure itself matters more
		}
	}
	now := x.now()
	row.Status, row.FinishedAt = workflow.StepFailed, &now
	row.Error = workflow.Failure{Code: cause.Code, Message: x.e.redactor.Text(cause.Message)}.Stored()
	row.WakeAt = plan.RetryAt(step.Retry, x.Done[row.Spot()], cause, now)
	x.touch(row, true)
}

// stop ends the run as a step has asked.
func (x *execution) stop(row *plan.Attempt, outcome workflow.Outcome) {
	now := x.now()
	row.Status, row.FinishedAt = workflow.StepSucceeded, &now
	final := plan.Ending{Last: row}
	if problem := x.keepOutput(row, outcome.Output); problem != nil {
		row.Output = nil
	}
	if outcome.Stop == workflow.RunFailed {
		message := x.e.redactor.Text(outcome.Message)
		if message == "" {
			message = "The step “" + row.Name + "” ended the run as failed."
		}
		final.Failure = &workflow.Failure{Code: workflow.CodeStopped, Message: message, StepID: row.StepID}
		row.Status, row.Error = workflow.StepFailed, workflow.Failure{Code: workflow.CodeStopped, Message: message}.Stored()
	}
	x.touch(row, true)
	_ = x.finish(final)
}

// enterLoop keeps what a for_each goes through; its attempt goes on until all items
// are finished. The items stay texts, as they are stored: values of them all would
// take several times the memory for as long as the list is gone through.
func (x *execution) enterLoop(step *workflow.Step, row *plan.Attempt, outcome workflow.Outcome) {
	if n := len(outcome.Items.List); n > plan.MaxItems {
		x.fail(step, row, &workflow.StepError{Code: workflow.CodeTooManyItems, Permanent: true, Message: fmt.Sprintf("The list has %d items. At most %d can be gone through at once; shorten the list.", n, plan.MaxItems)})
		return
	}
	stored := x.asStored(row, outcome.Output)
	if problem := x.keepOutput(row, stored); problem != nil {
		x.fail(step, row, problem)
		return
	}
	items := &plan.Loop{}
	if err := document.Decode(stored.data, items); err != nil {
		x.fail(step, row, x.unwritable(row, err))
		return
	}
	row.Branch = plan.BlockDo
	x.Enter(row, items)
	x.touch(row, false)
}

// settle ends an attempt without executing anything. An error says that it could
// not be read how.
func (x *execution) settle(s plan.Settlement) error {
	output, cause, err := x.gives(s)
	if err != nil {
		return err
	}
	if cause == nil {
		if cause = x.keepOutput(s.Attempt, output); cause != nil {
			s.Attempt.Output = nil // a loop's list is not what it came to
		}
	} else {
		cause.Output = output
	}
	if cause != nil {
		x.fail(s.Step, s.Attempt, cause)
		return x.storeLarge()
	}
	now := x.now()
	s.Attempt.Status, s.Attempt.FinishedAt = workflow.StepSucceeded, &now
	x.touch(s.Attempt, true)
	return x.storeLarge()
}

// gives is what a step gives whose items are finished or whose wait is over, nil
// for what it has given before, or why it fails.
func (x *execution) gives(s plan.Settlement) (output any, cause *workflow.StepError, err error) {
	if s.Items == nil && s.Attempt.UnderWay() { // more than could be kept
		s.Attempt.Output = nil
		return nil, s.Cause, nil
	}
	if s.Items != nil {
		output, err = x.itemsOutput(s.Attempt, s.Items)
		return output, s.Cause, err
	}
	if kind := x.e.waits[s.Attempt.WaitsFor()]; kind.give != nil {
		return kind.give(x, s)
	}
	return nil, nil, nil
}
