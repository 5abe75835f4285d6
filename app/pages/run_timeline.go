package pages

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// timeline is the list of steps with what became of each.
func (r *runSheet) timeline() views.RunTimeline {
	t := views.RunTimeline{
		URL: r.url("/live/runs/"+r.run.ID, r.chosen, ""), Every: r.every(), ID: r.run.ID,
		Workflow: r.run.WorkflowName, WorkflowURL: "/workflows/" + r.run.WorkflowID, Status: runBadge(r.run), Facts: r.facts(),
	}
	t.Sentence, t.GoesOnAt = r.sentence()
	begin, whole := r.span()
	t.Whole = whole
	for _, step := range r.steps {
		row, spans := r.stepRow(step, begin, whole)
		t.Steps, t.Bar = append(t.Steps, row), append(t.Bar, spans...)
	}
	t.BarLabel = "When steps worked and waited within " + ui.DurationText(whole)
	if r.run.Status == workflow.RunFailed {
		t.Error = r.failure()
	}
	switch {
	case !r.mayOperate:
	case workflow.Final(r.run.Status):
		t.AgainURL = "/runs/" + r.run.ID + "/retry"
	default:
		t.CancelURL = "/runs/" + r.run.ID + "/cancel"
	}
	return t
}

// failure is why the run failed, with the way to the step.
func (r *runSheet) failure() *views.RunError {
	failure := readFailure(r.run.Error)
	e := &views.RunError{Message: failure.Message, Code: failure.Code}
	if step := r.step(failure.StepID); step != nil && step.StepID != r.chosen {
		e.StepURL = r.page(step.StepID, "")
	}
	return e
}

func (r *runSheet) step(id string) *engine.OutlineStep {
	for i := range r.steps {
		if r.steps[i].StepID == id {
			return &r.steps[i]
		}
	}
	return nil
}

