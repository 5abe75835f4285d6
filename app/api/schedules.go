package api

import (
	"cmp"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// Schedule is a schedule trigger with its next time.
type Schedule struct {
	ID           string           `json:"id" format:"uuid"`
	WorkflowID   string           `json:"workflow_id" format:"uuid"`
	WorkflowName string           `json:"workflow_name"`
	TriggerID    string           `json:"trigger_id"`
	Sentence     string           `json:"sentence" doc:"When it fires, for people."`
	TimeZone     string           `json:"time_zone"`
	Missed       string           `json:"missed" enum:"latest,skip,all"`
	Overlap      string           `json:"overlap" enum:"skip,queue,allow,replace"`
	Status       string           `json:"status" enum:"active,paused,off,ended,removed"`
	NextAt       *Time            `json:"next_at" doc:"null when it is not active or has no further time."`
	LastAt       *Time            `json:"last_at" doc:"The last planned time that was dealt with."`
	Trigger      workflow.Trigger `json:"trigger" doc:"The trigger of the published definition that it was made from."`
	Pause        *SchedulePause   `json:"pause" doc:"The schedule's own pause; null when there is none, also while its workflow is paused."`
}

// SchedulePause says by whom and why a schedule is paused.
type SchedulePause struct {
	Since  Time   `json:"since"`
	Until  *Time  `json:"until" doc:"null: until somebody resumes it."`
	Reason string `json:"reason"`
	By     string `json:"by"`
}

// Planned is what became of one planned time.
type Planned struct {
	ScheduleID  string  `json:"schedule_id" format:"uuid"`
	WorkflowID  string  `json:"workflow_id" format:"uuid"`
	PlannedAt   Time    `json:"planned_at"`
	Outcome     string  `json:"outcome" enum:"ran,caught_up,skipped,missed,paused"`
	RunID       *string `json:"run_id" format:"uuid" doc:"The run that was started, or the one that was in the way."`
	LateSeconds float64 `json:"late_seconds"`
	Reason      string  `json:"reason"`
}

// PreviewBody is a schedule to try out.
type PreviewBody struct {
	Cron      string     `json:"cron,omitempty" doc:"Five fields, or @hourly, @daily, @weekly, @monthly."`
	Every     string     `json:"every,omitempty" doc:"Such as 15m or 2h; at least 1m."`
	At        string     `json:"at,omitempty" doc:"One time, RFC 3339."`
	TimeZone  string     `json:"time_zone,omitempty" doc:"IANA, such as Europe/Berlin; UTC when absent."`
	StartDate string     `json:"start_date,omitempty" doc:"The first day, such as 2026-12-01, in the time zone."`
	EndDate   string     `json:"end_date,omitempty" doc:"The last day."`
	MonthDay  string     `json:"month_day,omitempty" enum:"last_day,first_business_day,last_business_day" doc:"One day of each month."`
	Calendar  string     `json:"calendar,omitempty" doc:"The name of a calendar of free days."`
	FreeDays  string     `json:"free_days,omitempty" enum:"skip,move" doc:"What becomes of times on free days; skip when absent."`
	Jitter    string     `json:"jitter,omitempty" doc:"By how much starts may be delayed, such as 5m."`
	Count     *int       `json:"count,omitempty" doc:"How many times to give, 1 to 50; 5 when absent."`
	After     *time.Time `json:"after,omitempty" doc:"Give times after this one; now when absent."`
}

// Preview is when a schedule would fire.
type Preview struct {
	Sentence     string        `json:"sentence"`
	Next         []string      `json:"next" format:"date-time" doc:"In the schedule's zone."`
	ClockChanges []ClockChange `json:"clock_changes" doc:"The zone's next two clock changes and what they do to the schedule."`
	Warnings     []string      `json:"warnings"`
}

// ClockChange is a moment at which the zone's clock jumps.
type ClockChange struct {
	At     string `json:"at" format:"date-time"`
	Effect string `json:"effect"`
}

func (a *API) scheduleOperations() []Operation {
	const group = "Schedules"
	lists := paged(query("workflow_id", "uuid", "Only schedules of this workflow."), query("status", "string", "Only schedules in this state; all but the removed ones when absent.", scheduleStates()...))
	ledger := paged(query("from", "date-time", "Only planned times at or after this one."), query("to", "date-time", "Only planned times before this one."))
	all := paged(query("workflow_id", "uuid", "Only planned times of this workflow."), query("schedule_id", "uuid", "Only planned times of this schedule."), query("outcome", "string", "Only planned times with this outcome; exceptions are all but ran.", plannedOutcomes()...), query("from", "date-time", "Only planned times at or after this one."), query("to", "date-time", "Only planned times before this one."))
	return []Operation{
		{
			Method: http.MethodGet, Path: "/planned", Name: "listLedger", Group: group, Summary: "List what became of planned times over all schedules, newest first.", Scope: auth.ScopeRead, Status: 200, Parameters: all, Answer: List[Planned]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listLedger(c, all) },
		},
		{
			Method: http.MethodGet, Path: "/schedules", Name: "listSchedules", Group: group, Summary: "List the schedules of published workflows, newest first.", Scope: auth.ScopeRead, Status: 200, Parameters: lists, Answer: List[Schedule]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listSchedules(c, lists) },
		},
		{Method: http.MethodPost, Path: "/schedules/preview", Name: "previewSchedule", Group: group, Summary: "Say when a schedule would fire, by the very rule that fires it.", Scope: auth.ScopeRead, Status: 200, Body: PreviewBody{}, Answer: Preview{}, Errors: []int{400, 415, 422}, Handle: a.previewSchedule},
		{Method: http.MethodGet, Path: "/schedules/:id", Name: "getSchedule", Group: group, Summary: "Read one schedule.", Scope: auth.ScopeRead, Status: 200, Answer: Schedule{}, Errors: []int{404}, Handle: a.getSchedule},
		{
			Method: http.MethodGet, Path: "/schedules/:id/planned", Name: "listPlanned", Group: group, Summary: "List what became of a schedule's planned times, newest first. Every planned time is accounted for.", Scope: auth.ScopeRead, Status: 200, Parameters: ledger, Answer: List[Planned]{}, Errors: []int{404, 422},
			Handle: func(c *gin.Context) (any, error) { return a.listPlanned(c, ledger) },
		},
		{Method: http.MethodPost, Path: "/schedules/:id/pause", Name: "pauseSchedule", Group: group, Summary: "Pause one schedule. Times planned meanwhile are noted as paused and never made up for.", Scope: auth.ScopeWrite, Status: 200, Body: PauseBody{}, BodyOptional: true, Answer: Schedule{}, Errors: []int{404, 409, 422}, Handle: a.pauseSchedule},
		{Method: http.MethodPost, Path: "/schedules/:id/resume", Name: "resumeSchedule", Group: group, Summary: "End a schedule's own pause. It goes on with its next time, unless its workflow is paused.", Scope: auth.ScopeWrite, Status: 200, Answer: Schedule{}, Errors: []int{404}, Handle: a.resumeSchedule},
	}
}

