package pages

import (
	"context"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/workflow"
	"workflows/worker/workflow/trial"
)

// branchTried is the branch of the draft that the run is a try of; none for any other run.
func branchTried(run models.Run) trial.Part {
	part := trial.ReadPart(run.RetryFrom)
	if run.TriggerType != engine.TriggerTry || part.Block == "" {
		return trial.Part{}
	}
	return part
}

// triedWords name that branch as the draft has it now: ““If yes” of “Is large””.
func (s *Site) triedWords(ctx context.Context, run models.Run) (string, error) {
	part := branchTried(run)
	if part.Block == "" {
		return "", nil
	}
	found, err := models.GetWorkflow(ctx, s.DB, run.WorkflowID)
	if err != nil {
		return "", err
	}
	draft, err := workflow.Load(found.Draft)
	if err != nil {
		return "", err
	}
	words := "“" + frame.BranchWords(part.Block) + "”"
	if holder, _, there := workflow.FindStep(&draft, part.StepID); there {
		words += " of “" + workflow.StepTitle(*holder, s.Types) + "”"
	}
	return words, nil
}

// triedBranch offers to try the branch again and, where the try has told what its steps would
// do, to do that.
func (r *runSheet) triedBranch() *views.RunTried {
	part := branchTried(r.run)
	if part.Block == "" || !r.mayEdit {
		return nil
	}
	tried := &views.RunTried{Action: "/workflows/" + r.run.WorkflowID + "/edit", Again: "try:" + part.String()}
	var trigger runTrigger
	read := document.Decode(r.run.Trigger, &trigger) == nil
	if trigger.TriedOn != "" {
		tried.Again += ":" + r.run.ID
	}
	if r.run.Status == workflow.RunSucceeded && read && !trigger.Acts && r.wouldAct() {
		tried.Act = "act:" + part.String() + ":" + r.run.ID
	}
	return tried
}

// wouldAct reports whether a step of a try does something outside. Those in the place of
// what came before have no settings.
func (r *runSheet) wouldAct() (would bool) {
	workflow.Walk(r.definition.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		would = len(step.Config) > 0 && !step.Disabled && r.types[step.Type].Effects(step.Config)
		return !would
	})
	return would
}
