package editor

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/hooks"
	"workflows/worker/senders"
	"workflows/worker/workflow"
)

// deliveriesShown is how many deliveries a webhook's page lists.
const deliveriesShown = 20

// WebhookShow is a webhook with its address and what was sent to it. The address
// is for those who may start runs: whoever knows it may.
func (s *Site) WebhookShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	hook, err := s.webhook(ctx, d.workflow.ID, c.Param("trigger"))
	if err != nil {
		return nil, err
	}
	page := views.WebhookPage{Layout: s.Page(c, "Webhook", "workflows"), MayEdit: auth.May(ctx, auth.Editor), Published: hook.Rule != nil}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: d.workflow.Name, URL: d.url()}}
	page.Layout.Live = true
	trigger := workflow.Trigger{ID: hook.TriggerID, Type: "webhook"}
	if i := triggerIndex(d.definition, hook.TriggerID); i >= 0 {
		trigger, page.EditURL = d.definition.Triggers[i], d.url("/edit/webhooks/", hook.TriggerID)
	}
	page.StepsURL = d.url("/edit")
	page.Sentence = workflow.WebhookSentence(trigger)
	sender := trigger.Sender()
	page.EnterTitle, page.Enter = enterTitle(sender), sender.Enter
	if auth.May(ctx, auth.Operator) {
		page.URL = s.Settings.BaseURL + "/hooks/" + hook.Token
		page.Curl, page.Signs = exampleOf(sender, trigger.Scheme()).Script(page.URL), trigger.Signed()
	}
	if page.MayEdit {
		page.NewAddressURL = d.url("/webhooks/", hook.TriggerID, "/address")
	}
	page.Deliveries, err = s.deliveries(ctx, d.workflow.ID, hook.TriggerID)
	return views.Webhook(page), err
}

// enterTitle is the heading above what a person enters at the sender.
func enterTitle(sender senders.Sender) string {
	switch sender.Name {
	case senders.None, senders.Own, "token", "standard_webhooks":
		return "What to enter at the sender"
	}
	return "What to enter at " + sender.Label
}

// exampleOf is a call that can be pasted into a terminal. It signs with what stands in
// SECRET.
func exampleOf(sender senders.Sender, scheme senders.Scheme) senders.Example {
	if sender.Example == nil {
		return senders.Example{}
	}
	return sender.Example(scheme)
}

// WebhookLive is the list of deliveries, which polls.
func (s *Site) WebhookLive(ctx context.Context, c *gin.Context) (templ.Component, error) {
	list, err := s.deliveries(ctx, c.Param("id"), c.Param("trigger"))
	if err != nil {
		return nil, err
	}
	return views.WebhookDeliveries(list), nil
}

func (s *Site) webhook(ctx context.Context, workflowID, triggerID string) (models.Webhook, error) {
	stored, err := models.WebhooksOf(ctx, s.DB, workflowID)
	if err != nil {
		return models.Webhook{}, err
	}
	for _, hook := range stored {
		if hook.TriggerID == triggerID {
			return hook, nil
		}
	}
	return models.Webhook{}, models.ErrNotFound
}

func (s *Site) deliveries(ctx context.Context, workflowID, triggerID string) (views.DeliveryList, error) {
	list := views.DeliveryList{Every: frame.LiveEvery, URL: "/live/workflows/" + workflowID + "/webhooks/" + triggerID}
	if !models.ValidID(workflowID) {
		return list, models.ErrNotFound
	}
	found, _, err := models.ListDeliveries(ctx, s.DB, models.DeliveryFilter{WorkflowID: workflowID, TriggerID: triggerID, Limit: deliveriesShown})
	for _, d := range found {
		list.Rows = append(list.Rows, deliveryRow(d))
	}
	return list, err
}

func deliveryRow(d models.ListedDelivery) views.DeliveryRow {
	row := views.DeliveryRow{
		ID: d.ID, URL: "/deliveries/" + d.ID, At: d.ReceivedAt, Outcome: d.Outcome, Status: d.Status, Reason: d.Reason,
		Address: d.Address, Bytes: d.BodyBytes, Repeats: d.Repeats,
	}
	if d.RunID != nil {
		row.RunURL = frame.RunURL(*d.RunID)
	}
	if d.ReplayOf != nil {
		row.Reason = "Replayed by " + d.ReplayedBy + "."
	}
	return row
}

// mostBodyFields bounds, in bytes, the content that is shown field by field: all of it fits then.
const mostBodyFields = 8000

// DeliveryShow is one delivery with what was sent.
func (s *Site) DeliveryShow(c *gin.Context) (templ.Component, error) {
	page, _, err := s.deliveryPage(c)
	if err != nil {
		return nil, err
	}
	return views.Delivery(page), nil
}

func (s *Site) deliveryPage(c *gin.Context) (page views.DeliveryPage, workflowURL string, err error) {
	ctx := c.Request.Context()
	d, err := models.GetDelivery(ctx, s.DB, c.Param("id"))
	if err != nil {
		return page, "", err
	}
	w, err := models.GetWorkflow(ctx, s.DB, d.WorkflowID)
	if err != nil {
		return page, "", err
	}
	workflowURL = "/workflows/" + w.ID
	page = views.DeliveryPage{Layout: s.Page(c, "Delivery", "workflows"), DeliveryRow: deliveryRow(d), ContentType: d.ContentType, Query: d.Query, Headers: ui.JSONProps{ID: "headers", Label: "Headers", Data: d.Headers}}
	hookURL := workflowURL + "/webhooks/" + d.TriggerID
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: w.Name, URL: workflowURL}, {Label: "Webhook", URL: hookURL}}
	page.Body = d.Body
	if len(d.Body) <= mostBodyFields && json.Valid([]byte(d.Body)) {
		page.Fields = &ui.JSONProps{ID: "delivery-body", Label: "Content", Data: []byte(d.Body)}
	}
	if auth.May(ctx, auth.Editor) {
		page.UseURL = workflowURL + "/edit?sent=use"
	}
	if d.ReplayOf != nil {
		page.ReplayOfURL = "/deliveries/" + *d.ReplayOf
	}
	if auth.May(ctx, auth.Operator) {
		if page.NoReplay = hooks.WhyNotReplayed(d.Delivery); page.NoReplay == "" {
			page.ReplayURL, page.Key = page.URL+"/replay", models.NewID()
		}
	}
	return page, workflowURL, nil
}

// DeliveryReplay starts a run with what was delivered.
func (s *Site) DeliveryReplay(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	key := ""
	if models.ValidID(form.Get("key")) { // a double click makes one run
		key = "page:" + form.Get("key")
	}
	run, err := s.Hooks.Replay(ctx, c.Param("id"), auth.By(ctx), key)
	var conflict *models.ConflictError
	if errors.As(err, &conflict) {
		return nil, s.notReplayed(c, conflict)
	}
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/runs/"+run.ID, "The delivery was replayed. This is its run.")
}

// notReplayed shows the delivery once more with what stands in the way, and the way on.
func (s *Site) notReplayed(c *gin.Context, conflict *models.ConflictError) error {
	page, workflowURL, err := s.deliveryPage(c)
	if err != nil {
		return err
	}
	notice := ui.Notice{Kind: "problem", Text: conflict.Message}
	if conflict.Code == "not_published" && auth.May(c.Request.Context(), auth.Editor) {
		notice.ActionLabel, notice.ActionURL = "Look at the draft and publish it", workflowURL+"/publish"
	}
	page.Layout.Notices = append(page.Layout.Notices, notice)
	return web.Status(http.StatusConflict, views.Delivery(page))
}
