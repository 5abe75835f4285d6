package editor

import (
	"encoding/json"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// Kinds of a row's value, as the form names them.
const (
	kindText      = "text"
	kindNumber    = "number"
	kindBoolean   = "boolean"
	kindReference = "reference"
	kindJSON      = "json"
)

// readKind reads the text of a row as the kind that was chosen beside it.
func readKind(kind, text string) (any, string) {
	if kind != kindText && oneReference(text) { // of which kind it is shows when the step runs
		return strings.TrimSpace(text), ""
	}
	switch kind {
	case kindNumber:
		if value, problem := workflow.ParseFormInput(workflow.Input{Type: "number"}, text); problem == nil && value != nil {
			return value, ""
		}
		return text, "Enter a number, such as 42 or 0.5, or choose “Text”."
	case kindBoolean:
		if value, problem := workflow.ParseFormInput(workflow.Input{Type: "boolean"}, text); problem == nil && strings.TrimSpace(text) != "" {
			return value, ""
		}
		return text, "Enter yes or no."
	case kindJSON:
		value, problem := workflow.ParseFormInput(workflow.Input{Type: "json", Name: "value"}, text)
		if problem != nil {
			return text, problem.Message
		}
		return value, ""
	case kindReference:
		return text, "Choose what to insert, such as {{ input.name }}, or choose “Text”."
	}
	return text, ""
}

// typedValue reads a side of a condition: a number, true, false, a list or an
// object when it is written like one, else the text.
func typedValue(text string) any {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || strings.Contains(text, "{{") || trimmed == "null" || trimmed[0] == '"' {
		return text
	}
	value, problem := workflow.ParseFormInput(workflow.Input{Type: "json"}, trimmed)
	if problem != nil {
		return text
	}
	return value
}

// oneReference reports whether a text is one reference and nothing else.
func oneReference(text string) bool {
	references, err := workflow.References(text)
	return err == nil && len(references) == 1 && references[0].Text == strings.TrimSpace(text)
}

func kindOf(value any) string {
	switch v := value.(type) {
	case string:
		if oneReference(v) {
			return kindReference
		}
		return kindText
	case json.Number, float64, int:
		return kindNumber
	case bool:
		return kindBoolean
	}
	return kindJSON
}

// rowText writes a value into a row, where a boolean reads yes or no.
func rowText(value any) string {
	if answer, ok := value.(bool); ok {
		return map[bool]string{true: "yes", false: "no"}[answer]
	}
	if value == nil {
		return "null"
	}
	return document.Text(value)
}

// shownText is what the form shows for a stored value: for none the default, or
// the first choice.
func shownText(field workflow.Field, value any) string {
	switch {
	case value == nil && field.Default != "":
		return field.Default
	case value == nil && field.Kind == "choice" && len(field.Options) > 0:
		return field.Options[0].Value
	case field.Kind == "multiline" || field.Kind == "json":
		if _, isText := value.(string); !isText && value != nil {
			return string(document.Indented(value))
		}
	}
	return document.Text(value)
}
