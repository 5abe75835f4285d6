package pages

import (
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/views/ui"
)

const schedulesPerPage = 50

// SchedulesShow lists what runs by itself, the next first.
func (s *Site) SchedulesShow(c *gin.Context) (templ.Component, error) {
	status := c.DefaultQuery("status", models.ScheduleActive)
	if !slices.Contains([]string{models.ScheduleActive, models.SchedulePaused, models.ScheduleOff, models.ScheduleEnded}, status) {
		return nil, models.ErrNotFound
	}
	after := c.Query("cursor")
	found, next, err := schedules.ListComing(c.Request.Context(), s.DB, schedules.ComingFilter{Status: status, Search: c.Query("q"), After: after, Limit: schedulesPerPage})
	if err != nil {
		return nil, err
	}
	page := views.SchedulesPage{
		Page: s.Page(c, "Schedules", "schedules"), Status: status, Search: c.Query("q"), Rows: comingRows(found, s.Now()),
		Pages: ui.Pages{NextURL: web.NextCursor(c, next)}, MayEdit: auth.May(c.Request.Context(), auth.Editor),
	}
	if after != "" {
		page.FirstURL = web.WithQuery(c, "cursor", "")
	}
	return views.SchedulesShow(page), nil
}
