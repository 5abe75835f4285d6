package steps

import (
	"context"
	"errors"

	"workflows/worker/content"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

type readDataConfig struct {
	Text      any    `json:"text" label:"Text" kind:"multiline" required:"true" ref:"true" example:"{{ steps.fetch.body }}" missing:"Insert the text to read." help:"A text that an earlier step gives, or one that you write here."`
	Format    string `json:"format" label:"It is" options:"json=JSON,csv=CSV (a table),xml=XML,yaml=YAML,lines=Lines of text" default:"json"`
	Header    bool   `json:"header" label:"The first row names the columns" ref:"true" default:"true" showif:"format=csv" help:"Rows are then inserted by these names, such as email; else by the number of the cell, from 0."`
	Separator string `json:"separator" label:"Between the cells" options:"auto=Recognise it,comma=Comma,semicolon=Semicolon,tab=Tab,pipe=Vertical bar" default:"auto" showif:"format=csv" advanced:"true"`
}

// separators by their names in forms.
func separators() map[string]rune {
	return map[string]rune{"comma": ',', "semicolon": ';', "tab": '\t', "pipe": '|'}
}

// readData makes values of a text.
func readData() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "read_data",
		Title:     "Read data",
		Summary:   "Turns a text into values: JSON, a table in CSV, XML, YAML or lines.",
		Said:      "csv excel table spreadsheet json xml yaml lines parse import",
		Icon:      "file-input",
		Immediate: true,
		Grows:     func(config map[string]any) int { return content.Grows(textAt(config, "format")) },
		Outputs: []workflow.Output{
			{Name: "value", Type: "any", Help: "All that the text says.", Example: []any{map[string]any{"email": "ada@example.com"}}},
			{Name: "rows", Type: "list", Help: "The rows of a table, the entries of a list, the elements of XML that repeat: to go through with “For each”.", Example: []any{map[string]any{"email": "ada@example.com"}}},
			{Name: "count", Type: "number", Help: "How many rows there are.", Example: 1},
		},
		Sentence: func(config map[string]any) string {
			text := textAt(config, "text")
			if !given(config["text"]) {
				return "Reads no text yet"
			}
			words := map[string]string{"": "JSON", "json": "JSON", "csv": "CSV", "xml": "XML", "yaml": "YAML", "lines": "lines"}[textAt(config, "format")]
			if !isReference(text) {
				text = "a text"
			}
			return "Reads " + text + " as " + words
		},
	}, readText)
}

func readText(_ context.Context, _ workflow.Call, config readDataConfig) (workflow.Outcome, error) {
	value, err := config.read()
	var malformed *document.MalformedError
	if errors.As(err, &malformed) {
		return workflow.Outcome{}, permanent("unreadable_data", malformed.Message)
	}
	if err != nil {
		return workflow.Outcome{}, err
	}
	rows := rowsOf(value, config.Format == "xml")
	return workflow.Outcome{Output: map[string]any{"value": value, "rows": rows, "count": len(rows)}}, nil
}

func (c readDataConfig) read() (any, error) {
	switch c.Text.(type) {
	case []any, map[string]any:
		if c.Format == "json" || c.Format == "yaml" {
			return c.Text, nil // somebody has read it already
		}
		return nil, permanent("not_a_text", "There is no text to read: what was inserted is values already. Insert them where they are needed, without this step.")
	}
	text := document.Text(c.Text)
	switch c.Format {
	case "csv":
		return content.CSV(text, content.Table{Separator: separators()[c.Separator], Header: c.Header})
	case "xml":
		return content.XML(text)
	case "yaml":
		return content.YAML(text)
	case "lines":
		return content.Lines(text)
	}
	return content.JSON(text)
}

// rowsOf is the list that a value is; else what repeats in XML, down from its root as
// long as there is one way; else the value alone.
func rowsOf(value any, isXML bool) []any {
	switch v := value.(type) {
	case nil:
		return []any{}
	case []any:
		return v
	case map[string]any:
		if below, ok := onlyElement(v); ok && isXML {
			return rowsOf(below, true)
		}
	}
	return []any{value}
}

// onlyElement is the one list among the elements of an element, or else the one element
// that has parts.
func onlyElement(element map[string]any) (any, bool) {
	var lists, objects []any
	for _, value := range element {
		switch value.(type) {
		case []any:
			lists = append(lists, value)
		case map[string]any:
			objects = append(objects, value)
		}
	}
	switch {
	case len(lists) == 1:
		return lists[0], true
	case len(lists) == 0 && len(objects) == 1:
		return objects[0], true
	}
	return nil, false
}
