package frame

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"workflows/views/ui"
	"workflows/worker/document"
	"workflows/worker/entry"
	"workflows/worker/workflow"
)

// InputField is the entry of a form for one input: with what was typed, where it comes
// back, else with its default.
func InputField(input workflow.Input, typed url.Values, problems []workflow.Problem) ui.FieldProps {
	name := "input." + input.Name
	field := ui.FieldProps{ID: name, Name: name, Label: input.Label, Help: input.Help, Required: input.Required, Optional: !input.Required, Autocomplete: autocompleteOf(input), Value: defaultText(input.Default)}
	if field.Label == "" {
		field.Label = input.Name
	}
	dress(&field, input)
	if typed != nil {
		fillIn(&field, input, typed[name])
	}
	for _, problem := range problems {
		if problem.Path == name || strings.HasPrefix(problem.Path, name+".") {
			field.Error = problem.Message
		}
	}
	return field
}

// dress has a field shown as the input's type wants it.
func dress(field *ui.FieldProps, input workflow.Input) {
	switch input.Type {
	case "long_text":
		field.Kind, field.Rows = "multiline", 6
	case "email", "url":
		field.Kind = input.Type
	case "phone":
		field.Kind = "tel"
	case "number":
		field.Kind, field.Width = "number", "short"
	case "date", "time":
		field.Kind, field.Width = input.Type, "medium"
	case "date_time":
		field.Kind, field.Width = "datetime-local", "medium"
		field.Value = entry.Shown(field.Value, input.Zone())
		field.Help = strings.TrimSpace(field.Help + " In the time of " + strings.ReplaceAll(input.Zone().String(), "_", " ") + ".")
	case "boolean":
		field.Kind, field.Checked, field.Value = "checkbox", input.Default == true, "true"
		if !input.Tick() {
			field.Kind, field.Options = "radio", []ui.Option{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
			field.Value = defaultText(input.Default)
		}
	case "choice":
		field.Kind, field.Options = "choice", append([]ui.Option{{Value: "", Label: "Choose …"}}, choices(input)...)
		if input.Display == workflow.DisplayRadio {
			field.Kind, field.Options = "radio", choices(input)
		}
	case "choices":
		field.Kind, field.Options, field.Values = "checks", choices(input), texts(input.Default)
	case "file", "files":
		field.Kind, field.Several = "file", input.Type == "files"
		field.Help = strings.TrimSpace(field.Help + " " + Either(field.Several, "At most 10 files, 1 MB together.", "At most 1 MB."))
	case "json":
		field.Kind, field.Rows = "json", 6
	}
	if field.Kind == "radio" && !input.Required { // what was chosen can be taken back
		field.Options = append(field.Options, ui.Option{Value: "", Label: "No answer"})
	}
}

// fillIn puts what was typed into a field. Files cannot be: a browser keeps none.
func fillIn(field *ui.FieldProps, input workflow.Input, typed []string) {
	first := ""
	if len(typed) > 0 {
		first = typed[0]
	}
	switch {
	case field.Kind == "checkbox":
		answer, known := document.YesOrNo(first)
		field.Checked = answer || first != "" && !known
	case field.Kind == "checks":
		field.Values = typed
	case input.Uploaded():
		if first != "" {
			field.Help += " Choose " + strings.Join(typed, ", ") + " again: a form that comes back has lost its files."
		}
	default:
		field.Value = first
	}
}

func choices(input workflow.Input) []ui.Option {
	options := make([]ui.Option, len(input.Options))
	for i, option := range input.Options {
		options[i] = ui.Option{Value: option, Label: option}
	}
	return options
}

func texts(list any) []string {
	items, _ := list.([]any)
	var texts []string
	for _, item := range items {
		if text, isText := item.(string); isText {
			texts = append(texts, text)
		}
	}
	return texts
}

// own are words in the names of inputs that ask for what is the person's own, as browsers
// call it (WCAG 1.3.5).
func own() map[string][]string {
	return map[string][]string{
		"name":           {"name", "full_name", "your_name"},
		"given-name":     {"first_name", "given_name"},
		"family-name":    {"last_name", "family_name", "surname"},
		"organization":   {"company", "organization", "organisation"},
		"street-address": {"address", "street_address"},
		"address-line1":  {"street"},
		"postal-code":    {"postcode", "postal_code", "zip", "zip_code"},
		"address-level2": {"city", "town"},
		"country-name":   {"country"},
		"bday":           {"birthday", "birth_date", "date_of_birth"},
	}
}

// autocompleteOf is what a browser may fill in by itself.
func autocompleteOf(input workflow.Input) string {
	switch input.Type {
	case "email":
		return "email"
	case "phone":
		return "tel"
	case "url":
		return "url"
	case "text", "long_text", "date", "choice":
		for known, names := range own() {
			if slices.Contains(names, input.Name) && (known == "bday") == (input.Type == "date") {
				return known
			}
		}
	}
	return ""
}

// defaultText writes an input's default the way a form shows it.
func defaultText(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case json.Number:
		return value.String()
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
