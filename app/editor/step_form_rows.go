package editor

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workflows/views"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// storedRows writes the stored pairs, values and conditions as rows.
func (f *stepForm) storedRows(path string, fields []workflow.Field, config map[string]any) {
	for _, field := range fields {
		at, value := path+"."+field.Name, config[field.Name]
		switch field.Kind {
		case "group":
			parts, _ := value.(map[string]any)
			f.storedRows(at, field.Fields, parts)
		case "pairs", "values", "inputs":
			pairs, _ := value.(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(pairs)) {
				f.rows[at] = append(f.rows[at], views.FormRow{Name: name, Kind: kindOf(pairs[name]), Value: rowText(pairs[name])})
			}
		case "conditions":
			list, _ := value.([]any)
			for _, item := range list {
				parts, _ := item.(map[string]any)
				operator, _ := parts["operator"].(string)
				f.rows[at] = append(f.rows[at], views.FormRow{Value: document.Text(parts["value"]), Operator: operator, Other: document.Text(parts["other"])})
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
		if strings.TrimSpace(row.Value) == "" && (row.Name == "" || field.Kind == "inputs") {
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
			} else if field.Kind != "pairs" {
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
		case "pairs", "values", "conditions", "inputs":
			f.rows[at] = sentRows(form, at)
		}
	}
}
