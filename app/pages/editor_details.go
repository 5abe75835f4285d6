package pages

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

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
	problems := map[string]string{}
	for _, problem := range s.Catalog.Checker.Check(d.definition) {
		problems[problem.Path] = problem.Message
	}
	running := ""
	if n := d.definition.Settings.MaxRunning; n != 0 {
		running = strconv.Itoa(n)
	}
	return s.detailsPage(c, d, running, problems), nil
}

// DetailsSave puts the name, the description and the rules into the draft.
func (s *Site) DetailsSave(c *gin.Context) (templ.Component, error) {
	present, form, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	next := present
	running := strings.TrimSpace(form.Get("settings.max_running"))
	problems := readDetails(form, &next.definition)
	for _, problem := range s.Catalog.Checker.Check(next.definition) {
		if (problem.Path == "name" || problem.Path == "description" || strings.HasPrefix(problem.Path, "settings.")) && problems[problem.Path] == "" {
			problems[problem.Path] = problem.Message
		}
	}
	if len(problems) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, s.detailsPage(c, next, running, problems))
	}
	part := func(d workflow.Definition) any {
		return map[string]any{"name": d.Name, "description": d.Description, "settings": d.Settings}
	}
	if err := s.save(c, present, edit{form: form, next: next.definition, part: part, again: present.url("/edit/details")}); err != nil {
		return nil, err
	}
	return nil, web.SeeOther(present.url("/edit"))
}

func readDetails(form url.Values, d *workflow.Definition) map[string]string {
	problems := map[string]string{}
	d.Name = strings.TrimSpace(form.Get("name"))
	d.Description = strings.TrimSpace(form.Get("description"))
	d.Settings.Timeout = strings.TrimSpace(form.Get("settings.timeout"))
	d.Settings.OnLimit = chosen(form.Get("settings.on_limit"), d.Settings.OnLimit, "queue")
	d.Settings.MaxRunning = 0
	if text := strings.TrimSpace(form.Get("settings.max_running")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			problems["settings.max_running"] = "Use a whole number between 0 (no limit) and 1000."
		}
		d.Settings.MaxRunning = n
	}
	return problems
}

func (s *Site) detailsPage(c *gin.Context, d draft, running string, problems map[string]string) templ.Component {
	settings := d.definition.Settings
	fields := []ui.FieldProps{
		{Name: "name", Label: "Name", Required: true, Value: d.definition.Name, Help: "What it is called in lists."},
		{Name: "description", Label: "Description", Kind: "multiline", Rows: 3, Value: d.definition.Description, Help: "What it is for, in a sentence or two."},
		{Name: "settings.timeout", Label: "Longest time for a run", Width: "medium", Value: settings.Timeout, Placeholder: "1h", Help: "A run that takes longer fails. Left empty there is no limit."},
		{Name: "settings.max_running", Label: "Runs at the same time", Kind: "number", Width: "short", Value: running, Help: "Left empty there is no limit."},
		{Name: "settings.on_limit", Label: "When there are too many", Kind: "choice", Value: either(settings.OnLimit == "", "queue", settings.OnLimit), Options: []ui.Option{{Value: "queue", Label: "Further runs wait"}, {Value: "skip", Label: "Further runs are skipped"}, {Value: "reject", Label: "Starting one is refused"}}},
	}
	page := views.EditorFormPage{
		Layout: s.editorLayout(c, d, "Name and rules"), WorkflowID: d.workflow.ID, Action: d.url("/edit/details"), Revision: d.revision(),
		Title: "Name and rules", Sub: "What the workflow is called, and what holds for each of its runs.", SaveLabel: "Save",
	}
	for i := range fields {
		fields[i].ID, fields[i].Error, fields[i].Autocomplete = fieldID(fields[i].Name), problems[fields[i].Name], "off"
		page.Fields = append(page.Fields, views.FormField{Field: &fields[i]})
		if fields[i].Error != "" {
			page.Errors = append(page.Errors, ui.FieldMessage{FieldID: fields[i].ID, Message: fields[i].Error})
		}
	}
	return views.EditorForm(page)
}

// published reports whether the draft is what is published.
func (s *Site) published(ctx context.Context, d draft) (bool, error) {
	if d.workflow.VersionID == nil {
		return false, nil
	}
	changed, err := models.ChangedDrafts(ctx, s.DB, []string{d.workflow.ID})
	return !changed[d.workflow.ID], err
}
