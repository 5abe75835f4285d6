package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/document"
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
	earlier, err := models.GetRun(ctx, e.db, runID)
	if err != nil {
		return models.Run{}, err
	}
	if !workflow.Final(earlier.Status) {
		return models.Run{}, &models.ConflictError{Code: "run_not_final", Message: "This run has not ended yet. Wait for its end, or cancel it, then run it again."}
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
	if err := models.LockRun(ctx, tx, earlier.ID); err != nil {
		return models.Run{}, err
	}
	target, err := models.WorkflowToRun(ctx, tx, earlier.WorkflowID)
	if err != nil {
		return models.Run{}, err
	}
	asked := earlier.VersionID
	if r.Version == VersionCurrent {
		asked = ""
	}
	id, err := versionID(target, asked)
	if err != nil {
		return models.Run{}, err
	}
	version, err := e.version(ctx, tx, id)
	if err == nil {
		err = ofWorkflow(target, version.workflowID)
	}
	if err != nil {
		return models.Run{}, err
	}
	req := r.same(earlier)
	req.VersionID, req.RetryOf = version.id, earlier.ID
	if req.Trigger, err = retryTrigger(earlier, r); err != nil {
		return models.Run{}, err
	}
	if req.Input, err = inputFor(version, earlier); err != nil {
		return models.Run{}, err
	}
	var taken []models.StepRun
	if r.From == FromFailedStep {
		if req.RetryFrom, taken, err = e.resultsBefore(ctx, tx, version, earlier); err != nil {
			return models.Run{}, err
		}
	}
	run, err := e.Start(ctx, tx, req)
	if err != nil {
		return models.Run{}, err
	}
	return run, takeOver(ctx, tx, earlier.ID, run.ID, taken)
}

// retryTrigger keeps what the earlier run was started with, so that references
// to it still hold.
func retryTrigger(earlier models.Run, r RetryRequest) (Trigger, error) {
	var trigger Trigger
	if err := document.Decode(earlier.Trigger, &trigger); err != nil {
		return trigger, fmt.Errorf("read what started the earlier run: %w", err)
	}
	trigger.Type, trigger.By, trigger.Via = TriggerRetry, r.By, r.Via
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

// resultsBefore finds the step at which the earlier run broke off and the results
// that stand before it in the version.
func (e *Engine) resultsBefore(ctx context.Context, tx *gorm.DB, version *version, earlier models.Run) (from string, taken []models.StepRun, err error) {
	if earlier.Status == workflow.RunSucceeded {
		return "", nil, &models.ConflictError{Code: "nothing_failed", Message: "No step of this run failed. Run it again from the start."}
	}
	rows, err := models.StepRuns(ctx, tx, earlier.ID)
	if err != nil {
		return "", nil, err
	}
	if failed := readFailure(earlier.Error).StepID; failed != "" {
		if _, _, found := workflow.FindStep(&version.definition, failed); !found {
			return "", nil, &models.ConflictError{Code: "step_gone", Message: "The step that failed is not part of the current version. Run it again from the start, or with the same version."}
		}
	}
	finished := results{}
	for i := range rows {
		finished.add(&rows[i])
	}
	before := &prefix{finished: finished, items: version.id == earlier.VersionID}
	before.steps(version.definition.Steps, "")
	if before.next == nil {
		return "", nil, &models.ConflictError{Code: "nothing_failed", Message: "Every step of this run has its result. Run it again from the start."}
	}
	return before.next.ID, before.taken, nil
}

// prefix walks a definition as far as the results of an earlier run reach. Of a
// for_each that broke off it takes the items that are finished.
type prefix struct {
	finished results
	items    bool // whether the lists are the same as those of the earlier run
	taken    []models.StepRun
	next     *workflow.Step
}

func (p *prefix) steps(steps []workflow.Step, iteration string) bool {
	for i := range steps {
		step := &steps[i]
		if step.Disabled {
			continue
		}
		row := p.finished.latest(place{step.ID, iteration})
		if !stands(step, row) {
			p.next = step
			p.itemsOf(step, iteration)
			return false
		}
		p.taken = append(p.taken, *row)
		if row.Branch == blockDo {
			p.itemsOf(step, iteration)
		} else if block := step.Block(row.Branch); block != nil && !p.steps(*block, iteration) {
			return false
		}
	}
	return true
}

// stands reports whether a step has a result that need not be found again.
func stands(step *workflow.Step, row *models.StepRun) bool {
	return row != nil && row.Type == step.Type &&
		(row.Status == workflow.StepSucceeded || row.Status == workflow.StepFailed && row.WakeAt == nil && step.OnError == onErrorContinue)
}

// itemsOf takes the finished items of a for_each.
func (p *prefix) itemsOf(step *workflow.Step, iteration string) {
	if len(step.Do) == 0 || !p.items {
		return
	}
	for i := range maxItems {
		path := within(iteration, i)
		if p.finished.latest(place{step.Do[0].ID, path}) == nil {
			return
		}
		inside := &prefix{finished: p.finished, items: true}
		if inside.steps(step.Do, path) {
			p.taken = append(p.taken, inside.taken...)
		}
	}
}

// takeOver copies results into the new run, with the outputs that are kept aside.
func takeOver(ctx context.Context, tx *gorm.DB, earlierID, runID string, rows []models.StepRun) error {
	whole := map[string]models.JSON{}
	for _, row := range rows {
		if isNote(row.Output) {
			var err error
			if whole, err = models.Payloads(ctx, tx, earlierID); err != nil {
				return err
			}
			break
		}
	}
	var payloads []models.Payload
	for i := range rows {
		earlier := rows[i].ID
		rows[i].ID, rows[i].RunID = models.NewID(), runID
		if data, found := whole[earlier]; found {
			payloads = append(payloads, models.Payload{StepRunID: rows[i].ID, RunID: runID, Data: data})
		}
	}
	return models.InsertStepRuns(ctx, tx, rows, payloads)
}
