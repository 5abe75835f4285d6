package editor

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/models"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/changes"
	"workflows/worker/workflow"
)

// statsWindow is the time over which a workflow's success is counted.
const statsWindow = 30 * 24 * time.Hour

// WorkflowShow is the workflow as a page to read: what runs now, or the draft
// while nothing is published.
func (s *Site) WorkflowShow(c *gin.Context) (templ.Component, error) {
	page, err := s.workflowPage(c)
	if err != nil {
		return nil, err
	}
	return views.Workflow(page), nil
}

func (s *Site) workflowPage(c *gin.Context) (views.WorkflowPage, error) {
	ctx := c.Request.Context()
	d, err := s.draft(c)
	if err != nil {
		return views.WorkflowPage{}, err
	}
	shown := d.definition
	page := views.WorkflowPage{
		Layout: s.Page(c, d.workflow.Name, "workflows"), ID: d.workflow.ID, Status: d.workflow.Status,
		MayEdit: auth.May(ctx, auth.Editor), MayRun: auth.May(ctx, auth.Operator), Paused: pausedWords(d.workflow, frame.ViewerLocation(c)),
	}
	if page.Paused != "" {
		if page.GoOn, err = s.goOn(ctx, d.workflow.ID); err != nil {
			return page, err
		}
	}
	if d.workflow.VersionID != nil {
		version, err := models.VersionByID(ctx, s.DB, *d.workflow.VersionID)
		if err != nil {
			return page, err
		}
		if shown, err = workflow.Load(version.Definition); err != nil {
			return page, err
		}
		page.Version, page.PublishedAt, page.PublishedBy = version.Number, version.CreatedAt, version.PublishedBy
		page.Changed = string(version.Definition) != string(d.workflow.Draft)
	}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}}
	page.Layout.Wide = true
	page.Name, page.Description = shown.Name, shown.Description
	page.RunKey = models.NewID()
	page.Triggers, page.Inputs = triggerRows(shown, d.readTriggerURL), inputRows(shown.Inputs)
	if page.Steps, err = s.readRows(ctx, shown); err != nil {
		return page, err
	}
	page.Rules = s.ruleWords(shown)
	if err := s.nextTimes(c, d.workflow, page.Triggers); err != nil {
		return page, err
	}
	found, _, err := runs.List(ctx, s.DB, runs.Filter{WorkflowID: d.workflow.ID, Limit: frame.StripRuns})
	if err != nil {
		return page, err
	}
	failed, _, err := runs.List(ctx, s.DB, runs.Filter{WorkflowID: d.workflow.ID, Status: []string{workflow.RunFailed}, Open: true, Limit: 1})
	if err != nil {
		return page, err
	}
	if len(failed) > 0 {
		page.FailedURL = "/runs?status=failed_open&workflow_id=" + d.workflow.ID
	}
	page.Runs = frame.RunRows(found[:min(len(found), 10)])
	page.Bars, page.RunFacts, page.Zone = frame.RunBars(found), frame.RunFacts(found), frame.ViewerLocation(c)
	if page.Tags, page.Favourite, err = s.tagCard(c, d.workflow.ID); err != nil {
		return page, err
	}
	if page.Callers, err = s.callers(ctx, d.workflow.ID); err != nil {
		return page, err
	}
	counts, err := runs.CountByStatus(ctx, s.DB, d.workflow.ID, s.Now().Add(-statsWindow))
	if err != nil {
		return page, err
	}
	if page.MayRun && counts[workflow.RunQueued]+counts[workflow.RunRunning]+counts[workflow.RunWaiting] > 0 {
		page.CancelURL = frame.ManyURL("cancel", url.Values{"workflow_id": {d.workflow.ID}})
	}
	page.Stats = aboutWords(page, counts, frame.ViewerLocation(c))
	if page.Notify, err = s.toldCard(ctx, shown); err != nil {
		return page, err
	}
	if page.Notify.Last, err = s.lastTold(ctx, d.workflow.ID); err != nil {
		return page, err
	}
	if page.Alerts, err = s.workflowAlerts(ctx, d.workflow.ID); err != nil {
		return page, err
	}
	return page, nil
}

