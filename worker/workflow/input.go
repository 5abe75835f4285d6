package workflow

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"workflows/models/columns"
	"workflows/worker/document"
)

// InputTypes returns the types of inputs, labelled for people.
func InputTypes() []Option {
	return []Option{
		{"text", "Text"},
		{"number", "Number"},
		{"boolean", "Yes or no"},
		{"date", "Date"},
		{"choice", "Choice"},
		{"json", "JSON"},
	}
}

// Cleared is given for an input that a person has emptied in a form: it stays
// empty, no default takes its place.
type Cleared struct{}

// CheckInput checks what was given for a run against the workflow's inputs and
// returns it complete: defaults filled in, inputs that were left out as nil, so
// that references to them find an empty value.
func CheckInput(inputs []Input, given map[string]any) (map[string]any, []Problem) {
	complete := make(map[string]any, len(inputs))
	names := make([]string, 0, len(inputs))
	var problems []Problem
	for _, input := range inputs {
		names = append(names, input.Name)
		value := given[input.Name]
		if value == (Cleared{}) {
			value = nil
		} else if value == nil || value == "" && input.Type != "text" {
			value = input.Default
		}
		if isEmpty(value) && input.Required {
			problems = append(problems, inputProblem(input, "required", "Enter a value for “"+input.title()+"”."))
			continue
		}
		complete[input.Name] = value
		if value == nil {
			continue
		}
		if problem := input.check(value); problem != nil {
			problems = append(problems, *problem)
		}
	}
	for _, name := range sortedKeys(given) {
		if !slices.Contains(names, name) {
			problems = append(problems, Problem{Path: "input." + name, Code: "unknown_field", Message: "The workflow has no input “" + document.Shorten(name, 60) + "”." + document.DidYouMean(name, names)})
		}
	}
	return complete, problems
}

func (i Input) title() string {
	if i.Label != "" {
		return i.Label
	}
	return i.Name
}

func inputProblem(input Input, code, message string) Problem {
	return Problem{Path: "input." + input.Name, Code: code, Message: message}
}

// check says what is wrong with a value that is there.
func (i Input) check(value any) *Problem {
	wrong := func(code, message string) *Problem {
		problem := inputProblem(i, code, message)
		return &problem
	}
	text, isText := value.(string)
	switch i.Type {
	case "number":
		if _, ok := document.Number(value, false); !ok {
			return wrong("wrong_type", "“"+i.title()+"” must be a number, such as 42 or 0.5.")
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			return wrong("wrong_type", "“"+i.title()+"” must be true or false.")
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return wrong("invalid_value", "“"+i.title()+"” must be a date, such as 2026-12-24.")
		}
	case "choice":
		if !isText || !slices.Contains(i.Options, text) {
			return wrong("invalid_value", "“"+i.title()+"” must be "+joinOr(i.Options)+".")
		}
	case "text":
		if !isText {
			return wrong("wrong_type", "“"+i.title()+"” must be a text.")
		}
	}
	return nil
}

// ParseFormInput reads what a form sends for an input. An empty text is nil.
func ParseFormInput(input Input, text string) (any, *Problem) {
	trimmed := strings.TrimSpace(text)
	if input.Type == "boolean" {
		answer, ok := document.YesOrNo(trimmed)
		if !ok && trimmed != "" && trimmed != "on" {
			problem := inputProblem(input, "invalid_value", "“"+input.title()+"” must be yes or no.")
			return nil, &problem
		}
		return answer || trimmed == "on", nil
	}
	if trimmed == "" {
		return nil, nil
	}
	var value any
	switch input.Type {
	case "text":
		return storableText(input, text)
	case "json":
		return jsonInput(input, text)
	case "number":
		if !json.Valid([]byte(trimmed)) || !document.SensibleNumber(trimmed) {
			problem := inputProblem(input, "wrong_type", "“"+input.title()+"” must be a number, such as 42 or 0.5.")
			return nil, &problem
		}
		value = json.Number(trimmed)
	default:
		value = trimmed
	}
	if problem := input.check(value); problem != nil {
		return nil, problem
	}
	return value, nil
}

func jsonInput(input Input, text string) (any, *Problem) {
	value, problems, err := document.ReadValue([]byte(text), "")
	message := ""
	switch {
	case err != nil:
		message = err.Error()
	case len(problems) > 0:
		message = problems[0].Message
	default:
		return value, nil
	}
	problem := inputProblem(input, "invalid_json", message)
	return nil, &problem
}

func storableText(input Input, text string) (any, *Problem) {
	if !columns.Holds(text) {
		problem := inputProblem(input, "invalid_character", "“"+input.title()+"” contains a character that cannot be stored, such as U+0000. Remove it.")
		return nil, &problem
	}
	return text, nil
}
