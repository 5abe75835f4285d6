package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/listing"
	"workflows/worker/catalog"
	"workflows/worker/workflow"
)

// Workflow is a workflow in an answer; rows of lists have no definition.
type Workflow struct {
	ID            string            `json:"id" format:"uuid"`
	Name          string            `json:"name"`
	Status        string            `json:"status" enum:"draft,active,paused"`
	Version       *int              `json:"version" doc:"The published version; null before the first."`
	DraftRevision int64             `json:"draft_revision" doc:"Grows with every change of the draft; send it as If-Match to guard a change."`
	Definition    models.JSON       `json:"definition" schema:"Definition" doc:"The draft; after publishing it is the same as the published version."`
	Triggers      []WorkflowTrigger `json:"triggers" doc:"Those of the draft, webhooks with their addresses."`
	PausedUntil   *Time             `json:"paused_until"`
	PausedReason  string            `json:"paused_reason"`
	Tags          []string          `json:"tags" doc:"Words that people put on it to find it by; they are no part of the definition."`
	CreatedAt     Time              `json:"created_at"`
	UpdatedAt     Time              `json:"updated_at"`
}

// WorkflowRow is a workflow in a list.
type WorkflowRow struct {
	ID            string   `json:"id" format:"uuid"`
	Name          string   `json:"name"`
	Status        string   `json:"status" enum:"draft,active,paused"`
	Version       *int     `json:"version" doc:"The published version; null before the first."`
	DraftRevision int64    `json:"draft_revision"`
	PausedUntil   *Time    `json:"paused_until"`
	PausedReason  string   `json:"paused_reason"`
	Tags          []string `json:"tags"`
	CreatedAt     Time     `json:"created_at"`
	UpdatedAt     Time     `json:"updated_at"`
}

// WorkflowBody is a definition, and whether to publish it at once.
type WorkflowBody struct {
	workflow.Definition
	Publish bool `json:"publish,omitempty" doc:"Publish at once; only when creating."`
}

// WorkflowPatch is what of a workflow is no part of its definition.
type WorkflowPatch struct {
	Tags []string `json:"tags" doc:"All tags that it shall have, at most 20 of at most 40 letters, without commas; [] takes all off."`
}

// PauseBody says until when and why a workflow is paused.
type PauseBody struct {
	Until  *time.Time `json:"until,omitempty" doc:"When it goes on by itself; without it somebody has to resume it."`
	Reason string     `json:"reason,omitempty" doc:"Shown to everybody; at most 500 characters."`
}

