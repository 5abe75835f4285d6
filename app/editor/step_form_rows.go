package editor

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workflows/views"
	"workflows/worker/workflow"
)

// storedRows writes what is stored for fields with rows as rows.
func (f *stepForm) storedRows(path string, fields []workflow.Field, config map[string]any) {
	for _, field := range fields {
		at, value := path+"."+field.Name, config[field.Name]
		switch {
		case field.Kind.Parts:
			parts, _ := value.(map[string]any)
			f.storedRows(at, field.Fields, parts)
		case field.Kind.Rows != nil:
			f.rows[at] = formRows(field.Kind.Rows.Of(value))
		}
	}
}

// formRows are rows as the view shows them.
func formRows(rows []workflow.Row) []views.FormRow {
	shown := make([]views.FormRow, len(rows))
	for i, row := range rows {
		shown[i] = views.FormRow{
			Name: row.Name, Kind: row.Kind, Value: row.Value, Operator: row.Operator, Other: row.Other,
			NameError: row.NameProblem, ValueError: row.ValueProblem,
		}
	}
	return shown
}

// sentRows reads the rows of one field as they were sent, in their order.
func sentRows(form url.Values, at string) []workflow.Row {
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
	var rows []workflow.Row
	for i := range min(count, maxRows) {
		rows = append(rows, workflow.Row{
			Name: strings.TrimSpace(part("name", i)), Kind: part("kind", i), Value: part("value", i),
			Operator: part("operator", i), Other: part("other", i),
		})
	}
	return rows
}

// maxRows bounds what one field of a form may hold.
const maxRows = 500

// readRows reads the rows of one field and notes what is wrong with each.
func (f *stepForm) readRows(form url.Values, at string, rows workflow.Rows, was any) any {
	value, read := rows.Read(sentRows(form, at), was)
	for i, row := range read {
		if problem := row.NameProblem + row.ValueProblem; problem != "" {
			f.problems[at+"["+strconv.Itoa(i)+"]"] = problem
		}
	}
	f.rows[at] = formRows(read)
	return value
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
		switch {
		case field.Kind.Parts:
			f.keepEmptyRows(form, at, field.Fields)
		case field.Kind.Rows != nil:
			f.rows[at] = formRows(sentRows(form, at))
		}
	}
}
