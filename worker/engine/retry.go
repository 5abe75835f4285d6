package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// From where a retry executes anew, and which version.
const (
	FromStart      = "start"
	FromFailedStep = "failed_step"
	VersionSame    = "same"
	VersionCurrent = "current"
)

// RetryRequest asks to run a final run again, as a new run.
type RetryRequest struct {
	From    string // start (default) or failed_step
	Version string // same (default) or current
	By, Via string
	Tries   int // how often a rule has run it again then, 0 where somebody does
	// IdempotencyKey makes a second request the same new run.
	IdempotencyKey string
}

// Retry starts a new run with the input and data of a final one. From the failed
// step, the results before it are taken over and their steps are not executed
// again. A run that is not final is a *models.ConflictError; a key that was used
// for another request is a *models.InvalidError, as for StartNow.
func (e *Engine) Retry(ctx context.Context, runID string, r RetryRequest) (models.Run, error) {
	if err := r.check(); err != nil {
		return models.Run{}, err
	}
	earlier, err := runs.Get(ctx, e.db, runID)
	if err != nil {
		return models.Run{}, err
	}
	if err := canRepeat(earlier); err != nil {
		return models.Run{}, err
	}
	if existing, found, err := e.startedBefore(ctx, r.same(earlier)); found || err != nil {
		return existing, err
	}
	var run models.Run
	err = models.Tx(ctx, e.db, func(tx *gorm.DB) (err error) {
		if run, err = e.retryIn(ctx, tx, earlier, r); err != nil {
			return err
		}
		return recordRun(ctx, tx, "retried", earlier, map[string]any{"from": r.From, "version": r.Version, "new_run": run.ID})
	})
	if r.IdempotencyKey != "" && models.Unique(err) { // the same request came twice at once
		run, _, err = e.startedBefore(ctx, r.same(earlier))
		return run, err
	}
	if err != nil {
		return models.Run{}, err
	}
	e.Announce(ctx, run)
	return run, nil
}

// canRepeat says whether a run is one that can be run again.
func canRepeat(earlier models.Run) error {
	switch {
	case !workflow.Final(earlier.Status):
		return &models.ConflictError{Code: "run_not_final", Message: "This run has not ended yet. Wait for its end, or cancel it, then run it again."}
	case earlier.TriggerType == TriggerTry:
		return &models.ConflictError{Code: "was_a_try", Message: "This was a try of a draft. Try it again in the editor."}
	}
	return nil
}

// same is by what a request that comes twice is known.
func (r *RetryRequest) same(earlier models.Run) StartRequest {
	sum := sha256.Sum256([]byte("retry " + earlier.ID + " " + r.From + " " + r.Version))
	return StartRequest{WorkflowID: earlier.WorkflowID, IdempotencyKey: r.IdempotencyKey, RequestHash: hex.EncodeToString(sum[:])}
}

