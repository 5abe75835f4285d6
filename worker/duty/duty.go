// Package duty has one process at a time do what each of several could do, such as
// sweeping. It is a lease in the database and no lock: for a moment two may have
// the same duty, so whatever is done under one must do no harm when it is done
// twice. What must happen once is guarded where it is written.
package duty

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Duty is one process's side of a duty. It is used by one goroutine.
type Duty struct {
	DB           *gorm.DB
	Name, Holder string
	// Length is after how long a holder that is gone is replaced.
	Length time.Duration

	taken time.Time // when it was last taken or prolonged; zero while it is another's
}

// Mine takes or prolongs the duty where need be, and reports whether it is this
// process's.
func (d *Duty) Mine(ctx context.Context) (bool, error) {
	if !d.taken.IsZero() && time.Since(d.taken) < d.Length/3 {
		return true, nil
	}
	asked := time.Now()
	mine, err := models.TakeDuty(ctx, d.DB, d.Name, d.Holder, d.Length)
	d.taken = time.Time{}
	if mine {
		d.taken = asked
	}
	return mine, err
}

// Leave lets another process take over at once, also when ctx has ended. Without
// it the duty runs out by itself.
func (d *Duty) Leave(ctx context.Context) error {
	if d.taken.IsZero() {
		return nil
	}
	d.taken = time.Time{}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return models.LeaveDuty(ctx, d.DB, d.Name, d.Holder)
}
