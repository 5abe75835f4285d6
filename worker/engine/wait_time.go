package engine

import (
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// waitForTime ends by itself: the step has given its output before.
func waitForTime() waitKind { return waitKind{store: storeUntil} }

func storeUntil(x *execution, step *workflow.Step, a *plan.Attempt, asked workflow.Outcome) error {
	until := asked.Wait.(workflow.Until).Time.UTC()
	if !until.After(x.now()) {
		x.succeed(step, a, asked)
		return nil
	}
	if problem := x.keepOutput(a, asked.Output); problem != nil {
		x.fail(step, a, problem)
		return nil
	}
	a.Status, a.WakeAt = workflow.StepWaiting, &until
	x.touch(a, false)
	return nil
}
