package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/indexing"
	"workflows/worker/workflow"
)

const (
	runsPerPage = 25
)

// RunsShow lists runs as the filter in the address says.
func (s *Site) RunsShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	read := frame.ReadRunFilter(c.Request.URL.Query(), frame.ViewerLocation(c))
	page := views.RunsPage{Page: s.Page(c, "Runs", "runs"), Filter: read.Typed, Errors: read.Problems}
	page.Any = page.Filter.Set()
	filter := read.Wanted
	filter.Before, filter.Limit = c.Query("cursor"), runsPerPage
	var err error
	if page.Filter.Workflows, err = workflowFilter(c, s.DB, page.Filter.Workflow); err != nil {
		return nil, err
	}
	if err := s.whyFailed(c, &page); err != nil {
		return nil, err
	}
	if len(page.Errors) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, views.RunsShow(page))
	}
	found, next, err := runs.List(ctx, s.DB, filter)
	var invalid *models.InvalidError
	if errors.As(err, &invalid) { // what is typed into the box
		page.Filter.SearchError = invalid.Message
		page.Errors = []ui.FieldMessage{frame.Message("q", invalid.Message)}
		return nil, web.Status(http.StatusUnprocessableEntity, views.RunsShow(page))
	}
	if err != nil {
		return nil, err
	}
	page.SoFar = next != "" && len(found) < runsPerPage
	page.Rows = s.runList(ctx, found, filter.Search)
	for i := range page.Rows.Rows {
		if row := &page.Rows.Rows[i]; filter.Open && mayOperate(ctx) {
			row.AgainURL = "/runs/" + row.ID + "/retry"
		}
	}
	if len(found) > 0 {
		page.Many = manyRuns(ctx, c.Request.URL.Query(), filter.Status)
	}
	page.Page.Live = page.Rows.Every > 0
	page.Pages = ui.Pages{NextURL: web.NextCursor(c, next)}
	if filter.Before != "" {
		page.NewestURL = web.WithQuery(c, "cursor", "")
	}
	return views.RunsShow(page), nil
}

// manyRuns is what may be done with all runs that a filter leaves, and with those of a page
// that are ticked.
func manyRuns(ctx context.Context, query url.Values, states []string) views.ManyRuns {
	filter := url.Values{}
	for _, name := range frame.RunFilterNames() {
		if query.Get(name) != "" {
			filter.Set(name, query.Get(name))
		}
	}
	many := views.ManyRuns{Back: query.Encode()}
	for _, deed := range frame.DeedsFor(ctx, states) {
		many.Deeds = append(many.Deeds, views.ManyDeed{Action: deed, URL: frame.ManyURL(deed, filter)})
	}
	return many
}

// RunsLive is the same rows with what became of them. Serve it with the key KeyByRole.
func (s *Site) RunsLive(ctx context.Context, c *gin.Context) (templ.Component, error) {
	ids := strings.Split(c.Query("ids"), ",")
	if len(ids) > runsPerPage {
		return nil, models.ErrNotFound
	}
	found, err := runs.ByID(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	all := make([]models.Run, 0, len(ids))
	for _, id := range ids {
		if run, exists := found[id]; exists {
			all = append(all, run)
		}
	}
	return views.RunListLive(s.runList(ctx, all, c.Query("q"))), nil
}

// excerptTime bounds the reading of where runs have what is looked for, which may be large.
const excerptTime = 3 * time.Second

// runList names its rows in the live address, so that none comes or goes under
// the reader's eyes; it asks no more once all are final. It shows where they have what
// somebody looks for, if anybody does.
func (s *Site) runList(ctx context.Context, found []models.Run, search string) views.RunList {
	list := views.RunList{Rows: frame.RunRows(found), Tick: mayOperate(ctx)}
	ids := make([]string, len(found))
	for i, run := range found {
		ids[i] = run.ID
		if !workflow.Final(run.Status) {
			list.Every = frame.LiveEvery
		}
	}
	list.URL = "/live/runs?ids=" + strings.Join(ids, ",")
	if search == "" || len(ids) == 0 {
		return list
	}
	list.URL += "&q=" + url.QueryEscape(search)
	ctx, done := context.WithTimeout(ctx, excerptTime)
	defer done()
	contents, err := runs.ReadContents(ctx, s.DB, ids)
	if err != nil { // the list is worth more
		s.Log.WarnContext(ctx, "where runs have what is looked for could not be read", "error", err)
		return list
	}
	for _, content := range contents {
		at := slices.Index(ids, content.ID)
		list.Rows[at].Found = runExcerpt(indexing.ExcerptOf(content, search))
	}
	return list
}

func runExcerpt(e indexing.Excerpt) views.RunExcerpt {
	where := map[string]string{
		indexing.InInput: "Was given", indexing.InTrigger: "Started with", indexing.InOutput: "Gave",
		indexing.InStep: "“" + e.Step + "” gave", indexing.InError: "“" + e.Step + "” went wrong",
	}
	return views.RunExcerpt{Where: where[e.Where], Before: e.Before, Text: e.Found, After: e.After}
}
