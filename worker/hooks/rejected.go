package hooks

import (
	"context"
	"strings"
	"time"

	"workflows/models"
	"workflows/worker/document"
)

const (
	// keptRejected is how many rejected deliveries of a webhook are kept.
	keptRejected = 100
	// shownOfRejected is how much of what was refused is kept, in bytes.
	shownOfRejected = 64 << 10
	// unreadTime is how long it may take to keep what could not be read.
	unreadTime = 5 * time.Second
)

// learn has the redactor know the webhook's own secret before anything of a caller
// is kept who was refused: it may be what was sent.
func (d *delivery) learn(ctx context.Context) error {
	if d.learned || d.r.Secrets == nil {
		return nil
	}
	rule := d.rule
	if rule.Type == "" && d.hook.Rule != nil { // refused before it was read
		if err := document.Decode(d.hook.Rule, &rule); err != nil {
			return err
		}
	}
	if rule.Secret == "" {
		return nil
	}
	_, err := d.r.Secrets.Accepted(ctx, rule.Secret)
	return err
}

// keepRejected keeps what was refused, so that people see what does not get
// through; a flood of it fills neither the disk nor the database's time.
func (d *delivery) keepRejected(ctx context.Context, cause error) {
	if !d.r.limits.mayKeep(ctx, d.hook.ID) {
		return
	}
	err := d.learn(ctx)
	if err == nil {
		row := d.rejected(cause)
		err = models.InsertDelivery(ctx, d.r.DB, &row)
	}
	if err == nil {
		err = models.KeepRejected(ctx, d.r.DB, d.hook.ID, keptRejected)
	}
	if err != nil && d.r.Log != nil {
		d.r.Log.WarnContext(ctx, "a rejected delivery could not be kept", "webhook_id", d.hook.ID, "error", err)
	}
}

// keepUnread keeps that a delivery was refused because its content could not be read,
// or not all of it; also where the caller is gone, which may be why.
func (d *delivery) keepUnread(ctx context.Context, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unreadTime)
	defer cancel()
	d.unread = true
	d.keepRejected(ctx, cause)
}

func (d *delivery) rejected(cause error) models.Delivery {
	row, _ := d.stored()
	row.Outcome = models.DeliveryRejected
	row.Status, row.Code, row.Reason = d.r.Told(cause)
	row.Reason = d.keeping().text(row.Reason)
	switch {
	case d.unread:
		row.Kept = models.KeptNone
	case len(row.Body) > shownOfRejected:
		row.Body = strings.ToValidUTF8(row.Body[:shownOfRejected], "")
		if row.Kept == models.KeptWhole {
			row.Kept = models.KeptCut
		}
	}
	return row
}
