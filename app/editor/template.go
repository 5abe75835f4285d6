package editor

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/document"
	"workflows/worker/templates"
	"workflows/worker/workflow"
)

// templateForm is what a template asks for, on its way from the page to the workflow.
type templateForm struct {
	templates.Template
	sent     url.Values // nil before anything was
	zone     string
	askZone  bool                // the person has chosen none for themselves
	stored   map[string][]string // the names of the secrets that fit, by the name of the question
	answers  map[string]any
	secrets  map[string]string // values to be kept, by the name of the question
	problems []workflow.Problem
}

// TemplateShow asks for the few values of a template.
func (s *Site) TemplateShow(c *gin.Context) (templ.Component, error) {
	form, err := s.templateForm(c)
	if err != nil {
		return nil, err
	}
	return s.templatePage(c, form)
}

// TemplateMake makes a draft of a template and of what was entered.
func (s *Site) TemplateMake(c *gin.Context) (templ.Component, error) {
	form, err := s.templateForm(c)
	if err != nil {
		return nil, err
	}
	if form.sent, err = web.Form(c); err != nil {
		return nil, err
	}
	form.read()
	definition, err := form.Fill(form.answers, form.zone)
	if err != nil {
		return nil, err
	}
	if len(form.problems) == 0 {
		for _, problem := range s.Catalog.Checker.Check(definition) {
			if behind := form.Behind(problem.Path); behind != "" && !problem.Doubtful {
				form.problems = append(form.problems, workflow.Problem{Path: "input." + behind, Message: problem.Message})
			}
		}
	}
	if len(form.problems) > 0 {
		page, err := s.templatePage(c, form)
		if err != nil {
			return nil, err
		}
		return nil, web.Status(http.StatusUnprocessableEntity, page)
	}
	if definition, err = s.keepSecrets(c, form, definition); err != nil {
		return nil, err
	}
	id, err := s.begin(c, definition)
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/workflows/"+id+"/edit", "It is made, with what you entered. Look at it, try it, and publish it: then it runs.")
}

// keepSecrets stores what nobody may read back, and names it in the workflow.
func (s *Site) keepSecrets(c *gin.Context, form *templateForm, without workflow.Definition) (workflow.Definition, error) {
	if len(form.secrets) == 0 {
		return without, nil
	}
	for _, q := range form.Questions {
		value, entered := form.secrets[q.Name]
		if !entered {
			continue
		}
		kept, err := s.Secrets.PutNew(c.Request.Context(), q.Secret, value, auth.By(c.Request.Context()))
		if err != nil {
			return without, err
		}
		form.answers[q.Name] = kept.Name
	}
	return form.Fill(form.answers, form.zone)
}