func scheduleStates() []string {
	return []string{models.ScheduleActive, models.SchedulePaused, models.ScheduleOff, models.ScheduleEnded, models.ScheduleRemoved}
}

func (a *API) previewSchedule(c *gin.Context) (any, error) {
	var sent PreviewBody
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	count, after := 5, a.Now()
	if sent.Count != nil {
		count = *sent.Count
	}
	if sent.After != nil {
		after = *sent.After
	}
	if count < 1 || count > schedule.MaxPreview {
		return nil, invalid("invalid_body", []workflow.Problem{{Path: "count", Code: "out_of_range", Message: "Give a whole number from 1 to 50."}})
	}
	calendars, err := schedule.LoadCalendars(c.Request.Context(), a.DB, sent.Calendar)
	if err != nil {
		return nil, err
	}
	made, problems := schedule.MakePreview(workflow.Trigger{
		Type: "schedule", Cron: sent.Cron, Every: sent.Every, At: sent.At, TimeZone: sent.TimeZone, StartDate: sent.StartDate, EndDate: sent.EndDate,
		Jitter: sent.Jitter, MonthDay: sent.MonthDay, Calendar: sent.Calendar, FreeDays: sent.FreeDays,
	}, calendars, after, count)
	if err := invalid("invalid_schedule", problems); err != nil {
		return nil, err
	}
	answer := Preview{Sentence: made.Sentence, Next: []string{}, ClockChanges: []ClockChange{}, Warnings: made.Warnings}
	for _, next := range made.Next {
		answer.Next = append(answer.Next, next.Format(time.RFC3339))
	}
	for _, change := range made.ClockChanges {
		answer.ClockChanges = append(answer.ClockChanges, ClockChange{At: change.At.Format(time.RFC3339), Effect: change.Effect})
	}
	if answer.Warnings == nil {
		answer.Warnings = []string{}
	}
	return answer, nil
}