func (a *API) workflowOperations() []Operation {
	const group = "Workflows"
	lists := paged(
		query("q", "string", "Part of the name."),
		query("status", "string", "Only workflows in this state.", workflow.StatusDraft, workflow.StatusActive, workflow.StatusPaused),
		query("tag", "string", "Only workflows with this tag."))
	ifMatch := Parameter{In: "header", Name: "If-Match", Type: "string", Summary: `The draft_revision that the change is based on, in quotation marks ("3"). If the draft has changed since, the answer is 409.`}
	return []Operation{
		{
			Method: http.MethodGet, Path: "/workflows", Name: "listWorkflows", Group: group, Summary: "List the workflows, newest first, without their definitions.", Scope: auth.ScopeRead, Status: 200, Parameters: lists, Answer: List[WorkflowRow]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listWorkflows(c, lists) },
		},
		{Method: http.MethodPost, Path: "/workflows", Name: "createWorkflow", Group: group, Summary: "Create a workflow from a definition.", Scope: auth.ScopeWrite, Status: 201, Body: WorkflowBody{}, Answer: Workflow{}, Errors: []int{400, 413, 415, 422}, Handle: a.createWorkflow},
		{Method: http.MethodGet, Path: "/workflows/:id", Name: "getWorkflow", Group: group, Summary: "Read one workflow with its draft.", Scope: auth.ScopeRead, Status: 200, Answer: Workflow{}, Errors: []int{404}, Handle: a.getWorkflow},
		{Method: http.MethodPut, Path: "/workflows/:id", Name: "replaceDraft", Group: group, Summary: "Replace the draft. What is published stays until the draft is published.", Scope: auth.ScopeWrite, Status: 200, Parameters: []Parameter{ifMatch}, Body: workflow.Definition{}, Answer: Workflow{}, Errors: []int{400, 404, 409, 413, 415, 422}, Handle: a.replaceDraft},
		{Method: http.MethodPatch, Path: "/workflows/:id", Name: "changeWorkflow", Group: group, Summary: "Change a workflow's tags. Its draft stays, and nothing has to be published.", Scope: auth.ScopeWrite, Status: 200, Body: WorkflowPatch{}, Answer: Workflow{}, Errors: []int{400, 404, 413, 415, 422}, Handle: a.changeWorkflow},
		{Method: http.MethodDelete, Path: "/workflows/:id", Name: "deleteWorkflow", Group: group, Summary: "Delete a workflow with its versions and runs. Refused while runs of it are not final.", Scope: auth.ScopeWrite, Status: 204, Errors: []int{404, 409}, Handle: a.deleteWorkflow},
		{Method: http.MethodPost, Path: "/workflows/:id/publish", Name: "publishWorkflow", Group: group, Summary: "Publish the draft as a new version, which runs from now on. An unchanged draft makes no new version.", Scope: auth.ScopeWrite, Status: 200, Parameters: []Parameter{ifMatch}, Answer: Workflow{}, Errors: []int{404, 409, 422}, Handle: a.publishWorkflow},
		{Method: http.MethodPost, Path: "/workflows/:id/pause", Name: "pauseWorkflow", Group: group, Summary: "Pause a workflow: its triggers start no runs. Runs in progress go on.", Scope: auth.ScopeWrite, Status: 200, Body: PauseBody{}, BodyOptional: true, Answer: Workflow{}, Errors: []int{404, 409, 422}, Handle: a.pauseWorkflow},
		{Method: http.MethodPost, Path: "/workflows/:id/resume", Name: "resumeWorkflow", Group: group, Summary: "Resume a paused workflow. Times that passed meanwhile are not made up for.", Scope: auth.ScopeWrite, Status: 200, Answer: Workflow{}, Errors: []int{404, 409}, Handle: a.resumeWorkflow},
	}
}

func (a *API) listWorkflows(c *gin.Context, known []Parameter) (any, error) {
	p, err := read(c, known)
	if err != nil {
		return nil, err
	}
	filter := models.WorkflowFilter{
		Search: p.search("q"), Status: p.choice("status", workflow.StatusDraft, workflow.StatusActive, workflow.StatusPaused), Tag: p.search("tag"),
		Before: p.cursor(), Limit: p.limit(),
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	found, next, err := models.ListWorkflows(ctx, a.DB, filter)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found))
	for i, w := range found {
		ids[i] = w.ID
	}
	tags, err := listing.TagsOf(ctx, a.DB, ids...)
	if err != nil {
		return nil, err
	}
	rows := make([]WorkflowRow, len(found))
	for i, w := range found {
		rows[i] = WorkflowRow{
			ID: w.ID, Name: w.Name, Status: w.Status, Version: w.Version, DraftRevision: w.DraftRevision,
			PausedUntil: at(w.PausedUntil), PausedReason: w.PausedReason, Tags: listOf(tags[w.ID]), CreatedAt: Time(w.CreatedAt), UpdatedAt: Time(w.UpdatedAt),
		}
	}
	return list(rows, next), nil
}

// listOf is never null.
func listOf(texts []string) []string { return append([]string{}, texts...) }

func (a *API) changeWorkflow(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	var sent WorkflowPatch
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	if sent.Tags == nil {
		return nil, invalid("invalid_body", []workflow.Problem{{Path: "tags", Code: "required", Message: "Give the tags that it shall have; [] takes all off."}})
	}
	return a.shown(c)(a.Catalog.SetTags(c.Request.Context(), id, sent.Tags))
}

