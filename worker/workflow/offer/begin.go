package offer

import (
	"slices"

	"workflows/worker/workflow"
)

const (
	// mostValues bounds what a new step can guess from, and valuesDeep how far down it looks.
	mostValues = 60
	valuesDeep = 6
)

// Above lists what a new step may insert and what that was, for workflow.Beginning.
func (k Knowledge) Above(stepID string) []workflow.Value {
	before, _, looped := workflow.Reachable(k.definition, k.types, stepID)
	var above []workflow.Value
	if looped {
		above = fromOne("item", valuesIn(above, workflow.Reference{Root: "item"}, "item", k.loopItem(stepID)))
	}
	for _, step := range slices.Backward(before) {
		above = append(above, k.valuesOf(step, false)...)
	}
	if slices.ContainsFunc(k.definition.Triggers, func(t workflow.Trigger) bool { return t.Type == "webhook" }) {
		above = append(above, fromOne("trigger", valuesIn(nil, workflow.Reference{Root: "trigger", Path: []string{"body"}}, "content", k.samples.Trigger["body"]))...)
	}
	for _, input := range k.definition.Inputs {
		reference := workflow.Reference{Root: "input", Path: []string{input.Name}}
		above = append(above, workflow.Value{Reference: reference.String(), Name: input.Called(), Type: input.Type, Source: "input", Now: k.samples.Input[input.Name]})
	}
	return above[:min(len(above), mostValues)]
}

// Given lists what a step gave lately, what it is there for before how it went.
func (k Knowledge) Given(stepID string) []workflow.Value {
	step, _, found := workflow.FindStep(&k.definition, stepID)
	if !found {
		return nil
	}
	return k.valuesOf(step, true)
}

// Each lists the parts of the item that a step goes through.
func (k Knowledge) Each(stepID string) []workflow.Value { return PartsOfEach(k.ownItem(stepID)) }

// PartsOfEach are the parts of an item of a list, as steps that go through it insert them.
func PartsOfEach(item any) []workflow.Value {
	return valuesIn(nil, workflow.Reference{Root: "item"}, "item", item)
}

// valuesOf are those of a step: parts that only a run shows come first, since a type that
// gives such is there for them. exact takes what it gave also where that was an empty list,
// which says nothing of what it may give next.
func (k Knowledge) valuesOf(step *workflow.Step, exact bool) []workflow.Value {
	var first, then []workflow.Value
	for _, output := range k.types[step.Type].Gives(step.Config) {
		value, _, known := k.given(step, output, 0)
		if whole, _ := k.samples.Steps[step.ID].(map[string]any); exact && whole[output.Name] != nil {
			value, known = whole[output.Name], true
		}
		example := !known && !output.Certain && !output.PartsUnknown()
		if example {
			value = output.Example
		}
		reference := workflow.Reference{Root: "steps", Path: []string{step.ID, output.Name}}
		switch {
		case output.Type == "any" || output.Type == "list":
			first = valuesIn(first, reference, output.Called(), value)
		case output.Type != "object" && value != nil:
			then = append(then, workflow.Value{Reference: reference.String(), Name: output.Called(), Type: output.Type, Now: value, Example: example})
		}
	}
	return append(fromOne(step.ID, first), fromOne(step.ID+" itself", then)...)
}

func fromOne(source string, values []workflow.Value) []workflow.Value {
	for i := range values {
		values[i].Source = source
	}
	return values
}

// valuesIn adds the single values and the lists in a value; nothing where it is not known.
func valuesIn(list []workflow.Value, at workflow.Reference, name string, value any) []workflow.Value {
	object, isObject := value.(map[string]any)
	switch {
	case value == nil || len(list) >= mostValues || len(at.Path) > valuesDeep:
		return list
	case !isObject:
		return append(list, workflow.Value{Reference: at.String(), Name: name, Type: typeOf(value), Now: value})
	}
	for _, name := range names(object) {
		part := workflow.Reference{Root: at.Root, Path: append(slices.Clip(at.Path), name)}
		if writable(part) {
			list = valuesIn(list, part, name, object[name])
		}
	}
	return list
}
