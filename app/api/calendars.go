package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
)

// CalendarBody is a calendar as it is sent.
type CalendarBody struct {
	Name        string    `json:"name" doc:"What schedules name it by. It cannot be changed later."`
	Weekend     []int     `json:"weekend" doc:"The weekdays that are free, 0 is Sunday; such as [0, 6]."`
	Days        []FreeDay `json:"days" doc:"The dates that are free, at most 2,000."`
	WorkingDays []FreeDay `json:"working_days,omitempty" doc:"The dates on which is worked although their weekday is free, at most 2,000."`
}

// CalendarDaysBody are the free days that replace those of a calendar.
type CalendarDaysBody struct {
	Weekend     []int     `json:"weekend" doc:"The weekdays that are free, 0 is Sunday."`
	Days        []FreeDay `json:"days" doc:"The dates that are free, at most 2,000."`
	WorkingDays []FreeDay `json:"working_days,omitempty" doc:"The dates on which is worked although their weekday is free, at most 2,000. Without it, they stay as they are."`
}

// FreeDay is a date on which nobody works.
type FreeDay struct {
	Date string `json:"date" format:"date"`
	Name string `json:"name,omitempty"`
}

// Calendar is a list of free days that schedules heed.
type Calendar struct {
	ID          string    `json:"id" format:"uuid"`
	Name        string    `json:"name"`
	Weekend     []int     `json:"weekend"`
	Days        []FreeDay `json:"days"`
	WorkingDays []FreeDay `json:"working_days" doc:"The dates on which is worked although their weekday is free."`
	UsedBy      []UsedBy  `json:"used_by" doc:"The workflows with schedules that heed it."`
	CreatedAt   Time      `json:"created_at"`
	UpdatedAt   Time      `json:"updated_at"`
}

// UsedBy names a workflow that uses something.
type UsedBy struct {
	WorkflowID string `json:"workflow_id" format:"uuid"`
	Name       string `json:"name"`
}

func (a *API) calendarOperations() []Operation {
	const group = "Calendars"
	return []Operation{
		{Method: http.MethodGet, Path: "/calendars", Name: "listCalendars", Group: group, Summary: "List all calendars of free days by name, at most 500.", Scope: auth.ScopeRead, Status: 200, Answer: List[Calendar]{}, Handle: a.listCalendars},
		{Method: http.MethodPost, Path: "/calendars", Name: "createCalendar", Group: group, Summary: "Make a calendar that schedules can name.", Scope: auth.ScopeWrite, Status: 201, Body: CalendarBody{}, Answer: Calendar{}, Errors: []int{400, 415, 422}, Handle: a.createCalendar},
		{Method: http.MethodGet, Path: "/calendars/:id", Name: "getCalendar", Group: group, Summary: "Read one calendar.", Scope: auth.ScopeRead, Status: 200, Answer: Calendar{}, Errors: []int{404}, Handle: a.getCalendar},
		{Method: http.MethodPut, Path: "/calendars/:id", Name: "replaceCalendarDays", Group: group, Summary: "Replace a calendar's free days. The next times of all schedules that heed it move with it.", Scope: auth.ScopeWrite, Status: 200, Body: CalendarDaysBody{}, Answer: Calendar{}, Errors: []int{400, 404, 415, 422}, Handle: a.replaceCalendarDays},
		{Method: http.MethodDelete, Path: "/calendars/:id", Name: "deleteCalendar", Group: group, Summary: "Delete a calendar that no schedule heeds.", Scope: auth.ScopeWrite, Status: 204, Errors: []int{404, 409}, Handle: a.deleteCalendar},
	}
}

func (a *API) listCalendars(c *gin.Context) (any, error) {
	ctx := c.Request.Context()
	found, err := models.ListCalendars(ctx, a.DB)
	if err != nil {
		return nil, err
	}
	rows, err := a.calendars(ctx, found...)
	return list(rows, ""), err
}

func (a *API) createCalendar(c *gin.Context) (any, error) {
	var sent CalendarBody
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	made, err := a.Catalog.CreateCalendar(c.Request.Context(), sent.Name, daysOf(sent.Weekend, sent.Days, sent.WorkingDays))
	if err != nil {
		return nil, err
	}
	return a.calendar(c.Request.Context(), made)
}

func (a *API) getCalendar(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	found, err := models.GetCalendar(c.Request.Context(), a.DB, id)
	if err != nil {
		return nil, err
	}
	return a.calendar(c.Request.Context(), found)
}

func (a *API) replaceCalendarDays(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	var sent CalendarDaysBody
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	changed, _, err := a.Catalog.UpdateCalendar(c.Request.Context(), id, daysOf(sent.Weekend, sent.Days, sent.WorkingDays))
	if err != nil {
		return nil, err
	}
	return a.calendar(c.Request.Context(), changed)
}

func (a *API) deleteCalendar(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	return nil, a.Catalog.DeleteCalendar(c.Request.Context(), id)
}

func daysOf(weekend []int, days, working []FreeDay) catalog.CalendarDays {
	free := catalog.CalendarDays{Weekend: weekend}
	for _, day := range days {
		free.Days = append(free.Days, schedule.FreeDay(day))
	}
	if working != nil {
		free.Working = []schedule.FreeDay{}
	}
	for _, day := range working {
		free.Working = append(free.Working, schedule.FreeDay(day))
	}
	return free
}

func (a *API) calendar(ctx context.Context, stored models.Calendar) (any, error) {
	rows, err := a.calendars(ctx, stored)
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

func (a *API) calendars(ctx context.Context, stored ...models.Calendar) ([]Calendar, error) {
	uses, err := models.CalendarUses(ctx, a.DB)
	if err != nil {
		return nil, err
	}
	var rows []Calendar
	for _, s := range stored {
		written, err := schedule.CalendarDaysOf(s)
		if err != nil {
			return nil, err
		}
		row := Calendar{ID: s.ID, Name: s.Name, Weekend: written.Weekend, Days: []FreeDay{}, WorkingDays: []FreeDay{}, UsedBy: []UsedBy{}, CreatedAt: Time(s.CreatedAt), UpdatedAt: Time(s.UpdatedAt)}
		for _, day := range written.Free {
			row.Days = append(row.Days, FreeDay(day))
		}
		for _, day := range written.Working {
			row.WorkingDays = append(row.WorkingDays, FreeDay(day))
		}
		for _, use := range uses {
			if use.Calendar == s.Name {
				row.UsedBy = append(row.UsedBy, UsedBy{WorkflowID: use.WorkflowID, Name: use.WorkflowName})
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
