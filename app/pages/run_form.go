package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/entry"
	"workflows/worker/workflow"
)

// runTarget is a workflow with the inputs of its published version.
type runTarget struct {
	models.Workflow
	definition workflow.Definition
}

func (s *Site) runTarget(ctx context.Context, id string) (runTarget, error) {
	found, err := models.WorkflowToRun(ctx, s.DB, id)
	if err != nil || found.VersionID == nil {
		return runTarget{Workflow: found}, err
	}
	definition, err := s.Engine.Definition(ctx, *found.VersionID)
	return runTarget{found, definition}, err
}

// RunForm asks for a workflow's inputs.
func (s *Site) RunForm(c *gin.Context) (templ.Component, error) {
	target, err := s.runTarget(c.Request.Context(), c.Param("id"))
	if err != nil {
		return nil, err
	}
	target.definition.Inputs = prefilled(target.definition.Inputs, c.Request.URL.Query())
	return s.runForm(c, target, nil, nil), nil
}

// RunStart starts a run by hand. A button that sends no inputs for a workflow
// that asks for some leads to the form.
func (s *Site) RunStart(c *gin.Context) (templ.Component, error) {
	ctx, id := c.Request.Context(), c.Param("id")
	sent, err := web.FormWithFiles(c, entry.MaxFiles)
	if err != nil {
		return nil, err
	}
	form := sent.Values
	run, _, err := s.Engine.StartNow(ctx, startRequest(ctx, id, sent))
	var unpublished *models.ConflictError
	var invalid *models.InvalidError
	unfit := errors.As(err, &invalid) && invalid.Code == "invalid_input"
	switch {
	case unfit && form.Get("form") != "":
		target, err := s.runTarget(ctx, id)
		if err != nil {
			return nil, err
		}
		return nil, web.Status(http.StatusUnprocessableEntity, s.runForm(c, target, form, problemsOf(invalid)))
	case unfit, errors.As(err, &unpublished) && unpublished.Code == "not_published":
		return nil, web.SeeOther("/workflows/" + id + "/run")
	case err != nil:
		return nil, err
	}
	return nil, web.Done("/runs/"+run.ID, "The run is started.")
}

// startRequest asks for a run with what a form has sent. It makes a double click one
// run: the same form, sent again with all the same in it, is the same request.
func startRequest(ctx context.Context, workflowID string, sent web.Upload) engine.StartRequest {
	form := sent.Values
	req := engine.StartRequest{
		WorkflowID: workflowID, Trigger: engine.Trigger{Type: engine.TriggerManual, By: auth.By(ctx), Via: "page"},
		Read: func(inputs []workflow.Input) (map[string]any, []workflow.Problem) {
			if form.Get("form") == "" && len(inputs) > 0 { // a button: nothing was asked for
				return nil, []workflow.Problem{{Path: "input." + inputs[0].Name, Code: "required", Message: "Fill in what the workflow asks for."}}
			}
			return readInputs(inputs, sent)
		},
	}
	if key := form.Get("key"); models.ValidID(key) {
		sum := sha256.New()
		sum.Write([]byte(form.Encode()))
		for _, file := range sent.Files {
			sum.Write(file.Data)
		}
		req.RequestHash = hex.EncodeToString(sum.Sum(nil))
		req.IdempotencyKey = "page:" + key + ":" + req.RequestHash[:16]
	}
	return req
}

func problemsOf(invalid *models.InvalidError) []workflow.Problem {
	problems := make([]workflow.Problem, len(invalid.Fields))
	for i, field := range invalid.Fields {
		problems[i] = workflow.Problem{Path: field.Path, Code: field.Code, Message: field.Message}
	}
	return problems
}

// runForm draws the form with what was typed, or with the defaults.
func (s *Site) runForm(c *gin.Context, target runTarget, typed url.Values, problems []workflow.Problem) templ.Component {
	page := views.RunFormPage{
		Page: s.Page(c, "Run "+target.Name, "workflows"), Workflow: target.Name, Description: target.definition.Description,
		URL: "/workflows/" + target.ID, Published: target.VersionID != nil, Paused: target.Status == workflow.StatusPaused, Key: models.NewID(),
	}
	page.Page.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: target.Name, URL: page.URL}}
	if auth.May(c.Request.Context(), auth.Editor) {
		page.EditURL = page.URL + "/edit"
	}
	if typed != nil && models.ValidID(typed.Get("key")) {
		page.Key = typed.Get("key")
	}
	for _, input := range target.definition.Inputs {
		page.Files = page.Files || input.Uploaded()
		page.Fields = append(page.Fields, frame.InputField(input, typed, problems))
	}
	for _, problem := range problems {
		message := ui.FieldMessage{Message: problem.Message}
		if strings.HasPrefix(problem.Path, "input.") {
			message.FieldID = problem.Path
		}
		page.Errors = append(page.Errors, message)
	}
	return views.RunForm(page)
}
