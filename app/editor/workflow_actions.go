package editor

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
)

// WorkflowPauseShow asks for how long and why a workflow is paused.
func (s *Site) WorkflowPauseShow(c *gin.Context) (templ.Component, error) {
	found, err := models.GetWorkflow(c.Request.Context(), s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	page, err := s.workflowPausePage(c, found, nil, nil)
	if err != nil {
		return nil, err
	}
	return views.Pause(page), nil
}

// WorkflowPause stops a workflow's schedules; a reason and an end may be given.
func (s *Site) WorkflowPause(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	found, err := models.GetWorkflow(ctx, s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	pause, problems := frame.ReadPause(ctx, form, frame.ViewerLocation(c))
	if len(problems) == 0 {
		_, err = s.Catalog.Pause(ctx, found.ID, pause)
		problems = frame.PauseProblems(err)
	}
	if len(problems) > 0 {
		page, err := s.workflowPausePage(c, found, form, problems)
		if err != nil {
			return nil, err
		}
		return nil, web.Status(http.StatusUnprocessableEntity, views.Pause(page))
	}
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/workflows/"+found.ID, "“"+found.Name+"” is paused: "+frame.PausedUntil(pause.Until, frame.ViewerLocation(c))+".")
}

func (s *Site) workflowPausePage(c *gin.Context, found models.Workflow, form url.Values, problems []ui.FieldMessage) (views.PausePage, error) {
	self := "/workflows/" + found.ID
	page := frame.PausePage(form, problems, frame.ViewerLocation(c).String())
	page.Page, page.Title, page.Action, page.BackURL = s.Page(c, "Pause a workflow", "workflows"), "Pause “"+found.Name+"”?", self+"/pause", self
	page.Page.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: found.Name, URL: self}}
	page.Sentence = "None of its schedules starts it meanwhile, nor does a webhook or a public form. A person may by hand, and a program with a token. " + page.Sentence
	goOn, err := s.goOn(c.Request.Context(), found.ID)
	if err != nil {
		return page, err
	}
	page.GoOn = goOn
	page.Callers, err = s.callers(c.Request.Context(), found.ID)
	return page, err
}

// goOn tells of the runs that a pause does not stop, with the way to cancel them; Text is ""
// where there are none.
func (s *Site) goOn(ctx context.Context, id string) (views.GoOn, error) {
	number, err := runs.CountUnfinished(ctx, s.DB, id)
	if err != nil || number == 0 {
		return views.GoOn{}, err
	}
	told := views.GoOn{Text: frame.Count(number, "run") + frame.Either(number == 1, " of it has not ended, and goes on.", " of it have not ended, and go on.")}
	if auth.May(ctx, auth.Operator) {
		told.Label = "Cancel the " + frame.Either(number == 1, "run", frame.Count(number, "run")) + "…"
		told.URL = "/bulk/new?" + url.Values{"action": {"cancel"}, "workflow_id": {id}}.Encode()
	}
	return told, nil
}

// WorkflowResume lets a workflow's schedules go on; the past is not made up for.
func (s *Site) WorkflowResume(c *gin.Context) (templ.Component, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	resumed, err := s.Catalog.Resume(ctx, id, auth.By(ctx))
	if err != nil {
		return nil, err
	}
	next, err := s.nextRun(c, id)
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/workflows/"+id, "“"+resumed.Name+"” goes on."+next)
}

// WorkflowDuplicate makes a new draft of a workflow's draft and opens it.
func (s *Site) WorkflowDuplicate(c *gin.Context) (templ.Component, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	made, err := s.Catalog.Duplicate(ctx, id, auth.By(ctx))
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/workflows/"+made.ID+"/edit", "This is the copy, “"+made.Name+"”, as a draft. It runs once you have published it.")
}

// WorkflowDeleteAsk asks before a workflow is deleted.
func (s *Site) WorkflowDeleteAsk(c *gin.Context) (templ.Component, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	found, err := models.GetWorkflow(c.Request.Context(), s.DB, id)
	if err != nil {
		return nil, err
	}
	layout := s.Page(c, "Delete "+found.Name, "workflows")
	layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: found.Name, URL: "/workflows/" + id}}
	callers, err := s.callers(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	return views.Confirmation(views.ConfirmationPage{
		Callers: callers, CallersSay: "These workflows run it. It can be deleted once they do so no more:",
		Layout: layout, Title: "Delete the workflow “" + found.Name + "”?",
		Sentence: "Its versions, schedules and finished runs go with it. This cannot be undone.",
		Form: ui.ConfirmForm{
			Action: "/workflows/" + id + "/delete", BackURL: "/workflows/" + id,
			Button: ui.ButtonProps{Label: "Delete workflow", Icon: "trash-2", Kind: "danger"},
		},
	}), nil
}

// callers are the workflows that run one, as pages list them.
func (s *Site) callers(ctx context.Context, id string) ([]views.CallerRow, error) {
	found, err := s.Catalog.Callers(ctx, id)
	if err != nil {
		return nil, err
	}
	rows := make([]views.CallerRow, len(found))
	for i, caller := range found {
		rows[i] = views.CallerRow{Name: caller.Name, URL: "/workflows/" + caller.WorkflowID}
		switch {
		case !caller.Published:
			rows[i].Where = "in its draft only"
		case !caller.Draft:
			rows[i].Where = "as it is published, and no longer in its draft"
		}
	}
	return rows, nil
}

// WorkflowDelete removes a workflow; one with unfinished runs stays.
func (s *Site) WorkflowDelete(c *gin.Context) (templ.Component, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	found, err := models.GetWorkflow(ctx, s.DB, id)
	if err != nil {
		return nil, err
	}
	if err := s.Catalog.Delete(ctx, id); err != nil {
		return nil, err
	}
	return nil, web.Done("/workflows", "The workflow “"+found.Name+"” is deleted.")
}
