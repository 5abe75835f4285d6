package frame

import (
	"strconv"
	"time"

	"workflows/models"
	"workflows/views"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// RunURL leads to a run's page, to the step on which that opens.
func RunURL(id string) string { return "/runs/" + id + "#step" }

// RunRow is a run as lists show it.
func RunRow(run models.Run) views.RunRow {
	row := views.RunRow{
		ID: run.ID, URL: RunURL(run.ID), Workflow: run.WorkflowName, WorkflowURL: "/workflows/" + run.WorkflowID,
		Status: RunBadge(run), Trigger: StartedBy(run), Version: strconv.Itoa(run.Version),
		QueuedAt: run.QueuedAt, StartedAt: TimeOf(run.StartedAt), Took: RunTook(run),
	}
	if run.Status == workflow.RunFailed {
		row.Reason = workflow.ReadFailure(run.Error).Message
	}
	return row
}

// RunRows are runs as lists show them.
func RunRows(runs []models.Run) []views.RunRow {
	rows := make([]views.RunRow, len(runs))
	for i, run := range runs {
		rows[i] = RunRow(run)
	}
	return rows
}

// RunBadge is the state that a badge shows: a waiting run says what for.
func RunBadge(run models.Run) string {
	if run.Status == workflow.RunWaiting && run.WaitingFor != "" {
		return "waiting_" + run.WaitingFor
	}
	return run.Status
}

// RunTook is how long a final run took from its first step on, negative before.
func RunTook(run models.Run) time.Duration {
	if run.FinishedAt == nil || run.StartedAt == nil {
		return -1
	}
	return max(run.FinishedAt.Sub(*run.StartedAt), 0)
}

// StartedBy says in the words of people who or what started a run.
func StartedBy(run models.Run) string {
	switch run.TriggerType {
	case engine.TriggerManual:
		var trigger engine.Trigger
		if document.Decode(run.Trigger, &trigger) == nil && trigger.Via == "api" {
			return "A program"
		}
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
	case engine.TriggerTry:
		return "A try of the draft"
	}
	return run.TriggerType
}
