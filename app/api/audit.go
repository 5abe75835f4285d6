package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
)

// AuditEvent says who did what, and from where.
type AuditEvent struct {
	ID         string      `json:"id" format:"uuid"`
	HappenedAt Time        `json:"happened_at"`
	ActorKind  string      `json:"actor_kind" enum:"person,token,outsider,system" doc:"An outsider has no account but a link; the name is what they typed."`
	Actor      string      `json:"actor"`
	ActorID    string      `json:"actor_id" doc:"The id of the person or token; empty for others."`
	Address    string      `json:"address"`
	RequestID  string      `json:"request_id"`
	Action     string      `json:"action" doc:"Such as workflow.published."`
	ObjectKind string      `json:"object_kind"`
	ObjectID   string      `json:"object_id"`
	Object     string      `json:"object"`
	Before     models.JSON `json:"before" doc:"What was, where the act changed or destroyed something; without secrets."`
	After      models.JSON `json:"after"`
}

func (a *API) auditOperations() []Operation {
	lists := paged(query("actor", "string", "Only what this person or token did."), query("action", "string", "Only this action, or the part before the dot."), query("object_id", "string", "Only what was done to this."),
		query("from", "date-time", "Only from then on."), query("to", "date-time", "Only before then."))
	return []Operation{{
		Method: http.MethodGet, Path: "/audit-events", Name: "listAuditEvents", Group: "Audit log", Summary: "List who did what, newest first. Rows are only ever added.", Scope: auth.ScopeAudit, Status: 200, Parameters: lists, Answer: List[AuditEvent]{}, Errors: []int{422},
		Handle: func(c *gin.Context) (any, error) { return a.listAuditEvents(c, lists) },
	}}
}

func (a *API) listAuditEvents(c *gin.Context, known []Parameter) (any, error) {
	return listed(c, a.DB, known, func(p *parameters) models.AuditFilter {
		return models.AuditFilter{Actor: c.Query("actor"), Action: c.Query("action"), Object: c.Query("object_id"), From: p.time("from"), To: p.time("to"), Before: p.cursor(), Limit: p.limit()}
	}, models.ListAuditEvents, auditEventOf)
}

func auditEventOf(e models.AuditEvent) AuditEvent {
	return AuditEvent{
		ID: e.ID, HappenedAt: Time(e.HappenedAt), ActorKind: e.ActorKind, Actor: e.ActorName, ActorID: e.ActorID, Address: e.Address, RequestID: e.RequestID, Action: e.Action,
		ObjectKind: e.ObjectKind, ObjectID: e.ObjectID, Object: e.ObjectName, Before: e.Before, After: e.After,
	}
}
