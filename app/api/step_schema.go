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
	described := valueSchema(field)
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

// valueSchema is what the field's kind says of its values.
func valueSchema(field workflow.Field) object {
	kind := field.Kind
	switch {
	case kind.Parts:
		return fieldsSchema(field.Fields)
	case kind.Schema == nil && field.Flexible:
		return object{}
	case kind.Schema == nil:
		return object{"type": "string"}
	}
	described := object(kind.Schema(field))
	if field.Reference && kind.Rows == nil && described["type"] != "string" {
		return object{"anyOf": []any{described, object{"type": "string"}}}
	}
	return described
}
