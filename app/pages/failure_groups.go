package pages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/failures"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

const (
	failuresURL     = "/failures"
	failuresPerPage = 25
	// failureOpen is the state of a filter for what asks for somebody; failureAll is any.
	failureOpen, failureAll = "open", "all"
	// failureRuns is how many of its newest runs a group's page lists.
	failureRuns = 10
	// failureDone is how much of what was done with all runs of a group its page lists.
	failureDone = 3
	// fromGroup stands in the forms on a group's own page for where they are; those of lists
	// have the list's query.
	fromGroup = "group"
)

// FailuresShow lists why runs have failed as the filter in the address says: what asks for
// somebody unless it says otherwise.
func (s *Site) FailuresShow(c *gin.Context) (templ.Component, error) {
	ctx, now := c.Request.Context(), s.Now()
	page := views.FailuresPage{Page: s.Page(c, "Failures", "failures"), State: c.DefaultQuery("state", failureOpen), Workflow: c.Query("workflow_id")}
	filter := failures.Filter{Now: now, WorkflowID: page.Workflow, After: c.Query("cursor"), Limit: failuresPerPage}
	switch {
	case page.State == failureOpen:
		filter.States = []string{failures.New, failures.CameBack, failures.Seen}
	case slices.Contains(failures.States(), page.State):
		filter.States = []string{page.State}
	case page.State != failureAll:
		return nil, models.ErrNotFound
	}
	var err error
	if page.Workflows, err = workflowFilter(c, s.DB, page.Workflow); err != nil {
		return nil, err
	}
	counts, err := failures.Counts(ctx, s.DB, "", now)
	if err != nil {
		return nil, err
	}
	page.Summary = failuresSummary(counts)
	found, next, err := failures.List(ctx, s.DB, filter)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		page.Rows = append(page.Rows, failureGroup(f, now, mayOperate(ctx), c.Request.URL.RawQuery))
	}
	page.Pages = ui.Pages{NextURL: web.NextCursor(c, next)}
	if filter.After != "" {
		page.NewestURL = web.WithQuery(c, "cursor", "")
	}
	return views.FailuresShow(page), nil
}

func failuresSummary(counts map[string]int64) string {
	fresh, back := counts[failures.New], counts[failures.CameBack]
	all := fresh + back + counts[failures.Seen]
	if all == 0 {
		return "Runs that fail are gathered here by why they did."
	}
	words := frame.Count(all, "reason") + " for which runs have failed"
	if fresh > 0 {
		words += ", " + frame.Number(fresh) + " new"
	}
	if back > 0 {
		words += ", " + frame.Number(back) + " that came back"
	}
	return words + "."
}

// failureGroup is a group as pages show it; back is where its forms are.
func failureGroup(f failures.Listed, now time.Time, may bool, back string) views.FailureGroup {
	group := views.FailureGroup{
		ID: f.ID, URL: failuresURL + "/" + f.ID, State: failures.StateAt(&f.Failure, now), Cause: cmp.Or(f.Sentence, "They did not say why."),
		Step: f.StepName, Workflow: f.WorkflowName, WorkflowURL: "/workflows/" + f.WorkflowID, Count: frame.Count(f.Count, "run") + " failed",
		First: f.FirstSeenAt, Last: f.LastSeenAt, Versions: "version " + strconv.Itoa(f.LastVersion), Note: f.Note, RunsURL: "/runs?failure_id=" + f.ID,
	}
	if f.FirstVersion != f.LastVersion {
		group.Versions = fmt.Sprintf("versions %d to %d", f.FirstVersion, f.LastVersion)
	}
	if f.ExampleRunID != nil {
		group.NewestURL = frame.RunURL(*f.ExampleRunID)
	}
	group.Since, group.At = failureSince(f.Failure, group.State)
	if !may || group.State == failures.Solved {
		return group
	}
	group.Deeds = views.FailureDeeds{Snooze: group.URL + "/snooze", Solve: group.URL + "/solve", DateURL: group.URL + "#until-title", Back: back}
	if group.State != failures.Seen || f.ChangedAt != nil && f.LastSeenAt.After(*f.ChangedAt) { // it failed so since
		group.Deeds.Acknowledge = group.URL + "/acknowledge"
	}
	return group
}

