package pages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

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
	// failureDays is of how many days it says how often it has happened.
	failureDays = 14
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
	filter := failures.Filter{Now: now, WorkflowID: page.Workflow, Owner: c.Query("owner"), After: c.Query("cursor"), Limit: failuresPerPage}
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
	if page.Owner, err = s.ownerFilter(ctx, filter.Owner); err != nil {
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
		First: f.FirstSeenAt, Last: f.LastSeenAt, Versions: "version " + strconv.Itoa(f.LastVersion), Note: f.Note, Owner: cmp.Or(f.OwnerName, f.OwnerEmail), ByItself: f.HasRule, RunsURL: "/runs?failure_id=" + f.ID,
	}
	if saidAlike(f.FirstSeenAt, f.LastSeenAt, now) {
		group.First = group.Last
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
	group.Deeds = views.FailureDeeds{Assign: group.URL + "/owner", Snooze: group.URL + "/snooze", Solve: group.URL + "/solve", DateURL: group.URL + "#until-title", Back: back}
	if group.State != failures.Seen || f.ChangedAt != nil && f.LastSeenAt.After(*f.ChangedAt) { // it failed so since
		group.Deeds.Acknowledge = group.URL + "/acknowledge"
	}
	return group
}

// saidAlike reports whether pages say the same of two moments, as “2 min ago”.
func saidAlike(one, other, now time.Time) bool {
	said := func(t time.Time) (int64, time.Duration) {
		ago := now.Sub(t).Abs().Round(time.Second)
		for _, unit := range []struct{ below, size time.Duration }{{time.Minute, time.Second}, {time.Hour, time.Minute}, {24 * time.Hour, time.Hour}, {30 * 24 * time.Hour, 24 * time.Hour}} {
			if ago < unit.below {
				return int64(ago / unit.size), unit.size
			}
		}
		return t.Unix() / int64((24 * time.Hour).Seconds()), 0 // the day
	}
	number, unit := said(one)
	otherNumber, otherUnit := said(other)
	return number == otherNumber && unit == otherUnit
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
		Details: []views.RunFact{
			{Term: "Id of the group", Text: f.ID}, {Term: "Code of the failure", Text: cmp.Or(f.Code, "none")}, {Term: "Id of the step", Text: cmp.Or(f.StepID, "none")},
		},
	}
	if f.ExampleRunID != nil {
		for _, deed := range frame.DeedsFor(ctx, []string{workflow.RunFailed}) {
			page.All = append(page.All, views.ManyDeed{Action: deed, URL: frame.ManyURL(deed, url.Values{"failure_id": {f.ID}})})
		}
	}
	done, _, err := bulk.List(ctx, s.DB, bulk.Filter{FailureID: f.ID, Limit: failureDone})
	if err != nil {
		return page, err
	}
	if page.Done, err = s.ManyRows(ctx, done); err != nil {
		return page, err
	}
	if page.Rule, err = s.failureRule(ctx, &f); err != nil {
		return page, err
	}
	if page.Days, err = s.failureDays(ctx, f.ID, now.In(frame.ViewerLocation(c))); err != nil {
		return page, err
	}
	page.Page.Crumbs = []ui.Link{{Label: "Failures", URL: failuresURL}}
	if page.Group.Deeds.Snooze == "" {
		return page, nil
	}
	page.Form, err = s.failureForm(c, &f, form, problems)
	return page, err
}

// failureDays is how often it has happened on each of the last days, by the clock of now.
func (s *Site) failureDays(ctx context.Context, id string, now time.Time) (ui.Chart, error) {
	days := make([]time.Time, failureDays+1)
	for i := range days {
		days[i] = time.Date(now.Year(), now.Month(), now.Day()+1-failureDays+i, 0, 0, 0, 0, now.Location())
	}
	numbers, err := failures.History(ctx, s.DB, id, days)
	chart := ui.Chart{Title: "Runs that failed so, by day", Level: func(n int) string { return frame.Count(int64(n), "run") }}
	for i, number := range numbers {
		chart.Points = append(chart.Points, ui.Point{Label: days[i].Format("2 Jan"), Good: number})
	}
	return chart, err
}

// failureRule says how the runs of a group are run again by themselves.
func (s *Site) failureRule(ctx context.Context, f *failures.Listed) (views.FailureRule, error) {
	said := views.FailureRule{}
	if mayOperate(ctx) {
		said.URL = failuresURL + "/" + f.ID + "/rule"
	}
	if !f.HasRule {
		return said, nil
	}
	rule, turns, err := failures.RuleOf(ctx, s.DB, f.ID)
	if err != nil && !errors.Is(err, models.ErrNotFound) { // taken away in this moment
		return said, err
	}
	said.Sentence = fmt.Sprintf("%s after each failure, at most %s", workflow.DurationWords(rule.After()), frame.Count(int64(rule.AtMost), "time"))
	said.By, said.At = "set by "+rule.SetBy, rule.SetAt
	said.Done = "None so far"
	if rule.Retried > 0 {
		said.Done = frame.Count(rule.Retried, "run") + frame.Either(rule.Retried == 1, " was", " were") + " started so"
	}
	if turns.Next != nil {
		said.Waiting, said.Next = frame.Count(turns.Number, "run")+frame.Either(turns.Number == 1, " waits", " wait")+", the next until", *turns.Next
	}
	if rule.Trouble != "" {
		said.Trouble, said.TroubleAt = rule.Trouble, frame.TimeOf(rule.TroubleAt)
	}
	return said, nil
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
