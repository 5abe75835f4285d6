package machine

import (
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/machine"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// The lists of the page.
const willRetry, scheduled = "Will retry", "Scheduled"

// laterShown is how many runs the page lists.
const laterShown = 100

// LaterShow lists the runs that go on by themselves: at a time, or because a step is tried again.
func (s *Site) LaterShow(c *gin.Context) (templ.Component, error) {
	reason := c.DefaultQuery("for", workflow.WaitRetry)
	if reason != workflow.WaitRetry && reason != workflow.WaitTime {
		return nil, models.ErrNotFound
	}
	ctx := c.Request.Context()
	later, more, err := machine.Later(ctx, s.DB, reason, laterShown)
	if err != nil {
		return nil, err
	}
	page := views.LaterPage{Page: s.Page(c, "What goes on by itself", "queue"), Retry: reason == workflow.WaitRetry, Tabs: []ui.Link{
		{Label: willRetry, URL: frame.LaterURL(workflow.WaitRetry)}, {Label: scheduled, URL: frame.LaterURL(workflow.WaitTime)},
	}}
	page.Tab = frame.Either(page.Retry, willRetry, scheduled)
	page.Page.Crumbs = []ui.Link{{Label: "Queue", URL: "/queue"}}
	if more {
		page.More = "These are the " + frame.Number(laterShown) + " that go on first; there are others."
	}
	if frame.MayDo(ctx, bulk.Cancel) && len(later) > 0 {
		page.CancelURL = frame.ManyURL(bulk.Cancel, url.Values{"waiting_for": {reason}})
	}
	for _, l := range later {
		row := views.LaterRow{
			Workflow: l.WorkflowName, URL: "/runs/" + l.RunID, At: l.DueAt, Step: l.StepName, Attempt: l.Attempt,
			Problem: workflow.ReadFailure(l.Error).Message,
		}
		if auth.May(ctx, auth.Operator) {
			row.GoOnURL = row.URL + "/continue"
		}
		page.Rows = append(page.Rows, row)
	}
	return views.Later(page), nil
}
