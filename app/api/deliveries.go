package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/worker/hooks"
	"workflows/worker/workflow"
)

// WorkflowTrigger is a way in which a workflow starts by itself.
type WorkflowTrigger struct {
	ID   string  `json:"id"`
	Type string  `json:"type" enum:"schedule,webhook,form"`
	URL  *string `json:"url" doc:"Where other programs send to, for a webhook, or where people fill in a form: it stays the same until somebody gives it a new one. Whoever knows it may call, unless the trigger asks for a signature. Null for tokens without the scope run or write."`
}

// Delivery is something that was sent to a webhook.
type Delivery struct {
	ID          string      `json:"id" format:"uuid"`
	WorkflowID  string      `json:"workflow_id" format:"uuid"`
	TriggerID   string      `json:"trigger_id"`
	ReceivedAt  Time        `json:"received_at"`
	Address     string      `json:"address" doc:"The IP address that it came from."`
	Outcome     string      `json:"outcome" enum:"accepted,filtered,rejected,checked" doc:"checked: somebody only asked whether the address answers, and no run started."`
	Status      int         `json:"status" doc:"The status of the answer."`
	Code        string      `json:"code" doc:"Why it was rejected."`
	Reason      string      `json:"reason"`
	Repeats     int         `json:"repeats" doc:"How often the same delivery came again; it started nothing then."`
	RunID       *string     `json:"run_id" format:"uuid"`
	ReplayOf    *string     `json:"replay_of" format:"uuid"`
	ContentType string      `json:"content_type"`
	Headers     models.JSON `json:"headers" doc:"Without those that prove who sent it."`
	Query       string      `json:"query"`
	BodyBytes   int         `json:"body_bytes"`
	Body        *string     `json:"body" doc:"As it was sent, without values of secrets; null in lists. Of what was rejected only the beginning is kept."`
	Replayable  bool        `json:"replayable" doc:"Whether all of it is kept as it was sent: only then it can be replayed."`
}

func (a *API) deliveryOperations() []Operation {
	const group = "Webhooks"
	lists := paged(query("workflow_id", "uuid", "Only deliveries of this workflow."), query("trigger_id", "string", "Only deliveries to this trigger."), query("outcome", "string", "Only deliveries with this outcome.", models.DeliveryOutcomes()...))
	once := Parameter{In: "header", Name: "Idempotency-Key", Type: "string", Summary: "Any text of your own, up to 255 characters. The same key again answers with the same run."}
	return []Operation{
		{
			Method: http.MethodGet, Path: "/deliveries", Name: "listDeliveries", Group: group, Summary: "List what was sent to webhooks, newest first, also what was rejected (the newest 100 of each).", Scope: auth.ScopeRead, Status: 200, Parameters: lists, Answer: List[Delivery]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listDeliveries(c, lists) },
		},
		{Method: http.MethodGet, Path: "/deliveries/:id", Name: "getDelivery", Group: group, Summary: "Read one delivery with its content.", Scope: auth.ScopeRead, Status: 200, Answer: Delivery{}, Errors: []int{404}, Handle: a.getDelivery},
		{Method: http.MethodPost, Path: "/deliveries/:id/replay", Name: "replayDelivery", Group: group, Summary: "Start a run with what was delivered, also where it was rejected or filtered.", Scope: auth.ScopeRun, Status: 202, Parameters: []Parameter{once}, Answer: Run{}, Errors: []int{404, 409, 422, 429}, Handle: a.replayDelivery},
	}
}

func (a *API) listDeliveries(c *gin.Context, known []Parameter) (any, error) {
	return listed(c, a.DB, known, func(p *parameters) models.DeliveryFilter {
		return models.DeliveryFilter{
			WorkflowID: p.id("workflow_id", "Give the id of a workflow."), TriggerID: c.Query("trigger_id"), Outcome: p.choice("outcome", models.DeliveryOutcomes()...),
			Before: p.cursor(), Limit: p.limit(),
		}
	}, models.ListDeliveries, deliveryOf)
}

func (a *API) getDelivery(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	found, err := models.GetDelivery(c.Request.Context(), a.DB, id)
	if err != nil {
		return nil, err
	}
	shown := deliveryOf(found)
	shown.Body = &found.Body
	return shown, nil
}

func (a *API) replayDelivery(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	if err := noBody(c); err != nil {
		return nil, err
	}
	key, err := idempotencyKey(c)
	if err != nil {
		return nil, err
	}
	if key != "" {
		key = "api:" + key
	}
	run, err := a.Hooks.Replay(c.Request.Context(), id, by(c), key)
	if err != nil {
		return nil, err
	}
	return a.done(c, run)
}

func deliveryOf(d models.ListedDelivery) Delivery {
	return Delivery{
		ID: d.ID, WorkflowID: d.WorkflowID, TriggerID: d.TriggerID, ReceivedAt: Time(d.ReceivedAt), Address: d.Address, Outcome: d.Outcome, Status: d.Status,
		Code: d.Code, Reason: d.Reason, Repeats: d.Repeats, RunID: d.RunID, ReplayOf: d.ReplayOf, ContentType: d.ContentType, Headers: d.Headers,
		Query: d.Query, BodyBytes: d.BodyBytes, Replayable: hooks.WhyNotReplayed(d.Delivery) == "",
	}
}

// seesAddresses reports whether a token is shown where to call: those are that may
// start runs or change workflows.
func seesAddresses(ctx context.Context) bool {
	token := auth.Token(ctx)
	return token != nil && slices.ContainsFunc(strings.Fields(token.Scopes), func(scope string) bool {
		return scope == "*" || scope == auth.ScopeRun || scope == auth.ScopeWrite
	})
}

// triggers lists those of a workflow's draft, webhooks with their addresses for
// whoever is shown them.
func (a *API) triggers(ctx context.Context, w models.Workflow) ([]WorkflowTrigger, error) {
	d, err := workflow.Load(w.Draft)
	if err != nil {
		return nil, err
	}
	var stored []models.Webhook
	if seesAddresses(ctx) {
		if stored, err = models.WebhooksOf(ctx, a.DB, w.ID); err != nil {
			return nil, err
		}
	}
	triggers := make([]WorkflowTrigger, len(d.Triggers))
	for i, t := range d.Triggers {
		triggers[i] = WorkflowTrigger{ID: t.ID, Type: t.Type}
		for _, h := range stored {
			if t.Addressed() && h.TriggerID == t.ID {
				folder := map[string]string{"webhook": "/hooks/", "form": "/forms/"}[t.Type]
				url := a.Settings.BaseURL + folder + h.Token
				triggers[i].URL = &url
			}
		}
	}
	return triggers, nil
}
