package workflow

import (
	"slices"
	"strings"
)

// Beginning is what a new step may take its first settings from. They are guesses: the
// person who adds it sees them marked, and changes them.
type Beginning struct {
	Typed    string // where the step was added, such as an address; "" for none
	Workflow string // its name
	By       string // the e-mail address of who adds it
	// Chosen is what the step is to be about, nil where nobody has said.
	Chosen *Value
	// Above is what it may insert, as far as it is known: the item of a loop first, then
	// what the nearest step gave.
	Above []Value
	// Around is what has been decided where it stands in a branch; nil elsewhere.
	Around *Condition
}

// Value is something that a step may insert, with what it was lately.
type Value struct {
	Reference string // "{{ steps.shop.body.status }}"
	Name      string // "status"
	Now       any
}

// Deed is what can be done with a value that a step gave, by a step of a type that takes
// it: "Decide by it".
type Deed struct {
	Word  string // as the editor's commands call it
	Label string
	// Of says what values it is for: "value" are single ones, "list" are lists, and "item"
	// are the single values of each item of a list.
	Of string
}

// Begins are the first settings of a new step of the type, and its name; nil and "" of a
// type that guesses nothing.
func (t StepType) Begins(b Beginning) (config map[string]any, name string) {
	if t.Begin == nil {
		return nil, ""
	}
	return t.Begin(b)
}

// mostAbove bounds what a new step can guess from.
const mostAbove = 60

// Above lists what a step may insert and what is known of it, for Beginning.
func Above(d Definition, stepID string, types Types, seen Seen) []Value {
	known := newKnowledge(d, types, seen)
	positions := positionsOf(d, types)
	here, found := positions[stepID]
	if !found {
		return nil
	}
	var above []Value
	if inLoop(here.path) {
		above = valuesIn(above, Value{Reference: "{{ item }}", Name: "item", Now: known.loopItem(stepID)})
	}
	var before []*Step
	Walk(d.Steps, func(_ string, step *Step, _ []*Step) bool {
		if here.reach(positions[step.ID]) == reachable {
			before = append(before, step)
		}
		return true
	})
	for _, step := range slices.Backward(before) {
		above = append(above, known.valuesOf(step)...)
	}
	return above[:min(len(above), mostAbove)]
}

// GivenBy lists what a step gave lately, what it is there for before how it went.
func GivenBy(d Definition, stepID string, types Types, seen Seen) []Value {
	step, _, found := FindStep(&d, stepID)
	if !found {
		return nil
	}
	return newKnowledge(d, types, seen).valuesOf(step)
}

// EachOf lists the item that the steps inside a loop, or the step's own fields, insert.
func EachOf(d Definition, stepID string, types Types, seen Seen) []Value {
	return valuesIn(nil, Value{Reference: "{{ item }}", Name: "item", Now: ItemSeen(d, stepID, types, seen)})
}

// PartsOfEach are the parts of an item of a list, as steps that go through it insert them.
func PartsOfEach(item any) []Value {
	return valuesIn(nil, Value{Reference: "{{ item }}", Name: "item", Now: item})
}

// valuesOf are those of a step: parts that only a run shows come first, since a type that
// gives such is there for them.
func (k knowledge) valuesOf(step *Step) []Value {
	var first, then []Value
	for _, output := range k.types[step.Type].Gives(step.Config) {
		reference := Reference{Root: "steps", Path: []string{step.ID, output.Name}}
		whole := Value{Reference: reference.String(), Name: output.Name, Now: k.given(step, output, 0)}
		switch {
		case output.Type == "any" || output.Type == "list":
			first = valuesIn(first, whole)
		case output.Type != "object":
			then = valuesIn(then, whole)
		}
	}
	return append(first, then...)
}

// valuesIn adds the single values and the lists in a value; nothing where it is not known.
func valuesIn(list []Value, whole Value) []Value {
	parts, isObject := whole.Now.(map[string]any)
	if !isObject {
		if whole.Now == nil || len(list) >= mostAbove {
			return list
		}
		return append(list, whole)
	}
	references, err := References(whole.Reference)
	if err != nil || len(references[0].Path) > partsDeep+2 {
		return list
	}
	for _, name := range sortedKeys(parts) {
		part := references[0].Part(name)
		if writable(part) {
			list = valuesIn(list, Value{Reference: part.String(), Name: strings.TrimSpace(plainLine(name)), Now: parts[name]})
		}
	}
	return list
}

// Part is the reference to a part of what this one stands for.
func (r Reference) Part(name string) Reference {
	return Reference{Root: r.Root, Path: append(r.Path[:len(r.Path):len(r.Path)], name)}
}

// Single reports whether the value is one that can be compared: no list, no object.
func (v Value) Single() bool {
	switch v.Now.(type) {
	case []any, map[string]any:
		return false
	}
	return true
}

// Operator is the one that is tried first with what a value is.
func (v Value) Operator() string {
	switch typeOf(v.Now) {
	case "number":
		return "greater_than"
	case "boolean":
		return "is_true"
	case "list", "object":
		return "is_not_empty"
	}
	return "equals"
}
