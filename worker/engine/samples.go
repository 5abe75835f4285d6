package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"workflows/models"
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

// TryData is on what a draft is tried; the zero value is the latest: what the newest run was
// started with, and what steps gave lately.
type TryData struct {
	// RunID is a run of the workflow, which gives what it was started with and what its steps
	// gave; where one gave nothing in it, what that gave lately counts. A try gives again what
	// was chosen for it.
	RunID string
	// Typed is what a run might be started with; of steps what they gave lately counts.
	Typed *TypedData
}

// TypedData takes the place of what the newest run was started with. Inputs, parameters and
// headers that it has not are as they were there.
type TypedData struct {
	Input   map[string]any
	Body    any // what a webhook is sent
	Query   map[string]any
	Headers map[string]string
}

// typedTry stands in a try's trigger where its data were typed.
const typedTry = "typed"

// tryStart is what a try begins with, which is what a run was started with or might be.
type tryStart struct {
	trigger Trigger
	input   map[string]any
	from    string // as the try's trigger keeps it
}

// chosenStart looks up what was chosen.
func (e *Engine) chosenStart(ctx context.Context, r TryRequest) (start tryStart, err error) {
	if r.On.RunID != "" {
		if start, err = e.startOf(ctx, r.WorkflowID, r.On.RunID); err != nil || start.from != "" {
			return start, err
		}
	}
	newest, err := runs.Last(ctx, e.db, []string{r.WorkflowID})
	if err != nil {
		return start, err
	}
	if last, found := newest[r.WorkflowID]; found {
		run, err := runs.Get(ctx, e.db, last.ID)
		if err != nil {
			return start, err
		}
		start = readStart(run)
	}
	if typed := r.On.Typed; typed != nil {
		start.trigger.Body, start.from = typed.Body, typedTry
		if start.input == nil {
			start.input = map[string]any{}
		}
		maps.Copy(start.input, typed.Input)
		if typed.Query != nil {
			start.trigger.Query = typed.Query
		}
		if typed.Headers != nil {
			start.trigger.Headers = typed.Headers
		}
	}
	return start, nil
}

// startOf is what a run was started with; of a try what was chosen for it, which is nothing
// where from is "".
func (e *Engine) startOf(ctx context.Context, workflowID, id string) (tryStart, error) {
	run, err := runs.Get(ctx, e.db, id)
	if errors.Is(err, models.ErrNotFound) || err == nil && run.WorkflowID != workflowID {
		return tryStart{}, &models.ConflictError{Code: "run_gone", Message: "The run whose data were chosen is not kept any more. Choose other data."}
	}
	if err != nil {
		return tryStart{}, err
	}
	start := readStart(run)
	switch {
	case run.TriggerType != TriggerTry:
		start.from = run.ID
	case start.trigger.TriedOn == typedTry:
		start.from = typedTry
	case start.trigger.TriedOn != "":
		return e.startOf(ctx, workflowID, start.trigger.TriedOn)
	}
	return start, nil
}

// readStart is only an example: what cannot be read of it is left out.
func readStart(run models.Run) (start tryStart) {
	_ = document.Decode(run.Trigger, &start.trigger)
	value, _ := document.Value(run.Input)
	start.input, _ = value.(map[string]any)
	return start
}

// tryInput is the input of a try. Inputs that it has not have their defaults, or are invented.
func (s tryStart) tryInput(inputs []workflow.Input) (input map[string]any, invented bool) {
	input = map[string]any{}
	for _, wanted := range inputs {
		value, given := s.input[wanted.Name]
		if !given {
			value = wanted.Default
		}
		if !given && value == nil {
			value, invented = wanted.Example(), true
		}
		input[wanted.Name] = value
	}
	return input, invented
}

// dataBefore are what the steps of the draft gave: in the run that was chosen, else lately.
// taken says of which it is what they gave in that run.
func (e *Engine) dataBefore(ctx context.Context, r TryRequest, from string) (seen offer.Seen, taken map[string]bool, err error) {
	samples, err := e.stepSamples(ctx, r.WorkflowID, r.Draft, false)
	if err != nil || from == "" || from == typedTry {
		return samples.Steps, nil, err
	}
	given, err := runs.GivenIn(ctx, e.db, from, stepIDs(r.Draft))
	if err != nil {
		return nil, nil, fmt.Errorf("find what steps gave in the chosen run: %w", err)
	}
	taken = map[string]bool{}
	for id, g := range given {
		if value, err := valueOf(g, false); err == nil && value != nil {
			samples.Steps[id], taken[id] = value, true
		}
	}
	return samples.Steps, taken, nil
}
