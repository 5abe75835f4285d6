package workflow

import (
	"fmt"
	"slices"
)

// Insert is one thing that "Insert data" offers.
type Insert struct {
	Reference string // "{{ steps.fetch.body }}"
	Label     string // "Fetch the order → body"
	Type      string // text number boolean object list any …
}

// Available lists what a step may refer to, in the order in which people look
// for it: the workflow's inputs, the item of a loop, what earlier steps give, the
// run itself. Of what has parts it lists those too, where they are known.
func Available(d Definition, stepID string, types Types, seen Seen) []Insert {
	var inserts []Insert
	known := newKnowledge(d, types, seen)
	for _, input := range d.Inputs {
		inserts = append(inserts, Insert{"{{ input." + input.Name + " }}", "Input → " + input.title(), input.Type})
		if input.Type == "file" {
			for _, part := range []string{"name", "type", "size", "data"} {
				inserts = append(inserts, Insert{"{{ input." + input.Name + "." + part + " }}", "Input → " + input.title() + ": " + part, "text"})
			}
		}
	}
	var elsewhere []Insert
	positions := positionsOf(d, types)
	here, found := positions[stepID]
	if inLoop(here.path) {
		inserts = append(inserts, known.eachItem(known.loopItem(stepID))...)
	}
	Walk(d.Steps, func(_ string, step *Step, _ []*Step) bool {
		if !found {
			return true
		}
		switch here.reach(positions[step.ID]) {
		case reachable:
			inserts = append(inserts, known.outputsOf(step)...)
		case otherBranch: // which may not have run
			elsewhere = append(elsewhere, known.outputsOf(step)...)
		}
		return true
	})
	for _, insert := range elsewhere {
		insert.Label += " (empty where that branch did not run)"
		inserts = append(inserts, insert)
	}
	if slices.ContainsFunc(d.Triggers, func(t Trigger) bool { return t.Type == "webhook" }) {
		inserts = append(
			inserts,
			Insert{"{{ trigger.body }}", "What the webhook was sent", "any"},
			Insert{"{{ trigger.query }}", "The webhook’s query parameters", "object"},
			Insert{"{{ trigger.headers }}", "The webhook’s headers", "object"},
		)
	}
	return append(
		inserts,
		Insert{"{{ trigger.type }}", "How the run was started", "text"},
		Insert{"{{ run.id }}", "Run → id", "text"},
		Insert{"{{ run.started_at }}", "Run → start time", "time"},
		Insert{"{{ now }}", "Now: when the step begins", "time"},
	)
}

// Offers is what may be inserted into a field, of what its step may refer to. Own are the
// items that the step itself goes through, see OwnItem.
func (f Field) Offers(available, own []Insert) []Insert {
	switch {
	case !f.Reference:
		return nil
	case f.Each: // its own item hides that of a loop around
		return append(slices.Clone(own), slices.DeleteFunc(slices.Clone(available), Insert.ofItem)...)
	}
	return available
}

// OwnItem lists the item that a step itself goes through, for its fields of that kind.
func OwnItem(d Definition, stepID string, types Types, seen Seen) []Insert {
	known := newKnowledge(d, types, seen)
	return known.eachItem(known.ownItem(stepID))
}

func (i Insert) ofItem() bool {
	references, err := References(i.Reference)
	return err == nil && len(references) == 1 && (references[0].Root == "item" || references[0].Root == "index")
}

func (k knowledge) eachItem(item any) []Insert {
	inserts := []Insert{{"{{ item }}", "Each item → the item", "any"}}
	inserts = append(inserts, k.partsOf(Reference{Root: "item"}, "Each item", item)...)
	return append(inserts, Insert{"{{ index }}", "Each item → its number, from 0", "number"})
}

func (k knowledge) outputsOf(step *Step) []Insert {
	t, ok := k.types[step.Type]
	if !ok {
		return nil
	}
	var inserts []Insert
	title := StepTitle(*step, k.types)
	for _, output := range t.Gives(step.Config) {
		reference := Reference{Root: "steps", Path: []string{step.ID, output.Name}}
		inserts = append(inserts, Insert{reference.String(), fmt.Sprintf("%s → %s", title, output.Name), output.Type})
		inserts = append(inserts, k.partsOf(reference, title+" → "+output.Name, k.given(step, output, 0))...)
	}
	if step.OnError == "continue" {
		reference := Reference{Root: "steps", Path: []string{step.ID, "error", "message"}}
		inserts = append(inserts, Insert{reference.String(), title + " → why it failed, or nothing", "text"})
	}
	return inserts
}
