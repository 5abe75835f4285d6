package editor

import "workflows/worker/workflow"

// take keeps the first sentence for each place.
func (f *stepForm) take(problems []workflow.Problem) {
	for _, problem := range problems {
		if f.problems[problem.Path] == "" {
			f.problems[problem.Path] = problem.Message
		}
	}
}

// put writes the form into the definition and returns the step's id, which
// follows a changed one, or the first name as long as nothing refers to the step.
func (f *stepForm) put(d *workflow.Definition, step *workflow.Step, t workflow.StepType) string {
	old, firstName := step.ID, f.nameWas == "" && f.step.Name != ""
	f.step.ID = old
	*step = f.step
	step.Config = t.Tidied(f.step.Config)
	id := f.id
	switch {
	case id == old && firstName && len(workflow.BrokenBy(*d, old, nil)) == 0:
		id = freeID(*d, step, f.step.Name)
	case id != old:
		if _, _, taken := workflow.FindStep(d, id); taken {
			f.problems["id"] = "There is already a step with this id. Choose another."
			return old
		}
	}
	if id != old {
		workflow.RenameStep(d, old, id)
	}
	return id
}

// freeID makes an id from a name that no other step has.
func freeID(d workflow.Definition, step *workflow.Step, name string) string {
	old := step.ID
	step.ID = "" // it does not stand in its own way
	id := workflow.NewStepID(d, name)
	step.ID = old
	return id
}
