// Package filter is the words that change a value on its way into a step:
// {{ steps.shop.body.total | default 0 | round 2 }}. It reads them (Parse), carries
// them out (Change, Apply) and tells them to people (Words).
//
// All are total, pure and bounded: whatever the value, a word ends in a new value or in
// a sentence, changes nothing that it was given, and what the words of one chain may
// cost together is bounded (see budget). Rules that hold for all:
//
//   - null passes through, but for default, count, text and to_json.
//   - A text that is a number counts as one where a number is needed, and the other way
//     round. Numbers are exact and are written without zeros at their end.
//   - Dates are read as package moment reads them.
//
// It knows nothing of workflows: who resolves the references in arguments, and what
// becomes of a sentence, is up to the caller.
package filter

// Filter is one word with its arguments, as it stands after a “|”.
type Filter struct {
	Name string
	Args []Arg
}

// Arg is an argument: a literal, or the bare path of a reference, such as
// steps.shop.body.total.
type Arg struct {
	Value     any // a text, a json.Number, true, false or null
	Reference string
}

// UnknownWord is the error of Parse for a word that there is not; a newer program may
// know it.
type UnknownWord struct{ sentence }

// sentence is an error whose text is meant for people as it stands.
type sentence string

func (s sentence) Error() string { return string(s) }
