package hooks

import (
	"maps"

	"workflows/worker/workflow"
)

// readInput has the workflow's inputs taken from the fields of the same names in what
// was sent. Those of a form are texts: they are read as the run's own form reads them.
func (d *delivery) readInput(body any) func([]workflow.Input) (map[string]any, []workflow.Problem) {
	return func(inputs []workflow.Input) (map[string]any, []workflow.Problem) {
		fields, _ := body.(map[string]any)
		if !d.form {
			return fields, nil
		}
		return typed(inputs, fields)
	}
}

// typed are a form's texts as the types of the inputs want them.
func typed(inputs []workflow.Input, fields map[string]any) (map[string]any, []workflow.Problem) {
	fields = maps.Clone(fields)
	var problems []workflow.Problem
	for _, input := range inputs {
		text, given := fields[input.Name].(string)
		if !given {
			continue
		}
		value, problem := workflow.ParseFormInput(input, text)
		if problem != nil {
			problems = append(problems, *problem)
		}
		fields[input.Name] = value
	}
	return fields, problems
}
