package steps

import (
	"context"
	"encoding/csv"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// maxMade bounds a text that is made of rows, in bytes.
const maxMade = 8 << 20

type makeDataConfig struct {
	Rows      any    `json:"rows" label:"Rows" wants:"list" required:"true" ref:"true" example:"{{ steps.large.items }}" missing:"Choose the rows to write." help:"A list that an earlier step gives. JSON takes any value."`
	Format    string `json:"format" label:"Write it as" options:"csv=CSV (a table for programs),json=JSON,text_table=A table in plain text,html_table=A table in HTML" default:"csv"`
	Columns   any    `json:"columns" label:"Columns" ref:"true" names:"rows" showif:"format=csv,text_table,html_table" example:"id, customer.name, total" help:"Which fields of the rows, in which order, with commas between them. Empty is all of them, in the order of the alphabet."`
	Header    bool   `json:"header" label:"Begin with the names of the columns" ref:"true" default:"true" showif:"format=csv,text_table,html_table"`
	Separator string `json:"separator" label:"Between the cells" options:"comma=Comma,semicolon=Semicolon,tab=Tab,pipe=Vertical bar" default:"comma" showif:"format=csv" advanced:"true"`
	Guard     bool   `json:"guard_formulas" label:"Safe for spreadsheets" ref:"true" default:"true" showif:"format=csv" advanced:"true" help:"A text that begins with = + - or @ would be a formula where a spreadsheet opens the file: it gets a ' before it. Numbers stay. Switch it off where a program reads the file."`
}

// makeData writes rows as a text.
func makeData() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:      "make_data",
		Title:     "Write data",
		Summary:   "Writes rows as a text: CSV, JSON, or a table for a message.",
		Said:      "csv excel table spreadsheet json format export",
		Icon:      "table",
		Immediate: true,
		Outputs: []workflow.Output{
			{Name: "text", Type: "text", Help: "The rows as a text.", Example: "id,total\r\n1,120\r\n"},
		},
		Check: func(config map[string]any) []workflow.Problem {
			if rows := config["rows"]; given(rows) && !isReference(rows) && textAt(config, "format") != "json" {
				if _, ok := rowsIn(rows); !ok {
					return []workflow.Problem{{Path: "rows", Code: "not_a_list", Message: "Insert a list that an earlier step gives, or write one like [{\"id\": 1}]."}}
				}
			}
			return nil
		},
		Tidy: func(config map[string]any) {
			if text, isText := config["rows"].(string); isText {
				if list, ok := listIn(text); ok {
					config["rows"] = list
				}
			}
		},
		Sentence: func(config map[string]any) string {
			if !given(config["rows"]) {
				return "Writes no rows yet"
			}
			rows := "a list"
			if isReference(config["rows"]) {
				rows = textAt(config, "rows")
			}
			return "Writes " + rows + " as " + map[string]string{"": "CSV", "csv": "CSV", "json": "JSON", "text_table": "a table in plain text", "html_table": "a table in HTML"}[textAt(config, "format")]
		},
	}, writeData)
}

func writeData(_ context.Context, _ workflow.Call, config makeDataConfig) (workflow.Outcome, error) {
	if config.Format == "json" {
		return madeText(string(document.JSON(config.Rows)))
	}
	rows, ok := rowsIn(config.Rows)
	switch {
	case !ok:
		return workflow.Outcome{}, permanent("not_a_list", "There are no rows to write: what was inserted is "+kindWords(config.Rows)+". Choose a list that an earlier step gives.")
	case len(rows) > MaxRows:
		return workflow.Outcome{}, permanent("too_many_items", fmt.Sprintf("There are %d rows; %d is the most.", len(rows), MaxRows))
	}
	table, err := config.table(rows)
	if err != nil {
		return workflow.Outcome{}, err
	}
	switch config.Format {
	case "text_table":
		return textTable(table)
	case "html_table":
		return madeText(htmlTable(table))
	}
	return config.csv(table)
}

func madeText(text string) (workflow.Outcome, error) {
	if len(text) > maxMade {
		return workflow.Outcome{}, permanent("too_large", "The text would be larger than 8 MB. Write fewer rows or columns.")
	}
	return workflow.Outcome{Output: map[string]any{"text": text}}, nil
}

// rowsIn is a list of rows; an object is one row.
func rowsIn(value any) ([]any, bool) {
	if row, ok := value.(map[string]any); ok {
		return []any{row}, true
	}
	return listIn(value)
}

