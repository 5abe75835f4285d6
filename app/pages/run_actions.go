package pages

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// RunCancelAsk asks before a run is cancelled.
func (s *Site) RunCancelAsk(c *gin.Context) (templ.Component, error) {
	run, err := models.GetRun(c.Request.Context(), s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	if workflow.Final(run.Status) {
		return nil, web.SeeOther("/runs/" + run.ID)
	}
	page := s.runActionPage(c, run, "Cancel the run")
	return views.RunCancel(views.RunCancelPage{Page: page, Workflow: run.WorkflowName, URL: "/runs/" + run.ID}), nil
}

// RunCancel ends a run for good.
func (s *Site) RunCancel(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	run, err := s.Engine.Cancel(ctx, c.Param("id"), auth.By(ctx))
	if err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/runs/" + run.ID)
}

// RunAgainAsk asks from where and with which version a run is run again.
func (s *Site) RunAgainAsk(c *gin.Context) (templ.Component, error) {
	page, err := s.runAgain(c)
	if err != nil {
		return nil, err
	}
	return views.RunAgain(page), nil
}

// RunAgain makes a new run of a final one. What stands in the way of the choice
// is said on the form.
func (s *Site) RunAgain(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	run, err := s.Engine.Retry(ctx, c.Param("id"), engine.RetryRequest{From: form.Get("from"), Version: form.Get("version"), By: auth.By(ctx), Via: "page"})
	if err == nil {
		return nil, web.SeeOther("/runs/" + run.ID)
	}
	messages, status := refusal(err)
	if len(messages) == 0 {
		return nil, err
	}
	page, failed := s.runAgain(c)
	if failed != nil {
		return nil, err
	}
	page.Errors, page.From, page.Choice = messages, form.Get("from"), form.Get("version")
	return nil, web.Status(status, views.RunAgain(page))
}

// refusal is an error as messages above a form; none for errors that are not
// about what was chosen.
func refusal(err error) ([]ui.FieldMessage, int) {
	var invalid *models.InvalidError
	var conflict *models.ConflictError
	switch {
	case errors.As(err, &conflict):
		return []ui.FieldMessage{{Message: conflict.Message}}, http.StatusConflict
	case errors.As(err, &invalid):
		messages := []ui.FieldMessage{{Message: invalid.Message}}
		for _, field := range invalid.Fields {
			messages = append(messages, ui.FieldMessage{Message: field.Message})
		}
		return messages, http.StatusUnprocessableEntity
	}
	return nil, 0
}

func (s *Site) runActionPage(c *gin.Context, run models.Run, title string) ui.Page {
	page := s.page(c, title, "runs")
	page.Crumbs = []ui.Link{{Label: "Runs", URL: "/runs"}, {Label: run.WorkflowName, URL: "/runs/" + run.ID}}
	return page
}

// runAgain is the form: from where, with which version, and what that repeats.
func (s *Site) runAgain(c *gin.Context) (views.RunAgainPage, error) {
	ctx := c.Request.Context()
	sheet, err := s.runSheet(ctx, c)
	if err != nil {
		return views.RunAgainPage{}, err
	}
	run := sheet.run
	if !workflow.Final(run.Status) {
		return views.RunAgainPage{}, web.SeeOther("/runs/" + run.ID)
	}
	target, err := models.WorkflowToRun(ctx, s.DB, run.WorkflowID)
	if err != nil {
		return views.RunAgainPage{}, err
	}
	page := views.RunAgainPage{
		Page: s.runActionPage(c, run, "Run again"), Workflow: run.WorkflowName, URL: "/runs/" + run.ID,
		Version: strconv.Itoa(run.Version), From: engine.FromStart, Choice: engine.VersionSame, Repeated: sheet.actors(),
	}
	if target.VersionID != nil && *target.VersionID != run.VersionID {
		page.Changed, page.Current = true, strconv.Itoa(*target.Version)
	}
	return page, s.offerResume(ctx, sheet, &page)
}

// offerResume fills in the step at which the run broke off, if it did.
func (s *Site) offerResume(ctx context.Context, sheet *runSheet, page *views.RunAgainPage) error {
	next, taken, err := s.Engine.ResumePoint(ctx, sheet.run)
	var conflict *models.ConflictError
	if errors.As(err, &conflict) {
		return nil // nothing failed, so there is nothing to go on from
	}
	if err != nil {
		return err
	}
	if step := sheet.step(next); step != nil {
		page.FailedStep, page.From = step.Name, engine.FromFailedStep
	}
	for _, row := range taken {
		if step := sheet.step(row.StepID); step != nil {
			page.Kept = append(page.Kept, step.Name)
		}
	}
	return nil
}

// actors names the steps of this run that were executed and act outside.
func (r *runSheet) actors() []string {
	var names []string
	for _, step := range r.steps {
		stepType, known := r.types[step.Type]
		found, _, ok := workflow.FindStep(&r.definition, step.StepID)
		if known && ok && len(step.Attempts) > 0 && stepType.Effects != nil && stepType.Effects(found.Config) {
			names = append(names, step.Name)
		}
	}
	return names
}