// failureSince says what became of a group, to be put before a time.
func failureSince(f failures.Failure, state string) (string, time.Time) {
	version := ""
	if f.SolvedVersion != nil && *f.SolvedVersion > 0 {
		version = " by version " + strconv.Itoa(*f.SolvedVersion)
	}
	switch state {
	case failures.Seen:
		if f.ChangedBy == "" {
			return "Its runs were repaired or acknowledged.", time.Time{}
		}
		return "Seen by " + f.ChangedBy, frame.TimeOf(f.ChangedAt)
	case failures.Snoozed:
		return "Snoozed by " + f.ChangedBy + " until", frame.TimeOf(f.SnoozedUntil)
	case failures.Solved:
		return "Solved" + version + ", says " + f.ChangedBy, frame.TimeOf(f.ChangedAt)
	case failures.CameBack:
		return "It was solved" + version + " and came back", frame.TimeOf(f.ChangedAt)
	}
	return "", time.Time{}
}

// FailureShow is one reason with its newest runs.
func (s *Site) FailureShow(c *gin.Context) (templ.Component, error) {
	page, err := s.failurePage(c, nil, nil)
	if err != nil {
		return nil, err
	}
	return views.FailureShow(page), nil
}

// failurePage is the page of a group with the form as it was filled in.
func (s *Site) failurePage(c *gin.Context, form url.Values, problems []ui.FieldMessage) (views.FailurePage, error) {
	ctx, now := c.Request.Context(), s.Now()
	f, err := failures.Get(ctx, s.DB, c.Param("id"))
	if err != nil {
		return views.FailurePage{}, err
	}
	newest, _, err := runs.List(ctx, s.DB, runs.Filter{FailureID: f.ID, Limit: failureRuns})
	if err != nil {
		return views.FailurePage{}, err
	}
	page := views.FailurePage{
		Page: s.Page(c, "Why runs failed", "failures"), Group: failureGroup(f, now, mayOperate(ctx), fromGroup), Rows: frame.RunRows(newest), Errors: problems,
		Until: ui.FieldProps{Name: "until", Label: "Until", Kind: "date", Width: "medium", Value: form.Get("until"), Help: "From that day on it is shown again."},
		Note:  ui.FieldProps{Name: "note", Label: "Note", Optional: true, Value: form.Get("note"), Help: "Everybody who looks here reads it: who sees to it, say."},
		Details: []views.RunFact{
			{Term: "Id of the group", Text: f.ID}, {Term: "Code of the failure", Text: cmp.Or(f.Code, "none")}, {Term: "Id of the step", Text: cmp.Or(f.StepID, "none")},
		},
	}
	if f.ExampleRunID != nil {
		for _, deed := range frame.DeedsFor(ctx, []string{workflow.RunFailed}) {
			page.All = append(page.All, views.ManyDeed{Action: deed, URL: frame.ManyURL(deed, url.Values{"failure_id": {f.ID}})})
		}
	}
	done, err := bulk.Newest(ctx, s.DB)
	if err != nil {
		return page, err
	}
	done = slices.DeleteFunc(done, func(b bulk.Bulk) bool { return b.FailureID == nil || *b.FailureID != f.ID })
	if page.Done, err = s.ManyRows(ctx, done[:min(len(done), failureDone)]); err != nil {
		return page, err
	}
	page.Page.Crumbs = []ui.Link{{Label: "Failures", URL: failuresURL}}
	for i := range problems {
		field := &page.Until
		if problems[i].FieldID == page.Note.Name {
			field = &page.Note
		}
		problems[i].Label, field.Error = field.Label, problems[i].Message
	}
	return page, nil
}

// FailureAcknowledge notes that a person has seen to a group.
func (s *Site) FailureAcknowledge(c *gin.Context) (templ.Component, error) {
	return s.settleFailure(c, failures.Acknowledge, "You have seen to it.")
}

