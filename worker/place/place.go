// Package place writes values into texts that have a form: the address of a call, JSON,
// form fields, e-mail addresses. A text is taken apart first into what its author typed
// and what is inserted, so that a value is written for the place in which it stands. Data
// never becomes structure: whatever is inserted, there are as many parts of a path,
// parameters, fields and recipients as the author has typed.
//
// It knows neither references nor steps: worker/workflow hands it pieces.
package place

import (
	"fmt"
	"strings"

	"workflows/worker/document"
)

// Piece is a part of a text: what its author typed, or a value that is inserted.
type Piece struct {
	Typed string
	// Name is how the value is called, such as "{{ input.name }}"; "" for what was typed.
	Name  string
	Value any
}

func (p Piece) inserted() bool { return p.Name != "" }

// nothing reports whether there is nothing to insert: null, or an empty text.
func (p Piece) nothing() bool { return p.Value == nil || p.Value == "" }

// Joined is a text into which values are written as they are, or the value that it
// consists of, with its type kept.
func Joined(pieces []Piece) any {
	if len(pieces) == 1 && pieces[0].inserted() {
		return pieces[0].Value
	}
	var b strings.Builder
	for _, piece := range pieces {
		b.WriteString(piece.Typed)
		b.WriteString(document.Text(piece.Value))
	}
	return b.String()
}

// Error says why a value cannot stand in its place, in a sentence.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return e.Message }

// CodeMissing is the code of an Error where nothing may not stand.
const CodeMissing = "missing_value"

// Missing is the error of a place in which nothing may not stand: what says which, such
// as "part of an address".
func Missing(name, what string) error {
	return &Error{CodeMissing, fmt.Sprintf("“%s” is empty, and stands where something is needed: as %s. Give it a value, or a default.", name, what)}
}

func misfit(code, format string, args ...any) error {
	return &Error{code, fmt.Sprintf(format, args...)}
}
