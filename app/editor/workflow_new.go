package editor

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/changes"
	"workflows/worker/templates"
	"workflows/worker/workflow"
)

// WorkflowNewShow offers the templates, or those that a search leaves.
func (s *Site) WorkflowNewShow(c *gin.Context) (templ.Component, error) {
	page := views.WorkflowNewPage{Layout: s.Page(c, "Begin with a template", "workflows"), Search: strings.TrimSpace(c.Query("q"))}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}}
	for _, template := range templates.Search(page.Search) {
		steps, _, err := s.templateSteps(template, "")
		if err != nil {
			return nil, err
		}
		if last := len(page.Groups) - 1; last < 0 || page.Groups[last].Title != template.Want {
			page.Groups = append(page.Groups, views.TemplateGroup{Title: template.Want})
		}
		group := &page.Groups[len(page.Groups)-1]
		group.Cards = append(group.Cards, views.TemplateCard{URL: "/workflows/new/" + template.ID, Title: template.Title, Summary: template.Summary, Steps: steps})
	}
	return views.WorkflowNew(page), nil
}

// templateSteps are the steps by their titles alone, since nothing is filled in yet that a
// sentence could say, and when it starts unless that is changed.
func (s *Site) templateSteps(template templates.Template, zone string) (rows []ui.StepRow, when []string, err error) {
	defaults := map[string]any{}
	for _, question := range template.Questions {
		defaults[question.Name] = question.Default
	}
	definition, err := template.Fill(defaults, zone)
	if err != nil {
		return nil, nil, err
	}
	rows = stepRows(definition, s.Types)
	for i := range rows {
		rows[i].Sentence = ""
	}
	for _, trigger := range definition.Triggers {
		when = append(when, changes.StartWords(trigger))
	}
	return rows, when, nil
}

// WorkflowNew makes an empty draft and opens the editor: nothing is asked before.
func (s *Site) WorkflowNew(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSpace(form.Get("name"))
	if name == "" {
		name = workflow.Unnamed
	}
	id, err := s.begin(c, workflow.Definition{Format: workflow.Format, Name: name})
	if err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/workflows/" + id + "/edit")
}

// begin stores a new draft. Those whom the installation has chosen are told when it fails,
// until somebody chooses otherwise.
func (s *Site) begin(c *gin.Context, definition workflow.Definition) (id string, err error) {
	ctx := c.Request.Context()
	if definition.Settings.Notify == nil {
		if definition.Settings.Notify, err = s.firstRules(ctx); err != nil {
			return "", err
		}
	}
	made, err := s.Catalog.Create(ctx, definition, false, auth.By(ctx))
	return made.ID, err
}
