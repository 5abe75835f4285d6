package hooks

import (
	"context"
	"fmt"
	"net/http"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/document"
)

// WhyNotReplayed says why a delivery cannot be replayed: it would not be what was
// sent. "" when it can.
func WhyNotReplayed(d models.Delivery) string {
	if d.Outcome == models.DeliveryChecked {
		return "This has only asked whether the address answers, so there is nothing to start a run with."
	}
	switch d.Kept {
	case models.KeptWhole:
		return ""
	case models.KeptCut:
		return "Of this delivery only the beginning was kept, so it cannot be replayed. Have it sent again."
	case models.KeptRedacted:
		return "This delivery held the value of a secret, which is not kept, so it cannot be replayed. Have it sent again."
	case models.KeptNone:
		return "The content of this delivery did not come whole or could not be read, so it cannot be replayed. Have it sent again."
	}
	return "This delivery held characters that cannot be stored. They were replaced or left out, so it cannot be replayed. Have it sent again."
}

// Replay starts a run with what was delivered before, also where that was
// rejected or filtered: a person has decided it. With a key, a second one under
// the same key is the same run. What WhyNotReplayed speaks against is a
// *models.ConflictError.
func (r *Receiver) Replay(ctx context.Context, deliveryID, by, key string) (models.Run, error) {
	earlier, err := models.GetDelivery(ctx, r.DB, deliveryID)
	if err != nil {
		return models.Run{}, err
	}
	if why := WhyNotReplayed(earlier.Delivery); why != "" {
		return models.Run{}, &models.ConflictError{Code: "not_kept", Message: why}
	}
	hook, err := models.WebhookByID(ctx, r.DB, earlier.WebhookID)
	if err != nil {
		return models.Run{}, err
	}
	if hook.VersionID == nil {
		return models.Run{}, &models.ConflictError{Code: "not_published", Message: "This workflow has never been published. Publish it, then replay."}
	}
	if key != "" {
		key = "replay:" + earlier.ID + ":" + key
	}
	return r.replay(ctx, hook, earlier.Delivery, by, key)
}

func (r *Receiver) replay(ctx context.Context, hook models.CalledWebhook, earlier models.Delivery, by, key string) (models.Run, error) {
	actor := models.ActorOf(ctx)
	d := &delivery{r: r, hook: hook, request: Request{
		Header: http.Header{"Content-Type": {earlier.ContentType}}, Query: earlier.Query, Body: []byte(earlier.Body), Address: actor.Address,
	}}
	if err := d.parse(); err != nil {
		return models.Run{}, err
	}
	row, trigger := d.stored()
	row.Headers, row.Outcome, row.ReplayOf, row.ReplayedBy = earlier.Headers, models.DeliveryAccepted, &earlier.ID, by
	trigger.Headers, trigger.By = nil, by // the headers are those of the first time
	if err := document.Decode(earlier.Headers, &trigger.Headers); err != nil {
		return models.Run{}, fmt.Errorf("read the delivery's headers: %w", err)
	}
	return d.start(ctx, trigger, &row, key, func(ctx context.Context, tx *gorm.DB, run models.Run) error {
		return models.Record(models.WithActor(ctx, actor), tx, models.Act{Action: "delivery.replayed", ObjectKind: "delivery", ObjectID: earlier.ID, ObjectName: hook.WorkflowName, After: map[string]any{"new_run": run.ID}})
	})
}