// readRows are the steps of a definition for whoever reads it: on paper with all settings.
func (s *Site) readRows(ctx context.Context, d workflow.Definition) ([]ui.StepRow, error) {
	naming, err := s.Catalog.Naming(ctx, d)
	if err != nil {
		return nil, err
	}
	rows, settings := stepRows(d, naming.NamedTypes()), changes.SettingsOf(d, naming)
	for i, row := range rows {
		rows[i] = views.StepSettings(row, settings[row.ID])
	}
	return rows, nil
}

// readTriggerURL is the page of a trigger, where it has one.
func (d draft) readTriggerURL(t workflow.Trigger) string {
	switch t.Type {
	case "webhook":
		return d.url("/webhooks/", t.ID)
	case "form":
		return d.url("/forms/", t.ID)
	}
	return ""
}

// nextTimes adds to each trigger when it fires next.
func (s *Site) nextTimes(c *gin.Context, w models.Workflow, rows []views.TriggerRow) error {
	if w.Status != workflow.StatusActive || len(rows) == 0 {
		return nil
	}
	found, err := schedules.Of(c.Request.Context(), s.DB, w.ID)
	if err != nil {
		return err
	}
	for _, schedule := range found {
		for i := range rows {
			if rows[i].ID == schedule.TriggerID && schedule.Status == models.ScheduleActive {
				rows[i].Next = frame.TimeOf(schedule.NextAt)
			}
		}
	}
	return nil
}

func aboutWords(page views.WorkflowPage, counts runs.Counts, zone *time.Location) []ui.Pair {
	var about []ui.Pair
	if page.Version > 0 {
		published := "Version " + strconv.Itoa(page.Version) + " of " + ui.Moment(page.PublishedAt, zone)
		if page.PublishedBy != "" {
			published += ", by " + page.PublishedBy
		}
		about = append(about, ui.Pair{Name: "Published", Value: published})
	}
	succeeded, failed := counts[workflow.RunSucceeded], counts[workflow.RunFailed]
	if total := succeeded + failed; total > 0 {
		about = append(about, ui.Pair{Name: "Last 30 days", Value: frame.Count(total, "run") + " finished, " + frame.Number(failed) + " failed"})
	}
	return about
}

// pausedWords says since when, by whom and why a workflow is paused.
func pausedWords(w models.Workflow, zone *time.Location) string {
	if w.Status != workflow.StatusPaused {
		return ""
	}
	words := "It is paused"
	if w.PausedBy != "" {
		words += " by " + w.PausedBy
	}
	if w.PausedUntil != nil {
		words += " until " + ui.Moment(*w.PausedUntil, zone)
	}
	words += ": schedules do not start it, a person still may."
	if w.PausedReason != "" {
		words += " Reason: " + w.PausedReason
	}
	return words
}

// workflowAlerts are those of one workflow that are not over.
func (s *Site) workflowAlerts(ctx context.Context, id string) ([]ui.Notice, error) {
	var notices []ui.Notice
	for _, state := range []string{models.AlertOpen, models.AlertAcknowledged} {
		found, _, err := models.ListAlerts(ctx, s.DB, models.AlertFilter{State: state, WorkflowID: id, Limit: 5})
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			notice := ui.Notice{Kind: frame.Either(state == models.AlertOpen, "warning", "info"), Text: a.Message, ActionLabel: "Show the alert", ActionURL: "/alerts?state=" + state + "&workflow_id=" + id}
			if a.AcknowledgedBy != "" {
				notice.Text += " Seen by " + a.AcknowledgedBy + "."
			}
			notices = append(notices, notice)
		}
	}
	return notices, nil
}
