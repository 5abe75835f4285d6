package hooks

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
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
	if !hook.Published {
		return models.Run{}, &models.ConflictError{Code: "not_published", Message: "This workflow has never been published. Publish it, then replay."}
	}
	if key != "" {
		key = "replay:" + earlier.ID + ":" + key
	}
	if run, found, err := r.replayed(ctx, hook, key); found || err != nil {
		return run, err
	}
	run, err := r.replay(ctx, hook, earlier.Delivery, by, key)
	var limit *models.LimitError
	if models.Unique(err) || errors.As(err, &limit) { // it came twice at once
		if run, found, failed := r.replayed(ctx, hook, key); found || failed != nil {
			return run, failed
		}
	}
	if err == nil {
		r.Engine.Announce(ctx, run)
	}
	return run, err
}

// replayed is the run of a replay under the same key.
func (r *Receiver) replayed(ctx context.Context, hook models.CalledWebhook, key string) (models.Run, bool, error) {
	if key == "" {
		return models.Run{}, false, nil
	}
	run, err := runs.ByKey(ctx, r.DB, hook.WorkflowID, key)
	if errors.Is(err, models.ErrNotFound) {
		return models.Run{}, false, nil
	}
	return run, err == nil, err
}

func (r *Receiver) replay(ctx context.Context, hook models.CalledWebhook, earlier models.Delivery, by, key string) (models.Run, error) {
	d := &delivery{r: r, hook: hook, request: Request{
		Header: http.Header{"Content-Type": {earlier.ContentType}}, Query: earlier.Query, Body: []byte(earlier.Body), Address: models.ActorOf(ctx).Address,
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
	return d.start(ctx, trigger, &row, key, func(tx *gorm.DB, run models.Run) error {
		return models.Record(ctx, tx, models.Act{Action: "delivery.replayed", ObjectKind: "delivery", ObjectID: earlier.ID, ObjectName: hook.WorkflowName, After: map[string]any{"new_run": run.ID}})
	})
}
