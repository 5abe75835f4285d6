package pages

import (
	"context"
	"slices"
	"strings"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
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
	if holder, _, there := workflow.FindStep(&draft, part.StepID); there {
		return frame.BranchOf(part.Block, workflow.StepTitle(*holder, s.Types)), nil
	}
	return "“" + frame.BranchWords(part.Block) + "”", nil
}

// triedBranch offers to try the branch again and, where the try has told what its steps would
// do, to do that.
func (r *runSheet) triedBranch() *views.RunTried {
	part := branchTried(r.run)
	if part.Block == "" || !r.mayEdit {
		return nil
	}
	tried := &views.RunTried{Action: "/workflows/" + r.run.WorkflowID + "/edit", Again: "try:" + part.String()}
	if r.trigger.TriedOn != "" {
		tried.Again += ":" + r.run.ID
	}
	if r.run.Status == workflow.RunSucceeded && !r.trigger.Acts && r.wouldAct() {
		tried.Act = "act:" + part.String() + ":" + r.run.ID
	}
	return tried
}

// trialWords say of a try that it was one, and what of it was done.
func (r *runSheet) trialWords() string {
	var names []string
	for _, step := range r.steps {
		if name := "“" + step.Name + "”"; r.actedOrShowed(step) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	steps := strings.Join(names[:min(len(names), mostNamed)], ", ")
	if left := len(names) - mostNamed; left > 0 {
		steps += " and " + frame.Count(int64(left), "more step")
	}
	switch {
	case !workflow.Final(r.run.Status):
		return "This is a try of the draft."
	case r.trigger.Acts && steps != "":
		return "This was a try in which steps did what they are there for, as you wanted. Done for real: " + steps + "."
	case steps != "":
		return "This was a try: nothing was sent or changed. Only shown, and not done: " + steps + "."
	}
	return "This was a try: nothing was sent or changed."
}

// mostNamed is how many steps are named in a sentence.
const mostNamed = 3

// actedOrShowed reports whether a step of a try has come to where it does something outside.
func (r *runSheet) actedOrShowed(step plan.OutlineStep) bool {
	found, _, there := workflow.FindStep(&r.definition, step.StepID)
	return there && r.run.TriggerType == engine.TriggerTry && step.Status == workflow.StepSucceeded && len(found.Config) > 0 && r.types[found.Type].Effects(found.Config)
}

// onlyShowed reports whether it has told there what it would do, and no more.
func (r *runSheet) onlyShowed(step plan.OutlineStep) bool {
	return r.actedOrShowed(step) && !r.trigger.Acts
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
