package engine

import (
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// waitKind is one kind of waiting. A new kind is one file like wait_time.go and its
// line in waits. While an attempt waits, nothing holds a worker; plan knows of it
// only the word for what it waits for, its wake time, and that something has come.
type waitKind struct {
	// store notes in the attempt what it waits for, and leaves behind what belongs
	// to that.
	store func(x *execution, step *workflow.Step, a *plan.Attempt, asked workflow.Outcome) error
	// come reads what has come for attempts that wait, by their ids; nil for a kind
	// that only time ends. Who brings it has the run look (see wakeParentOf).
	come func(x *execution, waiting []*plan.Attempt) (map[string]any, error)
	// give is what the step gives for what has come, or since its time is over, or
	// why it fails; nil for a kind whose steps have given their output before.
	give func(x *execution, s plan.Settlement) (output any, cause *workflow.StepError, err error)
}

// waits are the kinds of waiting, by the words for what is waited for. A failed
// attempt that is tried again is none of them: plan begins the next one.
func waits() map[string]waitKind {
	return map[string]waitKind{
		workflow.WaitTime:     waitForTime(),
		workflow.WaitWorkflow: waitForRun(),
		workflow.WaitApproval: waitForPerson(),
	}
}

// beginWait has a step wait as it has asked.
func (x *execution) beginWait(step *workflow.Step, a *plan.Attempt, asked workflow.Outcome) error {
	kind, known := x.e.waits[asked.Wait.WaitsFor()]
	if !known {
		x.e.log.Error("a step waits for what this program does not know", "run_id", x.run.ID, "step_id", a.StepID, "waits_for", asked.Wait.WaitsFor())
		x.fail(step, a, &workflow.StepError{Code: workflow.CodeInternal, Permanent: true, Message: "This program does not know what the step waits for. The log has the details."})
		return nil
	}
	return kind.store(x, step, a, asked)
}

// awaitsOthers reports whether something that is no time ends a wait of the run.
func (x *execution) awaitsOthers() bool {
	if x.State == nil {
		return false
	}
	for _, attempts := range x.Done {
		for _, a := range attempts {
			if a.Status == workflow.StepWaiting && x.e.waits[a.WaitsFor()].come != nil {
				return true
			}
		}
	}
	return false
}
