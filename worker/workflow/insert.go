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
	var elsewhere []Insert
	positions := positionsOf(d)
	here, found := positions[stepID]
	if inLoop(here.path) {
		inserts = append(inserts, eachItem()...)
	}
	Walk(d.Steps, func(_ string, step *Step, _ []*Step) bool {
		if !found {
			return true
		}
		switch here.reach(positions[step.ID]) {
		case reachable:
			inserts = append(inserts, outputsOf(step, types)...)
		case otherBranch: // which may not have run
			elsewhere = append(elsewhere, outputsOf(step, types)...)
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
	if step.OnError == "continue" {
		reference := Reference{Root: "steps", Path: []string{step.ID, "error", "message"}}
		inserts = append(inserts, Insert{reference.String(), title + " → why it failed, or nothing", "text"})
	}
	return inserts
}
