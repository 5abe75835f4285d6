// Package document is how data is read and written: strictly what people and
// programs send (Read, ReadValue, ReadYAML), exactly what the system has stored
// or others answer (Decode, Value, Tokens), and readably what goes out (JSON,
// Indented, WriteYAML). Numbers are never rounded: those without a type of their
// own are a json.Number. Nothing else in the system sets up a decoder or an
// encoder; the architecture test holds that.
//
// It knows nothing of workflows and of databases. What a column can hold is below
// it, in models/columns.
package document

import "fmt"

// MaxDepth is how deep what others send may be nested.
const MaxDepth = 32

// Problem is one thing wrong with a document, at the field that it belongs to.
type Problem struct {
	Path    string `json:"path"` // steps[0].config.url
	Code    string `json:"code"` // required, unknown_field, invalid_value …
	Message string `json:"message"`
	// Incomplete marks a problem that a draft may have but a published version
	// may not, such as a required field that is still empty.
	Incomplete bool `json:"-"`
	// Doubtful marks what can run as it is and can hardly be meant so: it holds up
	// people who publish on a page, and no program, which may mean it.
	Doubtful bool `json:"-"`
	// Unknown marks a name or a word that this program does not know; what was once
	// published with it is a newer program's.
	Unknown bool `json:"-"`
}

// MalformedError says that a document cannot be read at all, as opposed to one
// that can be read and says something wrong.
type MalformedError struct {
	Message string
	Line    int // of a YAML file that the message names; 0 where it names none
}

func (e *MalformedError) Error() string { return e.Message }

// Malformed is a *MalformedError with this sentence for people.
func Malformed(format string, args ...any) error {
	return &MalformedError{Message: fmt.Sprintf(format, args...)}
}

// malformedAt is one with the line, which comes first in its sentence.
func malformedAt(line int, format string, args ...any) error {
	return &MalformedError{Message: fmt.Sprintf(format, append([]any{line}, args...)...), Line: line}
}
