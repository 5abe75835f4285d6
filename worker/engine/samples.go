package engine

import (
	"context"

	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/workflow"
	"workflows/worker/workflow/offer"
)

// Samples are what the steps of a workflow's draft gave lately, in tries and runs, of very
// large outputs the beginning, and what its last run was started with.
func (e *Engine) Samples(ctx context.Context, workflowID string, draft workflow.Definition) (offer.Samples, error) {
	samples, err := e.stepSamples(ctx, workflowID, draft, true)
	if err != nil {
		return samples, err
	}
	newest, err := runs.Last(ctx, e.db, []string{workflowID})
	last, found := newest[workflowID]
	if err != nil || !found {
		return samples, err
	}
	if last, err = runs.Get(ctx, e.db, last.ID); err != nil {
		return samples, err
	}
	from := offer.Origin{Kind: offer.FromRun, At: last.QueuedAt, RunID: last.ID}
	if trigger, _ := document.Value(last.Trigger); last.TriggerType == TriggerWebhook {
		samples.Trigger, _ = trigger.(map[string]any)
		samples.TriggerFrom = offer.Origin{Kind: offer.FromDelivery, At: last.QueuedAt, RunID: last.ID}
	}
	if last.TriggerType == TriggerForm {
		from.Kind = offer.FromForm
	}
	input, _ := document.Value(last.Input)
	samples.Input, _ = input.(map[string]any)
	samples.InputFrom = from
	return samples, nil
}

// stepSamples are the samples of steps; of outputs that are very large the beginning, or
// none.
func (e *Engine) stepSamples(ctx context.Context, workflowID string, draft workflow.Definition, begun bool) (offer.Samples, error) {
	samples := offer.Samples{Steps: offer.Seen{}, StepsFrom: map[string]offer.Origin{}}
	given, err := runs.LastGiven(ctx, e.db, workflowID, stepIDs(draft))
	if err != nil {
		return samples, err
	}
	for id, g := range given {
		value, err := valueOf(g, begun)
		if err != nil || value == nil {
			continue
		}
		from := offer.Origin{Kind: offer.FromRun, At: g.At, RunID: g.RunID}
		if g.Tried {
			from.Kind = offer.FromTry
		}
		samples.Steps[id], samples.StepsFrom[id] = value, from
	}
	return samples, nil
}

func stepIDs(draft workflow.Definition) (ids []string) {
	workflow.Walk(draft.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		ids = append(ids, step.ID)
		return true
	})
	return ids
}

func valueOf(g runs.Sample, begun bool) (any, error) {
	if g.Output == nil && begun {
		return document.Begun(g.Cut), nil
	}
	return document.Value(g.Output)
}
