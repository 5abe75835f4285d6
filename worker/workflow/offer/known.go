package offer

import (
	"errors"

	"workflows/worker/document"
	"workflows/worker/filter"
	"workflows/worker/workflow"
)

// Seen is what steps have given lately, by their ids: what they will give next has most
// likely the same parts.
type Seen map[string]any

const (
	// listsDeep bounds how far a list is followed to where its items come from.
	listsDeep = 20
	// filledInAll bounds how many references are filled in, and filledBytes what a text may be
	// that they are filled into: ten steps of which each holds ten times the one before hold
	// more than fits anywhere.
	filledInAll = 1000
	filledBytes = 16 << 10
)

// errUnknown stands for an argument of which nobody knows what it was.
var errUnknown = errors.New("it is not known")

// Knowledge is what is known of the data of a definition: what steps may refer to, what
// that was lately, and what people call it.
type Knowledge struct {
	definition workflow.Definition
	types      workflow.Types
	samples    Samples
	titles     workflow.Titles
	room       *int // for how many more parts there is room in the chooser
	fill       *int // how many more references are filled in
}

// Know joins a definition with what was seen of its data.
func Know(d workflow.Definition, types workflow.Types, samples Samples) Knowledge {
	room, fill := mostInAll, filledInAll
	return Knowledge{d, types, samples, workflow.TitlesOf(d.Steps, types).WithInputs(d.Inputs), &room, &fill}
}

// ItemSeen is an item of the list that a step of a definition goes through, as far as that
// is known; nil is unknown.
func ItemSeen(d workflow.Definition, stepID string, types workflow.Types, seen Seen) any {
	return Know(d, types, Samples{Steps: seen}).ownItem(stepID)
}

// given is what an output of a step was, or surely looks like; known is false when nobody
// knows.
func (k Knowledge) given(step *workflow.Step, output workflow.Output, followed int) (value any, from Origin, known bool) {
	whole, _ := k.samples.Steps[step.ID].(map[string]any)
	value, known = whole[output.Name]
	if list, isList := value.([]any); value != nil && (!isList || len(list) > 0) {
		return value, k.samples.StepsFrom[step.ID], true
	}
	switch {
	case output.Certain:
		value, known = k.filled(output.Example, step.ID, followed+1)
		return value, Origin{Kind: FromExample}, known
	case output.ItemsOf != "":
		if list, found := k.field(step, output.ItemsOf, followed+1); found && list != nil {
			return list, Origin{}, true
		}
	}
	return value, k.samples.StepsFrom[step.ID], known
}

// filled is a value with what was seen in the place of its references; known is false where
// that is not known of one of them.
func (k Knowledge) filled(value any, stepID string, followed int) (_ any, known bool) {
	known = true
	part := func(inside any) (part any) {
		part, is := k.filled(inside, stepID, followed)
		known = known && is
		return part
	}
	switch v := value.(type) {
	case string:
		if r, one := workflow.TheReference(v); one {
			if *k.fill--; *k.fill < 0 {
				return nil, false
			}
			return k.value(r, stepID, false, followed)
		}
		text := workflow.Replaced(v, func(r workflow.Reference) string { return document.Text(part(r.String())) })
		if len(text) > filledBytes {
			return nil, false
		}
		return text, known
	case []any:
		list := make([]any, len(v))
		for i, inside := range v {
			list[i] = part(inside)
		}
		return list, known
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, inside := range v {
			object[name] = part(inside)
		}
		return object, known
	}
	return value, true
}

// field is what a field of a step holds: a value that was typed, or one that another step
// gives.
func (k Knowledge) field(step *workflow.Step, name string, followed int) (any, bool) {
	text, isText := step.Config[name].(string)
	if !isText {
		value, known := k.filled(step.Config[name], step.ID, followed+1)
		return value, known && value != nil
	}
	reference, one := workflow.TheReference(text)
	if !one || followed > listsDeep {
		return nil, false
	}
	return k.value(reference, step.ID, false, followed)
}

// value is what a reference in a step stands for, as far as that is known. own has the
// item be the one that the step itself goes through.
func (k Knowledge) value(r workflow.Reference, stepID string, own bool, followed int) (value any, known bool) {
	path := r.Path
	switch r.Root {
	case "":
		value, known = r.Quoted, true
	case "item":
		value = k.around(stepID, followed+1)
		if own {
			value = k.ownItem(stepID)
		}
		known = value != nil
	case "index":
		value, known = lengthOf(nil), true // the first
	case "input":
		value, known = k.samples.Input, k.samples.Input != nil
	case "trigger":
		value, known = k.samples.Trigger, k.samples.Trigger != nil
	case "run":
		if len(path) > 0 && path[0] == "output" {
			value, known = k.runGave()
			path = path[1:]
		}
	case "steps":
		value, path, known = k.ofStep(path, followed)
	}
	for _, part := range path {
		if !known {
			return nil, false
		}
		value, known = workflow.Inside(value, part)
	}
	if !known || len(r.Changes) == 0 {
		return value, known
	}
	changed, err := filter.Change(value, r.Changes, func(path string) (any, error) {
		r, one := workflow.TheReference("{{ " + path + " }}")
		argument, found := k.value(r, stepID, own, followed+1)
		if !one || !found || followed > listsDeep {
			return nil, errUnknown
		}
		return argument, nil
	})
	return changed, err == nil
}

// ofStep is the output that a path leads to first, and what is left of the path.
func (k Knowledge) ofStep(path []string, followed int) (value any, rest []string, known bool) {
	if len(path) < 2 || followed > listsDeep {
		return nil, nil, false
	}
	source, _, found := workflow.FindStep(&k.definition, path[0])
	if !found {
		return nil, nil, false
	}
	for _, output := range k.types[source.Type].Gives(source.Config) {
		if output.Name == path[1] {
			value, _, known = k.given(source, output, followed+1)
		}
	}
	return value, path[2:], known
}

// loopItem is an item of the innermost loop around a step.
func (k Knowledge) loopItem(stepID string) any { return k.around(stepID, 0) }

func (k Knowledge) around(stepID string, followed int) (item any) {
	workflow.Walk(k.definition.Steps, func(_ string, step *workflow.Step, parents []*workflow.Step) bool {
		if step.ID != stepID {
			return true
		}
		for i := len(parents) - 1; i >= 0; i-- {
			if len(parents[i].Do) > 0 {
				item = k.itemOf(parents[i], followed)
				break
			}
		}
		return false
	})
	return item
}

// ownItem is an item of the list that a step itself goes through.
func (k Knowledge) ownItem(stepID string) any {
	step, _, found := workflow.FindStep(&k.definition, stepID)
	if !found {
		return nil
	}
	return k.itemOf(step, 0)
}

func (k Knowledge) itemOf(step *workflow.Step, followed int) any {
	through := k.types[step.Type].Through
	if through == "" {
		return nil
	}
	list, _ := k.field(step, through, followed)
	items, _ := list.([]any)
	if len(items) == 0 {
		return nil
	}
	return items[0]
}
