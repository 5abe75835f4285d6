package api

import (
	"cmp"
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/schedules"
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

func (a *API) scheduleOperations() []Operation {
	const group = "Schedules"
	lists := paged(query("workflow_id", "uuid", "Only schedules of this workflow."), query("status", "string", "Only schedules in this state; all but the removed ones when absent.", scheduleStates()...))
	return []Operation{
		{
			Method: http.MethodGet, Path: "/schedules", Name: "listSchedules", Group: group, Summary: "List the schedules of published workflows, newest first.", Scope: auth.ScopeRead, Status: 200, Parameters: lists, Answer: List[Schedule]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listSchedules(c, lists) },
		},
		{Method: http.MethodPost, Path: "/schedules/preview", Name: "previewSchedule", Group: group, Summary: "Say when a schedule would fire, by the very rule that fires it.", Scope: auth.ScopeRead, Status: 200, Body: PreviewBody{}, Answer: Preview{}, Errors: []int{400, 415, 422}, Handle: a.previewSchedule},
		{Method: http.MethodGet, Path: "/schedules/:id", Name: "getSchedule", Group: group, Summary: "Read one schedule.", Scope: auth.ScopeRead, Status: 200, Answer: Schedule{}, Errors: []int{404}, Handle: a.getSchedule},
		{Method: http.MethodPost, Path: "/schedules/:id/pause", Name: "pauseSchedule", Group: group, Summary: "Pause one schedule. Times planned meanwhile are noted as paused and never made up for.", Scope: auth.ScopeWrite, Status: 200, Body: PauseBody{}, BodyOptional: true, Answer: Schedule{}, Errors: []int{404, 409, 422}, Handle: a.pauseSchedule},
		{Method: http.MethodPost, Path: "/schedules/:id/resume", Name: "resumeSchedule", Group: group, Summary: "End a schedule's own pause. It goes on with its next time, unless its workflow is paused.", Scope: auth.ScopeWrite, Status: 200, Answer: Schedule{}, Errors: []int{404}, Handle: a.resumeSchedule},
	}
}

func scheduleStates() []string {
	return []string{models.ScheduleActive, models.SchedulePaused, models.ScheduleOff, models.ScheduleEnded, models.ScheduleRemoved}
}

func (a *API) listSchedules(c *gin.Context, known []Parameter) (any, error) {
	return listed(c, a.DB, known, func(p *parameters) schedules.Filter {
		return schedules.Filter{
			WorkflowID: p.id("workflow_id", "Give the id of a workflow."), Status: p.choice("status", scheduleStates()...),
			Before: p.cursor(), Limit: p.limit(),
		}
	}, findSchedules, itself)
}

// findSchedules reads beside a page of schedules what they are shown with.
func findSchedules(ctx context.Context, db *gorm.DB, filter schedules.Filter) ([]Schedule, string, error) {
	found, next, err := schedules.List(ctx, db, filter)
	if err != nil {
		return nil, "", err
	}
	var workflows []string
	for _, s := range found {
		workflows = append(workflows, s.WorkflowID)
	}
	calendars, err := schedule.CalendarsFor(ctx, db, found)
	if err != nil {
		return nil, "", err
	}
	names, err := models.NamesOfWorkflows(ctx, db, workflows)
	if err != nil {
		return nil, "", err
	}
	var rows []Schedule
	for _, s := range found {
		rows = append(rows, scheduleOf(s, names[s.WorkflowID], calendars))
	}
	return rows, next, nil
}

func (a *API) getSchedule(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	found, err := schedules.WithWorkflow(c.Request.Context(), a.DB, id)
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
