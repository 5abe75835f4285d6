package editor

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/listing"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/worker/workflow"
)

// workflowsLimit is how many workflows one page of the list has.
const workflowsLimit = 25

// WorkflowsShow lists workflows as the filter in the address says, favourites first.
func (s *Site) WorkflowsShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	page := views.WorkflowsPage{
		Layout: s.Page(c, "Workflows", "workflows"), Search: c.Query("q"), Status: c.Query("status"), Tag: c.Query("tag"), Sort: c.Query("sort"), Favourites: c.Query("favourites") != "",
		MayEdit: auth.May(ctx, auth.Editor), MayRun: auth.May(ctx, auth.Operator), Query: c.Request.URL.Query().Encode(),
	}
	if !slices.Contains([]string{workflow.StatusActive, workflow.StatusPaused, workflow.StatusDraft, listing.Failing}, page.Status) {
		page.Status = ""
	}
	if !listing.Sorts(page.Sort) {
		page.Sort = ""
	}
	number, _ := strconv.Atoi(c.Query("page")) // what is none is the first
	number = max(number, 1)
	found, more, err := listing.Workflows(ctx, s.DB, listing.Filter{
		Search: page.Search, Status: page.Status, Tag: page.Tag, Viewer: viewerID(c), Favourites: page.Favourites, Sort: page.Sort, Page: number, Limit: workflowsLimit,
	})
	if err != nil {
		return nil, err
	}
	if page.Rows, err = s.workflowRows(c, found); err != nil {
		return nil, err
	}
	if page.Tags, err = listing.AllTags(ctx, s.DB); err != nil {
		return nil, err
	}
	if more {
		page.Pages.NextURL = web.WithQuery(c, "page", strconv.Itoa(number+1))
	}
	switch {
	case number == 2:
		page.Pages.PrevURL = web.WithQuery(c, "page", "")
	case number > 2:
		page.Pages.PrevURL = web.WithQuery(c, "page", strconv.Itoa(number-1))
	}
	return views.Workflows(page), nil
}

// viewerID is the person who looks; "" where none does.
func viewerID(c *gin.Context) string {
	if user := auth.User(c.Request.Context()); user != nil {
		return user.ID
	}
	return ""
}

// workflowRows joins each workflow with how it has fared, its next planned time and
// whether its draft has changes: one query each, whatever the number of rows.
func (s *Site) workflowRows(c *gin.Context, found []listing.Row) ([]views.WorkflowRow, error) {
	ctx := c.Request.Context()
	ids := make([]string, len(found))
	for i, w := range found {
		ids[i] = w.ID
	}
	latest, err := runs.LatestOf(ctx, s.DB, ids)
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
		rows[i] = views.WorkflowRow{
			ID: w.ID, Name: w.Name, Status: w.Status, Changed: changed[w.ID], Next: next[w.ID], SchedulePaused: paused[w.ID], Runnable: w.VersionID != nil,
			Favourite: w.Favourite, Tags: w.Tags(), FailingSince: latest[w.ID].FailingSince,
		}
		of := latest[w.ID]
		if of.Ended != nil {
			rows[i].Result = views.RunResult{URL: frame.RunURL(of.Ended.ID), Status: of.Ended.Status, At: frame.TimeOf(of.Ended.FinishedAt)}
		}
		if of.Newest != nil && !workflow.Final(of.Newest.Status) {
			rows[i].Going = views.RunResult{URL: frame.RunURL(of.Newest.ID), Status: frame.RunBadge(*of.Newest), At: of.Newest.QueuedAt}
		}
	}
	return rows, nil
}
