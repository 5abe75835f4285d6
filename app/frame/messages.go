package frame

import (
	"strings"

	"workflows/models/told"
)

// Addresses are e-mail addresses as people type several: with commas, semicolons, blanks or
// lines between them.
func Addresses(typed string) []string {
	return strings.FieldsFunc(typed, func(r rune) bool { return strings.ContainsRune(",; \t\r\n", r) })
}

// MessageState says in a sentence what became of what somebody was told.
func MessageState(m told.Message) string {
	switch {
	case m.SentAt != nil && m.Unsure:
		return "It was sent, and may have come twice."
	case m.SentAt != nil:
		return "It was sent."
	case m.DueAt != nil && m.Problem == "":
		return "A worker sends it."
	case m.DueAt != nil:
		return "It could not be sent yet, and is tried again."
	case m.Problem != "":
		return "It could not be sent."
	}
	return "It was not needed any more."
}
