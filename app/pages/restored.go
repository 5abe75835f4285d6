package pages

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/restored"
)

// restoredRows is how many workflows the page names of each kind.
const restoredRows = 20

// RestoredShow says what waits since the system was brought back from a backup.
func (s *Site) RestoredShow(c *gin.Context) (templ.Component, error) {
	page, err := s.restored(c)
	if err != nil {
		return nil, err
	}
	return views.Restored(page), nil
}

// RestoredGoOn has the system go on as an administrator says.
func (s *Site) RestoredGoOn(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	how := form.Get("how")
	if how != restored.End && how != restored.Continue {
		page, err := s.restored(c)
		if err != nil {
			return nil, err
		}
		page.Errors = append(page.Errors, frame.Message("how", "Choose one of the two."))
		return nil, web.Status(http.StatusUnprocessableEntity, views.Restored(page))
	}
	if err := restored.GoOn(ctx, s.DB, how, auth.By(ctx)); err != nil {
		return nil, err
	}
	s.Board.Invalidate()
	return nil, web.Done("/", "The system goes on: workers take runs again within a few seconds.")
}

// restored gathers the page; where nothing waits it leads to the overview.
func (s *Site) restored(c *gin.Context) (views.RestoredPage, error) {
	ctx := c.Request.Context()
	standing, err := restored.Look(ctx, s.DB)
	if err != nil {
		return views.RestoredPage{}, err
	}
	if standing == nil {
		return views.RestoredPage{}, web.SeeOther("/")
	}
	page := views.RestoredPage{
		Page: s.Page(c, "Brought back from a backup", "overview"), Made: standing.MadeAt, RestoredAt: standing.RestoredAt,
		How: restored.End, Asks: auth.May(ctx, auth.Administrator),
	}
	page.Page.Notices = slices.DeleteFunc(page.Page.Notices, func(n ui.Notice) bool { return n.ActionURL == frame.RestoredURL }) // which leads here
	if n := standing.Unfinished(); n > 0 {
		page.Unfinished = frame.Count(n, "run") + ": " + runStates(standing.Queued, standing.Running, standing.Waiting) + "."
	}
	for _, of := range standing.Runs[:min(restoredRows, len(standing.Runs))] {
		page.Runs = append(page.Runs, views.RestoredRow{Name: of.WorkflowName, URL: "/runs?workflow_id=" + of.WorkflowID, What: runStates(of.Queued, of.Running, of.Waiting)})
	}
	page.MoreRuns = andOthers(len(standing.Runs) - restoredRows)
	passedTimes(&page, standing)
	return page, nil
}

// runStates says how many runs stood where.
func runStates(queued, running, waiting int64) string {
	var parts []string
	for _, state := range []struct {
		n    int64
		word string
	}{{queued, "not begun"}, {running, "at work"}, {waiting, "waiting"}} {
		if state.n > 0 {
			parts = append(parts, frame.Number(state.n)+" "+state.word)
		}
	}
	return strings.Join(parts, ", ")
}

func andOthers(n int) string {
	if n <= 0 {
		return ""
	}
	return "And of " + frame.Count(int64(n), "other") + "."
}

// passedTimes names the schedules of which planned times have passed.
func passedTimes(page *views.RestoredPage, standing *restored.Standing) {
	if standing.Times == 0 {
		return
	}
	page.Passed = frame.Either(standing.More, "More than ", "") + frame.Count(int64(standing.Times), "planned time") + " of " + frame.Count(int64(len(standing.Passed)), "schedule") + "."
	for _, of := range standing.Passed[:min(restoredRows, len(standing.Passed))] {
		what := frame.Either(of.More, "more than ", "") + frame.Count(int64(of.Times), "time") + ", the last one " + of.Newest.UTC().Format("2 January 2006, 15:04 UTC")
		page.Schedules = append(page.Schedules, views.RestoredRow{Name: of.WorkflowName, URL: "/schedules/" + of.Schedule.ID, What: what})
	}
	page.MoreSchedules = andOthers(len(standing.Passed) - restoredRows)
}
