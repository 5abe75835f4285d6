// Package ui holds the components that pages are made of: one look, one markup
// and one set of words for each thing, in light and dark, with and without
// JavaScript. Every component is shown in its states on /styleguide.
//
// Components take finished values and never decide what somebody may do. None
// of them uses a style attribute or an inline script: the pages' content
// security policy forbids both.
package ui

// Pair is a name with its value: a hidden form field, a header, a term with its
// description.
type Pair struct{ Name, Value string }

// Option is one choice of a field.
type Option struct{ Value, Label string }

// OptionGroup is choices of a list under a heading.
type OptionGroup struct {
	Label   string
	Options []Option
}

// Link is a text that leads somewhere.
type Link struct{ Label, URL string }
