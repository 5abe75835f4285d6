package pool

import (
	"context"
	"errors"
	"time"

	"workflows/models"
	"workflows/models/machine"
)

// readDrained looks whether somebody has drained this worker: then it takes nothing further, and
// what it executes goes on. While nobody can say, it stays as it is.
func (p *pool) readDrained(ctx context.Context) {
	id, known := p.poolID.Load().(string)
	if !known || p.options.DB == nil {
		return
	}
	began := time.Now()
	bounded, done := models.Bounded(ctx)
	drained, err := machine.Drained(bounded, p.options.DB)
	done()
	p.options.Database.Note(began, err)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, models.ErrUnavailable) {
			p.complaints.warn("whether this worker is drained could not be read", err)
		}
		return
	}
	switch w, is := drained[id]; {
	case is && !p.drained.Swap(true):
		p.log.Info("this worker is drained: it takes no further run until it is released", "by", w.DrainedBy)
	case !is && p.drained.Swap(false):
		p.log.Info("this worker is released: it takes runs again")
		p.bell.ring()
	}
}
