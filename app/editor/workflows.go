package editor

import (
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// workflowsLimit is how many workflows one page of the list has.
const workflowsLimit = 25

// WorkflowsShow lists workflows, the newest first.
func (s *Site) WorkflowsShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	page := views.WorkflowsPage{
		Layout: s.Page(c, "Workflows", "workflows"), Search: c.Query("q"), Status: c.Query("status"),
		MayEdit: auth.May(ctx, auth.Editor), MayRun: auth.May(ctx, auth.Operator),
	}
	if !slices.Contains([]string{workflow.StatusActive, workflow.StatusPaused, workflow.StatusDraft}, page.Status) {
		page.Status = ""
	}
	found, next, err := models.ListWorkflows(ctx, s.DB, models.WorkflowFilter{Search: page.Search, Status: page.Status, Before: c.Query("cursor"), Limit: workflowsLimit})
	if err != nil {
		return nil, err
	}
	if page.Rows, err = s.workflowRows(c, found); err != nil {
		return nil, err
	}
	page.Pages = ui.Pages{NextURL: web.NextCursor(c, next)}
	if c.Query("cursor") != "" {
		page.Pages.PrevURL = web.WithQuery(c, "cursor", "")
	}
	return views.Workflows(page), nil
}

// workflowRows joins each workflow with its last run, its next planned time and
// whether its draft has changes: one query each, whatever the number of rows.
func (s *Site) workflowRows(c *gin.Context, found []models.Workflow) ([]views.WorkflowRow, error) {
	ctx := c.Request.Context()
	ids := make([]string, len(found))
	for i, w := range found {
		ids[i] = w.ID
	}
	last, err := runs.Last(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	next, err := schedules.NextFireTimes(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	paused, err := schedules.PausedIn(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	changed, err := models.ChangedDrafts(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]views.WorkflowRow, len(found))
	for i, w := range found {
		rows[i] = views.WorkflowRow{ID: w.ID, Name: w.Name, Status: w.Status, Changed: changed[w.ID], Next: next[w.ID], SchedulePaused: paused[w.ID], Runnable: w.VersionID != nil}
		if run, ran := last[w.ID]; ran {
			row := frame.RunRow(run)
			rows[i].LastRun = &row
		}
	}
	return rows, nil
}
