package editor

import (
	"cmp"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/worker/changes"
	"workflows/worker/workflow"
)

// starts are the usual ways to start, and the way to all others.
func starts() []views.EditorStart {
	return []views.EditorStart{
		{Command: "start:working_days", Label: "Every working day at 09:00", Icon: "calendar-clock"},
		{Command: "start:hourly", Label: "Every hour", Icon: "calendar-clock"},
		{Command: "start:webhook", Label: "A webhook", Icon: "webhook"},
		{Command: "start:form", Label: "A form", Icon: "list-checks"},
		{Command: "go:/edit/new-trigger", Label: "Another time…"},
	}
}

// start adds one of them, by the clocks of the person.
func (e *editing) start(what string) error {
	zone := cmp.Or(frame.ViewerZone(e.c), "UTC")
	t := workflow.Trigger{Type: "schedule", TimeZone: zone}
	id := "schedule"
	switch what {
	case "working_days":
		t.Cron = "0 9 * * 1-5"
	case "hourly":
		t.Cron = "0 * * * *"
	case "webhook", "form":
		t, id = workflow.Trigger{Type: what}, what
	default:
		return &models.InvalidError{Code: "unknown_start", Message: "Choose how it starts."}
	}
	t.ID = workflow.NewStepID(e.d.definition, id)
	e.d.definition.Triggers = append(e.d.definition.Triggers, t)
	e.goes(e.here(""), "It is added to the draft: "+changes.StartWords(t)+". "+notYet(e.d))
	return nil
}
