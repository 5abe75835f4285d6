// Package trial makes of a draft what is executed when a part of it is tried: the part
// itself, and in the place of what comes before it what that gave lately. It is pure, and
// leaves executing to the engine, which lets no step act in a try unless that is asked.
package trial

import (
	"maps"
	"slices"
	"strings"

	"workflows/worker/workflow"
	"workflows/worker/workflow/offer"
)

// Part is what is tried of a draft: a step, or of one that chooses the steps of the branch
// that Block names; all of the draft where StepID is "".
type Part struct{ StepID, Block string }

// String writes the part as a run keeps it: "", "tell", "large.then".
func (p Part) String() string {
	if p.Block == "" {
		return p.StepID
	}
	return p.StepID + "." + p.Block
}

// ReadPart reads what String writes.
func ReadPart(text string) Part {
	step, block, _ := strings.Cut(text, ".")
	return Part{StepID: step, Block: block}
}

// Trial is what a try executes.
type Trial struct {
	Definition workflow.Definition
	// Given is what the steps that come first in the definition have given: they count as
	// done. Of those that are switched off there is nothing.
	Given map[string]any
	// Examples says of which of these it is the example of their types, and Invented that
	// there are such, or that the item of a loop is one.
	Examples map[string]bool
	Invented bool
}

// Of makes the trial of a part of a draft. Seen is what steps gave lately; of one that is
// not in there the examples of its type count. What stands inside a loop is tried for the
// first item of the loop's list, and a loop for the first of its own. Of a step that chooses
// a branch only the choice is tried, and of a branch what stands in it, whatever would be
// chosen. Nothing is tried again when it fails. found is false where the draft has no such
// part.
func Of(draft workflow.Definition, part Part, types workflow.Types, seen offer.Seen) (trial Trial, found bool) {
	trial.Definition = draft
	trial.Definition.Triggers, trial.Definition.Settings = nil, workflow.Settings{Timeout: draft.Settings.Timeout}
	if part.StepID == "" {
		trial.Definition.Steps = withoutRetries(draft.Steps)
		return trial, true
	}
	var tried []workflow.Step
	workflow.Walk(draft.Steps, func(_ string, step *workflow.Step, around []*workflow.Step) bool {
		if step.ID != part.StepID {
			return true
		}
		tried = trial.steps(*step, part.Block, draft, types, seen)
		if loop := loopAround(around); loop != nil && len(tried) > 0 {
			tried = []workflow.Step{{ID: loop.ID, Type: loop.Type, Name: loop.Name, Config: trial.throughFirst(*loop, draft, types, seen), Do: tried}}
		}
		return false
	})
	trial.Given, trial.Examples = map[string]any{}, map[string]bool{}
	trial.Definition.Steps = append(trial.before(draft, tried, types, seen), tried...)
	return trial, len(tried) > 0
}

// steps are a step as it is tried by itself, or those of one of its branches. Trying what a
// loop does for each item is trying the loop.
func (t *Trial) steps(step workflow.Step, block string, draft workflow.Definition, types workflow.Types, seen offer.Seen) []workflow.Step {
	switch branch := step.Block(block); {
	case block == "" || block == "do":
		return []workflow.Step{t.alone(step, draft, types, seen)}
	case branch != nil:
		return withoutRetries(*branch)
	}
	return nil
}

// alone is a step as it is tried by itself.
func (t *Trial) alone(step workflow.Step, draft workflow.Definition, types workflow.Types, seen offer.Seen) workflow.Step {
	if len(step.Do) > 0 {
		step.Config = t.throughFirst(step, draft, types, seen)
	}
	step.Disabled, step.OnError, step.Then, step.Else = false, "", nil, nil
	return withoutRetries([]workflow.Step{step})[0]
}

// before are the steps that those which are tried refer to, as if they were done.
func (t *Trial) before(draft workflow.Definition, tried []workflow.Step, types workflow.Types, seen offer.Seen) []workflow.Step {
	inside, wanted := map[string]bool{}, map[string]bool{}
	workflow.Walk(tried, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		inside[step.ID] = true
		for _, reference := range workflow.UsedIn(step.Config) {
			if reference.Root == "steps" && len(reference.Path) > 0 {
				wanted[reference.Path[0]] = true
			}
		}
		return true
	})
	var done []workflow.Step
	workflow.Walk(draft.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		if !wanted[step.ID] || inside[step.ID] {
			return true
		}
		done = append(done, workflow.Step{ID: step.ID, Type: step.Type, Name: step.Name, Disabled: step.Disabled})
		if output, known := seen[step.ID]; known && !step.Disabled {
			t.Given[step.ID] = output
		} else if !step.Disabled {
			t.Given[step.ID], t.Examples[step.ID], t.Invented = Examples(types[step.Type].Gives(step.Config)), true, true
		}
		return true
	})
	return done
}

// Examples are an output of a step that has never run.
func Examples(outputs []workflow.Output) map[string]any {
	example := map[string]any{}
	for _, output := range outputs {
		example[output.Name] = output.Example
	}
	return example
}

func loopAround(around []*workflow.Step) *workflow.Step {
	for i := len(around) - 1; i >= 0; i-- {
		if len(around[i].Do) > 0 {
			return around[i]
		}
	}
	return nil
}

// throughFirst is the config of a loop that goes through the first item of its list only,
// where that is known.
func (t *Trial) throughFirst(loop workflow.Step, draft workflow.Definition, types workflow.Types, seen offer.Seen) map[string]any {
	through, config := types[loop.Type].Through, maps.Clone(loop.Config)
	if typed, is := config[through].([]any); is {
		config[through] = typed[:min(1, len(typed))]
	} else if item := offer.ItemSeen(draft, loop.ID, withoutExamples(types), seen); item != nil {
		config[through] = []any{literal(item)}
	} else if item := offer.ItemSeen(draft, loop.ID, types, seen); item != nil {
		config[through], t.Invented = []any{literal(item)}, true
	}
	return config
}

// withoutExamples are the types as if nobody knew what they give before they have run.
func withoutExamples(types workflow.Types) workflow.Types {
	bare := make(workflow.Types, len(types))
	for name, t := range types {
		gives := t.Gives
		t.OutputsOf = func(config map[string]any) []workflow.Output {
			outputs := slices.Clone(gives(config))
			for i := range outputs {
				outputs[i].Example, outputs[i].Certain = nil, false
			}
			return outputs
		}
		bare[name] = t
	}
	return bare
}

// literal is a value as a definition holds it: what looks like a reference in it is none.
func literal(value any) any {
	switch value := value.(type) {
	case string:
		return strings.ReplaceAll(value, "{{", `{{ "{{" }}`)
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = literal(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, part := range value {
			object[name] = literal(part)
		}
		return object
	}
	return value
}

func withoutRetries(steps []workflow.Step) []workflow.Step {
	if len(steps) == 0 {
		return nil
	}
	once := make([]workflow.Step, len(steps))
	for i, step := range steps {
		step.Retry = nil
		step.Then, step.Else, step.Do = withoutRetries(step.Then), withoutRetries(step.Else), withoutRetries(step.Do)
		once[i] = step
	}
	return once
}
