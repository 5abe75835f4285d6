package workflow

import (
	"encoding/json"
	"maps"

	"workflows/worker/document"
	"workflows/worker/filter"
)

// insertion is what a scope gives for one reference: a value, or its text while it is
// laid aside, or why it cannot be changed as it should be.
type insertion struct {
	value any
	text  json.RawMessage
	err   error
}

// Narrowed is a scope that gives the same for the references of this config and knows
// nothing else, so that a call can keep it: what it inserts is mostly little of what
// earlier steps gave. Values of more than FreeBytes are laid aside as texts, of so many
// bytes together, until the scope is Opened.
func (s Scope) Narrowed(config map[string]any) (narrow Scope, bytes int) {
	narrow.inserts = map[string]insertion{}
	s.words = filter.NewAllowance(maxWorked)
	keep := func(reference Reference) {
		if _, kept := narrow.inserts[reference.Text]; kept {
			return
		}
		value, err := s.value(reference)
		given := insertion{value: value, err: err}
		if sizeOf(value, FreeBytes) >= FreeBytes {
			given = insertion{text: document.JSON(value)}
			bytes += len(given.text)
		}
		narrow.inserts[reference.Text] = given
	}
	walkTexts(config, "", func(_, text string) {
		for _, reference := range Used(text) {
			if reference.Root == "secrets" {
				continue
			}
			keep(reference)
			if reference.ofItem() { // words that a step's own item may change
				keep(reference.unchanged())
			}
		}
	})
	return narrow, bytes
}

// Opened is the narrowed scope with values of the texts that were laid aside.
func (s Scope) Opened() (Scope, error) {
	s.inserts = maps.Clone(s.inserts)
	for text, given := range s.inserts {
		if given.text == nil {
			continue
		}
		value, err := document.Value(given.text)
		if err != nil {
			return s, err
		}
		s.inserts[text] = insertion{value: value}
	}
	return s, nil
}
