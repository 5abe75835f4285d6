package hooks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"workflows/models"
)

// Replay starts a run with what was delivered before, also where that was
// rejected or filtered: a person has decided it. What was cut because it was
// rejected, or never known, is a *models.ConflictError.
func (r *Receiver) Replay(ctx context.Context, deliveryID, by string) (models.Run, error) {
	earlier, err := models.GetDelivery(ctx, r.DB, deliveryID)
	if err != nil {
		return models.Run{}, err
	}
	if earlier.BodyBytes > len(earlier.Body) || earlier.Code == "too_large" {
		return models.Run{}, &models.ConflictError{Code: "not_kept", Message: "Of this delivery only the beginning was kept, so it cannot be replayed."}
	}
	hook, err := models.WebhookByID(ctx, r.DB, earlier.WebhookID)
	if err != nil {
		return models.Run{}, err
	}
	if !hook.Published {
		return models.Run{}, &models.ConflictError{Code: "not_published", Message: "This workflow has never been published. Publish it, then replay."}
	}
	d := &delivery{r: r, hook: hook, request: Request{Header: http.Header{"Content-Type": {earlier.ContentType}}, Query: earlier.Query, Body: []byte(earlier.Body), Address: models.ActorOf(ctx).Address}}
	if d.body, err = parseBody(earlier.ContentType, d.request.Body); err != nil {
		return models.Run{}, err
	}
	row := d.row()
	row.Headers, row.Outcome, row.ReplayOf, row.ReplayedBy = earlier.Headers, models.DeliveryAccepted, &earlier.ID, by
	trigger := d.trigger(row.ID)
	trigger.Headers = nil // those of the first time
	if err := json.Unmarshal(earlier.Headers, &trigger.Headers); err != nil {
		return models.Run{}, fmt.Errorf("read the delivery's headers: %w", err)
	}
	trigger.By = by
	run, err := r.start(ctx, hook, trigger, &row)
	if err != nil {
		return models.Run{}, err
	}
	r.Engine.Announce(ctx, run)
	return run, models.Record(ctx, r.DB, models.Act{Action: "delivery.replayed", ObjectKind: "delivery", ObjectID: earlier.ID, ObjectName: hook.WorkflowName, After: map[string]any{"new_run": run.ID}})
}
