package many

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models/bulk"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// Show says how far something is that is done with many runs, and what has come of it.
func (s *Site) Show(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	b, err := bulk.Get(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	row, err := s.ManyRows(ctx, []bulk.Bulk{b})
	if err != nil {
		return nil, err
	}
	page := views.ManyShowPage{Page: s.Page(c, row[0].Title, "runs"), Title: row[0].Title, By: row[0].By, At: b.CreatedAt}
	page.Page.Crumbs = []ui.Link{{Label: "Runs", URL: "/runs"}, {Label: "Done with many", URL: frame.BulkURL}}
	if page.Live, err = s.live(ctx, b); err != nil {
		return nil, err
	}
	page.Page.Live = page.Live.Every > 0
	zone, meant := frame.ViewerLocation(c), readAsked(b.Asked)
	if page.Facts, err = s.facts(ctx, meant, zone); err != nil {
		return nil, err
	}
	page.Facts = append(page.Facts, how(b)...)
	page.RunsLabel, page.RunsURL = runsOf(b, meant, zone)
	return views.ManyShow(page), nil
}

// how says how runs are run again.
func how(b bulk.Bulk) []views.RunFact {
	if b.Action != bulk.Retry {
		return nil
	}
	return []views.RunFact{
		{Term: beginLabel, Text: frame.Either(b.RetryFrom == engine.FromFailedStep, "From the step that failed", "From the start")},
		{Term: versionLabel, Text: frame.Either(b.RetryVersion == engine.VersionCurrent, "The one that is published", "As it was then")},
		{Term: rateLabel, Text: ui.Count(b.PerSecond)},
	}
}

// runsOf leads to the runs that came of it, or that it is about.
func runsOf(b bulk.Bulk, meant asked, zone *time.Location) (label, address string) {
	query := url.Values{}
	if meant.WorkflowID != "" {
		query.Set("workflow_id", meant.WorkflowID)
	}
	switch b.Action {
	case bulk.Retry:
		query.Set("trigger", engine.TriggerRetry)
		query.Set("from", b.CreatedAt.In(zone).Format(time.DateOnly))
		return "Runs that were run again", "/runs?" + query.Encode()
	case bulk.Cancel:
		query, can := meant.listed(zone)
		query.Set("status", workflow.RunCancelled)
		if can || len(meant.IDs) == 0 {
			return "Cancelled runs", "/runs?" + query.Encode()
		}
	}
	return "", ""
}

// Live is the part that polls. Serve it by role: whoever may stop it has a button.
func (s *Site) Live(ctx context.Context, c *gin.Context) (templ.Component, error) {
	b, err := bulk.Get(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	live, err := s.live(ctx, b)
	if err != nil {
		return nil, err
	}
	return views.ManyLive(live), nil
}

func (s *Site) live(ctx context.Context, b bulk.Bulk) (views.Many, error) {
	live := views.Many{
		ID: b.ID, URL: "/live" + frame.BulkURL + "/" + b.ID, Status: b.State, Value: b.Done + b.Failed, Max: max(b.Total, 1), Progress: frame.ManyNumbers(b), EndedAt: frame.TimeOf(b.FinishedAt),
	}
	switch b.State {
	case bulk.Running:
		live.Every = frame.LiveEvery
		live.Sentence = frame.Either(live.Value == 0, "It waits for a worker.", "It is under way.")
		live.Progress += ", " + roughly(left(b, s.Now())) + " left"
		if auth.May(ctx, auth.Operator) {
			live.StopURL = frame.BulkURL + "/" + b.ID + "/stop"
		}
	case bulk.Stopped:
		live.Sentence = frame.Either(b.StoppedBy == "", "It was stopped.", b.StoppedBy+" stopped it.") + " What was done stays done."
	default:
		live.Sentence = frame.Either(b.Failed == 0, "It is done.", "It is done, but for those that could not be.")
		if b.Total == 0 { // no run was meant
			live.Value, live.Sentence = 1, "There was nothing to be done."
		}
	}
	if b.Failed == 0 {
		return live, nil
	}
	reasons, err := bulk.Reasons(ctx, s.DB, b.ID)
	for _, reason := range reasons {
		text := reason.Message
		if strings.TrimSpace(text) == "" {
			text = "It is not known why."
		}
		live.Reasons = append(live.Reasons, views.ManyReason{Text: text, Count: ui.Count(reason.Number), URL: frame.RunURL(reason.ExampleID)})
	}
	return live, err
}

// Stop ends it where it is.
func (s *Site) Stop(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	b, err := bulk.Stop(ctx, s.DB, c.Param("id"), auth.By(ctx), s.Now())
	if err != nil {
		return nil, err
	}
	if b.State != bulk.Stopped {
		return nil, web.Done(frame.BulkURL+"/"+b.ID, "It had come to its end already.")
	}
	return nil, web.Done(frame.BulkURL+"/"+b.ID, "It is stopped. "+frame.Counted(b.Total-b.Done-b.Failed, "run")+frame.Either(b.Total-b.Done-b.Failed == 1, " is", " are")+" left as they were.")
}

// List is what was done with many runs, the newest first.
func (s *Site) List(c *gin.Context) (templ.Component, error) {
	page := views.ManyListPage{Page: s.Page(c, "Done with many runs", "runs")}
	page.Page.Crumbs = []ui.Link{{Label: "Runs", URL: "/runs"}}
	newest, err := bulk.Newest(c.Request.Context(), s.DB)
	if err != nil {
		return nil, err
	}
	page.Rows, err = s.ManyRows(c.Request.Context(), newest)
	return views.ManyList(page), err
}
