package engine

import (
	"context"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/engine/plan"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// What a person may decide about an attempt of which nobody knows whether it acted.
const (
	DecideRepeat  = "repeat"
	DecideSucceed = "succeed"
	DecideFail    = "fail"
)

// Decision is a person's word about a step whose outcome is unknown.
type Decision struct {
	StepID    string
	Iteration string // "" outside a for_each
	Action    string // repeat, succeed or fail
	Output    any    // of succeed: what the step is taken to have given; may be nil
	By        string // the person's name
}

// Decide has a run go on that waits for a decision. A run or step that does not
// is a *models.ConflictError with the code no_decision_wanted.
func (e *Engine) Decide(ctx context.Context, runID string, d Decision) (models.Run, error) {
	change, err := d.stepChange()
	if err != nil {
		return models.Run{}, err
	}
	var run models.Run
	err = models.Tx(ctx, e.db, func(tx *gorm.DB) (err error) {
		decided, err := runs.DecideStep(ctx, tx, runID, d.StepID, d.Iteration, change, e.now())
		if err != nil {
			return err
		}
		if run, err = runs.Get(ctx, tx, runID); err != nil {
			return err
		}
		if !decided {
			return &models.ConflictError{Code: "no_decision_wanted", Message: "This step does not wait for a decision. Somebody may have decided already, or the run is busy with another step; look at it again in a moment."}
		}
		return recordRun(ctx, tx, "decided", run, map[string]any{"step": d.StepID, "iteration": d.Iteration, "action": d.Action})
	})
	if err != nil {
		return models.Run{}, err
	}
	if run.Status == workflow.RunQueued {
		e.ring(ctx, []queue.Hint{{RunID: run.ID, Lane: run.Queue, Ahead: true}})
	}
	return run, nil
}

// GoOnNow has a run go on at once that waits for a time, or for the next try of a step. One that
// does not is a *models.ConflictError with the code not_waiting.
func (e *Engine) GoOnNow(ctx context.Context, runID string) (models.Run, error) {
	var run models.Run
	err := models.Tx(ctx, e.db, func(tx *gorm.DB) error {
		hurried, err := runs.Hurry(ctx, tx, runID, e.now())
		if err != nil {
			return err
		}
		if run, err = runs.Get(ctx, tx, runID); err != nil {
			return err
		}
		if !hurried {
			return &models.ConflictError{Code: "not_waiting", Message: "This run does not wait for a time or for another try, so it cannot go on earlier."}
		}
		return recordRun(ctx, tx, "hurried", run, nil)
	})
	if err != nil {
		return models.Run{}, err
	}
	hint := queue.Hint{RunID: run.ID, Lane: run.Queue, Ahead: true}
	_ = e.queue.Forget(ctx, hint) // one that comes for nothing does no harm
	e.ring(ctx, []queue.Hint{hint})
	return run, nil
}

// stepChange is what the decision makes of the step's row.
func (d Decision) stepChange() (runs.StepChange, error) {
	by := d.By
	if by == "" {
		by = "Somebody"
	}
	switch d.Action {
	case DecideRepeat:
		return runs.StepChange{Status: workflow.StepFailed, Again: true, Note: by + " had it run again."}, nil
	case DecideFail:
		message := "It is not known whether this step acted, and " + by + " decided that it failed."
		return runs.StepChange{Status: workflow.StepFailed, Error: workflow.Failure{Code: workflow.CodeUnknownOutcome, Message: message}.Stored(), Note: by + " decided that it failed."}, nil
	case DecideSucceed:
		change := runs.StepChange{Status: workflow.StepSucceeded, Note: by + " took it as done."}
		if d.Output == nil {
			return change, nil
		}
		output, err := toJSON(d.Output)
		if err == nil && len(output) > plan.MaxWhole {
			return change, &models.InvalidError{Code: "too_large", Message: "The output is larger than 256 kB. Enter less.", Fields: []models.FieldError{{Path: "output", Code: "too_large", Message: "Enter at most 256 kB."}}}
		}
		change.Output = output
		return change, err
	}
	return runs.StepChange{}, &models.InvalidError{Code: "invalid_decision", Message: "Choose what to do with the step.", Fields: []models.FieldError{{Path: "action", Code: "invalid_value", Message: "Choose repeat, succeed or fail."}}}
}
