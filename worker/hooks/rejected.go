package hooks

import (
	"context"
	"strings"
	"time"

	"workflows/models"
	"workflows/worker/document"
)

const (
	// keptIdle is how many deliveries of a webhook with one outcome that starts nothing
	// are kept.
	keptIdle = 100
	// shownOfRejected is how much of what was refused is kept, in bytes.
	shownOfRejected = 64 << 10
	// unreadTime is how long it may take to keep what could not be read.
	unreadTime = 5 * time.Second
)

// learn has the redactor know the webhook's own secrets before anything of a caller
// is kept who was refused, or who only asked: they may be what was sent.
func (d *delivery) learn(ctx context.Context) error {
	if d.r.Secrets == nil {
		return nil
	}
	if d.rule.Type == "" && d.hook.Rule != nil { // refused before it was read
		if err := document.Decode(d.hook.Rule, &d.rule); err != nil {
			return err
		}
	}
	for _, name := range []string{d.rule.Secret, d.rule.VerifySecret} {
		if name == "" || name == d.rule.Secret && d.learned {
			continue
		}
		if _, err := d.r.Secrets.Accepted(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// keepRejected keeps what was refused, so that people see what does not get
// through; a flood of it fills neither the disk nor the database's time.
func (d *delivery) keepRejected(ctx context.Context, cause error) {
	d.keepIdle(ctx, models.DeliveryRejected, func() models.Delivery { return d.rejected(cause) })
}

// keepIdle keeps a delivery that starts nothing.
func (d *delivery) keepIdle(ctx context.Context, outcome string, made func() models.Delivery) {
	if !d.r.limits.mayKeep(ctx, d.hook.ID, outcome) {
		return
	}
	err := d.learn(ctx)
	if err == nil {
		row := made()
		err = models.InsertDelivery(ctx, d.r.DB, &row)
	}
	if err == nil {
		err = models.KeepNewest(ctx, d.r.DB, d.hook.ID, outcome, keptIdle)
	}
	if err != nil && d.r.Log != nil {
		d.r.Log.WarnContext(ctx, "a delivery that starts nothing could not be kept", "webhook_id", d.hook.ID, "outcome", outcome, "error", err)
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
