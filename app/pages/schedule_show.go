package pages

import (
	"context"
	"slices"
	"strconv"
	"strings"
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
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

const (
	comingTimes  = 5
	plannedTimes = 60 // in the strip
	listedTimes  = 20
)

// ScheduleShow is one schedule, why it did not run, and its ledger.
func (s *Site) ScheduleShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	found, err := schedules.WithWorkflow(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	planned, err := schedules.Planned(ctx, s.DB, found.ID, nil, nil, plannedTimes)
	if err != nil {
		return nil, err
	}
	calendars, err := schedule.CalendarsFor(ctx, s.DB, []models.Schedule{found.Schedule})
	if err != nil {
		return nil, err
	}
	row := comingRow(found, s.Now())
	page := views.SchedulePage{Page: s.Page(c, row.Sentence, "schedules"), Row: row, EditURL: scheduleEditURL(ctx, found), Rule: ruleOf(found.Schedule)}
	if cron := schedule.TriggerOf(found.Schedule).Cron; cron != "" { // the page says it in words
		page.Details = []ui.Pair{{Name: "Cron line", Value: cron}}
	}
	page.Page.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}}
	page.Next, page.ClockChanges = nextTimes(found.Schedule, calendars)
	if len(page.Next) == 0 {
		page.AfterPause = afterPause(found, calendars)
	}
	became, err := s.became(ctx, runsOf(planned, func(p models.PlannedRun) models.PlannedRun { return p }))
	if err != nil {
		return nil, err
	}
	page.Strip, page.Counts = strip(planned, became)
	for _, p := range planned[:min(len(planned), listedTimes)] {
		page.Planned = append(page.Planned, plannedRow(p, became))
	}
	if auth.May(ctx, auth.Operator) && (found.Status == models.ScheduleActive || found.Status == models.SchedulePaused) {
		page.PauseURL = row.URL + "/pause"
		if found.PausedAt != nil {
			page.PauseURL, page.ResumeURL = "", row.URL+"/resume"
		}
	}
	if found.MovedAt != nil {
		page.Moved = found.MovedAt.In(frame.ZoneOr(found.TimeZone)).Format("2 January 2006") + ": " + found.MovedWhy
	}
	if name := schedule.TriggerOf(found.Schedule).Calendar; name != "" {
		if end := schedule.CalendarEnds(calendars[name].LastDay(), s.Now()); end != "" {
			page.CalendarEnds = "The calendar “" + name + "”: " + end
		}
	}
	page.Why, err = s.why(c, found, calendars, planned)
	return views.ScheduleShow(page), err
}

// strip turns the newest rows of the ledger into a strip, oldest first, and
// counts the outcomes in it.
func strip(planned []models.PlannedRun, became map[string]string) (cells []ui.StripCell, counts []ui.Pair) {
	number := map[string]int{}
	for _, p := range slices.Backward(planned) {
		row := plannedRow(p, became)
		cells = append(cells, ui.StripCell{At: row.At, Status: row.Outcome, URL: row.RunURL})
		number[row.Outcome]++
	}
	for _, outcome := range []string{workflow.OutcomeRan, outcomeFailed, outcomeCancelled, workflow.OutcomeCaughtUp, workflow.OutcomeSkipped, workflow.OutcomeMissed, workflow.OutcomePaused} {
		if number[outcome] > 0 {
			counts = append(counts, ui.Pair{Name: outcome, Value: strconv.Itoa(number[outcome])})
		}
	}
	return cells, counts
}

func scheduleEditURL(ctx context.Context, s schedules.Coming) string {
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

// ruleOf is what else the schedule's rule says.
func ruleOf(s models.Schedule) []ui.Pair {
	t := schedule.TriggerOf(s)
	pairs := []ui.Pair{{Name: "Time zone", Value: s.TimeZone}}
	for _, written := range []ui.Pair{{Name: "Times", Value: strings.Join(t.Times, ", ")}, {Name: "Every", Value: t.Every}, {Name: "Once at", Value: t.At}, {Name: "Not between", Value: strings.ReplaceAll(strings.Join(t.NotBetween, ", "), "-", " and ")}} {
		if written.Value != "" {
			pairs = append(pairs, written)
		}
	}
	missed := missedWords(t.Missed)
	if t.MissedMaxAge != "" {
		missed += " Nothing older than " + t.MissedMaxAge + "."
	}
	return append(pairs,
		ui.Pair{Name: "When times were missed", Value: missed},
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
		return "The next run waits for it, one at most."
	case "replace":
		return "It is cancelled and the next one starts."
	}
	return "The planned time is skipped."
}

// What a planned time comes to on pages whose run was started and ended badly: that it
// was started is not yet that all went well.
const (
	outcomeFailed    = "ran_failed"
	outcomeCancelled = "ran_cancelled"
)

// became is the state of the runs that planned times have started, by id; of those that
// were removed since nothing is known.
func (s *Site) became(ctx context.Context, ids []string) (map[string]string, error) {
	return runs.Statuses(ctx, s.DB, ids)
}

func listedPlanned(p schedules.ListedPlanned) models.PlannedRun { return p.PlannedRun }

// runsOf are the ids of the runs that rows of the ledger have started.
func runsOf[T any](rows []T, planned func(T) models.PlannedRun) []string {
	var ids []string
	for _, row := range rows {
		if p := planned(row); started(p) && p.RunID != nil {
			ids = append(ids, *p.RunID)
		}
	}
	return ids
}

// started reports whether a planned time has started its run; one that was skipped names
// the run that was in the way.
func started(p models.PlannedRun) bool {
	return p.Outcome == workflow.OutcomeRan || p.Outcome == workflow.OutcomeCaughtUp
}

// afterPause is the first time of a paused schedule once it goes on by itself.
func afterPause(s schedules.Coming, calendars schedule.Calendars) time.Time {
	until := s.WorkflowPausedUntil
	if s.PausedAt != nil {
		until = s.PausedUntil
	}
	rule, problems := schedule.RuleOf(s.Schedule, calendars)
	if s.Status != models.SchedulePaused || until == nil || len(problems) > 0 {
		return time.Time{}
	}
	next, _ := rule.Next(until.Add(-time.Nanosecond))
	return next
}

// plannedRow is one line of the ledger.
func plannedRow(p models.PlannedRun, became map[string]string) views.PlannedRow {
	row := views.PlannedRow{At: p.PlannedAt, Outcome: p.Outcome, Late: -1, Reason: schedule.LedgerWords(p)}
	if p.RunID != nil {
		row.RunURL = frame.RunURL(*p.RunID)
	}
	if !started(p) {
		return row
	}
	row.Late = time.Duration(p.LateMS) * time.Millisecond
	if p.RunID != nil {
		switch became[*p.RunID] {
		case workflow.RunFailed:
			row.Outcome = outcomeFailed
		case workflow.RunCancelled:
			row.Outcome = outcomeCancelled
		}
	}
	return row
}
