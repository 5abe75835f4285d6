package filter

import (
	"encoding/json"
	"reflect"
	"strings"

	"workflows/worker/document"
)

// Named is the word of that name.
func Named(name string) (Word, bool) { return lookup(name) }

// Typed is the filter that a person means who fills in the arguments of a word in a
// form: texts without quotes, references with or without braces. The error is a sentence.
func (w Word) Typed(given []string) (Filter, error) {
	f := Filter{Name: w.Name}
	for i, a := range w.Arguments {
		typed := ""
		if i < len(given) {
			typed = given[i]
		}
		if a.Optional && strings.TrimSpace(typed) == "" {
			break
		}
		arg := a.read(typed)
		if written, isText := arg.Value.(string); isText && a.Kind == "any" && json.Valid([]byte(strings.TrimSpace(written))) && strings.ContainsAny(strings.TrimSpace(written)[:1], "-0123456789") {
			return f, sentence("“" + document.Shorten(written, 40) + "” is not a number that can be counted with: it is too large, too small or too long.")
		}
		f.Args = append(f.Args, arg)
	}
	if err := w.check(f.Args); err != nil {
		return f, err
	}
	parsed, err := Parse(f.String()) // a reference may be none, or more than one
	if err == nil && !reflect.DeepEqual(parsed, []Filter{f}) {
		err = sentence("What is given to “" + w.Name + "” cannot be read. Write one value.")
	}
	return f, err
}

func (a Argument) read(typed string) Arg {
	trimmed := strings.TrimSpace(typed)
	if inside, ok := strings.CutPrefix(trimmed, "{{"); ok && strings.HasSuffix(inside, "}}") {
		return Arg{Reference: strings.TrimSpace(strings.TrimSuffix(inside, "}}"))}
	}
	if a.Kind == "any" && (trimmed == "true" || trimmed == "false" || trimmed == "null") {
		value, err := document.Value([]byte(trimmed))
		if err == nil {
			return Arg{Value: value}
		}
	}
	if d, ok := decimalOf(trimmed); ok && (a.Kind == "number" || a.Kind == "whole" || a.Kind == "any" && json.Valid([]byte(trimmed))) {
		if n, ok := numberOf(d); ok {
			return Arg{Value: n}
		}
	}
	return Arg{Value: typed}
}
