package engine

import (
	"maps"

	"workflows/models"
	"workflows/worker/workflow"
)

// scope is what the references of one step may insert. Only the outputs that it
// refers to are read.
func (x *execution) scope(step *workflow.Step) (workflow.Scope, error) {
	scope := workflow.Scope{Run: x.runValues(), Steps: map[string]any{}}
	var err error
	if scope.Input, err = x.object(&x.input, x.run.Input); err != nil {
		return scope, err
	}
	if scope.Trigger, err = x.object(&x.trigger, x.run.Trigger); err != nil {
		return scope, err
	}
	for _, id := range x.version.needs[step.ID] {
		if _, read := scope.Steps[id]; read {
			continue
		}
		if row := x.done.latest(id); row != nil && (row.Status == workflow.StepSucceeded || row.Status == workflow.StepFailed) {
			if scope.Steps[id], err = x.outputOf(row); err != nil {
				return scope, err
			}
		}
	}
	return scope, nil
}

func (x *execution) runValues() map[string]any {
	return map[string]any{"id": x.run.ID, "started_at": x.run.StartedAt.UTC().Format(timeFormat)}
}

// object reads a stored object once.
func (x *execution) object(kept *map[string]any, data models.JSON) (map[string]any, error) {
	if *kept == nil {
		value, err := fromJSON(data)
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
func (x *execution) outputOf(row *models.StepRun) (any, error) {
	data := row.Output
	if whole, ok := x.payloads[row.ID]; ok {
		data = whole
	}
	output, err := fromJSON(data)
	if err != nil || row.Status != workflow.StepFailed {
		return output, err
	}
	reason := readFailure(row.Error)
	fields, _ := output.(map[string]any)
	fields = maps.Clone(fields)
	if fields == nil {
		fields = map[string]any{}
	}
	fields["error"] = map[string]any{"code": reason.Code, "message": reason.Message}
	return fields, nil
}