func (a *API) listSchedules(c *gin.Context, known []Parameter) (any, error) {
	p, err := read(c, known)
	if err != nil {
		return nil, err
	}
	filter := models.ScheduleFilter{
		WorkflowID: p.id("workflow_id", "Give the id of a workflow."), Status: p.choice("status", scheduleStates()...),
		Before: p.cursor(), Limit: p.limit(),
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	found, next, err := models.ListSchedules(c.Request.Context(), a.DB, filter)
	if err != nil {
		return nil, err
	}
	var workflows []string
	for _, s := range found {
		workflows = append(workflows, s.WorkflowID)
	}
	calendars, err := schedule.CalendarsFor(c.Request.Context(), a.DB, found)
	if err != nil {
		return nil, err
	}
	names, err := models.NamesOfWorkflows(c.Request.Context(), a.DB, workflows)
	if err != nil {
		return nil, err
	}
	var rows []Schedule
	for _, s := range found {
		rows = append(rows, scheduleOf(s, names[s.WorkflowID], calendars))
	}
	return list(rows, next), nil
}

func (a *API) getSchedule(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	found, err := models.ScheduleWithWorkflow(c.Request.Context(), a.DB, id)
	if err != nil {
		return nil, err
	}
	calendars, err := schedule.CalendarsFor(c.Request.Context(), a.DB, []models.Schedule{found.Schedule})
	if err != nil {
		return nil, err
	}
	return scheduleOf(found.Schedule, found.WorkflowName, calendars), nil
}

func scheduleOf(s models.Schedule, name string, calendars schedule.Calendars) Schedule {
	rule, _ := schedule.RuleOf(s, calendars)
	trigger := schedule.TriggerOf(s)
	var pause *SchedulePause
	if s.PausedAt != nil {
		pause = &SchedulePause{Since: Time(*s.PausedAt), Until: at(s.PausedUntil), Reason: s.PausedReason, By: s.PausedBy}
	}
	return Schedule{
		ID: s.ID, WorkflowID: s.WorkflowID, WorkflowName: name, TriggerID: s.TriggerID, Sentence: rule.Sentence(),
		TimeZone: s.TimeZone, Missed: cmp.Or(trigger.Missed, schedule.MissedLatest), Overlap: cmp.Or(trigger.Overlap, schedule.OverlapSkip),
		Status: s.Status, NextAt: at(s.NextAt), LastAt: at(s.LastPlannedAt),
		Trigger: trigger, Pause: pause,
	}
}

func (a *API) pauseSchedule(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	pause, err := readPause(c)
	if err != nil {
		return nil, err
	}
	if _, err := a.Catalog.PauseSchedule(c.Request.Context(), id, pause); err != nil {
		return nil, err
	}
	return a.getSchedule(c)
}

func (a *API) resumeSchedule(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	if err := noBody(c); err != nil {
		return nil, err
	}
	if _, err := a.Catalog.ResumeSchedule(c.Request.Context(), id); err != nil {
		return nil, err
	}
	return a.getSchedule(c)
}

// listPlanned pages through the ledger by planned time, which is unique in it.
func (a *API) listPlanned(c *gin.Context, known []Parameter) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	p, err := read(c, known)
	if err != nil {
		return nil, err
	}
	from, to, before, limit := p.time("from"), p.time("to"), p.time("cursor"), p.limit()
	if err := p.err(); err != nil {
		return nil, err
	}
	if _, err := models.GetSchedule(c.Request.Context(), a.DB, id); err != nil {
		return nil, err
	}
	if before != nil && (to == nil || before.Before(*to)) {
		to = before
	}
	found, err := models.PlannedRuns(c.Request.Context(), a.DB, id, from, to, limit+1)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) > limit {
		found = found[:limit]
		next = found[limit-1].PlannedAt.UTC().Format(time.RFC3339Nano)
	}
	var rows []Planned
	for _, row := range found {
		rows = append(rows, plannedOf(row))
	}
	return list(rows, next), nil
}

func plannedOf(row models.PlannedRun) Planned {
	return Planned{
		ScheduleID: row.ScheduleID, WorkflowID: row.WorkflowID, PlannedAt: Time(row.PlannedAt), Outcome: row.Outcome, RunID: row.RunID,
		LateSeconds: float64(row.LateMS) / 1000, Reason: row.Reason,
	}
}

// listLedger is listPlanned over all schedules.
func (a *API) listLedger(c *gin.Context, known []Parameter) (any, error) {
	p, err := read(c, known)
	if err != nil {
		return nil, err
	}
	filter := models.PlannedFilter{
		WorkflowID: p.id("workflow_id", "Give the id of a workflow."), ScheduleID: p.id("schedule_id", "Give the id of a schedule."),
		Outcome: p.choice("outcome", plannedOutcomes()...), From: p.time("from"), To: p.time("to"), After: c.Query("cursor"), Limit: p.limit(),
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	found, next, err := models.ListPlanned(c.Request.Context(), a.DB, filter)
	if err != nil {
		return nil, err
	}
	var rows []Planned
	for _, row := range found {
		rows = append(rows, plannedOf(row.PlannedRun))
	}
	return list(rows, next), nil
}

func plannedOutcomes() []string {
	return []string{models.PlannedExceptions, workflow.OutcomeRan, workflow.OutcomeCaughtUp, workflow.OutcomeSkipped, workflow.OutcomeMissed, workflow.OutcomePaused}
}
