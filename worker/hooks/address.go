package hooks

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
)

// ChangeAddress gives a webhook or form a new address in place of the one whose
// token is was; the old one is unknown from then on, to other processes after a second
// at most. Where it has another one already nothing happens: it was asked for twice.
func (r *Receiver) ChangeAddress(ctx context.Context, workflowID, triggerID, was string) error {
	defer r.known.Forget(was)
	return models.Tx(ctx, r.DB, func(tx *gorm.DB) error {
		stored, err := models.WebhooksOf(ctx, tx, workflowID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(stored, func(h models.Webhook) bool { return h.TriggerID == triggerID })
		if i < 0 {
			return models.ErrNotFound
		}
		hook, err := models.WebhookByID(ctx, tx, stored[i].ID)
		if err != nil {
			return err
		}
		changed, err := models.SetWebhookToken(ctx, tx, hook.ID, was, newToken(), r.Now())
		if err != nil || !changed {
			return err
		}
		return models.Record(ctx, tx, models.Act{
			Action: "webhook.new_address", ObjectKind: "webhook", ObjectID: hook.ID, ObjectName: hook.WorkflowName,
			After: map[string]any{"workflow": hook.WorkflowID, "trigger": triggerID},
		})
	})
}
