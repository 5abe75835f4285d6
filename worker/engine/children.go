package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/workflow"
)

const (
	// maxDepth bounds how many runs may stand above one another.
	maxDepth = 10
	// childrenLimit bounds how many orphans one look finds.
	childrenLimit = 500
)

// startChild starts the run that a step asks for: in one transaction with the
// step's row, so that there is never one without the other.
func (x *execution) startChild(step *workflow.Step, row *models.StepRun, child *workflow.Child) error {
	if x.run.Depth >= maxDepth {
		x.fail(step, row, &workflow.StepError{Code: codeTooDeep, Permanent: true, Message: fmt.Sprintf("Workflows have started one another %d deep. Check whether they call each other in a circle.", maxDepth)})
		return nil
	}
	if len(x.dirty) > 0 {
		if err := x.save(); err != nil {
			return err
		}
	}
	before := *row
	run, err := x.storeChild(step, row, child)
	if err == nil {
		x.e.Announce(x.ctx, run)
		if row.Status == workflow.StepSucceeded {
			x.progress = true // to be written with what follows
		}
		return nil
	}
	*row = before
	cause := refusedStart(err)
	if cause == nil {
		return err
	}
	x.fail(step, row, cause)
	return nil
}

func (x *execution) storeChild(step *workflow.Step, row *models.StepRun, child *workflow.Child) (run models.Run, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.ctx), commitTimeout)
	defer cancel()
	err = models.Tx(ctx, x.e.db, func(tx *gorm.DB) (err error) {
		run, err = x.e.Start(ctx, tx, StartRequest{
			WorkflowID: child.Workflow, Input: child.Input, ParentID: x.run.ID, Depth: x.run.Depth + 1,
			Trigger: Trigger{Type: TriggerWorkflow, RunID: x.run.ID, StepID: row.StepID},
		})
		if err != nil {
			return err
		}
		now := x.now()
		row.ChildID, row.Status, row.Output = &run.ID, workflow.StepWaiting, nil
		if limit, err := workflow.ParseDuration(step.Timeout); err == nil {
			until := now.Add(limit)
			row.WakeAt = &until
		}
		if !child.Wait {
			row.Status, row.FinishedAt, row.WakeAt = workflow.StepSucceeded, &now, nil
			if row.Output, err = toJSON(map[string]any{"run_id": run.ID, "output": nil}); err != nil {
				return err
			}
		}
		held, err := models.WriteStep(ctx, tx, x.hold(), *row)
		if err == nil && !held {
			err = errFenced
		}
		return err
	})
	return run, err
}

// refusedStart is a start that another attempt may or may not mend, in words for
// people; nil when the trouble is not with the workflow that was to be started.
func refusedStart(err error) *workflow.StepError {
	var invalid *models.InvalidError
	var conflict *models.ConflictError
	var limit *models.LimitError
	switch {
	case errors.As(err, &limit):
		return &workflow.StepError{Code: limit.Code, Message: "The workflow to run could not be started. " + limit.Message}
	case errors.Is(err, models.ErrNotFound):
		return &workflow.StepError{Code: "workflow_gone", Permanent: true, Message: "The workflow to run does not exist any more. Choose another one in this step."}
	case errors.As(err, &invalid):
		message := invalid.Message
		if len(invalid.Fields) > 0 {
			message = "The workflow to run refuses its inputs: " + invalid.Fields[0].Message
		}
		return &workflow.StepError{Code: "invalid_input", Permanent: true, Message: message}
	case errors.As(err, &conflict):
		return &workflow.StepError{Code: conflict.Code, Message: "The workflow to run could not be started: " + conflict.Message}
	}
	return nil
}

// childFailure is why a step fails whose run has ended, nil when it succeeded.
func childFailure(child *models.Run) *workflow.StepError {
	switch child.Status {
	case workflow.RunSucceeded:
		return nil
	case workflow.RunCancelled:
		if reason := Skipped(*child); reason != "" {
			return &workflow.StepError{Code: codeWorkflowFailed, Message: "The run of “" + child.WorkflowName + "” that it started was skipped" + strings.TrimPrefix(reason, "Skipped")}
		}
		return &workflow.StepError{Code: codeWorkflowFailed, Message: "The run of “" + child.WorkflowName + "” that it started was cancelled."}
	}
	return &workflow.StepError{Code: codeWorkflowFailed, Message: "The run of “" + child.WorkflowName + "” that it started failed: " + readFailure(child.Error).Message}
}

func childOutput(child *models.Run) any {
	output := json.RawMessage("null")
	if len(child.Output) > 0 {
		output = json.RawMessage(child.Output)
	}
	return struct {
		RunID  string          `json:"run_id"`
		Output json.RawMessage `json:"output"`
	}{child.ID, output}
}

func (x *execution) hasChildren() bool {
	if x.machine == nil {
		return false
	}
	for _, rows := range x.done {
		for _, row := range rows {
			if row.ChildID != nil {
				return true
			}
		}
	}
	return false
}

// wakeParents has the run go on if one that it waits for has ended. The sweeper
// does the same for all runs, should this be lost.
func (e *Engine) wakeParents(ctx context.Context, id string) {
	began := time.Now()
	woken, err := models.WakeParent(ctx, e.db, id, e.now())
	e.database.Note(began, err)
	e.ring(ctx, hintsOf(woken))
}

// cancelOrphans cancels the runs that nobody waits for any more: those of one
// run, or of any when parentID is empty.
func (e *Engine) cancelOrphans(ctx context.Context, parentID string) {
	began := time.Now()
	orphans, err := models.Orphans(ctx, e.db, parentID, childrenLimit)
	e.database.Note(began, err)
	for _, id := range orphans {
		if _, err := e.cancel(ctx, id, "The run that started it has ended, or does not wait for it any more."); err != nil && !errors.As(err, new(*models.ConflictError)) {
			e.log.Error("a run that nobody waits for could not be cancelled", "run_id", id, "error", err)
		}
	}
}

// familiesEvery is how often the sweeper looks for what the end of a run left
// undone between runs.
const familiesEvery = 5 * time.Second

// families does for all runs what is done at the end of each, in case a worker
// was lost in between.
func (s *sweeper) families(ctx context.Context, now time.Time) error {
	if time.Since(s.familiesAt) < familiesEvery {
		return nil
	}
	s.familiesAt = time.Now()
	woken, err := models.WakeParents(ctx, s.e.db, now, sweepLimit)
	if err != nil {
		return err
	}
	s.e.ring(ctx, hintsOf(woken))
	s.e.cancelOrphans(ctx, "")
	return nil
}
