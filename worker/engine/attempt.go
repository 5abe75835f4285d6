package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

const (
	// abandonAfter is how long a step may take to notice that it was cut off.
	abandonAfter = time.Second
	// shownAfter is when a step that may be repeated safely is shown as running;
	// faster ones are written once, with their result.
	shownAfter = 250 * time.Millisecond
)

var (
	errAttemptTimeout = errors.New("the step's time limit")
	errRunTimeout     = errors.New("the run's time limit")
)

// attempt runs one attempt of one step and keeps its result. It reports whether
// the run has ended or was given up meanwhile.
func (x *execution) attempt(step *workflow.Step, number int) (ended bool, err error) {
	now := x.now()
	row := &models.StepRun{
		ID: models.NewID(), RunID: x.run.ID, StepID: step.ID, Name: workflow.StepTitle(*step, x.e.types), Type: step.Type,
		Attempt: number, Status: workflow.StepRunning, StartedAt: &now,
	}
	x.done.add(row)
	kind, config, problem := x.prepare(step, row)
	if problem != nil {
		x.fail(step, row, problem)
		return false, nil
	}
	// An act that must not be repeated unasked is on record before it happens. So
	// is every step of a run whose worker was lost: it may be the one to blame.
	if kind.Effects(config) || x.run.Recoveries > 0 {
		x.touch(row, false)
		if err := x.save(); err != nil {
			return true, x.stuck(err)
		}
	}
	outcome, err := x.call(step, row, kind, config)
	switch {
	case x.ctx.Err() != nil && err != nil:
		return true, x.leave(row)
	case err != nil:
		x.fail(step, row, x.stepError(step, err))
		return false, nil
	case outcome.Stop != "":
		return true, x.stop(row, outcome)
	}
	x.succeed(step, row, outcome)
	return false, nil
}

// prepare finds the step's type and fills in its config.
func (x *execution) prepare(step *workflow.Step, row *models.StepRun) (workflow.StepType, map[string]any, *workflow.StepError) {
	kind, known := x.e.types[step.Type]
	if !known {
		return kind, nil, &workflow.StepError{Code: "unknown_type", Permanent: true, Message: "This program does not know the step type “" + step.Type + "”. Update the program, or replace the step."}
	}
	scope, err := x.scope(step)
	if err != nil {
		x.e.log.Error("a run's data cannot be read", "run_id", x.run.ID, "step_id", step.ID, "error", err)
		return kind, nil, &workflow.StepError{Code: codeInternal, Permanent: true, Message: "The data of earlier steps cannot be read. Start a new run."}
	}
	resolved, err := workflow.Resolve(step.Config, scope)
	if err != nil {
		return kind, nil, x.stepError(step, err)
	}
	config, _ := resolved.(map[string]any)
	if config == nil {
		config = map[string]any{}
	}
	if input, err := toJSON(config); err == nil {
		row.Input, _ = capped(input)
	}
	return kind, config, nil
}

type answer struct {
	outcome workflow.Outcome
	err     error
}

// call executes the step within its time limits. A step that does not heed the
// end of its context is abandoned; what it may return later is ignored.
func (x *execution) call(step *workflow.Step, row *models.StepRun, kind workflow.StepType, config map[string]any) (workflow.Outcome, error) {
	ctx, cancel := context.WithTimeoutCause(x.ctx, durationOr(step.Timeout, defaultTimeout), errAttemptTimeout)
	defer cancel()
	if deadline := x.deadline(); !deadline.IsZero() {
		var cancelRun context.CancelFunc
		ctx, cancelRun = context.WithTimeoutCause(ctx, deadline.Sub(x.now()), errRunTimeout)
		defer cancelRun()
	}
	call := workflow.Call{
		RunID: x.run.ID, StepID: step.ID, Attempt: row.Attempt, Config: config, Now: *row.StartedAt,
		IdempotencyKey: x.run.ID + "/" + step.ID,
	}
	answers := make(chan answer, 1)
	go func() { answers <- x.execute(ctx, kind, call) }()

	slow := time.NewTimer(shownAfter)
	defer slow.Stop()
	for {
		select {
		case a := <-answers:
			return a.outcome, cutOff(ctx, a.err)
		case <-slow.C:
			x.touch(row, false)
			_ = x.save() // a run that is lost is noticed by its context
		case <-ctx.Done():
			select {
			case a := <-answers:
				return a.outcome, cutOff(ctx, a.err)
			case <-time.After(abandonAfter):
				x.e.log.Warn("a step did not end when it was cut off", "run_id", x.run.ID, "step_id", step.ID, "step_type", step.Type)
				return workflow.Outcome{}, context.Cause(ctx)
			}
		}
	}
}

// execute turns a panic into a failure: it is the step type's defect, and ends
// neither the worker nor other runs.
func (x *execution) execute(ctx context.Context, kind workflow.StepType, call workflow.Call) (a answer) {
	defer func() {
		if recovered := recover(); recovered != nil {
			x.e.log.Error("a step panicked", "run_id", call.RunID, "step_id", call.StepID, "step_type", kind.Name, "panic", fmt.Sprint(recovered), "stack", string(debug.Stack()))
			a = answer{err: &workflow.StepError{Code: codePanic, Message: "The step met a defect in this program and was ended. The log has the details; please report it."}}
		}
	}()
	outcome, err := kind.Execute(ctx, call)
	return answer{outcome, err}
}

// cutOff replaces an error that only says that the context has ended by why it
// did. What a step reports of itself stays.
func cutOff(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return context.Cause(ctx)
}

// stepError makes a failure for people of whatever a step returned.
func (x *execution) stepError(step *workflow.Step, err error) *workflow.StepError {
	var known *workflow.StepError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errAttemptTimeout):
		limit := durationOr(step.Timeout, defaultTimeout)
		return &workflow.StepError{Code: codeTimeout, Message: "The step did not finish within " + workflow.DurationWords(limit) + ". Raise its time limit, or try again later."}
	case errors.Is(err, errRunTimeout):
		return &workflow.StepError{Code: codeTimeout, Permanent: true, Message: "The run's time limit ended this step."}
	case errors.Is(err, queue.ErrShutdown):
		return &workflow.StepError{Code: codeInterrupted, Message: "The worker was stopped during this attempt."}
	}
	x.e.log.Error("a step failed with an error that is not for people", "run_id", x.run.ID, "step_id", step.ID, "step_type", step.Type, "error", err)
	return &workflow.StepError{Code: codeInternal, Message: "The step failed inside this program. The log has the details."}
}
