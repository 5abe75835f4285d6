package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

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
	return s.runForm(c, target, nil, nil), nil
}

// RunStart starts a run by hand. A button that sends no inputs for a workflow
// that asks for some leads to the form.
func (s *Site) RunStart(c *gin.Context) (templ.Component, error) {
	ctx, id := c.Request.Context(), c.Param("id")
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	run, _, err := s.Engine.StartNow(ctx, startRequest(ctx, id, form))
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
	return nil, web.SeeOther("/runs/" + run.ID)
}

// startRequest asks for a run with what a form has sent. It makes a double click one
// run: the same form, sent again with all the same in it, is the same request.
func startRequest(ctx context.Context, workflowID string, form url.Values) engine.StartRequest {
	req := engine.StartRequest{
		WorkflowID: workflowID, Trigger: engine.Trigger{Type: engine.TriggerManual, By: auth.By(ctx), Via: "page"},
		Read: func(inputs []workflow.Input) (map[string]any, []workflow.Problem) {
			if form.Get("form") == "" && len(inputs) > 0 { // a button: nothing was asked for
				return nil, []workflow.Problem{{Path: "input." + inputs[0].Name, Code: "required", Message: "Fill in what the workflow asks for."}}
			}
			return readInputs(inputs, form)
		},
	}
	if key := form.Get("key"); models.ValidID(key) {
		sum := sha256.Sum256([]byte(form.Encode()))
		req.RequestHash = hex.EncodeToString(sum[:])
		req.IdempotencyKey = "page:" + key + ":" + req.RequestHash[:16]
	}
	return req
}

// readInputs reads the typed inputs; problems keep the fields' order.
func readInputs(inputs []workflow.Input, form url.Values) (map[string]any, []workflow.Problem) {
	values := map[string]any{}
	var problems []workflow.Problem
	for _, input := range inputs {
		value, problem := workflow.ParseFormInput(input, form.Get("input."+input.Name))
		switch {
		case problem != nil:
			problems = append(problems, *problem)
		case value != nil:
			values[input.Name] = value
		case form.Has("input." + input.Name):
			values[input.Name] = workflow.Cleared{}
		}
	}
	return values, problems
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
		page.Fields = append(page.Fields, inputField(input, typed, problems))
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

// inputField is the form's entry for one input.
func inputField(input workflow.Input, typed url.Values, problems []workflow.Problem) ui.FieldProps {
	name := "input." + input.Name
	field := ui.FieldProps{ID: name, Name: name, Label: input.Label, Help: input.Help, Required: input.Required, Value: defaultText(input.Default)}
	if field.Label == "" {
		field.Label = input.Name
	}
	switch input.Type {
	case "number":
		field.Kind, field.Width = "number", "short"
	case "date":
		field.Kind, field.Width = "date", "medium"
	case "boolean":
		field.Kind, field.Checked, field.Value, field.Required = "checkbox", input.Default == true, "true", false
	case "choice":
		field.Kind, field.Options = "choice", choiceOptions(input)
	case "json":
		field.Kind, field.Rows = "json", 6
	}
	if typed != nil {
		field.Checked = typed.Get(name) != ""
		if input.Type != "boolean" {
			field.Value = typed.Get(name)
		}
	}
	for _, problem := range problems {
		if problem.Path == name || strings.HasPrefix(problem.Path, name+".") {
			field.Error = problem.Message
		}
	}
	return field
}

func choiceOptions(input workflow.Input) []ui.Option {
	options := []ui.Option{{Value: "", Label: "Choose …"}}
	for _, option := range input.Options {
		options = append(options, ui.Option{Value: option, Label: option})
	}
	return options
}

// defaultText writes an input's default the way a form shows it.
func defaultText(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case json.Number:
		return value.String()
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
