package steps

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/place"
	"workflows/worker/workflow"
)

// contentKind is the content of a call: the body type beside it decides how values are
// inserted into it. The fields of a form are filled in by rows, and so is JSON that is no
// more than names with single values, unless it is typed.
func contentKind() workflow.Kind {
	kind := workflow.TemplateKind("content")
	kind.Rows = &workflow.Rows{
		If: "body_type=form", Component: "pairs", Label: "Form fields", Named: true, Blank: 2, Read: readFormFields,
		Of:   func(value any) []workflow.Row { rows, _ := formFields(value); return rows },
		Fits: func(value any) bool { _, fits := formFields(value); return fits },
		Or: &workflow.Rows{
			If: "body_type=json", OrTyped: true, Component: "values", Single: true, Label: "Names and values", Named: true, Blank: 2, Read: readJSONFields,
			Of:   func(value any) []workflow.Row { rows, _ := jsonFields(value); return rows },
			Fits: func(value any) bool { _, fits := jsonFields(value); return fits },
		},
	}
	kind.Says = func(beside map[string]any) string {
		if textAt(beside, "body_type") == "json" {
			return "This is JSON."
		}
		return ""
	}
	kind.Schema = func(workflow.Field) map[string]any {
		return map[string]any{"example": map[string]any{"order": 7, "note": "for Anna"}}
	}
	kind.Insert = func(beside map[string]any, pieces []place.Piece) (any, error) {
		switch textAt(beside, "body_type") {
		case "json":
			return place.JSON(pieces)
		case "form":
			return place.Form(pieces)
		}
		return place.Joined(pieces), nil
	}
	return kind
}

// formFields are the fields of a form one by one: of an object, or of a text that is
// written as one or as name=value&name=value. fits is false for what is more than names
// with values.
func formFields(content any) (rows []workflow.Row, fits bool) {
	switch v := content.(type) {
	case nil:
		return nil, true
	case map[string]any:
		return fieldsOfObject(v)
	case string:
		if text := strings.TrimSpace(v); strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "{{") {
			object, err := document.Value([]byte(text))
			fields, isObject := object.(map[string]any)
			if err != nil || !isObject {
				return nil, false
			}
			return fieldsOfObject(fields)
		}
		return fieldsOfText(v)
	}
	return nil, false
}

func fieldsOfObject(object map[string]any) (rows []workflow.Row, fits bool) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		values, isList := object[name].([]any)
		if !isList {
			values = []any{object[name]}
		}
		for _, value := range values {
			switch value.(type) {
			case map[string]any, []any:
				return nil, false
			}
			rows = append(rows, workflow.Row{Name: name, Value: document.Text(value)})
		}
		if name == "" || len(values) == 0 {
			return nil, false
		}
	}
	return rows, true
}

// fieldsOfText takes name=value&name=value apart. What is inserted stands in a value.
func fieldsOfText(text string) (rows []workflow.Row, fits bool) {
	var row workflow.Row
	part := &row.Name
	fits = true
	typed := func(text string) {
		plain, err := url.QueryUnescape(text)
		fits = fits && err == nil && !strings.Contains(plain, "{{")
		*part += plain
	}
	end := func() {
		fits = fits && row.Name != ""
		rows, row, part = append(rows, row), workflow.Row{}, &row.Name
	}
	for _, piece := range workflow.StandIn(text, nil) {
		if piece.Name != "" {
			fits = fits && part == &row.Value
			*part += piece.Name
			continue
		}
		rest := piece.Typed
		for {
			marks := "&"
			if part == &row.Name {
				marks = "&="
			}
			at := strings.IndexAny(rest, marks)
			if at < 0 {
				typed(rest)
				break
			}
			typed(rest[:at])
			if rest[at] == '&' {
				end()
			} else {
				part = &row.Value
			}
			rest = rest[at+1:]
		}
	}
	if text != "" {
		end()
	}
	return rows, fits
}

// readFormFields makes an object of rows; a name that is given several times gets a list.
// Rows that say what was stored leave that as it was written.
func readFormFields(sent []workflow.Row, was any) (any, []workflow.Row) {
	before, _ := formFields(was)
	var rows []workflow.Row
	fields := map[string]any{}
	for _, row := range sent {
		if row.Name == "" && strings.TrimSpace(row.Value) == "" {
			continue
		}
		if row.Name == "" {
			row.NameProblem = "Give this entry a name."
			rows = append(rows, row)
			continue
		}
		rows = append(rows, row)
		switch known := fields[row.Name].(type) {
		case nil:
			fields[row.Name] = row.Value
		case []any:
			fields[row.Name] = append(known, row.Value)
		default:
			fields[row.Name] = []any{known, row.Value}
		}
	}
	same := func(a, b workflow.Row) bool { return a.Name == b.Name && a.Value == b.Value }
	switch {
	case was != nil && slices.EqualFunc(rows, before, same):
		return was, rows
	case len(fields) == 0:
		return nil, rows
	}
	return fields, rows
}
