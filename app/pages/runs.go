package pages

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
)

const (
	runsPerPage = 25
	// offeredWorkflows bounds the workflows that the filter offers by name.
	offeredWorkflows = 200
)

// RunsShow lists runs as the filter in the address says.
func (s *Site) RunsShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	page := views.RunsPage{Page: s.page(c, "Runs", "runs"), Filter: typedFilter(c)}
	page.Any = page.Filter.Set()
	filter := readRunFilter(c, &page)
	var err error
	if page.Filter.Workflows, err = s.workflowChoices(ctx, page.Filter.Workflow); err != nil {
		return nil, err
	}
	if len(page.Errors) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, views.RunsShow(page))
	}
	found, next, err := models.ListRuns(ctx, s.DB, filter)
	if err != nil {
		return nil, err
	}
	page.Rows, page.Pages = runRows(found), ui.Pages{NextURL: web.NextCursor(c, next)}
	if filter.Before != "" {
		page.NewestURL = web.WithQuery(c, "cursor", "")
	}
	return views.RunsShow(page), nil
}

// workflowChoices offers workflows by name, the chosen one always among them.
func (s *Site) workflowChoices(ctx context.Context, chosen string) ([]ui.Option, error) {
	found, err := models.WorkflowNames(ctx, s.DB, offeredWorkflows)
	if err != nil {
		return nil, err
	}
	choices := []ui.Option{{Value: "", Label: "Any"}}
	for _, w := range found {
		choices = append(choices, ui.Option{Value: w.ID, Label: w.Name})
	}
	if chosen == "" || slices.ContainsFunc(choices, func(o ui.Option) bool { return o.Value == chosen }) {
		return choices, nil
	}
	label := "A workflow that was deleted"
	if w, err := models.WorkflowToRun(ctx, s.DB, chosen); err == nil {
		label = w.Name
	}
	return append(choices, ui.Option{Value: chosen, Label: label}), nil
}
