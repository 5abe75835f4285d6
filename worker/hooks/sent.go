package hooks

import (
	"context"
	"net/http"
	"time"

	"workflows/models"
	"workflows/worker/document"
)

// sentLooked is how many of the newest deliveries are looked at for one that can be read.
const sentLooked = 5

// LastSent is what a workflow's webhooks were sent lately, in the shape in which a run
// would see it: accepted or not, as far as it was kept. at is zero where there is nothing.
func (r *Receiver) LastSent(ctx context.Context, workflowID string) (trigger map[string]any, at time.Time, err error) {
	list, _, err := models.ListDeliveries(ctx, r.DB, models.DeliveryFilter{WorkflowID: workflowID, Limit: sentLooked})
	if err != nil {
		return nil, at, err
	}
	for _, listed := range list {
		if listed.Kept == models.KeptNone || listed.Outcome == models.DeliveryChecked {
			continue
		}
		earlier, err := models.GetDelivery(ctx, r.DB, listed.ID)
		if err != nil {
			return nil, at, err
		}
		hook, err := models.WebhookByID(ctx, r.DB, earlier.WebhookID)
		if err != nil {
			return nil, at, err
		}
		d := &delivery{r: r, hook: hook, request: Request{Header: http.Header{"Content-Type": {earlier.ContentType}}, Query: earlier.Query, Body: []byte(earlier.Body)}}
		if d.parse() != nil {
			continue // of what was cut only the beginning is there
		}
		_, sent := d.stored()
		sent.Headers = nil // as they came, not as we would send them
		if err := document.Decode(earlier.Headers, &sent.Headers); err != nil {
			continue
		}
		value, err := document.Value(document.JSON(sent))
		if err != nil {
			return nil, at, err
		}
		trigger, _ = value.(map[string]any)
		return trigger, earlier.ReceivedAt, nil
	}
	return nil, at, nil
}
