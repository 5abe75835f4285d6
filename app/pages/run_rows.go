package pages

import (
	"encoding/json"
	"strconv"
	"time"

	"workflows/models"
	"workflows/views"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// runRow is a run as lists show it.
func runRow(run models.Run) views.RunRow {
	row := views.RunRow{
		ID: run.ID, URL: "/runs/" + run.ID, Workflow: run.WorkflowName, WorkflowURL: "/workflows/" + run.WorkflowID,
		Status: runBadge(run), Trigger: startedBy(run.TriggerType), Version: strconv.Itoa(run.Version),
		QueuedAt: run.QueuedAt, StartedAt: timeOf(run.StartedAt), Took: runTook(run),
	}
	if run.Status == workflow.RunFailed {
		row.Reason = readFailure(run.Error).Message
	}
	return row
}

func runRows(runs []models.Run) []views.RunRow {
	rows := make([]views.RunRow, len(runs))
	for i, run := range runs {
		rows[i] = runRow(run)
	}
	return rows
}

// runBadge is the state that a badge shows: a waiting run says what for.
func runBadge(run models.Run) string {
	if run.Status == workflow.RunWaiting && run.WaitingFor != "" {
		return "waiting_" + run.WaitingFor
	}
	return run.Status
}

// runTook is how long a final run took from its first step on, negative before.
func runTook(run models.Run) time.Duration {
	if run.FinishedAt == nil || run.StartedAt == nil {
		return -1
	}
	return max(run.FinishedAt.Sub(*run.StartedAt), 0)
}

// startedBy is a trigger's type in the words of people.
func startedBy(trigger string) string {
	switch trigger {
	case engine.TriggerManual:
		return "By hand"
	case engine.TriggerSchedule:
		return "A schedule"
	case engine.TriggerWebhook:
		return "A webhook"
	case engine.TriggerForm:
		return "A public form"
	case engine.TriggerWorkflow:
		return "Another workflow"
	case engine.TriggerRetry:
		return "Run again"
	}
	return trigger
}

// runFailure is what a run or a step attempt keeps of its error.
type runFailure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	StepID  string `json:"step_id"`
}

func readFailure(data models.JSON) runFailure {
	var failure runFailure
	if len(data) > 0 && json.Unmarshal(data, &failure) != nil {
		failure.Message = string(data)
	}
	return failure
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
