package steps

import (
	"encoding/json"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/place"
	"workflows/worker/workflow"
)

// jsonFields are the members of JSON that is no more than names with single values: of an
// object, or of a text in which references stand inside texts or as whole values. fits is
// false for anything else.
func jsonFields(content any) (rows []workflow.Row, fits bool) {
	switch v := content.(type) {
	case nil:
		return nil, true
	case string:
		if strings.TrimSpace(v) == "" {
			return nil, true
		}
		if readable(v) {
			return fieldsOfJSON(v)
		}
	case map[string]any:
		rows = workflow.RowsOfValues(v)
		_, single := v[""]
		for _, row := range rows {
			single = single || row.Kind == workflow.ValueKind([]any{})
		}
		return rows, !single
	}
	return nil, false
}

// fieldsOfJSON reads the text twice, with the names of its references in their places and with
// nothing there: what is null then is inserted as a whole, and keeps its type.
func fieldsOfJSON(text string) (rows []workflow.Row, fits bool) {
	given, err := place.JSON(named(text))
	if err != nil || !json.Valid([]byte(given)) {
		return nil, false
	}
	bare, err := place.JSON(workflow.StandIn(text, nil))
	if err != nil {
		return nil, false
	}
	names, nothing := document.Tokens([]byte(given)), document.Tokens([]byte(bare))
	next := func() (token, without json.Token) {
		token, _ = names.Token()
		without, _ = nothing.Token()
		return token, without
	}
	if open, _ := next(); open != json.Delim('{') {
		return nil, false
	}
	for names.More() {
		key, _ := next()
		name, _ := key.(string)
		value, without := next()
		row := workflow.Row{Name: name, Kind: workflow.ValueKind(value), Value: workflow.RowText(value)}
		if _, isText := value.(string); isText {
			row.Kind = workflow.ValueText
			if without == nil {
				row.Kind = workflow.ValueReference
			}
		}
		_, opens := value.(json.Delim)
		if name == "" || value == nil || opens || slices.ContainsFunc(rows, func(r workflow.Row) bool { return r.Name == name }) {
			return nil, false
		}
		rows = append(rows, row)
	}
	return rows, true
}

// readJSONFields makes JSON of rows. It stays a text, in the order of the rows, where it was
// typed as one, or where a reference alone is to be a text.
func readJSONFields(sent []workflow.Row, was any) (any, []workflow.Row) {
	sent = slices.Clone(sent)
	for i := range sent {
		if sent[i].Kind == "" { // a field of a form before
			sent[i].Kind = workflow.ValueText
		}
	}
	before, fits := jsonFields(was)
	value, rows := workflow.ReadValues(sent, was)
	same := func(a, b workflow.Row) bool { return a.Name == b.Name && a.Kind == b.Kind && a.Value == b.Value }
	if was != nil && fits && slices.EqualFunc(rows, before, same) {
		return was, rows
	}
	values, _ := value.(map[string]any)
	_, isText := was.(string)
	asText := func(row workflow.Row) bool {
		_, one := workflow.TheReference(row.Value)
		return one && row.Kind == workflow.ValueText
	}
	if values == nil || !(isText && fits) && !slices.ContainsFunc(rows, asText) {
		return value, rows
	}
	return jsonText(rows, values), rows
}

// jsonText writes rows as people type JSON.
func jsonText(rows []workflow.Row, values map[string]any) string {
	var lines []string
	for _, row := range rows {
		if row.NameProblem != "" {
			continue
		}
		value := string(document.JSON(values[row.Name]))
		switch text, isText := values[row.Name].(string); {
		case isText && row.Kind == workflow.ValueReference:
			value = text
		case isText:
			value = quotedJSON(text)
		}
		lines = append(lines, "  "+quotedJSON(row.Name)+": "+value)
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

// quotedJSON is a text of JSON, in which references stay what they are.
func quotedJSON(text string) string {
	var b strings.Builder
	for _, piece := range workflow.StandIn(text, nil) {
		typed := document.JSON(piece.Typed)
		b.Write(typed[1 : len(typed)-1])
		b.WriteString(piece.Name)
	}
	return `"` + b.String() + `"`
}