// FailureSolve notes that a group is solved.
func (s *Site) FailureSolve(c *gin.Context) (templ.Component, error) {
	return s.settleFailure(c, failures.Solve, "It is noted as solved. It comes back when the published version, or a later one, fails so again.")
}

func (s *Site) settleFailure(c *gin.Context, do func(context.Context, *gorm.DB, string, failures.Deed) (int64, bool, error), done string) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	settled, more, err := do(c.Request.Context(), s.DB, c.Param("id"), s.deed(c))
	if err != nil {
		return nil, err
	}
	return nil, web.Done(failureBack(c, form), settledWords(done, settled, more))
}

// FailureSnooze has nobody look at a group for a time.
func (s *Site) FailureSnooze(c *gin.Context) (templ.Component, error) {
	ctx, zone := c.Request.Context(), frame.ViewerLocation(c)
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	deed := s.deed(c)
	deed.Note = strings.TrimSpace(form.Get("note"))
	until, problem := snoozeUntil(form, deed.Now.In(zone))
	var problems []ui.FieldMessage
	if problem == "" {
		err = failures.Snooze(ctx, s.DB, c.Param("id"), until, deed)
		problems = frame.PauseProblems(err)
	} else {
		problems = []ui.FieldMessage{frame.Message("until", problem)}
	}
	if len(problems) > 0 {
		page, err := s.failurePage(c, form, problems)
		if err != nil {
			return nil, err
		}
		return nil, web.Status(http.StatusUnprocessableEntity, views.FailureShow(page))
	}
	if err != nil {
		return nil, err
	}
	return nil, web.Done(failureBack(c, form), "It is snoozed until "+until.In(zone).Format("Mon 2 Jan 2006")+", and then shown again.")
}

// snoozeUntil is the beginning of the day that was chosen, by the clock of now.
func snoozeUntil(form url.Values, now time.Time) (time.Time, string) {
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch form.Get("for") {
	case "day":
		return day.AddDate(0, 0, 1).UTC(), ""
	case "week":
		return day.AddDate(0, 0, 7).UTC(), ""
	}
	until, problem := frame.ReadDay(form.Get("until"), now.Location(), 0)
	switch {
	case problem != "":
		return time.Time{}, problem
	case until == nil:
		return time.Time{}, "Enter until when, a date such as " + day.AddDate(0, 0, 7).Format(time.DateOnly) + "."
	}
	return *until, ""
}

func (s *Site) deed(c *gin.Context) failures.Deed {
	return failures.Deed{By: auth.By(c.Request.Context()), Now: s.Now()}
}

// failureBack is where somebody was who did something about a group.
func failureBack(c *gin.Context, form url.Values) string {
	back := form.Get("back")
	if back == fromGroup {
		return failuresURL + "/" + c.Param("id")
	}
	query, err := url.ParseQuery(back)
	if err != nil {
		return failuresURL
	}
	return failuresURL + frame.WithQuestion(query.Encode())
}

func settledWords(done string, settled int64, more bool) string {
	switch {
	case settled == 0:
		return done
	case more:
		return done + " " + frame.Number(settled) + " failed runs are acknowledged, and there are more: do it once more."
	}
	return done + " " + frame.Count(settled, "failed run") + frame.Either(settled == 1, " is", " are") + " acknowledged."
}

// whyFailed says why the runs of a list have failed that are those of a group.
func (s *Site) whyFailed(c *gin.Context, page *views.RunsPage) error {
	id := c.Query("failure_id")
	if id == "" {
		return nil
	}
	f, err := failures.Get(c.Request.Context(), s.DB, id)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	if page.Any = true; err != nil {
		f.Sentence, f.State = "It is not kept any more.", failures.Seen
	}
	page.Filter.Failure = failureGroup(f, s.Now(), false, "")
	if err != nil {
		page.Filter.Failure.ID, page.Filter.Failure.URL = id, failuresURL
	}
	return nil
}
