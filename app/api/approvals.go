package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/engine"
)

// Approval is a question that a run waits for a person to answer.
type Approval struct {
	ID           string   `json:"id" format:"uuid"`
	RunID        string   `json:"run_id" format:"uuid"`
	WorkflowID   string   `json:"workflow_id" format:"uuid"`
	WorkflowName string   `json:"workflow_name"`
	StepName     string   `json:"step_name"`
	Question     string   `json:"question"`
	Assignees    []string `json:"assignees" doc:"E-mail addresses; empty is whoever may run workflows."`
	Waiting      bool     `json:"waiting" doc:"Whether it can be decided now."`
	AskedAt      Time     `json:"asked_at"`
	ExpiresAt    *Time    `json:"expires_at"`
	DecidedAt    *Time    `json:"decided_at"`
	Decision     string   `json:"decision" doc:"approved, rejected, or expired when nobody decided in time; empty while it is asked."`
	DecidedBy    string   `json:"decided_by" doc:"The person or token. With “(by link)” behind it: the name that somebody without an account typed."`
	Comment      string   `json:"comment"`
}

// AnswerBody is somebody's word.
type AnswerBody struct {
	Decision string `json:"decision" enum:"approved,rejected"`
	Comment  string `json:"comment,omitempty" doc:"At most 2,000 characters."`
}

func (a *API) approvalOperations() []Operation {
	const group = "Approvals"
	lists := paged(query("run_id", "uuid", "Only those of this run."), query("state", "string", "waiting leaves out those that are settled.", "waiting", "all"))
	return []Operation{
		{
			Method: http.MethodGet, Path: "/approvals", Name: "listApprovals", Group: group, Summary: "List questions that runs ask people, newest first.", Scope: auth.ScopeRead, Status: 200, Parameters: lists, Answer: List[Approval]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listApprovals(c, lists) },
		},
		{Method: http.MethodGet, Path: "/approvals/:id", Name: "getApproval", Group: group, Summary: "Read one question.", Scope: auth.ScopeRead, Status: 200, Answer: Approval{}, Errors: []int{404}, Handle: a.getApproval},
		{Method: http.MethodPost, Path: "/approvals/:id/decide", Name: "decideApproval", Group: group, Summary: "Answer a question; its run goes on. It can be answered once. One that has assignees needs the scope approve.", Scope: auth.ScopeAnswer, Status: 200, Body: AnswerBody{}, Answer: Approval{}, Errors: []int{400, 404, 409, 415, 422}, Handle: a.decideApproval},
	}
}

func (a *API) listApprovals(c *gin.Context, known []Parameter) (any, error) {
	find := func(ctx context.Context, db *gorm.DB, filter runs.ApprovalFilter) ([]models.Approval, string, error) {
		return runs.ListApprovals(ctx, db, filter, a.Now())
	}
	return listed(c, a.DB, known, func(p *parameters) runs.ApprovalFilter {
		return runs.ApprovalFilter{RunID: p.id("run_id", "Give the id of a run."), Open: p.choice("state", "waiting", "all") == "waiting", Before: p.cursor(), Limit: p.limit()}
	}, find, approvalOf)
}

func (a *API) getApproval(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	found, err := runs.GetApproval(c.Request.Context(), a.DB, id, a.Now())
	if err != nil {
		return nil, err
	}
	return approvalOf(found), nil
}

func (a *API) decideApproval(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	var sent AnswerBody
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	who := engine.Decider{Name: by(c), Operator: auth.Allows(ctx, auth.ScopeAnswer), Administrator: auth.Allows(ctx, auth.ScopeApprove)}
	decided, err := a.Engine.AnswerApproval(ctx, id, engine.Answer{Decision: sent.Decision, Who: who, Comment: sent.Comment})
	if errors.Is(err, models.ErrForbidden) {
		return nil, &web.Failure{Status: http.StatusForbidden, Code: "missing_scope", Message: "This question names who decides. A token answers it only with the scope “approve”: make one with it under Settings."}
	}
	if err != nil {
		return nil, err
	}
	return approvalOf(decided), nil
}

func approvalOf(a models.Approval) Approval {
	return Approval{
		ID: a.ID, RunID: a.RunID, WorkflowID: a.WorkflowID, WorkflowName: a.WorkflowName, StepName: a.StepName, Question: a.Question, Assignees: a.Named(),
		Waiting: a.Open, AskedAt: Time(a.AskedAt), ExpiresAt: at(a.ExpiresAt), DecidedAt: at(a.DecidedAt), Decision: a.Decision, DecidedBy: a.DecidedBy, Comment: a.Comment,
	}
}
