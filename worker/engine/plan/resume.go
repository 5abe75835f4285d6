package plan

import "workflows/worker/workflow"

// ResumeFrom says how far the results of an earlier run reach into a definition: the
// first step that has to be executed, nil when every step has its result, and the
// attempts that need not be repeated. sameLists says that a for_each which broke
// off goes through the same items again, so that those that are finished stand.
func ResumeFrom(definition *workflow.Definition, earlier History, sameLists bool) (next *workflow.Step, results []*Attempt) {
	r := &resuming{earlier: earlier, sameLists: sameLists}
	r.goThrough(definition.Steps, "")
	return r.next, r.results
}

type resuming struct {
	earlier   History
	sameLists bool
	results   []*Attempt
	next      *workflow.Step
}

func (r *resuming) goThrough(steps []workflow.Step, iteration string) bool {
	for i := range steps {
		step := &steps[i]
		if step.Disabled {
			continue
		}
		a := r.earlier.Latest(Spot{step.ID, iteration})
		if !stands(step, a) {
			r.next = step
			r.finishedItems(step, iteration)
			return false
		}
		r.results = append(r.results, a)
		if a.Branch == BlockDo {
			r.finishedItems(step, iteration)
		} else if block := step.Block(a.Branch); block != nil && !r.goThrough(*block, iteration) {
			return false
		}
	}
	return true
}

// stands reports whether a step has a result that need not be found again.
func stands(step *workflow.Step, a *Attempt) bool {
	return a != nil && a.Type == step.Type &&
		(a.Status == workflow.StepSucceeded || a.Status == workflow.StepFailed && a.WakeAt == nil && step.OnError == onErrorContinue)
}

// finishedItems keeps the finished items of a for_each.
func (r *resuming) finishedItems(step *workflow.Step, iteration string) {
	if len(step.Do) == 0 || !r.sameLists {
		return
	}
	for i := range MaxItems {
		path := ItemPath(iteration, i)
		if r.earlier.Latest(Spot{step.Do[0].ID, path}) == nil {
			return
		}
		inside := &resuming{earlier: r.earlier, sameLists: true}
		if inside.goThrough(step.Do, path) {
			r.results = append(r.results, inside.results...)
		}
	}
}
