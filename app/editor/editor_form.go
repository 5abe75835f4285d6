package editor

import (
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// PublicFormNewShow explains a public form before it is added.
func (s *Site) PublicFormNewShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	return views.Confirmation(views.ConfirmationPage{
		Layout: s.editorLayout(c, d, "Add a public form"), Title: "Add a public form?",
		Sentence: "It gets an address of its own, at which people without an account fill in what this workflow asks for. Each time it is sent, the workflow runs. It opens when the workflow is published.",
		Form: ui.ConfirmForm{
			Action: d.url("/edit/new-form"), BackURL: d.url("/edit"), Hidden: []ui.Pair{{Name: "revision", Value: d.revision()}},
			Button: ui.ButtonProps{Label: "Add the form", Icon: "plus", Kind: "primary"},
		},
	}), nil
}

// PublicFormNew adds one to the draft; from then on it has its address.
func (s *Site) PublicFormNew(c *gin.Context) (templ.Component, error) {
	id := ""
	err := s.changeSteps(c, func(d *draft, _ url.Values) error {
		id = workflow.NewStepID(d.definition, "form")
		d.definition.Triggers = append(d.definition.Triggers, workflow.Trigger{ID: id, Type: "form"})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/workflows/" + c.Param("id") + "/forms/" + id)
}

// PublicFormShow is a form's address, for those who may start runs.
func (s *Site) PublicFormShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	stored, err := s.webhook(ctx, d.workflow.ID, c.Param("trigger"))
	if err != nil {
		return nil, err
	}
	i := triggerIndex(d.definition, stored.TriggerID)
	if i >= 0 && d.definition.Triggers[i].Type != "form" {
		return nil, models.ErrNotFound
	}
	page := views.PublicFormPage{Layout: s.Page(c, "Public form", "workflows"), Published: stored.Rule != nil}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: d.workflow.Name, URL: d.url()}}
	if auth.May(ctx, auth.Operator) {
		page.URL = s.Settings.BaseURL + "/forms/" + stored.Token
	}
	if auth.May(ctx, auth.Editor) {
		page.NewAddressURL = d.url("/forms/", stored.TriggerID, "/address")
	}
	if auth.May(ctx, auth.Editor) && i >= 0 {
		page.DeleteURL = d.url("/edit/triggers/", stored.TriggerID, "/delete")
	}
	return views.PublicForm(page), nil
}
