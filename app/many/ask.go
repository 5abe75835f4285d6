package many

import (
	"context"
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// namedWorkflows is of how many workflows the page says how many runs are of them.
const namedWorkflows = 10

// Ask is the page that asks before something is done with many runs.
func (s *Site) Ask(c *gin.Context) (templ.Component, error) {
	ctx, done := models.Bounded(c.Request.Context()) // a search may look through all
	defer done()
	o := readOrder(c.Request.URL.Query(), frame.ViewerLocation(c), s.Now())
	if !slices.Contains(bulk.Actions(), o.action) {
		return nil, models.ErrNotFound
	}
	if !frame.MayDo(ctx, o.action) {
		return nil, models.ErrForbidden
	}
	o.key = models.NewID()
	page, _, err := s.ask(ctx, c, o, false)
	if err != nil {
		return nil, err
	}
	if len(page.Errors) > 0 {
		return nil, web.Status(422, views.ManyAsk(page))
	}
	return views.ManyAsk(page), nil
}

// ask is the page, and how many runs are meant now. Where the form came back, what was
// chosen stands in it.
func (s *Site) ask(ctx context.Context, c *gin.Context, o order, chosen bool) (views.ManyAskPage, int64, error) {
	page := views.ManyAskPage{Page: s.Page(c, "", "runs"), BackURL: o.backURL()}
	page.Page.Crumbs = []ui.Link{{Label: "Runs", URL: "/runs"}}
	if page.Errors = o.filter.Problems; len(page.Errors) > 0 { // their entries are on the list
		page.Title, page.None = asking(o.action), "The filter cannot be read. Go back and choose it again."
		for i := range page.Errors {
			page.Errors[i].FieldID = ""
		}
		page.Page.Title = page.Title
		return page, 0, nil
	}
	ids, err := bulk.Chosen(ctx, s.DB, bulk.Request{Action: o.action, Runs: o.wanted()}, bulk.MostRuns+1)
	if err != nil {
		return page, 0, err
	}
	number := int64(len(ids))
	if page.None = none(o, number); page.None != "" {
		page.Title = asking(o.action)
		page.Page.Title = page.Title
		return page, number, nil
	}
	page.Title = frame.ManyTitle(o.action, number) + "?"
	page.Page.Title, page.Hidden = page.Title, o.hidden(number)
	page.Sentence, page.Left = does(o.action)
	page.Button = ui.ButtonProps{Label: frame.ManyTitle(o.action, number), Icon: "rotate-ccw", Kind: "primary"}
	switch o.action {
	case bulk.Cancel:
		page.Button.Icon, page.Button.Kind = "ban", "danger"
	case bulk.Delete:
		page.Button.Icon, page.Button.Kind = "trash-2", "danger"
	}
	if page.Filter, err = s.facts(ctx, askedOf(o.wanted()), o.zone); err != nil {
		return page, 0, err
	}
	if err := s.bounds(ctx, ids, &page); err != nil {
		return page, 0, err
	}
	if page.Notes, err = s.underWay(ctx, o.action); err != nil {
		return page, 0, err
	}
	portions, err := runs.Portions(ctx, s.DB, ids)
	if err != nil {
		return page, 0, err
	}
	nameWorkflows(portions, &page)
	if o.action == bulk.Retry {
		err = s.again(ctx, o, number, portions, chosen, &page)
	}
	return page, number, err
}

// asking is what a page is about that has no number to say.
func asking(action string) string {
	return map[string]string{bulk.Retry: "Run runs again", bulk.Cancel: "Cancel runs", bulk.Delete: "Delete runs"}[action]
}

// does says what happens to the runs, and which of those that match are left out.
func does(action string) (sentence, left string) {
	switch action {
	case bulk.Retry:
		return "For each a new run is made with the same input. The old ones stay as they are.", "Left out are runs that have not ended, and those that have been run again already."
	case bulk.Cancel:
		return "Calls that are on their way are cut off and no further step starts. What has been done already stays done. Cancelled runs cannot go on, but they can be run again.", "Left out are runs that have ended."
	}
	return "What they were given and gave, and all that their steps did, is deleted with them. This cannot be undone.", "Left out are runs that have not ended."
}

// none says why nothing can be done with the runs that match; "" where it can.
func none(o order, number int64) string {
	switch {
	case number > bulk.MostRuns:
		return "More than " + ui.Count(bulk.MostRuns) + " runs match. Choose fewer: those of a day, say, or of one workflow."
	case number > 0:
		return ""
	case o.ticked && len(o.ids) == 0:
		return "No run is ticked. Go back, tick some, and choose again what to do with them."
	}
	switch o.action {
	case bulk.Retry:
		return "There is nothing to run again: no run matches that has ended and has not been run again already."
	case bulk.Cancel:
		return "There is nothing to cancel: no run matches that waits or is running."
	}
	return "There is nothing to delete: no run matches that has ended."
}

// bounds are when the oldest and the newest of the runs were accepted.
func (s *Site) bounds(ctx context.Context, ids []string, page *views.ManyAskPage) error {
	first, last := ids[0], ids[len(ids)-1]
	found, err := runs.ByID(ctx, s.DB, []string{first, last})
	page.Oldest, page.Newest = found[first].QueuedAt, found[last].QueuedAt
	return err
}

// underWay says that the same is being done with many runs already.
func (s *Site) underWay(ctx context.Context, action string) ([]ui.Notice, error) {
	newest, err := bulk.Newest(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	same := slices.DeleteFunc(newest, func(b bulk.Bulk) bool { return b.State != bulk.Running || b.Action != action })
	rows, err := s.ManyRows(ctx, same[:min(len(same), 3)])
	var notes []ui.Notice
	for _, row := range rows {
		notes = append(notes, ui.Notice{Kind: "info", Text: "“" + row.Title + "” is under way already, asked for by " + row.By + ".", ActionLabel: "Look", ActionURL: row.URL})
	}
	return notes, err
}

func nameWorkflows(portions []runs.Portion, page *views.ManyAskPage) {
	for _, portion := range portions[:min(len(portions), namedWorkflows)] {
		page.Workflows = append(page.Workflows, views.ManyWorkflow{Name: portion.WorkflowName, URL: "/workflows/" + portion.WorkflowID, Count: ui.Count(portion.Number)})
	}
	if len(portions) <= namedWorkflows {
		return
	}
	var number int64
	others := portions[namedWorkflows:]
	for _, portion := range others {
		number += portion.Number
	}
	page.More = "And " + frame.Counted(number, "run") + " of " + frame.Counted(int64(len(others)), "other workflow") + "."
}

// failedOnly reports whether all runs that are meant have failed.
func (o order) failedOnly() bool {
	return o.filter.Wanted.FailureID != "" || askedOf(o.filter.Wanted).ended(workflow.RunFailed)
}
