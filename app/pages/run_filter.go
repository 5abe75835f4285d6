package pages

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/frame"
	"workflows/models/runs"
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

// workflowFilter is how a list is narrowed to one workflow.
func workflowFilter(c *gin.Context, db *gorm.DB, chosen string) ([]ui.FieldProps, error) {
	list := ui.FieldProps{Name: "workflow_id", Label: "Workflow", Value: chosen}
	return frame.WorkflowFields(c.Request.Context(), db, list, "Any", strings.TrimSpace(c.Query(frame.FindWorkflow)))
}

// readRunFilter turns what was typed into a filter; what cannot be read becomes
// an error on the page.
func readRunFilter(c *gin.Context, page *views.RunsPage) runs.Filter {
	typed := &page.Filter
	wrong := func(field, message string) {
		page.Errors = append(page.Errors, ui.FieldMessage{FieldID: field, Message: message})
	}
	filter := runs.Filter{WorkflowID: typed.Workflow, TriggerType: typed.Trigger, Search: typed.Search, Before: c.Query("cursor"), Limit: runsPerPage}
	if typed.Status != "" {
		filter.Status = []string{typed.Status}
	}
	if typed.Status == failedOpen {
		filter.Status, filter.Open = []string{workflow.RunFailed}, true
	} else if reason, waits := strings.CutPrefix(typed.Status, "waiting_"); waits && slices.Contains(workflow.WaitReasons(), reason) {
		filter.Status, filter.WaitingFor = []string{workflow.RunWaiting}, reason
	} else if typed.Status != "" && !slices.Contains(workflow.RunStates(), typed.Status) {
		wrong("status", "There is no such state. Choose one of the list.")
		typed.Status = ""
	}
	if typed.Trigger != "" && !slices.Contains(engine.TriggerTypes(), typed.Trigger) {
		wrong("trigger", "Nothing starts a run that way. Choose one of the list.")
		typed.Trigger = ""
	}
	zone := frame.ViewerLocation(c)
	filter.From, typed.FromError = frame.ReadDay(typed.From, zone, 0)
	filter.To, typed.ToError = frame.ReadDay(typed.To, zone, 1)
	if typed.FromError != "" {
		wrong("from", typed.FromError)
	}
	if typed.ToError != "" {
		wrong("to", typed.ToError)
	}
	return filter
}
