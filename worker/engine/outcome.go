package engine

import (
	"encoding/json"
	"fmt"

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
	row.Error = failure{Code: cause.Code, Message: x.e.redactor.Text(cause.Message)}.stored()
	row.WakeAt = retryAt(step.Retry, x.done[placeOf(row)], cause, now)
	x.touch(row, true)
}

// stop ends the run as a step has asked.
func (x *execution) stop(row *models.StepRun, outcome workflow.Outcome) {
	now := x.now()
	row.Status, row.FinishedAt = workflow.StepSucceeded, &now
	final := ending{last: row}
	if problem := x.keepOutput(row, outcome.Output); problem != nil {
		row.Output = nil
	}
	if outcome.Stop == workflow.RunFailed {
		message := x.e.redactor.Text(outcome.Message)
		if message == "" {
			message = "The step “" + row.Name + "” ended the run as failed."
		}
		final.failure = &failure{Code: codeStopped, Message: message, StepID: row.StepID}
		row.Status, row.Error = workflow.StepFailed, failure{Code: codeStopped, Message: message}.stored()
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
func (x *execution) enter(step *workflow.Step, row *models.StepRun, items *workflow.Items) {
	if len(items.List) > maxItems {
		x.fail(step, row, &workflow.StepError{Code: codeTooManyItems, Permanent: true, Message: fmt.Sprintf("The list has %d items. At most %d can be gone through at once; shorten the list.", len(items.List), maxItems)})
		return
	}
	if problem := x.keepOutput(row, underWay{items.List, items.MaxParallel, items.OnItemError}); problem != nil {
		x.fail(step, row, problem)
		return
	}
	row.Branch = blockDo
	x.keepLoop(row, items)
	x.touch(row, false)
}

func (m *machine) keepLoop(row *models.StepRun, items *workflow.Items) {
	if m.loops == nil {
		m.loops = map[string]*workflow.Items{}
	}
	m.loops[row.ID] = items
}

// settle ends an attempt that was waited for. An error says that it could not be
// read how.
func (x *execution) settle(s settlement) error {
	var output any
	switch {
	case s.items != nil:
		output = x.itemsOutput(s.items)
		delete(x.payloads, s.row.ID)
	case s.child != nil:
		output = childOutput(s.child)
		s.row.WakeAt = nil
	case s.approval:
		var err error
		if output, err = x.approvalOutput(s.row); err != nil {
			return err
		}
	}
	if s.cause != nil {
		s.cause.Output = output
		x.fail(s.step, s.row, s.cause)
		return nil
	}
	if problem := x.keepOutput(s.row, output); problem != nil {
		x.fail(s.step, s.row, problem)
		return nil
	}
	now := x.now()
	s.row.Status, s.row.FinishedAt = workflow.StepSucceeded, &now
	x.touch(s.row, true)
	return nil
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

func (x *execution) itemsOutput(items []item) loopOutput {
	output := loopOutput{Items: make([]json.RawMessage, len(items)), Count: len(items), Errors: []itemError{}}
	for i, item := range items {
		output.Items[i] = json.RawMessage("null")
		switch {
		case item.failed != nil:
			reason := readFailure(item.failed.Error)
			output.Errors = append(output.Errors, itemError{i, reason.Code, reason.Message})
		case item.last != nil && len(x.whole(item.last)) > 0:
			output.Items[i] = json.RawMessage(x.whole(item.last))
		}
	}
	return output
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
	data = x.e.redactor.JSON(data)
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
		x.leaves = append(x.leaves, models.Payload{StepRunID: row.ID, RunID: row.RunID, Data: data})
	}
	return nil
}
