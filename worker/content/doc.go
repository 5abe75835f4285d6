// Package content reads what others send, whichever way it comes: what a server
// answers to a step, what a webhook receives, what stands in a text. It decodes the
// character set, tells JSON, forms, tables and XML apart, and gives values that can be
// stored: numbers stay exact, texts hold nothing that a column does not.
//
// It knows no HTTP server, no step and no database. What cannot be read is a
// *document.MalformedError, whose text is a sentence.
package content

import (
	"strings"

	"workflows/models/columns"
	"workflows/worker/document"
)

const (
	// MaxRows and maxCells bound a table, MaxColumns one row of it: values of so many
	// cells take some 60 MB.
	MaxRows    = 100_000
	MaxColumns = 10_000
	maxCells   = 500_000
	// maxDepth is how deep values may be nested that others send.
	maxDepth = document.MaxStoredDepth
)

// Grows is how many times the memory it takes to read a text as what a Reader, or a step,
// is asked to that it takes to read JSON of the same length: YAML some hundred times the
// length of the text (measured), small cells of a table and small elements about as much.
func Grows(as string) int {
	switch as {
	case "yaml", "csv", "xml":
		return 8
	}
	return 1
}

// bom is how some programs begin a text in UTF-8.
const bom = "\ufeff"

// Lines are the lines of a text that are not empty.
func Lines(text string) ([]any, error) {
	lines := []any{}
	for line := range strings.SplitSeq(asLines(text), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(lines) == MaxRows {
			return nil, document.Malformed("The text has more than %d lines. Read a part of it at a time.", MaxRows)
		}
		lines = append(lines, columns.Fit(line))
	}
	return lines, nil
}

// asLines has every line end in one line feed, whichever system wrote it.
func asLines(text string) string {
	text = strings.TrimPrefix(text, bom)
	if !strings.Contains(text, "\r") {
		return text
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}