// span is from when on and for how long the run has been at work. A waiting run's
// ends with what it did last, so that its page stays the same while it waits.
func (r *runSheet) span() (begin time.Time, whole time.Duration) {
	if r.run.StartedAt == nil {
		return time.Time{}, 0
	}
	begin = *r.run.StartedAt
	end := r.now
	switch {
	case r.run.FinishedAt != nil:
		end = *r.run.FinishedAt
	case r.run.Status != workflow.RunRunning:
		end = begin
		for _, step := range r.steps {
			for _, row := range step.Attempts {
				end = later(end, later(timeOf(row.StartedAt), timeOf(row.FinishedAt)))
			}
		}
	}
	return begin, max(end.Sub(begin), 0)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// stepRow is one step in the list, and its pieces of the run's time.
func (r *runSheet) stepRow(step engine.OutlineStep, begin time.Time, whole time.Duration) (ui.StepRow, []ui.Span) {
	row := ui.StepRow{
		ID: step.StepID, Title: step.Name, Depth: step.Depth, Status: step.Status, Icon: r.types[step.Type].Icon,
		URL: r.page(step.StepID, ""), Selected: step.StepID == r.chosen, Branch: r.branchWord(step),
	}
	problem, note := "", ""
	took := time.Duration(-1)
	if n := len(step.Attempts); n > 0 {
		last := step.Attempts[n-1]
		took = attemptTook(last)
		if last.Status == workflow.StepFailed && !r.ended(step) {
			problem = readFailure(last.Error).Message
		}
		if r.takenOver(last) {
			note, took = "Taken over from the run before: it did not run again.", -1
		}
		if step.Status == workflow.StepWaiting && last.Status == workflow.StepFailed {
			row.Status = "waiting_retry"
		}
	}
	spans := r.spans(step, begin)
	if tries := r.tries(step); tries != "" || took >= 0 {
		row.Meta = views.RunStepMeta(took, tries)
	}
	if problem != "" || note != "" || len(spans) > 0 {
		row.Below = views.RunStepNote("When “"+step.Name+"” worked", whole, spans, problem, note)
	}
	return row, spans
}

// ended reports whether the run failed at this step, which is said above the list.
func (r *runSheet) ended(step engine.OutlineStep) bool {
	return r.run.Status == workflow.RunFailed && readFailure(r.run.Error).StepID == step.StepID
}

// branchWord names the branch that a step opens; it is drawn once above it.
func (r *runSheet) branchWord(step engine.OutlineStep) string {
	for i := range r.steps {
		if r.steps[i].StepID != step.StepID {
			continue
		}
		first := i > 0 && (r.steps[i-1].Depth < step.Depth || r.blockBefore(i) != step.Block)
		if !first || step.Depth == 0 {
			return ""
		}
		switch step.Block {
		case "then":
			return "If yes"
		case "else":
			return "If no"
		case "do":
			return "For each"
		}
	}
	return ""
}

// blockBefore is the block of the sibling above, within the same step.
func (r *runSheet) blockBefore(i int) string {
	for above := i - 1; above >= 0 && r.steps[above].Depth >= r.steps[i].Depth; above-- {
		if r.steps[above].Depth == r.steps[i].Depth {
			return r.steps[above].Block
		}
	}
	return ""
}

// takenOver reports whether a row is a result of the run that this one repeats.
func (r *runSheet) takenOver(row models.StepRun) bool {
	return r.run.RetryOf != nil && row.StartedAt != nil && row.StartedAt.Before(r.run.QueuedAt)
}

// attemptTook is how long an attempt took, negative while it is at work.
func attemptTook(row models.StepRun) time.Duration {
	if row.StartedAt == nil || row.FinishedAt == nil {
		return -1
	}
	return max(row.FinishedAt.Sub(*row.StartedAt), 0)
}

// tries says how often a step was tried where that is worth saying.
func (r *runSheet) tries(step engine.OutlineStep) string {
	n := len(step.Attempts)
	if n < 2 && step.Status != workflow.StepWaiting {
		return ""
	}
	if found, _, ok := workflow.FindStep(&r.definition, step.StepID); ok && found.Retry != nil && n > 0 {
		return fmt.Sprintf("attempt %d of %d", n, max(found.Retry.MaxAttempts, n))
	}
	if n < 2 {
		return ""
	}
	return "attempt " + strconv.Itoa(n)
}

// spans are the pieces of the run's time in which a step worked or waited.
func (r *runSheet) spans(step engine.OutlineStep, begin time.Time) []ui.Span {
	var spans []ui.Span
	for i, row := range step.Attempts {
		if row.StartedAt == nil || begin.IsZero() || r.takenOver(row) {
			continue
		}
		end := r.now
		if row.FinishedAt != nil {
			end = *row.FinishedAt
		} else if row.Status != workflow.StepRunning {
			_, whole := r.span()
			end = begin.Add(whole)
		}
		length := max(end.Sub(*row.StartedAt), 0)
		label := step.Name
		if len(step.Attempts) > 1 {
			label += ", attempt " + strconv.Itoa(i+1)
		}
		spans = append(spans, ui.Span{
			Start: row.StartedAt.Sub(begin), Length: length, Kind: spanKind(step.Type, row.Status),
			Label: label + ": " + ui.DurationText(length),
		})
	}
	return spans
}

func spanKind(stepType, status string) string {
	switch {
	case status == workflow.StepFailed:
		return "failed"
	case status == workflow.StepRunning:
		return "running"
	case status == workflow.StepWaiting || stepType == "wait":
		return "waiting"
	case status == workflow.StepSucceeded:
		return "good"
	}
	return "waiting"
}

// runTrigger is what the page reads of a run's trigger.
type runTrigger struct {
	By         string     `json:"by"`
	Via        string     `json:"via"`
	ScheduleID string     `json:"schedule_id"`
	PlannedAt  *time.Time `json:"planned_at"`
}

// facts are what else is worth knowing of the run.
func (r *runSheet) facts() []views.RunFact {
	var trigger runTrigger
	_ = json.Unmarshal(r.run.Trigger, &trigger) // what cannot be read is left out
	started := views.RunFact{Term: "Started by", Text: startedBy(r.run.TriggerType)}
	if trigger.Via == "api" && r.run.TriggerType == engine.TriggerManual {
		started.Text = "A program"
	}
	if trigger.By != "" {
		started.Text += ", " + trigger.By
	}
	if trigger.ScheduleID != "" {
		started.URL = "/schedules/" + trigger.ScheduleID
	}
	facts := []views.RunFact{started}
	if trigger.PlannedAt != nil {
		facts = append(facts, views.RunFact{Term: "Planned for", At: *trigger.PlannedAt})
	}
	facts = append(facts, views.RunFact{Term: "Accepted", At: r.run.QueuedAt})
	if r.run.StartedAt != nil {
		facts = append(facts, views.RunFact{Term: "Waited to start", Text: ui.DurationText(max(r.run.StartedAt.Sub(r.run.QueuedAt), 0))})
	}
	if took := runTook(r.run); took >= 0 {
		facts = append(facts, views.RunFact{Term: "Took", Text: ui.DurationText(took)})
	}
	facts = append(facts, views.RunFact{
		Term: "Version", Text: strconv.Itoa(r.run.Version), URL: fmt.Sprintf("/workflows/%s/versions/%d", r.run.WorkflowID, r.run.Version),
	})
	if r.run.RetryOf != nil {
		facts = append(facts, views.RunFact{Term: "Repeats", Text: "an earlier run", URL: "/runs/" + *r.run.RetryOf})
	}
	if r.run.Recoveries > 0 {
		facts = append(facts, views.RunFact{Term: "Taken over", Text: count(int64(r.run.Recoveries), "time") + ", because a worker was lost"})
	}
	return append(facts, views.RunFact{Term: "Id", Text: r.run.ID})
}
