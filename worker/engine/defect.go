package engine

import (
	"errors"
	"fmt"
	"runtime/debug"

	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// Why the context of an attempt ends.
var (
	errAttemptTimeout = errors.New("the step's time limit")
	errRunTimeout     = errors.New("the run's time limit")
	errRunEnded       = errors.New("the run has ended")
)

// stepError makes a failure for people of whatever a step returned.
func (x *execution) stepError(step *workflow.Step, err error) *workflow.StepError {
	var known *workflow.StepError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errAttemptTimeout):
		limit := plan.DurationOr(step.Timeout, defaultTimeout)
		return &workflow.StepError{Code: workflow.CodeTimeout, Message: "The step did not finish within " + workflow.DurationWords(limit) + ". Raise its time limit, or try again later."}
	case errors.Is(err, errRunTimeout):
		return &workflow.StepError{Code: workflow.CodeTimeout, Permanent: true, Message: "The run's time limit ended this step."}
	}
	x.e.log.Error("a step failed with an error that is not for people", "run_id", x.run.ID, "step_id", step.ID, "step_type", step.Type, "error", err)
	return &workflow.StepError{Code: workflow.CodeInternal, Message: "The step failed inside this program. The log has the details."}
}

// effects asks a step type whether an attempt may act. A panic is an error.
func effects(kind workflow.StepType, config map[string]any) (acts bool, defect error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			defect = asDefect(recovered)
		}
	}()
	return kind.Effects(config), nil
}

// asDefect is a panic as an error, with its place. An error keeps its type, by which the
// log knows what may be said of it.
func asDefect(recovered any) error {
	if err, is := recovered.(error); is {
		return fmt.Errorf("%w\n%s", err, debug.Stack())
	}
	return fmt.Errorf("%v\n%s", recovered, debug.Stack())
}

// defective is the failure of a step whose type panicked.
func (x *execution) defective(c *call, defect error) *workflow.StepError {
	x.e.log.Error("a step panicked", "run_id", x.run.ID, "step_id", c.step.ID, "step_type", c.kind.Name, "panic", defect)
	return &workflow.StepError{Code: workflow.CodePanic, Message: "The step met a defect in this program and was ended. The log has the details; please report it."}
}
