package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models/schedules"
	"workflows/worker/schedule"
)

// Planned is what became of one planned time.
type Planned struct {
	ScheduleID  string  `json:"schedule_id" format:"uuid"`
	WorkflowID  string  `json:"workflow_id" format:"uuid"`
	PlannedAt   Time    `json:"planned_at"`
	Outcome     string  `json:"outcome" enum:"ran,caught_up,skipped,missed,paused"`
	RunID       *string `json:"run_id" format:"uuid" doc:"The run that was started, or the one that was in the way."`
	LateSeconds float64 `json:"late_seconds"`
	Reason      string  `json:"reason" doc:"Which rule has decided what became of it, in words."`
}

func (a *API) plannedOperations() []Operation {
	const group = "Schedules"
	span := []Parameter{
		query("outcome", "string", "Only planned times with this outcome; exceptions are all but ran.", schedules.Outcomes()...),
		query("from", "date-time", "Only planned times at or after this one."), query("to", "date-time", "Only planned times before this one."),
	}
	one := paged(span...)
	all := paged(append(span, query("workflow_id", "uuid", "Only planned times of this workflow."), query("schedule_id", "uuid", "Only planned times of this schedule."))...)
	return []Operation{
		{
			Method: http.MethodGet, Path: "/planned", Name: "listLedger", Group: group, Summary: "List what became of planned times over all schedules, newest first.", Scope: auth.ScopeRead, Status: 200, Parameters: all, Answer: List[Planned]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listLedger(c, all) },
		},
		{
			Method: http.MethodGet, Path: "/schedules/:id/planned", Name: "listPlanned", Group: group, Summary: "List what became of a schedule's planned times, newest first. Every planned time is accounted for.", Scope: auth.ScopeRead, Status: 200, Parameters: one, Answer: List[Planned]{}, Errors: []int{404, 422},
			Handle: func(c *gin.Context) (any, error) { return a.listPlanned(c, one) },
		},
	}
}

// listLedger lists planned times over all schedules.
func (a *API) listLedger(c *gin.Context, known []Parameter) (any, error) {
	p, err := read(c, known)
	if err != nil {
		return nil, err
	}
	return a.planned(c, p, schedules.PlannedFilter{
		WorkflowID: p.id("workflow_id", "Give the id of a workflow."), ScheduleID: p.id("schedule_id", "Give the id of a schedule."),
	})
}

// listPlanned is listLedger of one schedule, which must exist.
func (a *API) listPlanned(c *gin.Context, known []Parameter) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	p, err := read(c, known)
	if err != nil {
		return nil, err
	}
	if _, err := schedules.Get(c.Request.Context(), a.DB, id); err != nil {
		return nil, err
	}
	return a.planned(c, p, schedules.PlannedFilter{ScheduleID: id})
}

// planned answers with what the filter and the other parameters choose.
func (a *API) planned(c *gin.Context, p *parameters, filter schedules.PlannedFilter) (any, error) {
	filter.Outcome, filter.From, filter.To = p.choice("outcome", schedules.Outcomes()...), p.time("from"), p.time("to")
	filter.After, filter.Limit = c.Query("cursor"), p.limit()
	if filter.After != "" && !schedules.ValidPlannedCursor(filter.After) {
		p.wrong("cursor", "invalid_cursor", "Pass next_cursor of the page before as it was.")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	found, next, err := schedules.ListPlanned(c.Request.Context(), a.DB, filter)
	if err != nil {
		return nil, err
	}
	var rows []Planned
	for _, row := range found {
		rows = append(rows, Planned{
			ScheduleID: row.ScheduleID, WorkflowID: row.WorkflowID, PlannedAt: Time(row.PlannedAt), Outcome: row.Outcome, RunID: row.RunID,
			LateSeconds: float64(row.LateMS) / 1000, Reason: schedule.LedgerWords(row.PlannedRun),
		})
	}
	return list(rows, next), nil
}
