// Package content reads what others send, whichever way it comes: what a server
// answers to a step, what a webhook receives, what stands in a text. It decodes the
// character set, tells JSON, forms, tables and XML apart, and gives values that can be
// stored: numbers stay exact, texts hold nothing that a column does not.
//
// It knows no HTTP server, no step and no database. What cannot be read is a
// *document.MalformedError, whose text is a sentence.
package content

import (
	"encoding/json"
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
	maxDepth = 100
	// maxNumber is the longest number that is kept, in characters.
	maxNumber = 300
)

// bom is how some programs begin a text in UTF-8.
const bom = "\ufeff"

// Storable is the value with U+FFFD in place of what cannot be stored. It is false
// where the value is nested too deep or has a number that is too large.
func Storable(value any) (any, bool) { return storable(value, 0) }

func storable(value any, depth int) (any, bool) {
	if depth > maxDepth {
		return nil, false
	}
	switch v := value.(type) {
	case string:
		return columns.Fit(v), true
	case json.Number:
		_, err := v.Float64()
		return v, err == nil && len(v) <= maxNumber && !tinyExponent(v.String())
	case []any:
		for i, item := range v {
			fitting, ok := storable(item, depth+1)
			if !ok {
				return nil, false
			}
			v[i] = fitting
		}
	case map[string]any:
		for name, item := range v {
			fitting, ok := storable(item, depth+1)
			if !ok {
				return nil, false
			}
			if fit := columns.Fit(name); fit != name {
				delete(v, name)
				name = fit
			}
			v[name] = fitting
		}
	}
	return value, true
}

// tinyExponent finds 1e-400000: zero as a float, but very long when exact.
func tinyExponent(number string) bool {
	at := strings.IndexAny(number, "eE")
	return at >= 0 && len(strings.TrimLeft(number[at+1:], "+-0")) > 3
}

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
