package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// waitForRun ends with the run that the step has started.
func waitForRun() waitKind {
	return waitKind{store: storeChild, come: childrenEnded, give: giveChild}
}

// maxDepth bounds how many runs may stand above one another.
const maxDepth = 10

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
		if c.run, err = runs.Get(ctx, tx, c.request.RunID); !errors.Is(err, models.ErrNotFound) {
			return err
		}
	}
	c.offered = true
	c.run, err = c.e.Start(ctx, tx, c.request)
	return err
}

// storeChild starts the run that a step asks for. A start that is refused is a
// failure of the step.
func storeChild(x *execution, step *workflow.Step, a *plan.Attempt, asked workflow.Outcome) error {
	child := asked.Wait.(*workflow.Child)
	if x.run.Depth >= maxDepth {
		x.fail(step, a, &workflow.StepError{Code: workflow.CodeTooDeep, Permanent: true, Message: fmt.Sprintf("Workflows have started one another %d deep. Check whether they call each other in a circle.", maxDepth)})
		return nil
	}
	before, leaves := *a, x.leaves
	started := &childRun{e: x.e, request: StartRequest{
		RunID: models.NewID(), WorkflowID: child.Workflow, Input: child.Input, ParentID: x.run.ID, Depth: x.run.Depth + 1,
		Trigger: Trigger{Type: TriggerWorkflow, RunID: x.run.ID, StepID: a.StepID},
	}}
	x.awaitChild(step, a, started.request.RunID, child.Wait)
	x.leaves = append(leaves, started)
	err := x.save()
	if err == nil {
		x.e.Announce(x.ctx, started.run)
		return nil
	}
	beyond, cause := errors.As(err, new(*beyondError)), refusedStart(err)
	if !beyond && cause == nil {
		return err
	}
	*a, x.leaves = before, leaves
	if beyond {
		x.postpone(a)
	} else {
		x.fail(step, a, cause)
	}
	return nil
}

// postpone ends an attempt to start what only a newer program can read, to be followed
// by others until one does.
func (x *execution) postpone(a *plan.Attempt) {
	now := x.now()
	again := now.Add(strandedLast)
	a.Status, a.FinishedAt, a.WakeAt = workflow.StepFailed, &now, &again
	a.Error = workflow.Failure{Code: workflow.CodeInterrupted, Message: "A newer program has published the workflow to run. It is started once a worker can read it; update the workers."}.Stored()
	x.touch(a, false)
	x.e.log.Warn("a step waits, since only a newer program can read the workflow that it starts", "run_id", x.run.ID, "step_id", a.StepID)
}

// awaitChild notes in an attempt the run that it has started: the attempt waits for
// its end, as long as the step may take, or is over.
func (x *execution) awaitChild(step *workflow.Step, a *plan.Attempt, runID string, wait bool) {
	now := x.now()
	a.ChildID, a.Status, a.Output = &runID, workflow.StepWaiting, nil
	if !wait {
		a.Status, a.FinishedAt = workflow.StepSucceeded, &now
		a.Output, _ = toJSON(map[string]any{"run_id": runID, "output": nil}) // always marshals
	} else if limit, err := workflow.ParseDuration(step.Timeout); err == nil {
		until := now.Add(limit)
		a.WakeAt = &until
	}
	x.touch(a, !wait)
}

// childrenEnded are the runs that have ended, by the attempts that wait for them.
func childrenEnded(x *execution, waiting []*plan.Attempt) (map[string]any, error) {
	ctx, done := models.Bounded(x.ctx)
	defer done()
	ended, err := runs.EndedChildren(ctx, x.e.db, x.run.ID)
	if err != nil {
		return nil, err
	}
	came := map[string]any{}
	for _, a := range waiting {
		if child := ended[*a.ChildID]; child != nil {
			came[a.ID] = child
		}
	}
	return came, nil
}

// giveChild is what the run came to that the step has started. Its own time limit,
// if the step has one, ends the wait without one.
func giveChild(_ *execution, s plan.Settlement) (output any, cause *workflow.StepError, err error) {
	child, ended := s.Came.(*models.Run)
	if !ended {
		return nil, &workflow.StepError{Code: workflow.CodeTimeout, Message: "The workflow that it started did not end within the step's time limit. Raise the limit, or look at that run."}, nil
	}
	s.Attempt.WakeAt = nil
	return childOutput(child), childFailure(child), nil
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
			return &workflow.StepError{Code: workflow.CodeWorkflowFailed, Message: "The run of “" + child.WorkflowName + "” that it started was skipped" + strings.TrimPrefix(reason, "Skipped")}
		}
		return &workflow.StepError{Code: workflow.CodeWorkflowFailed, Message: "The run of “" + child.WorkflowName + "” that it started was cancelled."}
	}
	return &workflow.StepError{Code: workflow.CodeWorkflowFailed, Message: "The run of “" + child.WorkflowName + "” that it started failed: " + workflow.ReadFailure(child.Error).Message}
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
