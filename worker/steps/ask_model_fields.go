package steps

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"workflows/models/columns"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// maxAsked bounds how many fields one answer has.
const maxAsked = 50

// askedField is one thing that a model is asked for. Of a choice, the description says
// what may be chosen: "invoice | reminder | other".
type askedField struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
}

// askedName is what one can be called, with maxAskedName characters at most: counted
// apart, since a pattern that counts takes many times the memory.
var askedName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

const maxAskedName = 63

func askedTypes() []workflow.Option {
	return []workflow.Option{{Value: "text", Label: "Text"}, {Value: "number", Label: "Number"}, {Value: "boolean", Label: "Yes or no"}, {Value: "date", Label: "Date"}, {Value: "choice", Label: "Choice"}, {Value: "list", Label: "List of texts"}}
}

// askedKind is the kind of the field that lists what a model is asked for.
func askedKind() workflow.Kind {
	return workflow.Kind{
		Name: "asked", Check: checkAsked,
		Schema: func(workflow.Field) map[string]any {
			var types []string
			for _, option := range askedTypes() {
				types = append(types, option.Value)
			}
			return map[string]any{"type": "array", "items": map[string]any{
				"type": "object", "additionalProperties": false, "required": []string{"name", "type"},
				"properties": map[string]any{
					"name": map[string]any{"type": "string", "pattern": askedName.String(), "maxLength": maxAskedName}, "type": map[string]any{"type": "string", "enum": types},
					"description": map[string]any{"type": "string", "description": "What it is. For a choice: what may be chosen, with | between."},
				},
			}}
		},
		Rows: &workflow.Rows{
			Component: "values", Kinds: askedTypes(), Hint: "What it is; of a choice: one | other",
			Parts: map[string]string{"type": "kind", "description": "value"},
			Of:    rowsOfAsked, Read: readAsked,
		},
	}
}

func rowsOfAsked(value any) []workflow.Row {
	list, _ := value.([]any)
	var rows []workflow.Row
	for _, item := range list {
		parts, _ := item.(map[string]any)
		rows = append(rows, workflow.Row{Name: textAt(parts, "name"), Kind: textAt(parts, "type"), Value: textAt(parts, "description")})
	}
	return rows
}

// readAsked leaves out rows in which nothing was typed.
func readAsked(sent []workflow.Row, _ any) (any, []workflow.Row) {
	var list []any
	var rows []workflow.Row
	for _, row := range sent {
		if strings.TrimSpace(row.Name+row.Value) == "" {
			continue
		}
		field := map[string]any{"name": row.Name, "type": row.Kind}
		if description := strings.TrimSpace(row.Value); description != "" {
			field["description"] = description
		}
		list, rows = append(list, field), append(rows, row)
	}
	if list == nil {
		return nil, nil
	}
	return list, rows
}

func checkAsked(path string, field workflow.Field, value any) []workflow.Problem {
	list, ok := value.([]any)
	if !ok {
		return []workflow.Problem{{Path: path, Code: "wrong_type", Message: fmt.Sprintf("“%s” must be a list, not %s.", field.Label, document.Kind(value))}}
	}
	if len(list) > maxAsked {
		return []workflow.Problem{{Path: path, Code: "too_many", Message: "Ask for at most 50 things at once."}}
	}
	var problems []workflow.Problem
	taken := map[string]bool{"usage": true}
	for i, item := range list {
		at := document.Item(path, i)
		parts, ok := item.(map[string]any)
		if !ok {
			problems = append(problems, workflow.Problem{Path: at, Code: "wrong_type", Message: "Each entry must be an object with name, type and description, not " + document.Kind(item) + "."})
			continue
		}
		problems = append(problems, checkAskedParts(at, parts, taken)...)
		taken[textAt(parts, "name")] = true
	}
	return problems
}

