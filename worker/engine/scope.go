package engine

import (
	"maps"
	"strconv"
	"strings"

	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// scope is what the references of one step may insert. Only the outputs that it
// refers to are read.
func (x *execution) scope(step *workflow.Step, iteration string) (workflow.Scope, error) {
	scope := workflow.Scope{Run: x.runValues(), Steps: map[string]any{}}
	var err error
	if scope.Input, err = x.object(&x.input, x.run.Input); err != nil {
		return scope, err
	}
	if scope.Trigger, err = x.object(&x.trigger, x.run.Trigger); err != nil {
		return scope, err
	}
	if iteration != "" {
		scope.Item, scope.Index = x.itemAt(step, iteration)
	}
	for _, id := range x.version.needs[step.ID] {
		if _, read := scope.Steps[id]; read {
			continue
		}
		if x.version.off[id] {
			scope.Steps[id] = workflow.Off{}
			continue
		}
		if row := x.visible(id, iteration); row != nil && (row.Status == workflow.StepSucceeded || row.Status == workflow.StepFailed) {
			if scope.Steps[id], err = x.outputOf(row); err != nil {
				return scope, err
			}
		}
	}
	return scope, nil
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
func (x *execution) itemAt(step *workflow.Step, iteration string) (value any, index any) {
	row := x.Done.Latest(plan.At(x.version.loopOf[step.ID], plan.Around(iteration)))
	i, err := strconv.Atoi(iteration[strings.LastIndexByte(iteration, '.')+1:])
	if row == nil || err != nil || x.Loops[row.ID] == nil || i >= len(x.Loops[row.ID].List) {
		return nil, nil
	}
	return x.Loops[row.ID].List[i], i
}

func (x *execution) runValues() map[string]any {
	return map[string]any{"id": x.run.ID, "started_at": x.run.StartedAt.UTC().Format(timeFormat)}
}

// object reads a stored object once.
func (x *execution) object(kept *map[string]any, data models.JSON) (map[string]any, error) {
	if *kept == nil {
		value, err := document.Value(data)
		if err != nil {
			return nil, err
		}
		if *kept, _ = value.(map[string]any); *kept == nil {
			*kept = map[string]any{}
		}
	}
	return *kept, nil
}

// outputOf is what {{ steps.ID }} stands for: the output, and for a step that
// failed and may, its error too.
func (x *execution) outputOf(row *plan.Attempt) (any, error) {
	output, err := document.Value(x.whole(row))
	if err != nil || row.Status != workflow.StepFailed {
		return output, err
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

// whole is the output of a row, also where it is kept aside.
func (x *execution) whole(row *plan.Attempt) models.JSON {
	if whole, ok := x.payloads[row.ID]; ok {
		return whole
	}
	return row.Output
}
