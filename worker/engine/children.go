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

// childRun is left behind by a step that starts another workflow: there is never
// the run without the attempt that has started it, or the other way round.
type childRun struct {
	e       *Engine
	request StartRequest
	offered bool
	run     models.Run
}

// Leave starts the run, unless that has been done by a commit whose answer was lost.
func (c *childRun) Leave(ctx context.Context, tx *gorm.DB) (err error) {
	if c.offered {
		if c.run, err = models.GetRun(ctx, tx, c.request.RunID); !errors.Is(err, models.ErrNotFound) {
			return err
		}
	}
	c.offered = true
	c.run, err = c.e.Start(ctx, tx, c.request)
	return err
}

// startChild starts the run that a step asks for. A start that is refused is a
// failure of the step.
func (x *execution) startChild(step *workflow.Step, row *models.StepRun, child *workflow.Child) error {
	if x.run.Depth >= maxDepth {
		x.fail(step, row, &workflow.StepError{Code: codeTooDeep, Permanent: true, Message: fmt.Sprintf("Workflows have started one another %d deep. Check whether they call each other in a circle.", maxDepth)})
		return nil
	}
	before, leaves := *row, x.leaves
	started := &childRun{e: x.e, request: StartRequest{
		RunID: models.NewID(), WorkflowID: child.Workflow, Input: child.Input, ParentID: x.run.ID, Depth: x.run.Depth + 1,
		Trigger: Trigger{Type: TriggerWorkflow, RunID: x.run.ID, StepID: row.StepID},
	}}
	x.awaitChild(step, row, started.request.RunID, child.Wait)
	x.leaves = append(leaves, started)
	err := x.save()
	if err == nil {
		x.e.Announce(x.ctx, started.run)
		return nil
	}
	cause := refusedStart(err)
	if cause == nil {
		return err
	}
	*row, x.leaves = before, leaves
	x.fail(step, row, cause)
	return nil
}

// awaitChild notes in an attempt the run that it has started: the attempt waits for
// its end, as long as the step may take, or is over.
func (x *execution) awaitChild(step *workflow.Step, row *models.StepRun, runID string, wait bool) {
	now := x.now()
	row.ChildID, row.Status, row.Output = &runID, workflow.StepWaiting, nil
	if !wait {
		row.Status, row.FinishedAt = workflow.StepSucceeded, &now
		row.Output, _ = toJSON(map[string]any{"run_id": runID, "output": nil}) // always marshals
	} else if limit, err := workflow.ParseDuration(step.Timeout); err == nil {
		until := now.Add(limit)
		row.WakeAt = &until
	}
	x.touch(row, !wait)
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
