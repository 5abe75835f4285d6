package engine

import (
	"encoding/json"
	"fmt"

	"workflows/models"
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

// underWay is the output of a for_each until its items are finished: what any
// worker needs to go on in its middle.
type underWay struct {
	List        []any  `json:"list"`
	MaxParallel int    `json:"max_parallel"`
	OnItemError string `json:"on_item_error"`
}

// enter keeps what a for_each goes through; its attempt goes on until all items
// are finished.
func (x *execution) enter(step *workflow.Step, row *plan.Attempt, items *workflow.Items) {
	if len(items.List) > plan.MaxItems {
		x.fail(step, row, &workflow.StepError{Code: workflow.CodeTooManyItems, Permanent: true, Message: fmt.Sprintf("The list has %d items. At most %d can be gone through at once; shorten the list.", len(items.List), plan.MaxItems)})
		return
	}
	if problem := x.keepOutput(row, underWay{items.List, items.MaxParallel, items.OnItemError}); problem != nil {
		x.fail(step, row, problem)
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
	if cause != nil {
		cause.Output = output
		x.fail(s.Step, s.Attempt, cause)
		return nil
	}
	if problem := x.keepOutput(s.Attempt, output); problem != nil {
		x.fail(s.Step, s.Attempt, problem)
		return nil
	}
	now := x.now()
	s.Attempt.Status, s.Attempt.FinishedAt = workflow.StepSucceeded, &now
	x.touch(s.Attempt, true)
	return nil
}

// gives is what a step gives whose items are finished or whose wait is over, nil
// for what it has given before, or why it fails.
func (x *execution) gives(s plan.Settlement) (output any, cause *workflow.StepError, err error) {
	if s.Items == nil && s.Attempt.UnderWay() { // more than could be kept
		s.Attempt.Output = nil
		return nil, s.Cause, nil
	}
	if s.Items != nil {
		output = x.itemsOutput(s.Items)
		delete(x.payloads, s.Attempt.ID)
		return output, s.Cause, nil
	}
	if kind := x.e.waits[s.Attempt.WaitsFor()]; kind.give != nil {
		return kind.give(x, s)
	}
	return nil, nil, nil
}

// loopOutput is what a for_each gives: the output of each item's last step, null
// for those that failed, which are listed apart.
type loopOutput struct {
	Items  []json.RawMessage `json:"items"`
	Count  int               `json:"count"`
	Errors []itemError       `json:"errors"`
}

type itemError struct {
	Index   int    `json:"index"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (x *execution) itemsOutput(items []plan.Item) loopOutput {
	output := loopOutput{Items: make([]json.RawMessage, len(items)), Count: len(items), Errors: []itemError{}}
	for i, item := range items {
		output.Items[i] = json.RawMessage("null")
		switch {
		case item.Failed != nil:
			reason := workflow.ReadFailure(item.Failed.Error)
			output.Errors = append(output.Errors, itemError{i, reason.Code, reason.Message})
		case item.Last != nil && len(x.whole(item.Last)) > 0:
			output.Items[i] = json.RawMessage(x.whole(item.Last))
		}
	}
	return output
}

// keepOutput stores an output in its row, or aside when it is too large for it.
func (x *execution) keepOutput(row *plan.Attempt, output any) *workflow.StepError {
	if output == nil {
		return nil
	}
	data, err := toJSON(output)
	if err != nil {
		x.e.log.Error("a step's output cannot be written as JSON", "run_id", x.run.ID, "step_id", row.StepID, "error", err)
		return &workflow.StepError{Code: workflow.CodeInternal, Permanent: true, Message: "The step's result cannot be stored. The log has the details."}
	}
	data = x.e.redactor.JSON(data)
	if len(data) > plan.MaxKept {
		return &workflow.StepError{Code: workflow.CodeTooLarge, Permanent: true, Message: "The step's result is larger than 16 MB. Ask for less at once."}
	}
	stored, cut := plan.CutTo(data)
	row.Output = stored
	if cut {
		if x.payloads == nil {
			x.payloads = map[string]models.JSON{}
		}
		x.payloads[row.ID] = data
		x.leaves = append(x.leaves, models.Payload{StepRunID: row.ID, RunID: x.run.ID, Data: data})
	}
	return nil
}
