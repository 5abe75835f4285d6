package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// FormOutside is a workflow's public form, for people without an account.
func (s *Site) FormOutside(c *gin.Context) (templ.Component, error) {
	page, _, err := s.formOutside(c, nil, nil)
	if err != nil {
		return nil, err
	}
	page.Sent = c.Query("sent") != ""
	return views.FormOutside(page), nil
}

// FormOutsideSend starts a run with what was filled in. What is typed is data and
// nothing else: no reference in it is read.
func (s *Site) FormOutsideSend(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	_, inputs, err := s.formOutside(c, nil, nil)
	if err != nil {
		return nil, err
	}
	input, problems := readInputs(inputs, form)
	if len(problems) == 0 {
		_, problems = workflow.CheckInput(inputs, input)
	}
	if len(problems) == 0 {
		text, _ := json.Marshal(input) // inputs come from JSON or text
		sum := sha256.Sum256(text)
		hash, key := hex.EncodeToString(sum[:]), ""
		if models.ValidID(form.Get("key")) { // a double click makes one run
			key = "form:" + form.Get("key") + ":" + hash[:16]
		}
		_, err = s.Hooks.Submit(c.Request.Context(), c.Param("token"), input, key, hash)
		var invalid *models.InvalidError
		if err == nil {
			return nil, web.SeeOther(c.Request.URL.Path + "?sent=1")
		}
		if !errors.As(err, &invalid) {
			return nil, err
		}
		problems = problemsOf(invalid) // published anew meanwhile
	}
	page, _, err := s.formOutside(c, form, problems)
	if err != nil {
		return nil, err
	}
	return nil, web.Status(http.StatusUnprocessableEntity, views.FormOutside(page))
}

func (s *Site) formOutside(c *gin.Context, typed url.Values, problems []workflow.Problem) (views.FormOutsidePage, []workflow.Input, error) {
	ctx := c.Request.Context()
	page := views.FormOutsidePage{Action: c.Request.URL.Path, Key: models.NewID()}
	if err := s.Sessions.AllowOutsider(ctx, c.ClientIP()); err != nil {
		return page, nil, err
	}
	found, _, err := s.Hooks.Form(ctx, c.Param("token"))
	if err != nil {
		return page, nil, err
	}
	target, err := s.runTarget(ctx, found.WorkflowID)
	if err != nil {
		return page, nil, err
	}
	page.Layout = s.page(c, target.definition.Name, "")
	page.Layout.Viewer = nil
	page.Title = target.definition.Name
	if typed != nil && models.ValidID(typed.Get("key")) {
		page.Key = typed.Get("key")
	}
	for _, input := range target.definition.Inputs {
		page.Fields = append(page.Fields, inputField(input, typed, problems))
	}
	for _, problem := range problems {
		page.Errors = append(page.Errors, ui.FieldMessage{FieldID: problem.Path, Message: problem.Message})
	}
	return page, target.definition.Inputs, nil
}