// table is rows as they are written: texts, and whether each was a number.
type table struct {
	names []string // nil is no header
	cells [][]cell
}

type cell struct {
	text   string
	number bool
}

func (c makeDataConfig) table(rows []any) (table, error) {
	names := columnsOf(c.Columns)
	chosen := len(names) > 0
	if !chosen {
		names = fieldNames(rows)
	}
	if len(names)*len(rows) > 5*MaxRows {
		return table{}, permanent("too_large", fmt.Sprintf("The table would have more than %d cells. Write fewer rows, or name the columns that you need.", 5*MaxRows))
	}
	t := table{cells: make([][]cell, len(rows))}
	if c.Header {
		t.names = names
	}
	total := 0
	for i, row := range rows {
		t.cells[i] = cellsOf(row, names, chosen)
		for _, one := range t.cells[i] {
			if total += len(one.text) + 1; total > maxMade {
				return table{}, permanent("too_large", "The text would be larger than 8 MB. Write fewer rows or columns.")
			}
		}
	}
	return t, nil
}

// columnsOf reads names with commas between them, or a list of names.
func columnsOf(value any) []string {
	var names []string
	if list, ok := value.([]any); ok {
		for _, name := range list {
			names = append(names, document.Text(name))
		}
		return names
	}
	for name := range strings.SplitSeq(document.Text(value), ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// fieldNames are the names of all fields that rows have; "value" stands for rows that
// are no objects and no lists.
func fieldNames(rows []any) []string {
	names := map[string]bool{}
	for _, row := range rows {
		switch v := row.(type) {
		case map[string]any:
			for name := range v {
				names[name] = true
			}
		case []any:
		default:
			names["value"] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func cellsOf(row any, names []string, chosen bool) []cell {
	switch v := row.(type) {
	case map[string]any:
		cells := make([]cell, len(names))
		for i, name := range names {
			cells[i] = cellOf(fieldAt(v, name))
		}
		return cells
	case []any:
		if chosen && len(v) > len(names) {
			v = v[:len(names)]
		}
		cells := make([]cell, len(v))
		for i, value := range v {
			cells[i] = cellOf(value)
		}
		return cells
	}
	cells := make([]cell, len(names))
	for i, name := range names {
		if name == "value" || chosen && i == 0 {
			cells[i] = cellOf(row)
		}
	}
	return cells
}

func cellOf(value any) cell {
	_, number := document.Number(value, true)
	return cell{document.Text(value), number}
}

// csv writes the table as RFC 4180 has it.
func (c makeDataConfig) csv(t table) (workflow.Outcome, error) {
	var text strings.Builder
	file := csv.NewWriter(&text)
	file.Comma, file.UseCRLF = separators()[c.Separator], true
	write := func(record []string) {
		if len(record) == 1 && record[0] == "" { // an empty line is no row to those who read it
			file.Flush()
			text.WriteString("\"\"\r\n")
			return
		}
		_ = file.Write(record) // a builder takes everything
	}
	if len(t.names) > 0 {
		names := make([]string, len(t.names))
		for i, name := range t.names {
			names[i] = c.guarded(cellOf(name))
		}
		write(names)
	}
	for _, row := range t.cells {
		record := make([]string, len(row))
		for i, one := range row {
			record[i] = c.guarded(one)
		}
		write(record)
	}
	file.Flush()
	return madeText(text.String())
}

// guarded keeps a text from being a formula where a spreadsheet opens the file.
func (c makeDataConfig) guarded(one cell) string {
	if c.Guard && !one.number && one.text != "" && strings.ContainsRune("=+-@\t\r", rune(one.text[0])) {
		return "'" + one.text
	}
	return one.text
}

// htmlTable writes a table for a message in HTML; whatever stands in a cell stays text.
func htmlTable(t table) string {
	var b strings.Builder
	b.WriteString(`<table border="1" cellpadding="6" style="border-collapse:collapse">` + "\n")
	if len(t.names) > 0 {
		b.WriteString("<thead><tr>")
		for _, name := range t.names {
			b.WriteString("<th>" + html.EscapeString(name) + "</th>")
		}
		b.WriteString("</tr></thead>\n")
	}
	b.WriteString("<tbody>\n")
	for _, row := range t.cells {
		b.WriteString("<tr>")
		for _, one := range row {
			align := ""
			if one.number {
				align = ` align="right"`
			}
			b.WriteString("<td" + align + ">" + strings.ReplaceAll(html.EscapeString(one.text), "\n", "<br>") + "</td>")
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody>\n</table>\n")
	return b.String()
}
