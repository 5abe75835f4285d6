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

// typed are a form's texts and files as the types of the inputs want them.
func typed(inputs []workflow.Input, fields map[string]any) (map[string]any, []workflow.Problem) {
	fields = maps.Clone(fields)
	var problems []workflow.Problem
	for _, input := range inputs {
		sent := fields[input.Name]
		if _, one := sent.(map[string]any); one && input.Type == "files" {
			fields[input.Name] = []any{sent}
		}
		texts := textsOf(sent, input.Type == "choices")
		if texts == nil {
			continue
		}
		value, problem := workflow.ParseFormInput(input, texts...)
		if problem != nil {
			problems = append(problems, *problem)
		}
		fields[input.Name] = value
	}
	return fields, problems
}

// textsOf are the texts of a field: one, or where several are wanted those of a name
// that stands several times. Nil is what is no text.
func textsOf(sent any, several bool) []string {
	if text, isText := sent.(string); isText {
		return []string{text}
	}
	list, isList := sent.([]any)
	if !isList || !several {
		return nil
	}
	texts := make([]string, 0, len(list))
	for _, item := range list {
		text, isText := item.(string)
		if !isText {
			return nil
		}
		texts = append(texts, text)
	}
	return texts
}
