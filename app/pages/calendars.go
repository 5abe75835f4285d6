package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/subscriptions"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/schedule"
	"workflows/worker/subscription"
)

// CalendarsShow lists the calendars of free days.
func (s *Site) CalendarsShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	found, err := models.ListCalendars(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	uses, err := models.CalendarUses(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	page := views.CalendarsPage{Page: s.Page(c, "Calendars", "schedules")}
	page.Page.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}}
	if auth.May(ctx, auth.Editor) {
		page.NewURL = frame.CalendarsURL + "/new"
	}
	var ids []string
	for _, stored := range found {
		ids = append(ids, stored.ID)
	}
	follows, err := subscriptions.All(ctx, s.DB, ids...)
	if err != nil {
		return nil, err
	}
	today := s.Now().Format(time.DateOnly)
	for _, stored := range found {
		written, err := schedule.CalendarDaysOf(stored)
		if err != nil {
			return nil, err
		}
		row := views.CalendarRow{Name: stored.Name, URL: frame.CalendarsURL + "/" + stored.ID, Weekend: weekendWords(written.Weekend), Ending: ending(written.Free, s.Now())}
		days := slices.DeleteFunc(written.Free, func(day schedule.FreeDay) bool { return day.Date < today })
		if row.Days = len(days); row.Days > 0 {
			row.Next, _ = time.Parse(time.DateOnly, days[0].Date)
			row.NextName = days[0].Name
		}
		for _, followed := range follows {
			if *followed.CalendarID == stored.ID {
				row.From, row.Away = subscription.Shown(followed.Host), followed.FailingSince != nil
			}
		}
		for _, use := range uses {
			if use.Calendar == stored.Name {
				row.UsedBy = append(row.UsedBy, ui.Link{Label: use.WorkflowName, URL: "/workflows/" + use.WorkflowID})
			}
		}
		page.Rows = append(page.Rows, row)
	}
	return views.Calendars(page), nil
}

func weekendWords(weekend []int) string {
	var names []string
	for _, weekday := range []int{1, 2, 3, 4, 5, 6, 0} {
		if slices.Contains(weekend, weekday) {
			names = append(names, time.Weekday(weekday).String())
		}
	}
	if len(names) == 0 {
		return "None"
	}
	return strings.Join(names, ", ")
}

// CalendarNewShow is the form of a new calendar.
func (s *Site) CalendarNewShow(c *gin.Context) (templ.Component, error) {
	return views.Calendar(s.calendarPage(c, "", calendarForm{Weekend: []string{"6", "0"}})), nil
}

// CalendarNew makes a calendar.
func (s *Site) CalendarNew(c *gin.Context) (templ.Component, error) {
	sent, err := web.FileForm(c)
	if err != nil {
		return nil, err
	}
	form, days := readCalendar(c.Request.Context(), sent, s.Now())
	if err := s.lookAt(c.Request.Context(), "", sent, &form, &days); err != nil {
		return nil, err
	}
	if form.showFirst && len(form.problems) == 0 {
		return views.Calendar(s.calendarPage(c, "", form)), nil
	}
	if len(form.problems) == 0 {
		_, err = s.Catalog.CreateCalendar(c.Request.Context(), form.Name, days)
		form.take(err)
	}
	if len(form.problems) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, views.Calendar(s.calendarPage(c, "", form)))
	}
	if err != nil {
		return nil, err
	}
	return nil, web.Done(frame.CalendarsURL, "The calendar “"+form.Name+"” is made. Choose it in a schedule, and that heeds it.")
}

