package pages

import (
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// typedFilter is the filter as the address has it.
func typedFilter(c *gin.Context) views.RunsFilter {
	return views.RunsFilter{
		Workflow: c.Query("workflow_id"), Status: c.Query("status"), Trigger: c.Query("trigger"),
		Search: strings.TrimSpace(c.Query("q")), From: c.Query("from"), To: c.Query("to"),
	}
}

// readRunFilter turns what was typed into a filter; what cannot be read becomes
// an error on the page.
func readRunFilter(c *gin.Context, page *views.RunsPage) models.RunFilter {
	typed := &page.Filter
	wrong := func(field, message string) {
		page.Errors = append(page.Errors, ui.FieldMessage{FieldID: field, Message: message})
	}
	filter := models.RunFilter{WorkflowID: typed.Workflow, TriggerType: typed.Trigger, Search: typed.Search, Before: c.Query("cursor"), Limit: runsPerPage}
	if typed.Status != "" {
		filter.Status = []string{typed.Status}
	}
	if reason, waits := strings.CutPrefix(typed.Status, "waiting_"); waits && slices.Contains(waitReasons(), reason) {
		filter.Status, filter.WaitingFor = []string{workflow.RunWaiting}, reason
	} else if typed.Status != "" && !slices.Contains(runStatuses(), typed.Status) {
		wrong("status", "There is no such state. Choose one of the list.")
		typed.Status = ""
	}
	if typed.Trigger != "" && !slices.Contains(triggerTypes(), typed.Trigger) {
		wrong("trigger", "Nothing starts a run that way. Choose one of the list.")
		typed.Trigger = ""
	}
	zone := viewerLocation(c)
	filter.From, typed.FromError = readDay(typed.From, zone, 0)
	filter.To, typed.ToError = readDay(typed.To, zone, 1)
	if typed.FromError != "" {
		wrong("from", typed.FromError)
	}
	if typed.ToError != "" {
		wrong("to", typed.ToError)
	}
	return filter
}

// readDay reads a date as the beginning of that day, or of a later one.
func readDay(text string, zone *time.Location, later int) (*time.Time, string) {
	if text == "" {
		return nil, ""
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return nil, "Enter a date, such as 2026-12-24."
	}
	at := day.AddDate(0, 0, later).UTC()
	return &at, ""
}

// viewerLocation is the time zone that the person has chosen, else UTC.
func viewerLocation(c *gin.Context) *time.Location {
	if user := auth.User(c.Request.Context()); user != nil && user.TimeZone != "" {
		if zone, err := time.LoadLocation(user.TimeZone); err == nil {
			return zone
		}
	}
	return time.UTC
}

func runStatuses() []string {
	return []string{workflow.RunQueued, workflow.RunRunning, workflow.RunWaiting, workflow.RunSucceeded, workflow.RunFailed, workflow.RunCancelled}
}

// waitReasons are what a filter can tell waiting runs apart by: "waiting_retry".
func waitReasons() []string {
	return []string{workflow.WaitDecision, workflow.WaitApproval, workflow.WaitRetry, workflow.WaitTime, workflow.WaitWorkflow}
}

func triggerTypes() []string {
	return []string{engine.TriggerManual, engine.TriggerSchedule, engine.TriggerWebhook, engine.TriggerForm, engine.TriggerWorkflow, engine.TriggerRetry}
}
