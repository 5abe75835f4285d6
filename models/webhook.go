package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models/columns"
	"workflows/models/plain"
)

// Webhook is the address of a webhook trigger. It outlives the trigger, so that
// the same trigger has the same address when it comes back.
type Webhook struct {
	ID         string `gorm:"primaryKey"`
	WorkflowID string
	TriggerID  string
	Token      string // the last part of the address
	Rule       JSON   // the trigger as it is published; nil while it is not
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Delivery is something that was sent to a webhook, and what became of it.
type Delivery struct {
	ID          string `gorm:"primaryKey"`
	WebhookID   string
	DeliveryKey *string // by which the same delivery is known again; only of what has started a run
	ReceivedAt  time.Time
	Address     string // the IP address that it came from
	ContentType string
	Headers     JSON // names in small letters, without what proves who sent it
	Query       string
	Body        string // as it was sent; of what was refused, its beginning
	BodyBytes   int
	Kept        string // how much of content and query is stored as it was sent
	Outcome     string // accepted filtered rejected checked
	Status      int    // of the answer
	Code        string // why it was rejected
	Reason      string // in a sentence
	Repeats     int    // how often the same delivery came again
	RunID       *string
	ReplayOf    *string
	ReplayedBy  string
}

// Outcomes of deliveries.
const (
	DeliveryAccepted = "accepted"
	DeliveryFiltered = "filtered"
	DeliveryRejected = "rejected"
	// DeliveryChecked is of a call that only asked whether the address answers.
	DeliveryChecked = "checked"
)

// How much of a delivery is stored as it was sent.
const (
	KeptWhole    = "whole"
	KeptCut      = "cut"      // the beginning
	KeptChanged  = "changed"  // without what cannot be stored
	KeptRedacted = "redacted" // without values of secrets
	KeptNone     = "none"     // it did not come whole, or could not be read
)

// DeliveryOutcomes lists all outcomes.
func DeliveryOutcomes() []string {
	return []string{DeliveryAccepted, DeliveryFiltered, DeliveryRejected, DeliveryChecked}
}

// CalledWebhook is a webhook with what a call of it needs to know.
type CalledWebhook struct {
	Webhook
	WorkflowName   string
	WorkflowStatus string
	VersionID      *string // the published one; nil: there never was one
}

// WebhookByToken finds the webhook with this address.
func WebhookByToken(ctx context.Context, db *gorm.DB, token string) (CalledWebhook, error) {
	if !columns.Holds(token) {
		return CalledWebhook{}, ErrNotFound
	}
	return calledWebhook(ctx, db, "h.token = ?", token)
}

// WebhookByID finds a webhook.
func WebhookByID(ctx context.Context, db *gorm.DB, id string) (CalledWebhook, error) {
	if !ValidID(id) {
		return CalledWebhook{}, ErrNotFound
	}
	return calledWebhook(ctx, db, "h.id = ?", id)
}

func calledWebhook(ctx context.Context, db *gorm.DB, where, value string) (CalledWebhook, error) {
	var found []CalledWebhook
	err := db.WithContext(ctx).Raw(`SELECT h.*, w.name AS workflow_name, w.status AS workflow_status, w.version_id
		FROM webhooks h JOIN workflows w ON w.id = h.workflow_id WHERE `+where, value).Scan(&found).Error
	if err != nil {
		return CalledWebhook{}, fmt.Errorf("find the webhook: %w", Kind(err))
	}
	if len(found) == 0 {
		return CalledWebhook{}, ErrNotFound
	}
	return found[0], nil
}

// WebhooksOf lists the webhooks of a workflow by trigger.
func WebhooksOf(ctx context.Context, db *gorm.DB, workflowID string) ([]Webhook, error) {
	found, err := plain.Find[Webhook](ctx, db.Where("workflow_id = ?", workflowID).Order("trigger_id"))
	if err != nil {
		return nil, fmt.Errorf("find the workflow's webhooks: %w", Kind(err))
	}
	return found, nil
}

// AddWebhook stores a webhook unless its trigger has one.
func AddWebhook(ctx context.Context, tx *gorm.DB, h *Webhook) error {
	if err := plain.Create(ctx, tx.Clauses(clause.OnConflict{DoNothing: true}), h); err != nil {
		return fmt.Errorf("store the webhook: %w", Kind(err))
	}
	return nil
}

// SetWebhookRule changes how a published webhook takes deliveries; nil takes none.
func SetWebhookRule(ctx context.Context, tx *gorm.DB, id string, rule JSON, now time.Time) error {
	return Changed("change the webhook", tx.WithContext(ctx).Model(&Webhook{}).Where("id = ?", id).Updates(map[string]any{"rule": rule, "updated_at": now}))
}

// SetWebhookToken gives a webhook another address unless it has one other than was
// already, and reports whether it did.
func SetWebhookToken(ctx context.Context, tx *gorm.DB, id, was, token string, now time.Time) (bool, error) {
	if !columns.Holds(was) {
		return false, nil
	}
	result := tx.WithContext(ctx).Model(&Webhook{}).Where("id = ? AND token = ?", id, was).Updates(map[string]any{"token": token, "updated_at": now})
	if result.Error != nil {
		return false, fmt.Errorf("change the webhook's address: %w", Kind(result.Error))
	}
	return result.RowsAffected > 0, nil
}

// InsertDelivery stores a delivery; Unique tells that the same one was taken before.
func InsertDelivery(ctx context.Context, tx *gorm.DB, d *Delivery) error {
	return InsertDeliveries(ctx, tx, []*Delivery{d})
}

// InsertDeliveries stores deliveries; Unique tells that one of them was taken before.
func InsertDeliveries(ctx context.Context, tx *gorm.DB, rows []*Delivery) error {
	for len(rows) > 0 {
		n := deliveriesAtOnce(rows)
		if err := plain.Create(ctx, tx, rows[:n]); err != nil {
			return fmt.Errorf("store the deliveries: %w", Kind(err))
		}
		rows = rows[n:]
	}
	return nil
}

// deliveriesAtOnce is how many go into the next statement, at least one: what was sent is
// several times in memory there.
func deliveriesAtOnce(rows []*Delivery) int {
	size := 0
	for i, row := range rows {
		if size += len(row.Body) + len(row.Headers); i > 0 && (size > 4<<20 || i == 200) {
			return i
		}
	}
	return len(rows)
}

// DeliveryByKey finds what was taken under this key.
func DeliveryByKey(ctx context.Context, db *gorm.DB, webhookID, key string) (Delivery, error) {
	found, err := plain.Take[Delivery](ctx, db.Where("webhook_id = ? AND delivery_key = ?", webhookID, key))
	if err != nil {
		return Delivery{}, fmt.Errorf("find the delivery: %w", Kind(err))
	}
	return found, nil
}

// CountRepeat counts that a delivery came again.
func CountRepeat(ctx context.Context, db *gorm.DB, id string) error {
	err := db.WithContext(ctx).Model(&Delivery{}).Where("id = ?", id).Update("repeats", gorm.Expr("repeats + 1")).Error
	if err != nil {
		return fmt.Errorf("count the delivery: %w", Kind(err))
	}
	return nil
}

// ForgetDeliveryKey has what came before a time under a key known by it no more.
func ForgetDeliveryKey(ctx context.Context, db *gorm.DB, webhookID, key string, before time.Time) error {
	err := db.WithContext(ctx).Model(&Delivery{}).Where("webhook_id = ? AND delivery_key = ? AND received_at < ?", webhookID, key, before).Update("delivery_key", nil).Error
	if err != nil {
		return fmt.Errorf("forget the delivery's key: %w", Kind(err))
	}
	return nil
}

// KeepNewest removes all deliveries of a webhook with this outcome but the newest, so
// that nobody fills the disk with what starts nothing.
func KeepNewest(ctx context.Context, tx *gorm.DB, webhookID, outcome string, newest int) error {
	err := tx.WithContext(ctx).Exec(`DELETE FROM deliveries WHERE webhook_id = ? AND outcome = ? AND id <= (
		SELECT id FROM deliveries WHERE webhook_id = ? AND outcome = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`, webhookID, outcome, webhookID, outcome, newest).Error
	if err != nil {
		return fmt.Errorf("remove old deliveries with the outcome %s: %w", outcome, Kind(err))
	}
	return nil
}

// ClearDeliveries removes at most limit deliveries that came before a time, and
// reports how many.
func ClearDeliveries(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error) {
	result := db.WithContext(ctx).Exec("DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE received_at < ? ORDER BY received_at LIMIT ?)", before, limit)
	if result.Error != nil {
		return 0, fmt.Errorf("remove old deliveries: %w", Kind(result.Error))
	}
	return result.RowsAffected, nil
}
