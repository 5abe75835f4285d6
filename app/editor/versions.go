package editor

import (
	"cmp"
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

// versionsLimit is how many versions one page of the list has.
const versionsLimit = 20

// VersionsShow lists a workflow's published versions and what each one changed.
func (s *Site) VersionsShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	before, err := strconv.ParseInt(cmp.Or(c.Query("cursor"), "0"), 10, 32)
	if err != nil {
		return nil, models.ErrNotFound
	}
	// One more than is shown: the last one is compared with the one before it.
	found, _, err := models.ListVersions(ctx, s.DB, d.workflow.ID, int(before), versionsLimit+1)
	if err != nil {
		return nil, err
	}
	page := views.VersionsPage{Layout: s.versionsLayout(c, d, "Versions"), WorkflowID: d.workflow.ID, Name: d.workflow.Name, MayEdit: auth.May(ctx, auth.Editor)}
	for i, version := range found {
		if i == versionsLimit {
			page.Pages.NextURL = web.NextCursor(c, strconv.Itoa(found[i-1].Number))
			break
		}
		row := versionRow(d.workflow, version)
		if i+1 < len(found) {
			row.Changes = s.changes(found[i+1], version)
		}
		page.Rows = append(page.Rows, row)
	}
	return views.Versions(page), nil
}

func (s *Site) changes(old, new models.WorkflowVersion) []string {
	was, err := workflow.Load(old.Definition)
	if err != nil {
		return nil
	}
	is, err := workflow.Load(new.Definition)
	if err != nil {
		return nil
	}
	return workflow.Diff(was, is, s.Types)
}

func versionRow(w models.Workflow, version models.WorkflowVersion) views.VersionRow {
	return views.VersionRow{
		Number: version.Number, At: version.CreatedAt, By: version.PublishedBy, Present: w.VersionID != nil && *w.VersionID == version.ID,
	}
}

// VersionShow is one published version as it was.
func (s *Site) VersionShow(c *gin.Context) (templ.Component, error) {
	d, version, err := s.version(c)
	if err != nil {
		return nil, err
	}
	definition, err := workflow.Load(version.Definition)
	if err != nil {
		return nil, err
	}
	types, err := s.typesNaming(c.Request.Context(), definition)
	if err != nil {
		return nil, err
	}
	page := views.VersionPage{
		Layout: s.versionsLayout(c, d, "Version "+strconv.Itoa(version.Number)), WorkflowID: d.workflow.ID, Name: version.Name, Row: versionRow(d.workflow, version),
		Triggers: triggerRows(definition, nil), Inputs: inputRows(definition.Inputs), Steps: stepRows(definition.Steps, types),
		Definition: version.Definition, MayEdit: auth.May(c.Request.Context(), auth.Editor),
	}
	page.Layout.Crumbs = append(page.Layout.Crumbs, ui.Link{Label: "Versions", URL: d.url("/versions")})
	page.Layout.Wide = true
	return views.Version(page), nil
}

// VersionFile is a published version's definition, whole.
func (s *Site) VersionFile(c *gin.Context) {
	_, version, err := s.version(c)
	if err != nil {
		web.Fail(c, err)
		return
	}
	frame.SendJSON(c, "definition.json", version.Definition)
}

// VersionRestore makes a published version the draft again.
func (s *Site) VersionRestore(c *gin.Context) (templ.Component, error) {
	d, version, err := s.version(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	if _, err := s.Catalog.Restore(ctx, d.workflow.ID, version.Number, auth.By(ctx)); err != nil {
		return nil, err
	}
	return nil, web.SeeOther(d.url("/edit"))
}

func (s *Site) version(c *gin.Context) (draft, models.WorkflowVersion, error) {
	d, err := s.draft(c)
	if err != nil {
		return draft{}, models.WorkflowVersion{}, err
	}
	number, err := strconv.Atoi(c.Param("number"))
	if err != nil {
		return draft{}, models.WorkflowVersion{}, models.ErrNotFound
	}
	version, err := models.GetVersion(c.Request.Context(), s.DB, d.workflow.ID, number)
	return d, version, err
}

func (s *Site) versionsLayout(c *gin.Context, d draft, title string) ui.Page {
	p := s.Page(c, title, "workflows")
	p.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: d.workflow.Name, URL: d.url()}}
	return p
}
