package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/subscriptions"
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
	// Follows is nil for a calendar that has no address.
	Follows   *Subscription `json:"subscription" doc:"The address of a calendar file that it follows; null when it follows none."`
	CreatedAt Time          `json:"created_at"`
	UpdatedAt Time          `json:"updated_at"`
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
		{Method: http.MethodPut, Path: "/calendars/:id", Name: "replaceCalendarDays", Group: group, Summary: "Replace a calendar's free days. The next times of all schedules that heed it move with it. Of one that follows an address, days that are sent just as they came go on coming from there, others are your own and stay, and those that are left out stay left out.", Scope: auth.ScopeWrite, Status: 200, Body: CalendarDaysBody{}, Answer: Calendar{}, Errors: []int{400, 404, 415, 422}, Handle: a.replaceCalendarDays},
		{Method: http.MethodPut, Path: "/calendars/:id/subscription", Name: "subscribeCalendar", Group: group, Summary: "Have a calendar follow the calendar file (.ics) at an address: a worker fetches it now and then once a day. Its days stay as they are until that has gone well.", Scope: auth.ScopeWrite, Status: 200, Body: SubscriptionBody{}, Answer: Calendar{}, Errors: []int{400, 404, 415, 422}, Handle: a.subscribeCalendar},
		{Method: http.MethodDelete, Path: "/calendars/:id/subscription", Name: "endCalendarSubscription", Group: group, Summary: "Have a calendar follow its address no more. It keeps its days.", Scope: auth.ScopeWrite, Status: 204, Errors: []int{404, 409}, Handle: a.endSubscription},
		{Method: http.MethodPost, Path: "/calendars/:id/fetch", Name: "fetchCalendar", Group: group, Summary: "Have a worker fetch a calendar's address now.", Scope: auth.ScopeWrite, Status: 202, Answer: Calendar{}, Errors: []int{404, 409}, Handle: a.fetchCalendar},
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
	return a.calendarNow(c, id)
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
	var ids []string
	for _, s := range stored {
		ids = append(ids, s.ID)
	}
	follows, err := subscriptions.All(ctx, a.DB, ids...)
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
		for _, followed := range follows {
			if *followed.CalendarID == s.ID {
				if row.Follows, err = subscriptionOf(followed); err != nil {
					return nil, err
				}
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
