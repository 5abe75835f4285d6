package editor

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
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
	return nil, web.Done("/workflows/"+c.Param("id")+"/forms/"+id, "The public form is added to the draft. It opens once you have published it.")
}

// publicFormFields is the form of a public form in the shape of a step's.
func publicFormFields() workflow.StepType {
	return workflow.StepType{Fields: workflow.PublicFormFields()}
}

// publicForm finds a public form of the draft.
func (d draft) publicForm(id string) (int, error) {
	i := triggerIndex(d.definition, id)
	if i < 0 || d.definition.Triggers[i].Type != "form" {
		return i, models.ErrNotFound
	}
	return i, nil
}

// PublicFormEditShow is the form of what a public form says and where it leads.
func (s *Site) PublicFormEditShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	i, err := d.publicForm(c.Param("trigger"))
	if err != nil {
		return nil, err
	}
	trigger := d.definition.Triggers[i]
	form := newStepForm(workflow.Step{ID: trigger.ID, Config: workflow.PublicFormConfig(trigger)}, publicFormFields())
	form.take(asConfig(mine(s.Catalog.Checker.Check(d.definition), "triggers["+strconv.Itoa(i)+"]")))
	return s.publicFormForm(c, d, form), nil
}

// PublicFormSave puts it into the draft.
func (s *Site) PublicFormSave(c *gin.Context) (templ.Component, error) {
	d, sent, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	id := c.Param("trigger")
	i, err := d.publicForm(id)
	if i < 0 {
		return nil, s.gone(c, d, sent, "public form")
	}
	if err != nil {
		return nil, err
	}
	was := workflow.Step{ID: id, Config: workflow.PublicFormConfig(d.definition.Triggers[i])}
	form := readStepForm(sent, was, publicFormFields())
	if d.definition.Triggers[i], err = workflow.PublicFormOf(id, form.step.Config); err != nil {
		form.problems["config.rate_per_minute"] = "Use a whole number from 1 to 60000."
	} else if !autosaving(sent) {
		form.take(asConfig(mine(s.Catalog.Checker.Check(d.definition), "triggers["+strconv.Itoa(i)+"]")))
	}
	if savesTyped(sent, form.problems) {
		return s.autosavesForm(c, d, sent, form.problems)
	}
	if len(form.problems) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, s.publicFormForm(c, d, form))
	}
	if err := s.save(c, d, proposal{form: sent, again: c.Request.URL.Path}); err != nil {
		return nil, err
	}
	return nil, web.Done(d.url("/forms/", id), "What comes once the form was sent is saved in the draft. "+notYet(d))
}

func (s *Site) publicFormForm(c *gin.Context, d draft, form *stepForm) templ.Component {
	b := formBuilder{form: form}
	page := views.EditorFormPage{
		Layout: s.editorLayout(c, d, "Public form"), Action: d.url("/edit/forms/", form.step.ID), Revision: d.revision(),
		Title: "Public form", Sub: "What people read once they have sent it, or where they are led.", Unsaved: sentBack(c),
	}
	page.Fields, _ = b.fields("config", publicFormFields().Fields, form.step.Config)
	for path, text := range form.problems {
		page.Errors = append(page.Errors, frame.Message(fieldID(path), text))
	}
	return views.EditorForm(page)
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
	page := views.PublicFormPage{Layout: s.Page(c, "Public form", "workflows"), Published: stored.Rule != nil, Inputs: inputRows(d.definition.Inputs), Rate: workflow.FormRate}
	if i >= 0 {
		page.Rate = cmp.Or(d.definition.Triggers[i].RatePerMinute, page.Rate)
		page.Thanks, page.Redirect = d.definition.Triggers[i].Thanks, d.definition.Triggers[i].Redirect
	}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: d.workflow.Name, URL: d.url()}}
	if auth.May(ctx, auth.Operator) {
		page.URL = s.Settings.BaseURL + "/forms/" + stored.Token
	}
	if auth.May(ctx, auth.Editor) {
		page.NewAddressURL = d.url("/forms/", stored.TriggerID, "/address")
	}
	if auth.May(ctx, auth.Editor) && i >= 0 {
		if workflow.GivenName(d.definition.Name) == "" {
			page.NameURL = d.url("/edit/details")
		}
		page.DeleteURL = d.url("/edit/triggers/", stored.TriggerID, "/delete")
		page.EditURL, page.InputsURL = d.url("/edit/forms/", stored.TriggerID), d.url("/edit/inputs")
	}
	return views.PublicForm(page), nil
}
