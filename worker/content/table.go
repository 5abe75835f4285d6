package content

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"workflows/models/columns"
	"workflows/worker/document"
)

// separators are what stands between the cells of a row, the likelier first.
const separators = ",;\t|"

// Table is how a text in CSV is read.
type Table struct {
	// Separator stands between the cells of a row; 0 has it recognised.
	Separator rune
	// Header takes the first row for the names of the columns: rows are then objects,
	// else lists.
	Header bool
}

// CSV reads a table: rows of texts. A cell that a row lacks under a header is null, a
// cell that it has too many is called by its number ("column_4").
func CSV(text string, table Table) ([]any, error) {
	text = strings.TrimPrefix(text, bom)
	if !strings.Contains(text, "\n") { // as old Macs write
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	if line, rest, _ := strings.Cut(text, "\n"); len(strings.TrimSpace(line)) == 5 && strings.HasPrefix(line, "sep=") {
		text = rest // Excel says it so
		table.Separator = cmp.Or(table.Separator, []rune(line)[4])
	}
	if table.Separator == 0 {
		table.Separator = separatorOf(text)
	}
	rows, err := tableRows(text, table, false)
	if errors.Is(err, csv.ErrBareQuote) { // a 5" screen
		rows, err = tableRows(text, table, true)
	}
	return rows, err
}

func tableRows(text string, table Table, lazy bool) ([]any, error) {
	reader := readerOf(text, table.Separator, lazy)
	rows, cells := []any{}, 0
	var names []string
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, notCSV(err)
		}
		if cells += max(len(record), len(names)); len(record) > MaxColumns || len(rows) == MaxRows || cells > maxCells {
			return nil, document.Malformed("The table is too large: at most %d rows, %d columns and %d cells are read. Split it into parts.", MaxRows, MaxColumns, maxCells)
		}
		switch {
		case !table.Header:
			rows = append(rows, listRow(record))
		case names == nil:
			names = columnNames(record)
		default:
			if names, err = moreNames(names, len(record)); err != nil {
				return nil, err
			}
			rows = append(rows, objectRow(names, record))
		}
	}
}

func readerOf(text string, separator rune, lazy bool) *csv.Reader {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes = separator, -1, lazy
	return reader
}

func notCSV(err error) error {
	var at *csv.ParseError
	switch {
	case !errors.As(err, &at):
		return document.Malformed("The table cannot be read. Look at its separators and quotes.")
	case errors.Is(err, csv.ErrBareQuote):
		return err
	}
	return document.Malformed("The table cannot be read in line %d: a quote (\") that is opened must be closed before the next separator, and one inside must be written twice.", at.Line)
}

// separatorOf recognises the separator of a table by its first rows: the one by
// which most of them have as many cells as the first.
func separatorOf(text string) rune {
	best, alike, most := ',', 0, 1
	for _, separator := range separators {
		reader := readerOf(text, separator, true)
		first, same := 0, 0
		for range 50 {
			record, err := reader.Read()
			if err != nil {
				break
			}
			if first == 0 {
				first = len(record)
			}
			if len(record) == first {
				same++
			}
		}
		if first > 1 && (same > alike || same == alike && first > most) {
			best, alike, most = separator, same, first
		}
	}
	return best
}

// columnNames are the cells of the first row as names, each of which stands once.
func columnNames(record []string) []string {
	names := make([]string, len(record))
	for i, cell := range record {
		names[i] = cmp.Or(columns.Fit(strings.TrimSpace(cell)), columnName(i))
	}
	taken, times := make(map[string]bool, len(names)), make(map[string]int, len(names))
	for i, name := range names {
		for taken[names[i]] {
			times[name]++ // not from the start again: all may be called the same
			names[i] = fmt.Sprintf("%s_%d", name, times[name]+1)
		}
		taken[names[i]] = true
	}
	return names
}

// columnName is what a column without a name is called, by its number from 1.
func columnName(i int) string { return fmt.Sprintf("column_%d", i+1) }

// moreNames are names for so many cells as a row has.
func moreNames(names []string, cells int) ([]string, error) {
	for i := len(names); i < cells; i++ {
		if slices.Contains(names, columnName(i)) {
			return nil, document.Malformed("A row has more cells than the first row has names, and “%s” is taken. Give every column a name.", columnName(i))
		}
		names = append(names, columnName(i))
	}
	return names, nil
}

func listRow(record []string) []any {
	row := make([]any, len(record))
	for i, cell := range record {
		row[i] = columns.Fit(cell)
	}
	return row
}

// objectRow is a row under the names of the first row; names that later rows have
// brought are left out where this one has no such cell.
func objectRow(names, record []string) map[string]any {
	row := make(map[string]any, len(names))
	for i, name := range names {
		if i < len(record) {
			row[name] = columns.Fit(record[i])
		} else {
			row[name] = nil
		}
	}
	return row
}
