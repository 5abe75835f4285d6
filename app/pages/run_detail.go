package pages

import (
	"bytes"
	"strconv"

	"workflows/models"
	"workflows/views"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// choose takes over which step and attempt the address asks for; what the run
// does not have shows the run itself or the newest attempt.
func (r *runSheet) choose(step, attempt string) {
	found := r.step(step)
	if found == nil {
		return
	}
	r.chosen = step
	if n, err := strconv.Atoi(attempt); err == nil && n >= 1 && n <= len(found.Attempts) {
		r.attempt = n
	}
}

// detail is the chosen step, or the run's own input and output.
func (r *runSheet) detail() views.RunDetail {
	if step := r.step(r.chosen); step != nil {
		return r.stepDetail(*step)
	}
	d := views.RunDetail{URL: "/live/runs/" + r.run.ID + "/detail", Every: r.every(), Note: "Choose a step to see what it was given and what it gave."}
	d.Values = append(d.Values, views.RunValue{ID: "run-input", Label: "Input", Data: r.run.Input})
	if workflow.Final(r.run.Status) {
		d.Values = append(d.Values, views.RunValue{ID: "run-output", Label: "Output", Data: r.run.Output})
	}
	return d
}

func (r *runSheet) stepDetail(step engine.OutlineStep) views.RunDetail {
	attempt := ""
	if r.attempt > 0 {
		attempt = strconv.Itoa(r.attempt)
	}
	d := views.RunDetail{
		URL: r.url("/live/runs/"+r.run.ID+"/detail", step.StepID, attempt), Every: r.every(), BackURL: r.page("", ""),
		Title: step.Name, StepID: step.StepID, TypeName: r.typeName(step.Type), Status: step.Status,
	}
	if len(step.Attempts) == 0 {
		d.Note = "This step has not started yet."
		if step.Status == workflow.StepSkipped {
			d.Note = "This step did not run: the run went another way or ended before it."
		}
		return d
	}
	shown := r.attempt
	if shown == 0 {
		shown = len(step.Attempts)
	}
	for i, row := range step.Attempts {
		d.Attempts = append(d.Attempts, r.attemptRow(step, i+1, i+1 == shown, row))
	}
	r.showAttempt(&d, step.Attempts[shown-1])
	return d
}

func (r *runSheet) attemptRow(step engine.OutlineStep, n int, selected bool, row models.StepRun) views.RunAttempt {
	attempt := views.RunAttempt{
		Number: strconv.Itoa(n), URL: r.page(step.StepID, strconv.Itoa(n)), Selected: selected, Status: row.Status,
		StartedAt: timeOf(row.StartedAt), Took: attemptTook(row),
	}
	if row.Status == workflow.StepFailed {
		attempt.Error = readFailure(row.Error).Message
	}
	return attempt
}

// showAttempt fills in what one attempt was given and gave.
func (r *runSheet) showAttempt(d *views.RunDetail, row models.StepRun) {
	d.Status = row.Status
	ended := row.FinishedAt != nil
	if ended && (r.attempt > 0 || row.Status == workflow.StepSucceeded) {
		d.Every = 0 // nothing more comes
	}
	switch {
	case r.takenOver(row):
		d.Note = "This result was taken over from the run before: the step did not run again."
	case row.Status == workflow.StepWaiting:
		d.Note = "This step waits. Its output appears here when it has ended."
	case !ended:
		d.Note = "This step is at work. Its output appears here when it has ended."
	}
	if row.Status == workflow.StepFailed {
		failure := readFailure(row.Error)
		d.Error = &views.RunError{Message: failure.Message, Code: failure.Code}
	}
	d.Facts = append(d.Facts, views.RunFact{Term: "Started", At: timeOf(row.StartedAt)})
	if ended {
		d.Facts = append(d.Facts, views.RunFact{Term: "Ended", At: *row.FinishedAt})
	}
	if row.WakeAt != nil && !workflow.Final(r.run.Status) {
		d.Facts = append(d.Facts, views.RunFact{Term: "Goes on", At: *row.WakeAt})
	}
	if ended {
		d.Values = append(d.Values, r.outputOf(row))
	}
	d.Values = append(d.Values, views.RunValue{
		ID: "step-input", Label: "Input", Help: "The step's settings with all references filled in.", Data: row.Input,
	})
}

// outputOf shows an output, or the beginning of one that is kept aside.
func (r *runSheet) outputOf(row models.StepRun) views.RunValue {
	value := views.RunValue{ID: "step-output", Label: "Output", Data: row.Output}
	if bytes.HasPrefix(row.Output, []byte(`{"truncated":true,"bytes":`)) {
		value.Help = "The output is too large to show. This is its beginning."
		value.DownloadURL = "/runs/" + r.run.ID + "/outputs/" + row.ID
	}
	return value
}

func (r *runSheet) typeName(name string) string {
	if t, known := r.types[name]; known {
		return t.Title
	}
	return name
}
