package editor

import (
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/catalog"
	"workflows/worker/notify"
	"workflows/worker/workflow"
)

// unnamed is what a workflow is called that nobody has named yet.
const unnamed = "New workflow"

// WorkflowNewShow offers the templates.
func (s *Site) WorkflowNewShow(c *gin.Context) (templ.Component, error) {
	page := views.WorkflowNewPage{Layout: s.Page(c, "Begin with a template", "workflows")}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}}
	for _, template := range catalog.Templates() {
		page.Templates = append(page.Templates, views.TemplateCard{
			ID: template.ID, Title: template.Title, Summary: template.Summary, Steps: stepRows(template.Definition.Steps, s.Types),
		})
	}
	return views.WorkflowNew(page), nil
}

// WorkflowNew makes a draft, of a template or empty, and opens the editor.
func (s *Site) WorkflowNew(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	name, template := strings.TrimSpace(form.Get("name")), form.Get("template")
	definition := workflow.Definition{Format: workflow.Format, Name: name}
	templates := catalog.Templates()
	if i := slices.IndexFunc(templates, func(t catalog.Template) bool { return t.ID == template }); i >= 0 {
		definition = templates[i].Definition
		if name != "" {
			definition.Name = name
		}
	}
	if definition.Name == "" {
		definition.Name = unnamed
	}
	ctx := c.Request.Context()
	if definition.Settings.Notify == nil { // who makes it is told when it fails, until they choose otherwise
		definition.Settings.Notify = []notify.Rule{{On: usually(), Email: []string{auth.User(ctx).Email}}}
	}
	made, err := s.Catalog.Create(ctx, definition, false, auth.By(ctx))
	if err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/workflows/" + made.ID + "/edit")
}