// templateForm is the template of the address, with what it may choose from.
func (s *Site) templateForm(c *gin.Context) (*templateForm, error) {
	template, known := templates.Find(c.Param("template"))
	if !known {
		return nil, models.ErrNotFound
	}
	ctx := c.Request.Context()
	secrets, err := models.ListSecrets(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	form := &templateForm{Template: template, zone: frame.ViewerZone(c), answers: map[string]any{}, secrets: map[string]string{}, stored: map[string][]string{}}
	form.askZone = form.zone == "" && template.Timed()
	for i := range form.Questions {
		q := &form.Questions[i]
		if q.Kept() && s.Secrets != nil {
			form.stored[q.Name] = s.Secrets.Fitting(secrets, q.Fits)
		}
		if q.Mine {
			q.Default = auth.User(ctx).Email
		}
		if q.Kind != templates.Calendar {
			continue
		}
		calendars, err := models.ListCalendars(ctx, s.DB)
		if err != nil {
			return nil, err
		}
		for _, calendar := range calendars {
			q.Options = append(q.Options, calendar.Name)
		}
	}
	return form, nil
}

// read takes what was entered for each question, and what is wrong with it.
func (f *templateForm) read() {
	if f.askZone {
		f.zone = f.sent.Get("time_zone")
	}
	if _, err := workflow.LoadZone(f.zone); f.zone == "" || err != nil {
		f.zone = "UTC"
	}
	for _, q := range f.Questions {
		name := "input." + q.Name
		if stored := f.sent.Get("stored." + q.Name); q.Kept() && slices.Contains(f.stored[q.Name], stored) {
			f.answers[q.Name] = stored
			continue
		}
		value, problem := workflow.ParseFormInput(q.Input, f.sent.Get(name))
		message := ""
		switch {
		case problem != nil:
			message = problem.Message
		case value == nil && q.Required:
			message = "Enter a value for “" + q.Called() + "”."
		case value != nil:
			message = q.Problem(document.Text(value))
		}
		switch {
		case message != "":
			f.problems = append(f.problems, workflow.Problem{Path: name, Message: message})
		case value != nil && q.Kept():
			f.answers[q.Name], f.secrets[q.Name] = q.Secret, strings.TrimSpace(document.Text(value))
		default:
			f.answers[q.Name] = value
		}
	}
}

func (s *Site) templatePage(c *gin.Context, f *templateForm) (templ.Component, error) {
	steps, when, err := s.templateSteps(f.Template, f.zone)
	if err != nil {
		return nil, err
	}
	page := views.TemplatePage{Layout: s.Page(c, f.Title, "workflows"), Title: f.Title, Summary: f.Summary, Action: "/workflows/new/" + f.ID, When: when, Steps: steps}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: "Templates", URL: "/workflows/new"}}
	if page.Mail, err = s.mailMissing(c.Request.Context()); err != nil {
		return nil, err
	}
	for _, q := range f.Questions {
		if q.Kind != templates.Calendar || len(q.Options) > 0 {
			page.Fields = append(page.Fields, f.fields(q)...)
		}
	}
	switch {
	case f.askZone:
		chosen := f.sent.Get("time_zone")
		page.Fields = append(page.Fields, ui.FieldProps{
			Name: "time_zone", Kind: "choice", Label: "Time zone", Help: "By whose clocks it goes.",
			Value: frame.Either(chosen != "", chosen, "UTC"), Options: views.TimeZones(chosen), Attributes: ui.BrowserZone(chosen),
		})
	case f.Timed():
		page.Clocks = "It goes by the clocks of " + strings.ReplaceAll(f.zone, "_", " ") + "."
	}
	for _, field := range page.Fields {
		if field.Error != "" {
			page.Errors = append(page.Errors, ui.FieldMessage{FieldID: field.ID, Label: field.Label, Message: field.Error})
		}
	}
	return views.Template(page), nil
}

// fields are the entries for a question: one, and for what is kept as a secret a choice
// of those that there are before it.
func (f *templateForm) fields(q templates.Question) []ui.FieldProps {
	field := frame.InputField(q.Input, f.sent, f.problems)
	if field.Autocomplete == "" {
		field.Autocomplete = "off"
	}
	if q.Kind == templates.Calendar {
		field.Options[0].Label = "No calendar"
	}
	if !q.Kept() {
		return []ui.FieldProps{field}
	}
	if field.Value != "" { // a secret is not sent back
		field.Value = ""
		if field.Error == "" && f.sent.Get("stored."+q.Name) == "" {
			field.Error = "Enter it once more: what is kept as a secret is not sent back."
		}
	}
	field.Help = strings.TrimSpace(field.Help + " " + secretHelp(q.Kind))
	if len(f.stored[q.Name]) == 0 {
		return []ui.FieldProps{field}
	}
	choice := ui.FieldProps{
		ID: "stored." + q.Name, Name: "stored." + q.Name, Kind: "choice", Label: q.Called(), Value: f.sent.Get("stored." + q.Name),
		Options: []ui.Option{{Value: "", Label: "A new one, entered below"}}, Help: storedHelp(q.Kind),
	}
	for _, name := range f.stored[q.Name] {
		choice.Options = append(choice.Options, ui.Option{Value: name, Label: name})
	}
	field.Label, field.ShowIf, field.Required = frame.Either(q.Kind == templates.Key, "The new one", "Its address"), choice.Name+"=", false
	return []ui.FieldProps{choice, field}
}

// storedHelp says which of those that are kept already are offered.
func storedHelp(kind string) string {
	what := map[string]string{templates.Chat: "hold the address of a page", templates.Database: "hold the address of a database", templates.Key: "hold no address"}
	return "Or one of the secrets that are kept here: those that " + what[kind] + " are offered."
}

// secretHelp says what to enter for one that is new.
func secretHelp(kind string) string {
	kept := "It is kept as a secret: nobody can read it back."
	switch kind {
	case templates.Chat:
		return "The address at which the chat takes messages. Slack, Teams, Discord and others call it an incoming webhook. " + kept
	case templates.Database:
		return "Its address with user name and password: postgres://user:password@db.example.com:5432/shop, or mysql://…, or mariadb://…. Best a user who may only read. " + kept
	}
	return kept
}