func (a *API) createWorkflow(c *gin.Context) (any, error) {
	var sent WorkflowBody
	if _, err := bodyAs(c, &sent, "invalid_definition"); err != nil {
		return nil, err
	}
	definition, err := recheck(sent.Definition)
	if err != nil {
		return nil, err
	}
	return a.shown(c)(a.Catalog.Create(c.Request.Context(), definition, sent.Publish, by(c)))
}

// recheck holds a decoded definition to the rules that Parse adds to decoding.
func recheck(d workflow.Definition) (workflow.Definition, error) {
	definition, problems, err := workflow.Parse(d.Marshal())
	if err != nil {
		return definition, err
	}
	return definition, invalid("invalid_definition", problems)
}

func (a *API) getWorkflow(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	return a.shown(c)(models.GetWorkflow(c.Request.Context(), a.DB, id))
}

func (a *API) replaceDraft(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	revision, err := ifMatch(c)
	if err != nil {
		return nil, err
	}
	var sent workflow.Definition
	if _, err := bodyAs(c, &sent, "invalid_definition"); err != nil {
		return nil, err
	}
	definition, err := recheck(sent)
	if err != nil {
		return nil, err
	}
	return a.shown(c)(a.Catalog.SaveDraft(c.Request.Context(), id, definition, revision, by(c)))
}

// ifMatch reads the revision that a change is based on; nil when it does not say.
func ifMatch(c *gin.Context) (*int64, error) {
	text := strings.TrimSpace(c.GetHeader("If-Match"))
	if text == "" || text == "*" {
		return nil, nil
	}
	revision, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(text, "W/"), `"`), 10, 64)
	if err != nil {
		// No revision of ours has this name, so the draft cannot be at it.
		return nil, &models.ConflictError{Code: "conflict", Message: "If-Match must be the workflow's draft_revision, such as \"3\". Read the workflow again."}
	}
	return &revision, nil
}

func (a *API) deleteWorkflow(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	return nil, a.Catalog.Delete(c.Request.Context(), id)
}

func (a *API) publishWorkflow(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	if err := noBody(c); err != nil {
		return nil, err
	}
	revision, err := ifMatch(c)
	if err != nil {
		return nil, err
	}
	return a.shown(c)(a.Catalog.Publish(c.Request.Context(), id, revision, by(c)))
}

func (a *API) pauseWorkflow(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	pause, err := readPause(c)
	if err != nil {
		return nil, err
	}
	return a.shown(c)(a.Catalog.Pause(c.Request.Context(), id, pause))
}

// readPause reads for how long and why something shall be paused; the catalog
// checks it.
func readPause(c *gin.Context) (catalog.Pause, error) {
	var sent PauseBody
	_, err := optionalBody(c, &sent)
	return catalog.Pause{Until: sent.Until, Reason: sent.Reason, By: by(c)}, err
}

func (a *API) resumeWorkflow(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	if err := noBody(c); err != nil {
		return nil, err
	}
	return a.shown(c)(a.Catalog.Resume(c.Request.Context(), id, by(c)))
}

// shown answers with a workflow that was read or changed.
func (a *API) shown(c *gin.Context) func(w models.Workflow, err error) (any, error) {
	return func(w models.Workflow, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		triggers, err := a.triggers(c.Request.Context(), w)
		if err != nil {
			return nil, err
		}
		tags, err := listing.TagsOf(c.Request.Context(), a.DB, w.ID)
		if err != nil {
			return nil, err
		}
		return Workflow{
			ID: w.ID, Name: w.Name, Status: w.Status, Version: w.Version, DraftRevision: w.DraftRevision, Definition: w.Draft, Triggers: triggers,
			PausedUntil: at(w.PausedUntil), PausedReason: w.PausedReason, Tags: listOf(tags[w.ID]), CreatedAt: Time(w.CreatedAt), UpdatedAt: Time(w.UpdatedAt),
		}, nil
	}
}
