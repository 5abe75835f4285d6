package engine

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"time"

	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// scope is what the references of one step may insert. Only the outputs that it
// refers to are read.
func (x *execution) scope(step *workflow.Step, iteration string, now time.Time) (workflow.Scope, error) {
	scope := workflow.Scope{Run: x.runValues(), Steps: map[string]any{}, Now: now, Called: x.version.called}
	var err error
	needs := x.version.needs[step.ID]
	if needs.input {
		if scope.Input, err = x.object(&x.input, x.run.Input); err != nil {
			return scope, err
		}
	}
	if needs.trigger {
		if scope.Trigger, err = x.object(&x.trigger, x.run.Trigger); err != nil {
			return scope, err
		}
	}
	if item, index, is := x.itemAt(step, iteration); is {
		scope.Index = index
		if scope.Item, err = document.Value(item); err != nil {
			return scope, errUnreadable
		}
	}
	for _, id := range needs.steps {
		if x.version.off[id] {
			scope.Steps[id] = workflow.Off{}
			continue
		}
		if row := x.given(id, iteration); row != nil {
			if scope.Steps[id], err = x.outputOf(row); err != nil {
				return scope, err
			}
		}
	}
	return scope, nil
}

// weigh is how many bytes of text the scope of a step is read from; more where it takes
// more memory to make values of them than of JSON.
func (x *execution) weigh(step *workflow.Step, iteration string) int {
	item, _, _ := x.itemAt(step, iteration)
	bytes := len(item)
	needs := x.version.needs[step.ID]
	for _, id := range needs.steps {
		bytes += x.given(id, iteration).Bytes()
	}
	if needs.input && x.input == nil {
		bytes += len(x.run.Input)
	}
	if needs.trigger && x.trigger == nil {
		bytes += len(x.run.Trigger)
	}
	if grows := x.e.types[step.Type].Grows; grows != nil {
		bytes *= max(grows(step.Config), 1)
	}
	return bytes
}

// given is the attempt whose output a reference in an iteration stands for; nil for
// none.
func (x *execution) given(stepID, iteration string) *plan.Attempt {
	row := x.visible(stepID, iteration)
	if row == nil || (row.Status != workflow.StepSucceeded && row.Status != workflow.StepFailed) {
		return nil
	}
	return row
}

// visible is the newest attempt of a step as one in an iteration sees it: in the
// same item, or around it.
func (x *execution) visible(stepID, iteration string) *plan.Attempt {
	for {
		if row := x.Done.Latest(plan.At(stepID, iteration)); row != nil || iteration == "" {
			return row
		}
		iteration = plan.Around(iteration)
	}
}

// itemAt is the item, and its index, that a step inside a for_each is about.
func (x *execution) itemAt(step *workflow.Step, iteration string) (item json.RawMessage, index int, is bool) {
	if iteration == "" {
		return nil, 0, false
	}
	row := x.Done.Latest(plan.At(x.version.loopOf[step.ID], plan.Around(iteration)))
	i, err := strconv.Atoi(iteration[strings.LastIndexByte(iteration, '.')+1:])
	if row == nil || err != nil || x.Loops[row.ID] == nil || i >= len(x.Loops[row.ID].List) {
		return nil, 0, false
	}
	return x.Loops[row.ID].List[i], i, true
}

// runValues is what {{ run }} stands for, which nobody changes.
func (x *execution) runValues() map[string]any {
	if x.values == nil {
		x.values = map[string]any{"id": x.run.ID, "started_at": x.run.StartedAt.UTC().Format(workflow.TimeFormat)}
	}
	return x.values
}

// object reads a stored object, a small one once.
func (x *execution) object(kept *map[string]any, data models.JSON) (map[string]any, error) {
	if *kept != nil {
		return *kept, nil
	}
	value, err := document.Value(data)
	if err != nil {
		return nil, errUnreadable
	}
	object, _ := value.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	if len(data) <= workflow.FreeBytes {
		*kept = object
	}
	return object, nil
}

// outputOf is what {{ steps.ID }} stands for: the output, and for a step that
// failed and may, its error too. Of a large one only that is read which is inserted.
func (x *execution) outputOf(row *plan.Attempt) (any, error) {
	data, err := x.whole(row)
	if err != nil {
		return nil, err
	}
	if row.Status != workflow.StepFailed && len(data) > workflow.FreeBytes {
		return document.NewLazy(data), nil
	}
	output, err := document.Value(data)
	if err != nil {
		return nil, errUnreadable
	}
	if row.Status != workflow.StepFailed {
		return output, nil
	}
	reason := workflow.ReadFailure(row.Error)
	fields, _ := output.(map[string]any)
	fields = maps.Clone(fields)
	if fields == nil {
		fields = map[string]any{}
	}
	fields["error"] = map[string]any{"code": reason.Code, "message": reason.Message}
	return fields, nil
}
