package pages

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/schedule"
)

// SchedulePauseShow asks for how long and why a schedule is paused.
func (s *Site) SchedulePauseShow(c *gin.Context) (templ.Component, error) {
	found, err := schedules.WithWorkflow(c.Request.Context(), s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	return views.Pause(s.schedulePausePage(c, found, nil, nil)), nil
}

// SchedulePause pauses one schedule.
func (s *Site) SchedulePause(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	found, err := schedules.WithWorkflow(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	pause, problems := frame.ReadPause(ctx, form, frame.ZoneOr(found.TimeZone))
	if len(problems) == 0 {
		_, err = s.Catalog.PauseSchedule(ctx, found.ID, pause)
		problems = frame.PauseProblems(err)
	}
	if len(problems) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, views.Pause(s.schedulePausePage(c, found, form, problems)))
	}
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/schedules/"+found.ID, "The schedule is paused: "+frame.PausedUntil(pause.Until, frame.ZoneOr(found.TimeZone))+".")
}

// ScheduleResume ends a schedule's own pause.
func (s *Site) ScheduleResume(c *gin.Context) (templ.Component, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	resumed, err := s.Catalog.ResumeSchedule(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	said := "The schedule goes on."
	if resumed.NextAt != nil {
		said += " It runs next " + frame.When(*resumed.NextAt, s.Now(), frame.ViewerLocation(c)) + "."
	}
	return nil, web.Done("/schedules/"+id, said)
}

func (s *Site) schedulePausePage(c *gin.Context, found schedules.Coming, form url.Values, problems []ui.FieldMessage) views.PausePage {
	row := comingRow(found, s.Now())
	page := frame.PausePage(form, problems, found.TimeZone)
	page.Page, page.Title, page.Action, page.BackURL = s.Page(c, "Pause a schedule", "schedules"), "Pause “"+row.Sentence+"”?", row.URL+"/pause", row.URL
	page.Page.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}, {Label: row.Sentence, URL: row.URL}}
	if rule, unread := schedule.Parse(schedule.TriggerOf(found.Schedule)); len(unread) == 0 && found.NextAt != nil {
		page.Sentence += " The next time would be " + found.NextAt.In(rule.Zone()).Format("Mon 2 Jan 2006 15:04") + "."
	}
	return page
}