func (r *RetryRequest) check() error {
	if r.From == "" {
		r.From = FromStart
	}
	if r.Version == "" {
		r.Version = VersionSame
	}
	invalid := &models.InvalidError{Code: "invalid_retry", Message: "Choose from where and which version to run again."}
	if r.From != FromStart && r.From != FromFailedStep {
		invalid.Fields = append(invalid.Fields, models.FieldError{Path: "from", Code: "invalid_value", Message: "Choose start or failed_step."})
	}
	if r.Version != VersionSame && r.Version != VersionCurrent {
		invalid.Fields = append(invalid.Fields, models.FieldError{Path: "version", Code: "invalid_value", Message: "Choose same or current."})
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

func (e *Engine) retryIn(ctx context.Context, tx *gorm.DB, earlier models.Run, r RetryRequest) (models.Run, error) {
	if err := runs.Pin(ctx, tx, earlier.ID); err != nil {
		return models.Run{}, err
	}
	target, err := models.WorkflowToRun(ctx, tx, earlier.WorkflowID)
	if err != nil {
		return models.Run{}, err
	}
	req, results, err := e.repeat(ctx, tx, target, earlier, r)
	if err != nil {
		return models.Run{}, e.refuseBeyond(target.ID, err)
	}
	run, err := e.Start(ctx, tx, req)
	if err != nil {
		return models.Run{}, err
	}
	rows, payloadsOf := takenOver(run.ID, results)
	return run, runs.InsertSteps(ctx, tx, rows, payloadsOf)
}

// repeat is the request for the new run, and the results that it takes over.
func (e *Engine) repeat(ctx context.Context, tx *gorm.DB, target models.Workflow, earlier models.Run, r RetryRequest) (req StartRequest, results []*plan.Attempt, err error) {
	asked := earlier.VersionID
	if r.Version == VersionCurrent {
		asked = ""
	}
	id, err := versionID(target, asked)
	if err != nil {
		return req, nil, err
	}
	version, err := e.version(ctx, tx, id)
	if errors.Is(err, models.ErrNotFound) {
		err = &models.ConflictError{Code: "version_gone", Message: "The version of this run is not there any more. Run it again with the current version."}
	}
	if err == nil {
		err = ofWorkflow(target, version.workflowID)
	}
	if err != nil {
		return req, nil, err
	}
	req = r.same(earlier)
	req.VersionID, req.RetryOf = version.id, earlier.ID
	if req.Trigger, err = retryTrigger(earlier, r); err != nil {
		return req, nil, err
	}
	if req.Input, err = inputFor(version, earlier); err != nil {
		return req, nil, err
	}
	if r.From == FromFailedStep {
		req.RetryFrom, results, err = e.resultsBefore(ctx, tx, version, earlier)
	}
	return req, results, err
}

// retryTrigger keeps what the earlier run was started with, so that references
// to it still hold.
func retryTrigger(earlier models.Run, r RetryRequest) (Trigger, error) {
	var trigger Trigger
	if err := document.Decode(earlier.Trigger, &trigger); err != nil {
		return trigger, fmt.Errorf("read what started the earlier run: %w", err)
	}
	trigger.Type, trigger.By, trigger.Via, trigger.Tries = TriggerRetry, r.By, r.Via, r.Tries
	return trigger, nil
}

// inputFor is the earlier run's input as far as the version still asks for it.
// What was left empty stays so in the same version; a newer one may have a value
// for it.
func inputFor(version *version, earlier models.Run) (map[string]any, error) {
	value, err := document.Value(earlier.Input)
	if err != nil {
		return nil, fmt.Errorf("read the earlier run's input: %w", err)
	}
	given, _ := value.(map[string]any)
	input := map[string]any{}
	for _, wanted := range version.definition.Inputs {
		value, found := given[wanted.Name]
		switch {
		case found && value == nil && version.id == earlier.VersionID:
			input[wanted.Name] = workflow.Cleared{}
		case found:
			input[wanted.Name] = value
		}
	}
	return input, nil
}

// ResumePoint says where Retry from the failed step would begin with the run's
// own version, and whose results it would take over. It is a
// *models.ConflictError when there is no such point.
func (e *Engine) ResumePoint(ctx context.Context, run models.Run) (next string, results []*plan.Attempt, err error) {
	version, err := e.version(ctx, e.db, run.VersionID)
	if err != nil {
		return "", nil, err
	}
	return e.resultsBefore(ctx, e.db, version, run)
}

// resultsBefore finds the step at which the earlier run broke off and the results
// that stand before it in the version.
func (e *Engine) resultsBefore(ctx context.Context, tx *gorm.DB, version *version, earlier models.Run) (from string, results []*plan.Attempt, err error) {
	if earlier.Status == workflow.RunSucceeded {
		return "", nil, &models.ConflictError{Code: "nothing_failed", Message: "No step of this run failed. Run it again from the start."}
	}
	rows, err := runs.Steps(ctx, tx, earlier.ID)
	if err != nil {
		return "", nil, err
	}
	if failed := workflow.ReadFailure(earlier.Error).StepID; failed != "" {
		if _, _, found := workflow.FindStep(&version.definition, failed); !found {
			return "", nil, &models.ConflictError{Code: "step_gone", Message: "The step that failed is not part of the current version. Run it again from the start, or with the same version."}
		}
	}
	history := plan.History{}
	attempts := Attempts(rows)
	for i := range attempts {
		history.Add(&attempts[i])
	}
	next, results := plan.ResumeFrom(&version.definition, history, version.id == earlier.VersionID)
	if next == nil {
		return "", nil, &models.ConflictError{Code: "nothing_failed", Message: "Every step of this run has its result. Run it again from the start."}
	}
	return next.ID, results, nil
}

// takenOver are results of an earlier run as steps of the new one, and whose outputs
// that are kept aside they take over.
func takenOver(runID string, results []*plan.Attempt) (rows []models.StepRun, payloadsOf map[string]string) {
	rows, payloadsOf = make([]models.StepRun, len(results)), map[string]string{}
	for i, a := range results {
		rows[i] = stepRun(runID, a)
		rows[i].ID = models.NewID()
		if plan.IsCut(a.Output) {
			payloadsOf[rows[i].ID] = a.ID
		}
	}
	return rows, payloadsOf
}
