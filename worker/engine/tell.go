package engine

import (
	"workflows/models/told"
	"workflows/worker/notify"
	"workflows/worker/workflow"
)

// tellFailed notes that the run fails, for those who are told: it is stored with the run's
// end, under the same fence.
func (x *execution) tellFailed(why workflow.Failure) {
	o := told.Occurred{Event: notify.Failed, Cause: why.StepID + " " + why.Code, Sentence: why.Message}
	if x.version == nil {
		return
	}
	if step, _, found := workflow.FindStep(&x.version.definition, why.StepID); found {
		o.StepName = workflow.StepTitle(*step, x.e.types)
	}
	x.happened(o)
}

// happened leaves behind what has happened, if the version that runs says that somebody is
// told; the definition of a try never does (workflow/trial).
func (x *execution) happened(o told.Occurred) {
	if x.version == nil || !notify.Tells(x.version.notify, o.Event) {
		return
	}
	o.WorkflowID, o.RunID, o.At = x.run.WorkflowID, x.run.ID, x.now()
	x.leaves = append(x.leaves, o)
}
