package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
)

// SchedulePauseShow asks for how long and why a schedule is paused.
func (s *Site) SchedulePauseShow(c *gin.Context) (templ.Component, error) {
	found, err := models.ScheduleWithWorkflow(c.Request.Context(), s.DB, c.Param("id"))
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
	found, err := models.ScheduleWithWorkflow(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	pause, problems := readPause(ctx, form, zoneOr(found.TimeZone))
	if len(problems) == 0 {
		_, err = s.Catalog.PauseSchedule(ctx, found.ID, pause)
		problems = pauseProblems(err)
	}
	if len(problems) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, views.Pause(s.schedulePausePage(c, found, form, problems)))
	}
	if err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/schedules/" + found.ID)
}

// ScheduleResume ends a schedule's own pause.
func (s *Site) ScheduleResume(c *gin.Context) (templ.Component, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	if _, err := s.Catalog.ResumeSchedule(c.Request.Context(), id); err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/schedules/" + id)
}

// readPause reads the form; until is meant on the clock of the given zone.
func readPause(ctx context.Context, form url.Values, zone *time.Location) (catalog.Pause, []ui.FieldMessage) {
	pause := catalog.Pause{Reason: form.Get("reason"), By: auth.By(ctx)}
	if form.Get("until") == "" {
		return pause, nil
	}
	until, err := time.ParseInLocation(dateLayout, form.Get("until"), zone)
	if err != nil {
		return pause, []ui.FieldMessage{message("until", "Enter a date and a time, such as 2026-12-24T18:00, or leave it empty.")}
	}
	pause.Until = &until
	return pause, nil
}

// pauseProblems are those that the catalog has with the form.
func pauseProblems(err error) []ui.FieldMessage {
	var invalid *models.InvalidError
	if !errors.As(err, &invalid) {
		return nil
	}
	var problems []ui.FieldMessage
	for _, field := range invalid.Fields {
		problems = append(problems, message(field.Path, field.Message))
	}
	return problems
}

func (s *Site) schedulePausePage(c *gin.Context, found models.ComingSchedule, form url.Values, problems []ui.FieldMessage) views.PausePage {
	row := comingRow(found, s.Now())
	page := pausePage(form, problems, found.TimeZone)
	page.Page, page.Title, page.Action, page.BackURL = s.page(c, "Pause a schedule", "schedules"), "Pause “"+row.Sentence+"”?", row.URL+"/pause", row.URL
	page.Page.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}, {Label: row.Sentence, URL: row.URL}}
	if rule, unread := schedule.Parse(schedule.TriggerOf(found.Schedule)); len(unread) == 0 && found.NextAt != nil {
		page.Sentence += " The next time would be " + found.NextAt.In(rule.Zone()).Format("Mon 2 Jan 2006 15:04") + "."
	}
	return page
}

// pausePage is the form for how long and why; its times are on the clock of a zone.
func pausePage(form url.Values, problems []ui.FieldMessage, zone string) views.PausePage {
	page := views.PausePage{
		Errors: problems, Sentence: "Times that are planned meanwhile are noted as paused and not made up for. Runs in progress go on.",
		Reason: ui.FieldProps{Name: "reason", Label: "Why", Value: form.Get("reason"), Help: "Everybody who asks why it does not run reads this."},
		Until:  ui.FieldProps{Name: "until", Label: "Until", Kind: "datetime-local", Width: "medium", Value: form.Get("until"), Help: "On the clock of " + zone + ". Empty: until somebody resumes it."},
	}
	for _, problem := range problems {
		if problem.FieldID == "until" {
			page.Until.Error = problem.Message
		} else {
			page.Reason.Error = problem.Message
		}
	}
	return page
}
