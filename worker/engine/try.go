package engine

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
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
