package hooks

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/workflow"
)

// Keep gives every webhook and form of a draft its address, which it has from then
// on; nothing is taken there before it is published.
func Keep(ctx context.Context, tx *gorm.DB, workflowID string, draft workflow.Definition, now time.Time) error {
	for _, t := range draft.Triggers {
		if !t.Addressed() || t.ID == "" {
			continue
		}
		h := models.Webhook{ID: models.NewID(), WorkflowID: workflowID, TriggerID: t.ID, Token: newToken(), CreatedAt: now, UpdatedAt: now}
		if err := models.AddWebhook(ctx, tx, &h); err != nil {
			return err
		}
	}
	return nil
}

// newToken is 160 random bits in small letters and digits.
func newToken() string { return strings.ToLower(rand.Text() + rand.Text()[:6]) }

// Sync makes the webhooks and forms of a workflow those of the definition that is being
// published, in the publishing transaction. What is gone takes nothing any more.
func Sync(ctx context.Context, tx *gorm.DB, workflowID string, d workflow.Definition, now time.Time) error {
	if err := Keep(ctx, tx, workflowID, d, now); err != nil {
		return err
	}
	stored, err := models.WebhooksOf(ctx, tx, workflowID)
	if err != nil {
		return err
	}
	for _, h := range stored {
		var rule models.JSON
		for _, t := range d.Triggers {
			if t.ID == h.TriggerID && t.Addressed() {
				if rule, err = models.ToJSON(t); err != nil {
					return err
				}
			}
		}
		if string(rule) == string(h.Rule) {
			continue
		}
		if err := models.SetWebhookRule(ctx, tx, h.ID, rule, now); err != nil {
			return err
		}
	}
	return nil
}