func checkAskedParts(at string, parts map[string]any, taken map[string]bool) []workflow.Problem {
	var problems []workflow.Problem
	add := func(part, code, message string) {
		problems = append(problems, workflow.Problem{Path: at + "." + part, Code: code, Message: message})
	}
	names := []string{"name", "type", "description"}
	for name := range parts {
		if !slices.Contains(names, name) {
			problems = append(problems, document.UnknownField(document.Member(at, name), name, names))
		}
	}
	name, kind := textAt(parts, "name"), textAt(parts, "type")
	switch {
	case taken[name] && name == "usage":
		add("name", "invalid_value", "“usage” is what the step says of the tokens. Choose another name.")
	case taken[name] && name != "":
		add("name", "duplicate_name", "“"+name+"” is given twice. Keep one of them.")
	case len(name) > maxAskedName, !askedName.MatchString(name):
		add("name", "invalid_value", "Begin the name with a letter and use letters, digits and underscores, such as total.")
	}
	known := slices.ContainsFunc(askedTypes(), func(o workflow.Option) bool { return o.Value == kind })
	if !known {
		problems = append(problems, workflow.Problem{Path: at + ".type", Code: "invalid_value", Unknown: true, Message: "Choose text, number, boolean, date, choice or list."})
	}
	if description := parts["description"]; description != nil && textAt(parts, "description") == "" && description != "" {
		add("description", "wrong_type", "The description must be a text, not "+document.Kind(description)+".")
	}
	if kind == "choice" && len((askedField{Description: textAt(parts, "description")}).choices()) < 2 {
		add("description", "required", "Write what may be chosen, with | between: invoice | reminder | other.")
	}
	return problems
}

func (f askedField) choices() []string {
	var choices []string
	for choice := range strings.SplitSeq(f.Description, "|") {
		if choice = strings.TrimSpace(choice); choice != "" && !slices.Contains(choices, choice) {
			choices = append(choices, choice)
		}
	}
	return choices
}

// schema describes the field for a model. What the data does not say is null: a model
// that must answer makes something up.
func (f askedField) schema() map[string]any {
	schema := map[string]any{}
	if f.Description != "" && f.Type != "choice" {
		schema["description"] = f.Description
	}
	switch f.Type {
	case "number", "boolean":
		schema["type"] = []string{f.Type, "null"}
	case "date":
		schema["type"] = []string{"string", "null"}
		schema["description"] = strings.TrimSpace(f.Description + " (written as 2026-12-24)")
	case "choice":
		choices := []any{}
		for _, choice := range f.choices() {
			choices = append(choices, choice)
		}
		schema["type"], schema["enum"] = []string{"string", "null"}, append(choices, nil)
	case "list":
		schema["type"], schema["items"] = []string{"array", "null"}, map[string]any{"type": "string"}
	default:
		schema["type"] = []string{"string", "null"}
	}
	return schema
}

// output says what the field is for later steps.
func (f askedField) output() workflow.Output {
	output := workflow.Output{Name: f.Name, Type: f.Type, Help: f.Description}
	switch f.Type {
	case "number":
		output.Example = 120
	case "boolean":
		output.Example = true
	case "date":
		output.Type, output.Example = "text", "2026-12-24"
	case "choice":
		output.Type, output.Example = "text", "invoice"
		if choices := f.choices(); len(choices) > 0 {
			output.Example = choices[0]
		}
	case "list":
		output.Example = []any{"first", "second"}
	default:
		output.Type, output.Example = "text", "Ada Lovelace"
	}
	return output
}

// read makes the field's value of what a model gave for it, or says what is wrong with
// that.
func (f askedField) read(given any) (value any, problem string) {
	text, isText := given.(string)
	text = strings.TrimSpace(text)
	if given == nil || isText && text == "" && f.Type != "text" {
		return nil, ""
	}
	switch f.Type {
	case "number":
		if cleaned, ok := document.Storable(given); ok && !isText {
			if _, isNumber := document.Number(cleaned, false); isNumber {
				return cleaned, ""
			}
		}
		return nil, "must be a number"
	case "boolean":
		if answer, ok := document.YesOrNo(given); ok {
			return answer, ""
		}
		return nil, "must be true or false"
	case "date":
		if _, err := time.Parse(time.DateOnly, text); isText && err == nil {
			return text, ""
		}
		return nil, "must be a date such as 2026-12-24"
	case "choice":
		for _, choice := range f.choices() {
			if isText && strings.EqualFold(choice, text) {
				return choice, ""
			}
		}
		return nil, "must be one of " + strings.Join(f.choices(), ", ")
	case "list":
		return f.readList(given)
	}
	switch given.(type) {
	case map[string]any, []any:
		return nil, "must be a text"
	}
	return columns.Fit(document.Text(given)), ""
}

func (f askedField) readList(given any) (any, string) {
	items, ok := given.([]any)
	if !ok {
		return nil, "must be a list of texts"
	}
	list := []any{}
	for _, item := range items {
		value, problem := (askedField{Type: "text"}).read(item)
		if problem != "" {
			return nil, "must be a list of texts"
		}
		if value != nil {
			list = append(list, value)
		}
	}
	return list, ""
}
