package engine

import (
	"context"
	"time"

	"workflows/models"
)

const (
	dutySweep = "sweep"
	// dutyLength is after how long a sweeper that is gone is replaced: before the
	// leases of its runs end.
	dutyLength = 5 * time.Second
)

// duty says whether this process is the one that sweeps. Two at once would do no
// harm, only work that another does already.
type duty struct {
	e     *Engine
	taken time.Time // when it was last taken or prolonged; zero while it is another's
}

// mine takes or prolongs the duty where need be.
func (d *duty) mine(ctx context.Context) (bool, error) {
	if !d.taken.IsZero() && time.Since(d.taken) < dutyLength/3 {
		return true, nil
	}
	asked := time.Now()
	mine, err := models.TakeDuty(ctx, d.e.db, dutySweep, d.e.owner, dutyLength)
	d.taken = time.Time{}
	if mine {
		d.taken = asked
	}
	return mine, err
}

// leave lets another process take over at once.
func (d *duty) leave(ctx context.Context) {
	if d.taken.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := models.LeaveDuty(ctx, d.e.db, dutySweep, d.e.owner); err != nil { // it runs out by itself
		d.e.log.Warn("the sweeper's duty could not be handed over", "error", err)
	}
}
