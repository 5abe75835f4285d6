package api

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
)

// Version is a published definition.
type Version struct {
	WorkflowID  string      `json:"workflow_id" format:"uuid"`
	Number      int         `json:"number"`
	Name        string      `json:"name"`
	Definition  models.JSON `json:"definition" schema:"Definition"`
	PublishedBy string      `json:"published_by"`
	CreatedAt   Time        `json:"created_at"`
}

// VersionRow is a version in a list.
type VersionRow struct {
	WorkflowID  string `json:"workflow_id" format:"uuid"`
	Number      int    `json:"number"`
	Name        string `json:"name"`
	PublishedBy string `json:"published_by"`
	CreatedAt   Time   `json:"created_at"`
}

func (a *API) versionOperations() []Operation {
	const group = "Versions"
	return []Operation{
		{Method: http.MethodGet, Path: "/workflows/:id/versions", Name: "listVersions", Group: group, Summary: "List a workflow's published versions, newest first.", Scope: auth.ScopeRead, Status: 200, Parameters: paged(), Answer: List[VersionRow]{}, Errors: []int{404, 422}, Handle: a.listVersions},
		{Method: http.MethodGet, Path: "/workflows/:id/versions/:number", Name: "getVersion", Group: group, Summary: "Read one version. Versions never change.", Scope: auth.ScopeRead, Status: 200, Answer: Version{}, Errors: []int{404}, Handle: a.getVersion},
		{Method: http.MethodPost, Path: "/workflows/:id/versions/:number/restore", Name: "restoreVersion", Group: group, Summary: "Copy a version into the draft. Publish it to run it.", Scope: auth.ScopeWrite, Status: 200, Answer: Workflow{}, Errors: []int{404}, Handle: a.restoreVersion},
	}
}

func (a *API) getVersion(c *gin.Context) (any, error) {
	id, number, err := versionOf(c)
	if err != nil {
		return nil, err
	}
	v, err := models.GetVersion(c.Request.Context(), a.DB, id, number)
	if err != nil {
		return nil, err
	}
	return Version{WorkflowID: v.WorkflowID, Number: v.Number, Name: v.Name, Definition: v.Definition, PublishedBy: v.PublishedBy, CreatedAt: Time(v.CreatedAt)}, nil
}

func (a *API) restoreVersion(c *gin.Context) (any, error) {
	id, number, err := versionOf(c)
	if err != nil {
		return nil, err
	}
	if err := noBody(c); err != nil {
		return nil, err
	}
	return a.shown(c)(a.Catalog.Restore(c.Request.Context(), id, number, nil, by(c)))
}

// versionOf reads a workflow's id and a version's number from the path.
func versionOf(c *gin.Context) (string, int, error) {
	id, err := id(c)
	if err != nil {
		return "", 0, err
	}
	number, err := strconv.Atoi(c.Param("number"))
	if err != nil || number < 1 || number > 1<<30 {
		return "", 0, models.ErrNotFound
	}
	return id, number, nil
}

func (a *API) listVersions(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	p, err := read(c, paged())
	if err != nil {
		return nil, err
	}
	before, limit := p.number("cursor", 0, 1, 1<<30), p.limit()
	if err := p.err(); err != nil {
		return nil, err
	}
	if _, err := models.GetWorkflow(c.Request.Context(), a.DB, id); err != nil {
		return nil, err
	}
	found, next, err := models.ListVersions(c.Request.Context(), a.DB, id, before, limit)
	if err != nil {
		return nil, err
	}
	var rows []VersionRow
	for _, v := range found {
		rows = append(rows, VersionRow{WorkflowID: v.WorkflowID, Number: v.Number, Name: v.Name, PublishedBy: v.PublishedBy, CreatedAt: Time(v.CreatedAt)})
	}
	cursor := ""
	if next > 0 {
		cursor = strconv.Itoa(next)
	}
	return list(rows, cursor), nil
}
