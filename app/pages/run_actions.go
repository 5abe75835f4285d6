package pages

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// RunCancelAsk asks before a run is cancelled.
func (s *Site) RunCancelAsk(c *gin.Context) (templ.Component, error) {
	run, err := runs.Get(c.Request.Context(), s.DB, c.Param("id"))
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
	return nil, web.Done("/runs/"+run.ID, "The run is cancelled.")
}

// RunGoOn has a run go on at once that waits for a time or for another try.
func (s *Site) RunGoOn(c *gin.Context) (templ.Component, error) {
	run, err := s.Engine.GoOnNow(c.Request.Context(), c.Param("id"))
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/runs/"+run.ID, "The run goes on now.")
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
	again := engine.RetryRequest{From: form.Get("from"), Version: form.Get("version"), By: auth.By(ctx), Via: "page"}
	if models.ValidID(form.Get("key")) { // a double click makes one run
		again.IdempotencyKey = strings.Join([]string{"page", form.Get("key"), again.From, again.Version}, ":")
	}
	run, err := s.Engine.Retry(ctx, c.Param("id"), again)
	if err == nil {
		return nil, web.Done("/runs/"+run.ID, "It is run again. This is the new run.")
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
	page := s.Page(c, title, "runs")
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
		Key: models.NewID(), Version: strconv.Itoa(run.Version), From: engine.FromStart, Choice: engine.VersionSame, Repeated: sheet.actors(),
	}
	if target.VersionID != nil && *target.VersionID != run.VersionID {
		page.Changed, page.Current = true, strconv.Itoa(*target.Version)
		if page.Mended, err = s.mended(ctx, sheet, *target.VersionID); err != nil {
			return views.RunAgainPage{}, err
		}
		if page.Mended != "" {
			page.Choice = engine.VersionCurrent
		}
	}
	return page, s.offerResume(ctx, sheet, &page)
}

// mended names the step that failed where another version does it differently; "" where
// it does not, or has no such step.
func (s *Site) mended(ctx context.Context, sheet *runSheet, versionID string) (string, error) {
	id := workflow.ReadFailure(sheet.run.Error).StepID
	was, _, found := workflow.FindStep(&sheet.definition, id)
	if id == "" || !found {
		return "", nil
	}
	definition, err := s.Engine.Definition(ctx, versionID)
	if errors.As(err, new(*models.UnavailableError)) { // what this program cannot read is not suggested
		return "", nil
	}
	if err != nil {
		return "", err
	}
	is, _, found := workflow.FindStep(&definition, id)
	if !found {
		return "", nil
	}
	before, after := *was, *is
	before.Name, after.Name = "", ""
	if reflect.DeepEqual(before, after) {
		return "", nil
	}
	return sheet.title(id), nil
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
	page.FailedStep, page.From = sheet.title(next), engine.FromFailedStep
	named := map[string]bool{}
	for _, row := range taken { // in loops once for each item
		if !named[row.StepID] {
			named[row.StepID] = true
			page.Kept = append(page.Kept, sheet.title(row.StepID))
		}
	}
	return nil
}

// actors names the steps of this run that were executed and act outside.
func (r *runSheet) actors() []string {
	begun := map[string]bool{}
	for _, row := range r.rows {
		begun[row.StepID] = true
	}
	var names []string
	workflow.Walk(r.definition.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		stepType, known := r.types[step.Type]
		if known && begun[step.ID] && stepType.Effects != nil && stepType.Effects(step.Config) {
			names = append(names, workflow.StepTitle(*step, r.types))
		}
		return true
	})
	return names
}
