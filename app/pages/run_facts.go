package pages

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// runTrigger is what the page reads of a run's trigger.
type runTrigger struct {
	By         string     `json:"by"`
	Via        string     `json:"via"`
	ScheduleID string     `json:"schedule_id"`
	PlannedAt  *time.Time `json:"planned_at"`
	Acts       bool       `json:"acts"`
	DeliveryID string     `json:"delivery_id"`
	TriedOn    string     `json:"tried_on"`
}

// facts are what else is worth knowing of the run.
func (r *runSheet) facts() []views.RunFact {
	facts := []views.RunFact{r.startedFact()}
	if r.trigger.PlannedAt != nil {
		facts = append(facts, views.RunFact{Term: "Planned for", At: *r.trigger.PlannedAt})
	}
	facts = append(facts, views.RunFact{Term: "Accepted", At: r.run.QueuedAt})
	if r.run.StartedAt != nil {
		facts = append(facts, views.RunFact{Term: "Waited to start", Text: ui.DurationText(max(r.run.StartedAt.Sub(r.run.QueuedAt), 0))})
	}
	if took := frame.RunTook(r.run); took >= 0 {
		facts = append(facts, views.RunFact{Term: "Took", Text: ui.DurationText(took)})
	}
	if r.run.TriggerType == engine.TriggerTry {
		if r.tried != "" {
			facts = append(facts, views.RunFact{Term: "Only", Text: r.tried})
		}
		switch {
		case models.ValidID(r.trigger.TriedOn):
			facts = append(facts, views.RunFact{Term: "Data", Text: "of an earlier run", URL: frame.RunURL(r.trigger.TriedOn)})
		case r.trigger.TriedOn != "":
			facts = append(facts, views.RunFact{Term: "Data", Text: "typed for it"})
		}
		return append(facts, views.RunFact{Term: "Version", Text: "the draft", URL: "/workflows/" + r.run.WorkflowID + "/edit"}, views.RunFact{Term: "Kept", Text: "for a day"})
	}
	facts = append(facts, views.RunFact{
		Term: "Version", Text: strconv.Itoa(r.run.Version), URL: fmt.Sprintf("/workflows/%s/versions/%d", r.run.WorkflowID, r.run.Version),
	})
	if r.run.HeldBack && r.run.BehindID != nil {
		facts = append(facts, views.RunFact{Term: "Waits for the end of", Text: "an earlier run", URL: frame.RunURL(*r.run.BehindID)})
	}
	if r.run.RetryOf != nil {
		facts = append(facts, views.RunFact{Term: "Repeats", Text: "an earlier run", URL: frame.RunURL(*r.run.RetryOf)})
	}
	if r.why != nil {
		facts = append(facts, views.RunFact{Term: "Reason", Text: frame.Count(r.why.Count, "run") + " failed for this reason", URL: failuresURL + "/" + r.why.ID})
	}
	if r.again != nil {
		facts = append(facts, views.RunFact{Term: "Run again", Text: againWords(r.again.Status), URL: frame.RunURL(r.again.ID)})
	}
	if r.run.SettledBy != "" {
		facts = append(facts, views.RunFact{Term: "Acknowledged", Text: "by " + r.run.SettledBy, At: frame.TimeOf(r.run.SettledAt)})
	}
	if r.run.Recovered > 0 {
		facts = append(facts, views.RunFact{Term: "Taken over", Text: frame.Count(int64(r.run.Recovered), "time") + ", because a worker was lost"})
	}
	return facts
}

// details are what only programs, and those who look for a fault, call things by.
func (r *runSheet) details() []views.RunFact {
	details := []views.RunFact{{Term: "Id of the run", Text: r.run.ID}}
	if code := workflow.ReadFailure(r.run.Error).Code; code != "" {
		details = append(details, views.RunFact{Term: "Code of the failure", Text: code})
	}
	return details
}

// againWords says what became of the run that repeats this one.
func againWords(status string) string {
	switch status {
	case workflow.RunSucceeded:
		return "repaired by a later run"
	case workflow.RunFailed:
		return "a later run failed too"
	case workflow.RunCancelled:
		return "a later run was cancelled"
	}
	return "by a later run, which has not ended yet"
}

// startedFact says who or what started the run, and leads there.
func (r *runSheet) startedFact() views.RunFact {
	started := views.RunFact{Term: "Started by", Text: frame.StartedBy(r.run)}
	if r.trigger.By != "" {
		started.Text += ", " + r.trigger.By
	}
	if r.trigger.ScheduleID != "" {
		started.URL = "/schedules/" + r.trigger.ScheduleID
	}
	if r.deliveryURL != "" {
		started.URL = r.deliveryURL
	}
	if r.parent != nil {
		started.Text = "A step of “" + r.parent.WorkflowName + "”"
		started.URL = "/runs/" + r.parent.ID
		if r.starter.StepID != "" {
			started.Text += ": “" + r.starter.Name + "”"
			started.URL = runLook{step: r.starter.StepID, in: r.starter.Iteration, item: -1}.url(started.URL) + "#detail"
		}
	}
	return started
}

// levels is in how many loops an item's place lies.
func levels(iteration string) int {
	if iteration == "" {
		return 0
	}
	return strings.Count(iteration, ".") + 1
}
