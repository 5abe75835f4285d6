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
// run itself.
func Available(d Definition, stepID string, types Types) []Insert {
	var inserts []Insert
	for _, input := range d.Inputs {
		inserts = append(inserts, Insert{"{{ input." + input.Name + " }}", "Input → " + input.title(), input.Type})
	}
	places := placesOf(d)
	here, found := places[stepID]
	if inLoop(here.path) {
		inserts = append(inserts, eachItem()...)
	}
	Walk(d.Steps, func(_ string, step *Step, _ []*Step) bool {
		if found && here.reach(places[step.ID]) == reachable {
			inserts = append(inserts, outputsOf(step, types)...)
		}
		return true
	})
	return append(
		inserts,
		Insert{"{{ trigger.type }}", "How the run was started", "text"},
		Insert{"{{ run.id }}", "Run → id", "text"},
		Insert{"{{ run.started_at }}", "Run → start time", "time"},
	)
}

// Offers is what may be inserted into a field, of what its step may refer to.
func (f Field) Offers(available []Insert) []Insert {
	switch {
	case !f.Reference:
		return nil
	case f.Each && !slices.Contains(available, eachItem()[0]):
		return append(eachItem(), available...)
	}
	return available
}

func eachItem() []Insert {
	return []Insert{{"{{ item }}", "Each item → the item", "any"}, {"{{ index }}", "Each item → its number, from 0", "number"}}
}

func outputsOf(step *Step, types Types) []Insert {
	t, ok := types[step.Type]
	if !ok {
		return nil
	}
	var inserts []Insert
	title := StepTitle(*step, types)
	for _, output := range t.Gives(step.Config) {
		reference := Reference{Root: "steps", Path: []string{step.ID, output.Name}}
		inserts = append(inserts, Insert{reference.String(), fmt.Sprintf("%s → %s", title, output.Name), output.Type})
	}
	return inserts
}
