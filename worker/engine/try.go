package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
	"workflows/worker/workflow/offer"
	"workflows/worker/workflow/trial"
)

// TryRequest asks to try a draft.
type TryRequest struct {
	WorkflowID string
	Draft      workflow.Definition
	Part       trial.Part
	// Acts has the steps do what they are there for. Without it those that may act do
	// nothing, and their attempts show what they were given.
	Acts bool
	// Shown is an earlier try of the part, which has told what the steps would do: they act
	// only if that is what they do still. "" asks for none.
	Shown string
	On    TryData
	By    string
}

// Try stores and announces a run of a draft, or of a part of it, that stands in no list,
// counts nowhere and is kept a day. It is given the data that On names: what starts it, and
// in the place of steps that are not tried what they gave. Nobody is asked, nothing waits,
// and no later run remembers it. A part that the draft has not is models.ErrNotFound.
func (e *Engine) Try(ctx context.Context, r TryRequest) (models.Run, error) {
	start, err := e.chosenStart(ctx, r)
	if err != nil {
		return models.Run{}, err
	}
	seen, taken, err := e.dataBefore(ctx, r, start.from)
	if err != nil {
		return models.Run{}, err
	}
	tried, found := trial.Of(r.Draft, r.Part, e.types, seen)
	if !found {
		return models.Run{}, fmt.Errorf("try a part of a draft: %w", models.ErrNotFound)
	}
	run := models.Run{
		ID: models.NewID(), WorkflowID: r.WorkflowID, WorkflowName: r.Draft.Name, Status: workflow.RunQueued,
		TriggerType: TriggerTry, RetryFrom: r.Part.String(), Queue: laneFor("high", 0), QueuedAt: e.now(),
	}
	invented, err := e.startTry(start, r, &run)
	if err != nil {
		return models.Run{}, err
	}
	if r.Acts && (invented || tried.Invented) {
		return models.Run{}, &models.ConflictError{Code: "only_examples", Message: "What would be done is done with an example only: the workflow has not run yet, or a step before has given nothing. Run it once, or try that step first; then this can be done."}
	}
	definition := tried.Definition.Marshal()
	if r.Shown != "" {
		shown, err := e.tried(ctx, r.WorkflowID, r.Shown)
		if err != nil {
			return models.Run{}, err
		}
		if string(shown) != string(definition) {
			return models.Run{}, &models.ConflictError{Code: "changed", Message: "It would not be what the try has shown: the draft, or what it goes through, has changed since. Try it again, and look at what it would do now."}
		}
	}
	if !e.queue.Full(run.Queue) {
		run.RungAt = &run.QueuedAt
	}
	err = models.Tx(ctx, e.db, func(tx *gorm.DB) error {
		version := models.WorkflowVersion{ID: run.ID, WorkflowID: run.WorkflowID, Name: r.Draft.Name, Definition: definition, PublishedBy: r.By, CreatedAt: run.QueuedAt}
		if err := models.InsertTried(ctx, tx, &version); err != nil {
			return err
		}
		run.VersionID, run.Version = version.ID, version.Number
		if err := runs.Insert(ctx, tx, &run); err != nil {
			return err
		}
		if err := runs.InsertSteps(ctx, tx, e.doneBefore(run, tried, taken), nil); err != nil {
			return err
		}
		if !r.Acts {
			return nil
		}
		return recordRun(ctx, tx, "tried", run, map[string]any{"step": r.Part.String()})
	})
	if err != nil {
		return models.Run{}, err
	}
	e.Announce(ctx, run)
	return run, nil
}

// tried is what a try of the workflow has executed.
func (e *Engine) tried(ctx context.Context, workflowID, id string) (models.JSON, error) {
	run, err := runs.Get(ctx, e.db, id)
	if err == nil && (run.WorkflowID != workflowID || run.TriggerType != TriggerTry) {
		err = models.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find the try that was shown: %w", err)
	}
	version, err := models.VersionByID(ctx, e.db, run.VersionID)
	return version.Definition, err
}

// startTry has the run start so; invented says that an example stands among its inputs.
func (e *Engine) startTry(start tryStart, r TryRequest, run *models.Run) (invented bool, err error) {
	input, invented := start.tryInput(r.Draft.Inputs)
	was := start.trigger
	if run.Trigger, err = e.keptTrigger(Trigger{Type: TriggerTry, By: r.By, Via: "page", Headers: was.Headers, Query: was.Query, Body: was.Body, Acts: r.Acts, TriedOn: start.from}); err != nil {
		return false, fmt.Errorf("keep what started the try: %w", err)
	}
	data, err := toJSON(input)
	if err != nil {
		return false, fmt.Errorf("keep the try's input: %w", err)
	}
	run.Input = e.redactor.JSON(data)
	return invented, nil
}

// doneBefore are the steps of a try that count as done. What they gave in a run that was
// taken for it is not what they gave lately, and so marked as an example is.
func (e *Engine) doneBefore(run models.Run, tried trial.Trial, taken map[string]bool) []models.StepRun {
	var rows []models.StepRun
	for i := range tried.Definition.Steps {
		step := &tried.Definition.Steps[i]
		output, given := tried.Given[step.ID]
		if !given {
			continue
		}
		done := &plan.Attempt{
			ID: models.NewID(), StepID: step.ID, Name: workflow.StepTitle(*step, e.types), Type: step.Type, Number: 1,
			Status: workflow.StepSucceeded, Output: document.JSON(output), StartedAt: &run.QueuedAt, FinishedAt: &run.QueuedAt,
		}
		if tried.Examples[step.ID] || taken[step.ID] {
			done.Branch = plan.Example
		}
		rows = append(rows, stepRun(run.ID, done))
	}
	return rows
}

// isTry reports whether the run is one, and whether its steps may act.
func (x *execution) isTry() (is, acts bool) {
	if x.run.TriggerType != TriggerTry {
		return false, true
	}
	var trigger Trigger
	return true, document.Decode(x.run.Trigger, &trigger) == nil && trigger.Acts
}

// inTry is what an attempt came to in a try: nothing waits, nobody is asked, no other run
// is started, and nothing is left for later runs.
func inTry(c *call, outcome workflow.Outcome) workflow.Outcome {
	outcome.Leaves = nil
	if outcome.Wait == nil {
		return outcome
	}
	outcome.Wait = nil
	if outcome.Output == nil {
		outcome.Output, outcome.Branch = trial.Examples(c.kind.Gives(c.config)), plan.Example
	}
	return outcome
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
