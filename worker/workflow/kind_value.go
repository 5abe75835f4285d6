package workflow

import (
	"encoding/json"
	"strings"

	"workflows/worker/document"
)

// Kinds of the value in a row, where the author chooses it.
const (
	ValueText      = "text"
	valueNumber    = "number"
	valueBoolean   = "boolean"
	ValueReference = "reference"
	valueJSON      = "json"
)

// ValueKinds returns the kinds that a row's value may have, labelled for people.
func ValueKinds() []Option {
	return []Option{
		{ValueText, "Text"},
		{valueNumber, "Number"},
		{valueBoolean, "Yes or no"},
		{ValueReference, "Inserted data"},
		{valueJSON, "List or object (JSON)"},
	}
}

// ValueKind is the kind of a row's value.
func ValueKind(value any) string {
	switch v := value.(type) {
	case string:
		if oneReference(v) {
			return ValueReference
		}
		return ValueText
	case json.Number, float64, int:
		return valueNumber
	case bool:
		return valueBoolean
	}
	return valueJSON
}

// ValueKindFor is the kind that a value for an input has.
func ValueKindFor(input Input) string {
	switch input.Type {
	case valueNumber, valueBoolean, valueJSON:
		return input.Type
	}
	return ValueText
}

// readValue reads a text as the kind that was chosen beside it, or says what is
// wrong with it.
func readValue(kind, text string) (any, string) {
	if kind != ValueText && oneReference(text) { // of which kind it is shows when the step runs
		return strings.TrimSpace(text), ""
	}
	switch kind {
	case valueNumber:
		value, problem := ParseFormInput(Input{Type: "number"}, text)
		switch {
		case problem == nil && value != nil:
			return value, ""
		case problem != nil && problem.Code == "invalid_value":
			return text, strings.TrimPrefix(problem.Message, "“”: ")
		}
		return text, "Enter a number, such as 42 or 0.5, or choose “Text”."
	case valueBoolean:
		if value, problem := ParseFormInput(Input{Type: "boolean"}, text); problem == nil && strings.TrimSpace(text) != "" {
			return value, ""
		}
		return text, "Enter yes or no."
	case valueJSON:
		value, problem := ParseFormInput(Input{Type: "json", Name: "value"}, text)
		if problem != nil {
			return text, problem.Message
		}
		return value, ""
	case ValueReference:
		return text, "Choose what to insert, or choose “Text”."
	}
	return text, ""
}

// RowText writes a value into a row, where a boolean reads yes or no.
func RowText(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case nil:
		return "null"
	}
	return document.Text(value)
}

// oneReference reports whether a text is one reference and nothing else.
func oneReference(text string) bool {
	_, one := TheReference(text)
	return one
}
