package editor

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/catalog"
	"workflows/worker/workflow"
)

// WorkflowNewShow asks what a new workflow begins with.
func (s *Site) WorkflowNewShow(c *gin.Context) (templ.Component, error) {
	return views.WorkflowNew(s.workflowNewPage(c)), nil
}

// WorkflowNew makes a draft and opens the editor.
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
	again := func(message string) error {
		page := s.workflowNewPage(c)
		page.Name, page.Chosen, page.NameError = form.Get("name"), template, message
		page.Errors = []ui.FieldMessage{{FieldID: "name", Message: message}}
		return web.Status(http.StatusUnprocessableEntity, views.WorkflowNew(page))
	}
	if definition.Name == "" {
		return nil, again("Give the workflow a name.")
	}
	ctx := c.Request.Context()
	made, err := s.Catalog.Create(ctx, definition, false, auth.By(ctx))
	var invalid *models.InvalidError
	if errors.As(err, &invalid) && len(invalid.Fields) > 0 {
		return nil, again(invalid.Fields[0].Message)
	}
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/workflows/"+made.ID+"/edit", "“"+made.Name+"” is made, as a draft. It runs once you have published it.")
}

func (s *Site) workflowNewPage(c *gin.Context) views.WorkflowNewPage {
	page := views.WorkflowNewPage{Layout: s.Page(c, "New workflow", "workflows")}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}}
	for _, template := range catalog.Templates() {
		page.Templates = append(page.Templates, views.TemplateCard{
			ID: template.ID, Title: template.Title, Summary: template.Summary, Steps: stepRows(template.Definition.Steps, s.Types),
		})
	}
	return page
}
