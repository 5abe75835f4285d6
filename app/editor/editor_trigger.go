package editor

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/editor/timing"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/changes"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// TriggerNewShow is the schedule builder for a new schedule.
func (s *Site) TriggerNewShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	form := timing.New(workflow.Trigger{}, frame.ViewerZone(c))
	return s.trigger(c, d, form, nil)
}

// TriggerShow is the schedule builder for a schedule of the draft.
func (s *Site) TriggerShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	i := triggerIndex(d.definition, c.Param("trigger"))
	if i < 0 || d.definition.Triggers[i].Addressed() {
		return nil, models.ErrNotFound
	}
	trigger := d.definition.Triggers[i]
	form := timing.New(trigger, "")
	problems := s.Catalog.Checker.Trigger(trigger)
	if c.Query("check") == "" {
		problems = wrong(problems)
	}
	form.Take(problems)
	return s.trigger(c, d, form, nil)
}

// trigger draws the builder; change may be nil.
func (s *Site) trigger(c *gin.Context, d draft, form *timing.Form, change func(*views.TriggerPage)) (templ.Component, error) {
	calendars, err := models.ListCalendars(c.Request.Context(), s.DB)
	if err != nil {
		return nil, err
	}
	known := schedule.Calendars{}
	for _, stored := range calendars {
		form.Calendars = append(form.Calendars, stored.Name)
		if stored.Name == form.Calendar {
			if known[stored.Name], err = schedule.ReadCalendar(stored); err != nil {
				return nil, err
			}
		}
	}
	page := s.triggerPage(c, d, form, known)
	if change != nil {
		change(&page)
	}
	return views.Trigger(page), nil
}

// TriggerSave puts the builder's schedule into the draft; a new one without a
// trigger in the address.
func (s *Site) TriggerSave(c *gin.Context) (templ.Component, error) {
	d, sent, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	id := c.Param("trigger")
	var was workflow.Trigger
	i := triggerIndex(d.definition, id)
	if id != "" && i < 0 {
		return nil, s.gone(c, d, sent, "schedule")
	}
	if id != "" {
		if was = d.definition.Triggers[i]; was.Addressed() {
			return nil, models.ErrNotFound
		}
	}
	form := timing.Read(sent, was)
	trigger := form.Trigger()
	if id != "" && savesTyped(sent, form.Problems) {
		d.definition.Triggers[i] = trigger
		return s.autosavesForm(c, d, sent, form.Problems)
	}
	if len(form.Problems) == 0 {
		form.Take(s.Catalog.Checker.Trigger(trigger))
	}
	if sent.Get("show") != "" {
		return s.trigger(c, d, form, func(page *views.TriggerPage) { page.Revision = sent.Get("revision") })
	}
	if len(form.Problems) > 0 {
		page, err := s.trigger(c, d, form, func(page *views.TriggerPage) { page.Errors = form.Errors(page.Fields, page.Rules) })
		if err != nil {
			return nil, err
		}
		return nil, web.Status(http.StatusUnprocessableEntity, page)
	}
	if id == "" {
		trigger.ID = workflow.NewStepID(d.definition, "schedule")
		d.definition.Triggers = append(d.definition.Triggers, trigger)
	} else {
		d.definition.Triggers[i] = trigger
	}
	if err := s.save(c, d, proposal{form: sent, again: c.Request.URL.Path}); err != nil {
		return nil, err
	}
	return nil, web.Done(d.url("/edit#trigger-", trigger.ID), "The schedule “"+changes.StartWords(trigger)+"” is saved in the draft. "+notYet(d))
}

// TriggerPreview is the fragment that says what the builder's form means.
func (s *Site) TriggerPreview(c *gin.Context) (templ.Component, error) {
	sent, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	form := timing.Read(sent, workflow.Trigger{})
	calendars, err := schedule.LoadCalendars(c.Request.Context(), s.DB, form.Calendar)
	if err != nil {
		return nil, err
	}
	return views.SchedulePreview(form.Preview(s.Now(), frame.ViewerZone(c), calendars)), nil
}

// TriggerDeleteAsk asks before a schedule or webhook is deleted.
func (s *Site) TriggerDeleteAsk(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	i := triggerIndex(d.definition, c.Param("trigger"))
	if i < 0 {
		return nil, models.ErrNotFound
	}
	trigger := d.definition.Triggers[i]
	return views.Confirmation(views.ConfirmationPage{
		Layout: s.editorLayout(c, d, "Delete a "+trigger.Type), Title: "Delete this " + trigger.Type + "?",
		Sentence: "“" + changes.StartWords(trigger) + "” is taken out of the draft. What is published keeps running until you publish again.",
		Form: ui.ConfirmForm{
			Action: d.url("/edit/triggers/", trigger.ID, "/delete"), BackURL: d.url("/edit"), Hidden: []ui.Pair{{Name: "revision", Value: d.revision()}},
			Button: ui.ButtonProps{Label: "Delete " + trigger.Type, Icon: "trash-2", Kind: "danger"},
		},
	}), nil
}

// TriggerDelete takes a schedule or webhook out of the draft.
func (s *Site) TriggerDelete(c *gin.Context) (templ.Component, error) {
	err := s.changeSteps(c, func(d *draft, _ url.Values) error {
		i := triggerIndex(d.definition, c.Param("trigger"))
		if i < 0 {
			return models.ErrNotFound
		}
		d.definition.Triggers = slices.Delete(d.definition.Triggers, i, i+1)
		return nil
	})
	return toStep(c, "", "It is taken out of the draft. What is published keeps running until you publish again.", err)
}

func triggerIndex(d workflow.Definition, id string) int {
	return slices.IndexFunc(d.Triggers, func(t workflow.Trigger) bool { return t.ID == id })
}

func (s *Site) triggerPage(c *gin.Context, d draft, form *timing.Form, calendars schedule.Calendars) views.TriggerPage {
	page := views.TriggerPage{
		Layout: s.editorLayout(c, d, "Schedule"), WorkflowID: d.workflow.ID, Revision: d.revision(), Mode: form.Mode,
		Title: "Add a schedule", Action: d.url("/edit/new-trigger"), PreviewURL: d.url("/edit/preview"),
		Preview: form.Preview(s.Now(), frame.ViewerZone(c), calendars), Fields: form.Fields(), Rules: form.Rules(), Unsaved: sentBack(c),
	}
	if id := form.Stored.ID; id != "" {
		page.Title, page.Action = "Schedule", d.url("/edit/triggers/", id)
		page.DeleteURL = d.url("/edit/triggers/", id, "/delete")
	}
	page.RulesOpen = form.RulesSet()
	return page
}
