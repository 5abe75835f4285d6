package pages

import (
	"strconv"

	"workflows/app/frame"
	"workflows/views"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// detail is the chosen step or item, or the run's own input and output.
func (r *runSheet) detail() views.RunDetail {
	step := r.chosen()
	if item := r.chosenItem(); item != nil {
		return r.itemDetail(*step, *item)
	}
	if step != nil {
		d := r.stepDetail(*step)
		d.LedTo = len(r.undecided()) == 0
		return d
	}
	d := views.RunDetail{URL: "/live/runs/" + r.run.ID + "/detail", Every: r.every(), Note: "Choose a step to see what it was given and what it gave."}
	if r.deliveryURL != "" {
		d.Facts = append(d.Facts, views.RunFact{Term: "Sent to the webhook", Text: "Show what was sent", URL: r.deliveryURL})
	}
	d.Details = r.details()
	if r.wasAnswered() {
		d.Answers = r.answers()
		d.Within = append(d.Within, r.valueOf("run-input", "Input", frame.ValueInput, r.run.Input))
	}
	if workflow.Final(r.run.Status) {
		d.Within = append(d.Within, r.valueOf("run-output", "Output", frame.ValueOutput, r.run.Output))
	}
	if len(r.run.Error) > 0 {
		d.Within = append(d.Within, r.valueOf("run-error", "Error", frame.ValueError, r.run.Error))
	}
	d.Within = append(d.Within, r.valueOf("run-trigger", "What started it", frame.ValueTrigger, frame.TriggerShown(r.run)))
	return d
}

func (r *runSheet) stepDetail(step plan.OutlineStep) views.RunDetail {
	d := views.RunDetail{
		URL: r.look.url("/live/runs/" + r.run.ID + "/detail"), Every: r.every(), BackURL: r.page("", "", 0),
		Title: step.Name, Details: []views.RunFact{{Term: "Id of the step", Text: step.StepID}}, TypeName: r.typeName(step.Type), Status: stepBadge(step.Status, step.WaitingFor),
	}
	if step.Iteration != "" {
		d.Facts = append(d.Facts, views.RunFact{Term: "Belongs to", Text: frame.ItemWords(step.Iteration)})
	}
	row := r.shownRow()
	if row == nil {
		d.Note = notStarted(step)
		return d
	}
	for i, attempt := range step.Attempts {
		d.Attempts = append(d.Attempts, r.attemptRow(step, i+1, attempt.ID == row.ID, attempt))
	}
	if whole, found := r.full[row.ID]; found {
		row = &whole
	}
	r.showAttempt(&d, *row)
	return d
}

// notStarted says why there is nothing to see of a step.
func notStarted(step plan.OutlineStep) string {
	switch {
	case step.Disabled:
		return "This step is switched off in this version, so the run passes it over."
	case step.Status == workflow.StepSkipped:
		return "This step did not run: the run went another way or ended before it."
	}
	return "This step has not started yet."
}

func (r *runSheet) attemptRow(step plan.OutlineStep, n int, selected bool, row plan.Attempt) views.RunAttempt {
	attempt := views.RunAttempt{
		Number: strconv.Itoa(n), URL: r.page(step.StepID, step.Iteration, n), Selected: selected, Status: row.Status,
		StartedAt: frame.TimeOf(row.StartedAt), Took: attemptTook(row),
	}
	if row.Status == workflow.StepFailed {
		attempt.Error = workflow.ReadFailure(row.Error).Message
	}
	return attempt
}

// showAttempt fills in what one attempt was given and gave.
func (r *runSheet) showAttempt(d *views.RunDetail, row plan.Attempt) {
	ended := row.FinishedAt != nil
	if r.look.attempt > 0 && ended {
		d.Status = row.Status
	}
	if ended && (r.look.attempt > 0 || row.Status == workflow.StepSucceeded) {
		d.Every = 0 // nothing more comes
	}
	failure := workflow.ReadFailure(row.Error)
	switch {
	case r.takenOver(row):
		d.Note = "This result was taken over from the run before: the step did not run again."
	case row.Status == workflow.StepWaiting && failure.Message != "":
		d.Note = failure.Message // what is to be decided
	case row.Status == workflow.StepWaiting:
		d.Note = "This step waits. Its output appears here when it has ended."
	case !ended:
		d.Note = "This step is at work. Its output appears here when it has ended."
	}
	if row.Status == workflow.StepFailed {
		d.Error = &views.RunError{Message: failure.Message}
		d.Details = append(d.Details, views.RunFact{Term: "Code of the failure", Text: failure.Code})
		d.Within = append(d.Within, r.valueOf("step-error", "Error", row.ID+"."+frame.ValueError, row.Error))
	}
	d.Facts = append(d.Facts, views.RunFact{Term: "Started", At: frame.TimeOf(row.StartedAt)})
	if ended {
		d.Facts = append(d.Facts, views.RunFact{Term: "Ended", At: *row.FinishedAt})
	}
	if row.WakeAt != nil && !workflow.Final(r.run.Status) {
		d.Facts = append(d.Facts, views.RunFact{Term: "Goes on", At: *row.WakeAt})
	}
	titles := workflow.TitlesOf(r.definition.Steps, r.types).WithInputs(r.definition.Inputs)
	for _, absent := range row.Absent {
		words := workflow.Replaced(absent.Reference, titles.Words)
		d.Facts = append(d.Facts, views.RunFact{Term: "Not there", Text: "“" + words + "” was not there, so nothing was inserted."})
		d.Details = append(d.Details, views.RunFact{Term: "Why it was not there", Text: absent.Reference + ": " + absent.Reason})
	}
	if row.Note != "" {
		d.Facts = append(d.Facts, views.RunFact{Term: "Decision", Text: row.Note})
	}
	if row.ChildID != nil {
		d.Facts = append(d.Facts, views.RunFact{Term: "Its run", Text: r.childWords(*row.ChildID), URL: frame.RunURL(*row.ChildID)})
	}
	switch would := r.spared(row); {
	case would != nil:
		d.Note, d.Part = "Nothing was sent or changed, since this is a try. What no step has given yet is an example.", would
	case ended:
		d.Part = r.partOf(row)
		if r.run.TriggerType == engine.TriggerTry {
			d.Part, d.Note = nil, "This is a try: it waits for nothing, asks nobody and remembers nothing. In the place of an answer it has an example."
		}
		r.showOutput(d, row)
	}
	input := r.valueOf("step-input", "Input", row.ID+"."+frame.ValueInput, row.Input)
	input.Help = "The step's settings with all references filled in."
	d.Values = append(d.Values, input)
}

// showOutput shows what an attempt gave. Of one that has failed it is what its type gives first,
// such as what an address said, and all of it stands among the details.
func (r *runSheet) showOutput(d *views.RunDetail, row plan.Attempt) {
	output := r.valueOf("step-output", "Output", row.ID+"."+frame.ValueOutput, row.Result())
	outputs := r.types[row.Type].Outputs
	value, err := document.Value(output.Data)
	given, ok := value.(map[string]any)
	if row.Status != workflow.StepFailed || err != nil || !ok || len(outputs) == 0 {
		d.Values = append(d.Values, output)
		return
	}
	d.Within = append(d.Within, output)
	if first, there := given[outputs[0].Name]; there {
		said := output
		said.ID, said.Label, said.Data, said.Part = "step-said", "Output: "+outputs[0].Called(), document.JSON(first), true
		d.Values = append(d.Values, said)
	}
}

// spared is what a step would have done that did nothing because the run is a try; nil
// for any other.
func (r *runSheet) spared(row plan.Attempt) *workflow.Part {
	if r.run.TriggerType != engine.TriggerTry || row.Status != workflow.StepSucceeded || r.trigger.Acts {
		return nil
	}
	given, err := document.Value(row.Input)
	config, ok := given.(map[string]any)
	if kind, known := r.types[row.Type]; err == nil && ok && known && kind.Effects(config) {
		part := kind.Would(config)
		return &part
	}
	return nil
}

// partOf is what the step's type tells of an attempt that has ended.
func (r *runSheet) partOf(row plan.Attempt) *workflow.Part {
	tell := r.types[row.Type].RunPart
	if tell == nil {
		return nil
	}
	given, err := document.Value(row.Input)
	config, ok := given.(map[string]any)
	if err != nil || !ok {
		return nil
	}
	output, _ := document.Value(row.Result()) // none where it has failed
	return tell(config, output)
}

// childWords names a run that a step has started.
func (r *runSheet) childWords(id string) string {
	if child, found := r.children[id]; found {
		return child.WorkflowName
	}
	return "a run of another workflow"
}

func (r *runSheet) typeName(name string) string {
	if t, known := r.types[name]; known {
		return t.Title
	}
	return name
}
