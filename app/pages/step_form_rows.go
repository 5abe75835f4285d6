package pages

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workflows/views"
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

// storedRows writes the stored pairs, values and conditions as rows.
func (f *stepForm) storedRows(path string, fields []workflow.Field, config map[string]any) {
	for _, field := range fields {
		at, value := path+"."+field.Name, config[field.Name]
		switch field.Kind {
		case "group":
			parts, _ := value.(map[string]any)
			f.storedRows(at, field.Fields, parts)
		case "pairs", "values":
			pairs, _ := value.(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(pairs)) {
				f.rows[at] = append(f.rows[at], views.FormRow{Name: name, Kind: kindOf(pairs[name]), Value: rowText(pairs[name])})
			}
		case "conditions":
			list, _ := value.([]any)
			for _, item := range list {
				parts, _ := item.(map[string]any)
				operator, _ := parts["operator"].(string)
				f.rows[at] = append(f.rows[at], views.FormRow{Value: plainText(parts["value"]), Operator: operator, Other: plainText(parts["other"])})
			}
		}
	}
}

// sentRows reads the rows of one field as they were sent, in their order.
func sentRows(form url.Values, at string) []views.FormRow {
	part := func(name string, i int) string {
		if list := form[at+"."+name]; i < len(list) {
			return list[i]
		}
		return ""
	}
	count := 0
	for _, name := range []string{"name", "kind", "value", "operator", "other"} {
		count = max(count, len(form[at+"."+name]))
	}
	var rows []views.FormRow
	for i := range min(count, maxRows) {
		rows = append(rows, views.FormRow{
			Name: strings.TrimSpace(part("name", i)), Kind: part("kind", i), Value: part("value", i),
			Operator: part("operator", i), Other: part("other", i),
		})
	}
	return rows
}

// maxRows bounds what one field of a form may hold.
const maxRows = 500

// readPairs reads rows of names and values; empty rows are left out.
func (f *stepForm) readPairs(form url.Values, at string, field workflow.Field, was any) any {
	before, _ := was.(map[string]any)
	pairs := map[string]any{}
	for _, row := range sentRows(form, at) {
		if row.Name == "" && strings.TrimSpace(row.Value) == "" {
			continue
		}
		switch _, taken := pairs[row.Name]; {
		case row.Name == "":
			row.NameError = "Give this entry a name."
		case taken:
			row.NameError = "“" + row.Name + "” is given twice. Keep one of them."
		default:
			value, problem := row.Value, ""
			pairs[row.Name] = value
			if old, existed := before[row.Name]; existed && rowText(old) == value && (field.Kind == "pairs" || kindOf(old) == row.Kind) {
				pairs[row.Name] = old
			} else if field.Kind == "values" {
				pairs[row.Name], problem = readKind(row.Kind, value)
			}
			row.ValueError = problem
		}
		if row.NameError != "" || row.ValueError != "" {
			f.problems[at+"["+strconv.Itoa(len(f.rows[at]))+"]"] = row.NameError + row.ValueError
		}
		f.rows[at] = append(f.rows[at], row)
	}
	if len(pairs) == 0 {
		return nil
	}
	return pairs
}

// readKind reads the text of a row as the kind that was chosen beside it.
func readKind(kind, text string) (any, string) {
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
		if !oneReference(text) {
			return text, "Choose what to insert, such as {{ input.name }}, or choose “Text”."
		}
		return strings.TrimSpace(text), ""
	}
	return text, ""
}

// readConditions reads rows of conditions; empty rows are left out.
func (f *stepForm) readConditions(form url.Values, at string) any {
	var list []any
	for _, row := range sentRows(form, at) {
		if strings.TrimSpace(row.Value+row.Operator+row.Other) == "" {
			continue
		}
		condition := map[string]any{"value": typedValue(row.Value), "operator": row.Operator}
		if !workflow.OneSided(row.Operator) && (row.Other != "" || row.Operator == "equals" || row.Operator == "not_equals") {
			condition["other"] = typedValue(row.Other)
		}
		list = append(list, condition)
		f.rows[at] = append(f.rows[at], row)
	}
	if list == nil {
		return nil
	}
	return list
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
	return plainText(value)
}

// plainText writes a value as a form shows it: lists and objects as JSON.
func plainText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return writeJSON(value, "")
}

// writeJSON keeps < and > readable; indent "" writes one line.
func writeJSON(value any, indent string) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(text.String(), "\n")
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
			return writeJSON(value, "  ")
		}
	}
	return plainText(value)
}

// changeRows does what an "Add" or "Remove" button of a form without JavaScript
// asks: "add config.headers", "remove config.headers 2".
func changeRows(form url.Values, command string) {
	words := strings.Fields(command)
	if len(words) < 2 {
		return
	}
	prefix := words[1] + "."
	number := -1
	if len(words) == 3 {
		number, _ = strconv.Atoi(words[2])
	}
	// Parts that this kind of row lacks get an empty entry, which says nothing.
	for _, part := range []string{"name", "kind", "value", "operator", "other"} {
		list := form[prefix+part]
		switch {
		case words[0] == "add" && len(list) < maxRows:
			form[prefix+part] = append(slices.Clone(list), "")
		case words[0] == "remove" && number >= 0 && number < len(list):
			form[prefix+part] = slices.Delete(slices.Clone(list), number, number+1)
		}
	}
}

// keepEmptyRows shows the rows as they were sent, the empty ones included: after
// "Add" or "Remove".
func (f *stepForm) keepEmptyRows(form url.Values, path string, fields []workflow.Field) {
	for _, field := range fields {
		at := path + "." + field.Name
		switch field.Kind {
		case "group":
			f.keepEmptyRows(form, at, field.Fields)
		case "pairs", "values", "conditions":
			f.rows[at] = sentRows(form, at)
		}
	}
}
