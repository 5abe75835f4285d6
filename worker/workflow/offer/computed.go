package offer

import (
	"context"
	"maps"
	"slices"
	"time"

	"workflows/worker/workflow"
)

// computeTime bounds what a page waits for.
const computeTime = 250 * time.Millisecond

// Ran reports whether a step has given something lately, in a run or a try.
func (k Knowledge) Ran(stepID string) bool { return k.samples.Steps[stepID] != nil }

// Computed adds what a step that narrows a list would give now: it is worked out of what the
// steps before it gave, and calls nothing. ok is false where that is not known, or the step
// is not filled in yet.
func (k Knowledge) Computed(ctx context.Context, stepID string, now time.Time) (_ Knowledge, ok bool) {
	step, _, found := workflow.FindStep(&k.definition, stepID)
	if !found {
		return k, false
	}
	t := k.types[step.Type]
	if !t.Narrows() || !filledIn(workflow.ConditionsOf(step.Config["conditions"])) {
		return k, false
	}
	list, known := k.field(step, t.Through, 0)
	if !known || list == nil {
		return k, false
	}
	scope := workflow.Scope{Input: k.samples.Input, Trigger: k.samples.Trigger, Steps: k.samples.Steps, Item: k.loopItem(stepID), Now: now}
	config := maps.Clone(step.Config)
	delete(config, t.Through) // data: it is not read for references
	config, err := t.Resolve(config, scope)
	if err != nil {
		return k, false
	}
	config[t.Through] = list
	ctx, cancel := context.WithTimeout(ctx, computeTime)
	defer cancel()
	outcome, err := t.Execute(ctx, workflow.Call{StepID: stepID, Config: config, PerItem: t.PerItem(scope), Now: now})
	if err != nil || outcome.Output == nil {
		return k, false
	}
	k.samples.Steps = maps.Clone(k.samples.Steps)
	if k.samples.Steps == nil {
		k.samples.Steps = Seen{}
	}
	k.samples.Steps[stepID] = outcome.Output
	return k, true
}

// Narrowed has worked out what each step that narrows a list would give now, in the order of
// the steps: what stands below a filter is offered as it is after that.
func (k Knowledge) Narrowed(ctx context.Context, now time.Time) Knowledge {
	ctx, cancel := context.WithTimeout(ctx, computeTime)
	defer cancel()
	definition := k.definition
	workflow.Walk(definition.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		if computed, ok := k.Computed(ctx, step.ID, now); ok {
			k = computed
		}
		return ctx.Err() == nil
	})
	return k
}

// filledIn reports whether each condition has all that it compares.
func filledIn(conditions []workflow.Condition) bool {
	return !slices.ContainsFunc(conditions, func(c workflow.Condition) bool {
		if c.Grouped() {
			return !filledIn(c.Conditions)
		}
		return c.Operator == "" || empty(c.Value) || !workflow.OneSided(c.Operator) && empty(c.Other)
	})
}

func empty(value any) bool { return value == nil || value == "" }
