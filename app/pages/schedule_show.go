package pages

import (
	"context"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

const (
	comingTimes  = 5
	plannedTimes = 60
)

// ScheduleShow is one schedule and its ledger.
func (s *Site) ScheduleShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	found, err := models.ScheduleWithWorkflow(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	planned, err := models.PlannedRuns(ctx, s.DB, found.ID, nil, nil, plannedTimes)
	if err != nil {
		return nil, err
	}
	row := comingRow(found, s.Now())
	page := views.SchedulePage{Page: s.page(c, row.Sentence, "schedules"), Row: row, EditURL: scheduleEditURL(ctx, found), Rule: ruleOf(found.Schedule)}
	page.Page.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}}
	page.Kind, page.Sentence = scheduleTrouble(found, row.Status)
	calendars, err := schedule.CalendarsFor(ctx, s.DB, []models.Schedule{found.Schedule})
	if err != nil {
		return nil, err
	}
	page.Next, page.ClockChanges = nextTimes(found.Schedule, calendars)
	for _, p := range planned {
		page.Planned = append(page.Planned, plannedRow(p))
	}
	return views.ScheduleShow(page), nil
}

func scheduleEditURL(ctx context.Context, s models.ComingSchedule) string {
	if !auth.May(ctx, auth.Editor) || s.Status == models.ScheduleRemoved {
		return ""
	}
	return "/workflows/" + s.WorkflowID + "/edit/triggers/" + s.TriggerID
}

// nextTimes continues from the time that is planned next; a schedule that rests
// has none.
func nextTimes(s models.Schedule, calendars schedule.Calendars) ([]time.Time, []ui.Pair) {
	rule, problems := schedule.RuleOf(s, calendars)
	if len(problems) > 0 || s.NextAt == nil {
		return nil, nil
	}
	next := []time.Time{*s.NextAt}
	for len(next) < comingTimes {
		at, ok := rule.Next(next[len(next)-1])
		if !ok {
			break
		}
		next = append(next, at)
	}
	var changes []ui.Pair
	if preview, problems := schedule.MakePreview(schedule.TriggerOf(s), calendars, next[0], 1); len(problems) == 0 {
		for _, change := range preview.ClockChanges {
			changes = append(changes, ui.Pair{Name: change.At.In(rule.Zone()).Format("Mon 2 Jan 2006"), Value: change.Effect})
		}
	}
	return next, changes
}

// scheduleTrouble says why a schedule does not run, or that it is late.
func scheduleTrouble(s models.ComingSchedule, status string) (kind, sentence string) {
	switch status {
	case "late":
		return "warning", "This schedule is late: its planned time has passed and no worker has taken it up. See on the queue page whether a worker is connected."
	case models.SchedulePaused:
		return "info", "This schedule rests because its workflow is paused. It goes on with its next time when the workflow is resumed; what was planned meanwhile is not made up for."
	case models.ScheduleEnded:
		return "info", "This schedule has no further time."
	case models.ScheduleRemoved:
		return "info", "The published version of the workflow does not have this schedule any more. What it did stays readable."
	}
	return "", ""
}

// ruleOf is what else the schedule's rule says.
func ruleOf(s models.Schedule) []ui.Pair {
	t := schedule.TriggerOf(s)
	pairs := []ui.Pair{{Name: "Time zone", Value: s.TimeZone}}
	for _, written := range []ui.Pair{{Name: "Cron", Value: t.Cron}, {Name: "Every", Value: t.Every}, {Name: "Once at", Value: t.At}} {
		if written.Value != "" {
			pairs = append(pairs, written)
		}
	}
	return append(pairs,
		ui.Pair{Name: "When times were missed", Value: missedWords(t.Missed)},
		ui.Pair{Name: "While the last run is still at work", Value: overlapWords(t.Overlap)})
}

func missedWords(missed string) string {
	switch missed {
	case "skip":
		return "They are left out."
	case "all":
		return "All are made up for, at most 100."
	}
	return "Only the latest is made up for."
}

func overlapWords(overlap string) string {
	switch overlap {
	case "allow":
		return "Another run starts beside it."
	case "queue":
		return "The next run waits for it."
	case "replace":
		return "It is cancelled and the next one starts."
	}
	return "The planned time is skipped."
}

// plannedRow is one line of the ledger.
func plannedRow(p models.PlannedRun) views.PlannedRow {
	row := views.PlannedRow{At: p.PlannedAt, Outcome: p.Outcome, Late: -1, Reason: p.Reason}
	if p.RunID != nil {
		row.RunURL = "/runs/" + *p.RunID
	}
	if p.Outcome == workflow.OutcomeRan || p.Outcome == workflow.OutcomeCaughtUp {
		row.Late = time.Duration(p.LateMS) * time.Millisecond
	}
	return row
}
