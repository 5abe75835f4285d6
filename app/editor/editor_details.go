package editor

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// DetailsShow is the form of a workflow's name, description and rules.
func (s *Site) DetailsShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	found, err := s.Catalog.Check(c.Request.Context(), d.workflow.ID, d.definition)
	if err != nil {
		return nil, err
	}
	problems := map[string]string{}
	for _, problem := range found {
		problems[problem.Path] = problem.Message
	}
	typed := url.Values{}
	if most := d.definition.Settings.MaxRunning; most > 0 {
		typed.Set(atOnce, strconv.Itoa(most))
	}
	typedKeep(d.definition.Settings.Keep, typed)
	return s.detailsPage(c, d, typed, problems)
}

// DetailsSave puts the name, the description and the rules into the draft.
func (s *Site) DetailsSave(c *gin.Context) (templ.Component, error) {
	d, form, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	problems := readDetails(form, &d.definition)
	for _, problem := range s.Catalog.Checker.Check(d.definition) {
		ofRules := strings.HasPrefix(problem.Path, "settings.") && !strings.HasPrefix(problem.Path, "settings.notify")
		if problem.Path == "name" || problem.Path == "description" || ofRules && !autosaving(form) {
			problems[problem.Path] = problem.Message
		}
	}
	if savesTyped(form, problems) {
		return s.autosavesForm(c, d, form, problems)
	}
	if len(problems) > 0 {
		page, err := s.detailsPage(c, d, form, problems)
		if err != nil {
			return nil, err
		}
		return nil, web.Status(http.StatusUnprocessableEntity, page)
	}
	if err := s.save(c, d, proposal{form: form, again: d.url("/edit/details")}); err != nil {
		return nil, err
	}
	return nil, web.Done(d.url("/edit"), "Name and rules are saved in the draft. "+notYet(d))
}

// atOnce is the entry for how many runs there may be at once.
const atOnce = "settings.max_running"

func readDetails(form url.Values, d *workflow.Definition) map[string]string {
	problems := map[string]string{}
	d.Name = strings.TrimSpace(form.Get("name"))
	d.Description = strings.TrimSpace(form.Get("description"))
	d.Settings.Timeout = frame.ReadLength(form, "settings.timeout", d.Settings.Timeout)
	d.Settings.OnLimit = frame.Chosen(form.Get("settings.on_limit"), d.Settings.OnLimit, "queue")
	d.Settings.Priority = frame.Chosen(form.Get("settings.priority"), d.Settings.Priority, "normal")
	d.Settings.MaxDuration = frame.ReadLength(form, "settings.max_duration", d.Settings.MaxDuration)
	d.Settings.MustSucceedBy = readDeadlines(form, d.Settings.MustSucceedBy)
	d.Settings.Keep = readKeep(form, problems)
	d.Settings.MaxRunning = 0
	if typed := strings.TrimSpace(form.Get(atOnce)); typed != "" {
		var err error
		if d.Settings.MaxRunning, err = strconv.Atoi(typed); err != nil {
			problems[atOnce] = "Use a whole number of runs at once, such as 10, or leave it empty."
		}
	}
	return problems
}

func limitOptions() []ui.Option {
	return []ui.Option{{Value: "queue", Label: "wait their turn"}, {Value: "skip", Label: "are skipped"}, {Value: "reject", Label: "are refused"}}
}

func priorityOptions() []ui.Option {
	return []ui.Option{{Value: "high", Label: "High: before others"}, {Value: "normal", Label: "Normal"}, {Value: "low", Label: "Low: after others"}}
}

// detailsPage shows the form; typed is what stands in its entries for numbers.
func (s *Site) detailsPage(c *gin.Context, d draft, typed url.Values, problems map[string]string) (templ.Component, error) {
	calendars, err := models.ListCalendars(c.Request.Context(), s.DB)
	if err != nil {
		return nil, err
	}
	settings := d.definition.Settings
	fields := []ui.FieldProps{
		{Name: "name", Label: "Name", Required: true, Value: d.definition.Name, Help: "What it is called in lists."},
		{Name: "description", Label: "Description", Kind: "multiline", Rows: 3, Value: d.definition.Description, Help: "What it is for, in a sentence or two."},
		{Name: "settings.timeout", Label: "Longest time for a run", Width: "medium", Value: workflow.LengthWords(settings.Timeout), Placeholder: "1 hour", Help: "A run that takes longer fails. Left empty there is no limit."},
		{Name: atOnce, Label: "At most this many runs at once", Kind: "number", Width: "short", Value: typed.Get(atOnce), Help: "A run counts until it has ended, also while it waits. Left empty there is no limit."},
		{Name: "settings.on_limit", Label: "More runs", Kind: "choice", Width: "medium", Value: cmp.Or(settings.OnLimit, "queue"), Options: limitOptions(), Help: "What happens to a run that would be one too many."},
		{Name: "settings.priority", Label: "Priority", Kind: "choice", Width: "medium", Value: cmp.Or(settings.Priority, "normal"), Options: priorityOptions(), Help: "Which runs workers take first when many are waiting."},
		{Name: "settings.max_duration", Label: "A run should take at most", Width: "medium", Value: workflow.LengthWords(settings.MaxDuration), Placeholder: "30 minutes", Help: "A run that takes longer goes on, and an alert is raised. Left empty there is none."},
	}
	fields = append(fields, s.keepFields(typed)...)
	page := views.EditorFormPage{
		Layout: s.editorLayout(c, d, "Name and rules"), Action: d.url("/edit/details"), Revision: d.revision(),
		Title: "Name and rules", Sub: "What the workflow is called, and what holds for each of its runs.", Unsaved: sentBack(c),
	}
	for i := range fields {
		fields[i].ID, fields[i].Error, fields[i].Autocomplete = fieldID(fields[i].Name), problems[fields[i].Name], "off"
		page.Fields = append(page.Fields, views.FormField{Field: &fields[i]})
		if fields[i].Error != "" {
			page.Errors = append(page.Errors, ui.FieldMessage{FieldID: fields[i].ID, Message: fields[i].Error})
		}
	}
	for _, group := range deadlineFields(settings.MustSucceedBy, frame.ViewerZone(c), calendars, problems) {
		page.Fields = append(page.Fields, group)
		for _, field := range group.Group.Fields {
			if field.Field.Error != "" {
				page.Errors = append(page.Errors, ui.FieldMessage{FieldID: field.Field.ID, Message: field.Field.Error})
			}
		}
	}
	return views.EditorForm(page), nil
}

// published reports whether the draft is what is published.
func (s *Site) published(ctx context.Context, d draft) (bool, error) {
	if d.workflow.VersionID == nil {
		return false, nil
	}
	changed, err := models.ChangedDrafts(ctx, s.DB, []string{d.workflow.ID})
	return !changed[d.workflow.ID], err
}
