package engine

import (
	"log/slog"
	"sync/atomic"
)

// outage logs one line when a server goes and one when it is back.
type outage struct {
	log        *slog.Logger
	lost, back string
	down       atomic.Bool
}

// note takes the outcome of something that needed the server.
func (o *outage) note(err error) {
	switch {
	case err == nil:
		if o.down.Load() && o.down.CompareAndSwap(true, false) {
			o.log.Info(o.back)
		}
	case o.down.CompareAndSwap(false, true):
		o.log.Error(o.lost, "error", err)
	}
}
