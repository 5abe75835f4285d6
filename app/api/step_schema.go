package api

import (
	"strings"

	"workflows/worker/workflow"
)

// configName is what the settings of a step type are called in the document: those
// of http_request are HttpRequestConfig.
func configName(stepType string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(stepType, "_") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String() + "Config"
}

// configSchema describes the settings of a step type, from the same fields as its
// form.
func configSchema(t workflow.StepType) object {
	described := fieldsSchema(t.Fields)
	words := "The config of a step of type " + t.Name + ". " + t.Summary
	if t.Gives(nil) != nil {
		var gives []string
		for _, output := range t.Gives(nil) {
			gives = append(gives, output.Name)
		}
		words += " Gives " + strings.Join(gives, ", ") + "."
	}
	described["description"] = words
	return described
}

func fieldsSchema(fields []workflow.Field) object {
	properties, required := object{}, []string{}
	for _, field := range fields {
		properties[field.Name] = fieldSchema(field)
		if field.Required && field.ShowIf == "" {
			required = append(required, field.Name)
		}
	}
	described := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		described["required"] = required
	}
	return described
}

func fieldSchema(field workflow.Field) object {
	described := object{"type": "string"}
	switch {
	case field.Kind == "group":
		described = fieldsSchema(field.Fields)
	case field.Kind == "conditions":
		described = object{"type": "array", "items": conditionSchema()}
	case field.Kind == "pairs", field.Kind == "values", field.Kind == "inputs":
		described = object{"type": "object", "additionalProperties": true}
	case field.Kind == "choice":
		described["enum"] = optionValues(field.Options)
	case field.Flexible:
		described = object{}
	case field.Kind == "number" && !field.Reference, field.Kind == "boolean" && !field.Reference:
		described["type"] = field.Kind
	case field.Kind == "number", field.Kind == "boolean": // or a reference
		described = object{"anyOf": []any{object{"type": field.Kind}, object{"type": "string"}}}
	case field.Kind == "workflow":
		described["format"] = "uuid"
	}
	words := field.Label + "."
	if field.Help != "" {
		words += " " + field.Help
	}
	if field.Default != "" {
		words += " " + field.Default + " when absent."
	}
	described["description"] = words
	return described
}

func conditionSchema() object {
	return object{
		"type": "object", "additionalProperties": false, "required": []string{"value", "operator"},
		"properties": object{
			"value": object{"description": "What is looked at."}, "operator": object{"type": "string", "enum": optionValues(workflow.Operators())},
			"other": object{"description": "What it is compared with; absent for operators that look at one value."},
		},
	}
}

func optionValues(options []workflow.Option) []any {
	values := []any{}
	for _, option := range options {
		values = append(values, option.Value)
	}
	return values
}