// CalendarShow is one calendar, as a form for those who may change it.
func (s *Site) CalendarShow(c *gin.Context) (templ.Component, error) {
	found, err := models.GetCalendar(c.Request.Context(), s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	followed, err := subscriptions.Of(c.Request.Context(), s.DB, found.ID)
	if err != nil {
		return nil, err
	}
	form, err := calendarFormOf(found, followed, s.Now())
	if err != nil {
		return nil, err
	}
	page := s.calendarPage(c, found.ID, form)
	if followed != nil {
		if page.Followed, err = s.followedView(*followed, form, page.Action != ""); err != nil {
			return nil, err
		}
	}
	if moved, err := strconv.Atoi(c.Query("moved")); err == nil && moved >= 0 {
		page.Saved = "The calendar is saved. No schedule heeds it yet."
		if moved > 0 {
			page.Saved = "The calendar is saved. The next times of " + frame.Count(int64(moved), "schedule") + " follow it from now on."
		}
	}
	return views.Calendar(page), nil
}

// CalendarSave replaces the free days of a calendar.
func (s *Site) CalendarSave(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	found, err := models.GetCalendar(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	sent, err := web.FileForm(c)
	if err != nil {
		return nil, err
	}
	form, days := readCalendar(ctx, sent, s.Now())
	form.Name = found.Name
	followed, err := subscriptions.Of(ctx, s.DB, found.ID)
	if err != nil {
		return nil, err
	}
	if form.beside != (followed != nil) {
		return nil, &models.ConflictError{Code: "subscription_changed", Message: "Somebody has subscribed this calendar to an address meanwhile, or has ended that. Open it anew and change it."}
	}
	if followed != nil {
		if form.before, err = subscription.ChoiceOf(followed.Choice); err != nil {
			return nil, err
		}
	}
	if err := s.lookAt(ctx, found.ID, sent, &form, &days); err != nil {
		return nil, err
	}
	moved := 0
	if !form.showFirst && len(form.problems) == 0 {
		_, moved, err = s.Catalog.UpdateCalendar(ctx, found.ID, days)
		form.take(err)
	}
	if form.showFirst || len(form.problems) > 0 {
		page := s.calendarPage(c, found.ID, form)
		if followed != nil {
			if page.Followed, err = s.followedView(*followed, form, true); err != nil {
				return nil, err
			}
		}
		if len(form.problems) > 0 {
			return nil, web.Status(http.StatusUnprocessableEntity, views.Calendar(page))
		}
		return views.Calendar(page), nil
	}
	if err != nil {
		return nil, err
	}
	return nil, web.SeeOther(frame.CalendarsURL + "/" + found.ID + "?moved=" + strconv.Itoa(moved))
}

// CalendarDeleteAsk asks before a calendar is deleted.
func (s *Site) CalendarDeleteAsk(c *gin.Context) (templ.Component, error) {
	found, err := models.GetCalendar(c.Request.Context(), s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	self := frame.CalendarsURL + "/" + found.ID
	layout := s.Page(c, "Delete a calendar", "schedules")
	layout.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}, {Label: "Calendars", URL: frame.CalendarsURL}, {Label: found.Name, URL: self}}
	return views.Confirmation(views.ConfirmationPage{
		Layout: layout, Title: "Delete the calendar “" + found.Name + "”?", Sentence: "Its free days are gone then. This cannot be undone.",
		Form: ui.ConfirmForm{Action: self + "/delete", BackURL: self, Button: ui.ButtonProps{Label: "Delete calendar", Icon: "trash-2", Kind: "danger"}},
	}), nil
}

// CalendarDelete removes a calendar that no schedule heeds.
func (s *Site) CalendarDelete(c *gin.Context) (templ.Component, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	if err := s.Catalog.DeleteCalendar(c.Request.Context(), id); err != nil {
		return nil, err
	}
	return nil, web.Done(frame.CalendarsURL, "The calendar is deleted.")
}

func (s *Site) calendarPage(c *gin.Context, id string, form calendarForm) views.CalendarPage {
	may := auth.May(c.Request.Context(), auth.Editor)
	page := views.CalendarPage{Page: s.Page(c, "New calendar", "schedules"), Title: "New calendar", SaveLabel: "Make the calendar", Errors: form.problems}
	page.Page.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}, {Label: "Calendars", URL: frame.CalendarsURL}}
	if id != "" {
		page.Page.Title, page.Title, page.SaveLabel = form.Name, form.Name, "Save the free days"
	}
	if may {
		page.Action = frame.CalendarsURL + frame.Either(id == "", "", "/"+id)
		page.DeleteURL = frame.Either(id == "", "", frame.CalendarsURL+"/"+id+"/delete")
	}
	page.Fields = form.fields(id != "", !may)
	page.Address, page.Waiting, page.Look = form.addressField(), form.waiting, form.Look
	page.File = form.fileView(s.Now())
	page.Ending = form.ending
	return page
}
