package editor

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/document"
	"workflows/worker/workflow"
	"workflows/worker/workflow/offer"
)

// webhookFields is the form of a webhook in the shape of a step's.
func webhookFields() workflow.StepType { return workflow.StepType{Fields: workflow.WebhookFields()} }

// WebhookNewShow is the form of a new webhook.
func (s *Site) WebhookNewShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	return s.webhookForm(c, d, newStepForm(workflow.Step{}, webhookFields()))
}

// WebhookFormShow is the form of a webhook of the draft.
func (s *Site) WebhookFormShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	i := triggerIndex(d.definition, c.Param("trigger"))
	if i < 0 || d.definition.Triggers[i].Type != "webhook" {
		return nil, models.ErrNotFound
	}
	trigger := d.definition.Triggers[i]
	form := newStepForm(workflow.Step{ID: trigger.ID, Config: workflow.WebhookConfig(trigger)}, webhookFields())
	problems, err := s.Catalog.Check(c.Request.Context(), d.workflow.ID, d.definition)
	if err != nil {
		return nil, err
	}
	problems = mine(problems, "triggers["+strconv.Itoa(i)+"]")
	if c.Query("check") == "" {
		problems = wrong(problems)
	}
	form.take(asConfig(problems))
	return s.webhookForm(c, d, form)
}

// asConfig are problems of a trigger at the entries of its form.
func asConfig(problems []workflow.Problem) []workflow.Problem {
	for i := range problems {
		path := strings.TrimPrefix(problems[i].Path, "filter.")
		if strings.HasPrefix(path, "cors.") {
			path = "origins"
		}
		problems[i].Path = "config." + path
	}
	return problems
}

// WebhookSave puts the form into the draft; a new webhook without a trigger in
// the address. From then on it has its address.
func (s *Site) WebhookSave(c *gin.Context) (templ.Component, error) {
	d, sent, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	id := c.Param("trigger")
	i := triggerIndex(d.definition, id)
	var was workflow.Step
	if id != "" {
		if i < 0 {
			return nil, s.gone(c, d, sent, "webhook")
		}
		if d.definition.Triggers[i].Type != "webhook" {
			return nil, models.ErrNotFound
		}
		was = workflow.Step{ID: id, Config: workflow.WebhookConfig(d.definition.Triggers[i])}
	}
	if command := sent.Get("row"); command != "" {
		return s.webhookRows(c, d, was, command, sent)
	}
	form := readStepForm(sent, was, webhookFields())
	if id == "" {
		id, i = workflow.NewStepID(d.definition, "webhook"), len(d.definition.Triggers)
		d.definition.Triggers = append(d.definition.Triggers, workflow.Trigger{})
	}
	if d.definition.Triggers[i], err = workflow.WebhookOf(id, form.step.Config); err != nil {
		form.problems[noNumber(form.step.Config)] = "Use a whole number."
	} else if !autosaving(sent) {
		problems, err := s.Catalog.Check(c.Request.Context(), d.workflow.ID, d.definition)
		if err != nil {
			return nil, err
		}
		form.take(asConfig(wrong(mine(problems, "triggers["+strconv.Itoa(i)+"]"))))
	}
	if savesTyped(sent, form.problems) {
		return s.autosavesForm(c, d, sent, form.problems)
	}
	if len(form.problems) > 0 {
		page, err := s.webhookForm(c, d, form)
		if err != nil {
			return nil, err
		}
		return nil, web.Status(http.StatusUnprocessableEntity, page)
	}
	if err := s.save(c, d, proposal{form: sent, again: c.Request.URL.Path}); err != nil {
		return nil, err
	}
	return nil, web.Done(d.url("/webhooks/", id), "The webhook is saved in the draft. "+notYet(d))
}

// noNumber is the path of what was typed in the place of a number.
func noNumber(config map[string]any) string {
	answer, _ := config["answer"].(map[string]any)
	if status, given := answer["status"]; given {
		if number, exact := document.Number(status, false); !exact || !number.IsInt() {
			return "config.answer.status"
		}
	}
	return "config.rate_per_minute"
}

// webhookRows shows the form with a row more or less; nothing is saved.
func (s *Site) webhookRows(c *gin.Context, d draft, was workflow.Step, command string, sent url.Values) (templ.Component, error) {
	changeRows(sent, command)
	form := readStepForm(sent, was, webhookFields())
	form.problems = map[string]string{}
	form.keepEmptyRows(sent, "config", webhookFields().Fields)
	return s.webhookForm(c, d, form)
}

func (s *Site) webhookForm(c *gin.Context, d draft, form *stepForm) (templ.Component, error) {
	samples, err := s.samples(c.Request.Context(), d)
	if err != nil {
		return nil, err
	}
	known := offer.Know(d.definition, s.Types, samples)
	b := formBuilder{form: form, known: &known, dataURL: d.url("/edit/data?webhook=", form.step.ID)}
	if b.secrets, err = s.secretChoices(c); err != nil {
		return nil, err
	}
	page := views.WebhookFormPage{
		Layout: s.editorLayout(c, d, "Webhook"), Title: "Add a webhook", Action: d.url("/edit/new-webhook"),
		Revision: d.revision(), BackURL: d.url("/edit"), Unsaved: sentBack(c),
	}
	if id := form.step.ID; id != "" {
		page.Title, page.Action = "Webhook", d.url("/edit/webhooks/", id)
		page.ShowURL, page.DeleteURL = d.url("/webhooks/", id), d.url("/edit/triggers/", id, "/delete")
	}
	page.Fields, page.Advanced = b.fields("config", webhookFields().Fields, form.step.Config)
	page.AdvancedOpen = anyError(page.Advanced) || slices.ContainsFunc(webhookFields().Fields, func(f workflow.Field) bool { return f.Advanced && form.step.Config[f.Name] != nil })
	for path, text := range form.problems {
		page.Errors = append(page.Errors, frame.Message(fieldID(path), text))
	}
	return views.WebhookForm(page), nil
}

// secretChoices are the secrets that a form offers, by name.
func (s *Site) secretChoices(c *gin.Context) ([]ui.Option, error) {
	found, err := models.ListSecrets(c.Request.Context(), s.DB)
	if err != nil {
		return nil, err
	}
	choices := make([]ui.Option, len(found))
	for i, secret := range found {
		choices[i] = ui.Option{Value: secret.Name, Label: secret.Name}
	}
	return choices, nil
}
