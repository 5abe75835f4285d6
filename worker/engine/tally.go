package engine

import (
	"context"
	"sync/atomic"
	"time"

	"workflows/worker/workflow"
)

// tally gathers outcomes between two writes to the per-minute counters.
type tally struct{ succeeded, failed atomic.Int64 }

func (c *tally) add(status string) {
	switch status {
	case workflow.RunSucceeded:
		c.succeeded.Add(1)
	case workflow.RunFailed:
		c.failed.Add(1)
	}
}

// noteEnded counts a run that has ended, and tells of it whoever wants to know.
func (e *Engine) noteEnded(runID, status string) {
	e.tally.add(status)
	if e.ended != nil {
		e.ended(runID)
	}
}

// keepTally writes the counters once a second while there is something to count, and
// a last time after ctx has ended and all runs with it.
func (e *Engine) keepTally(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	left := e.afterLast(ctx)
	for {
		select {
		case <-ticker.C:
			e.flushTally(ctx)
		case <-left:
			e.flushTally(ctx)
			return
		}
	}
}

func (e *Engine) flushTally(ctx context.Context) {
	succeeded, failed := e.tally.succeeded.Swap(0), e.tally.failed.Swap(0)
	if succeeded+failed == 0 {
		return
	}
	err := e.queue.Count(context.WithoutCancel(ctx), e.now(), int(succeeded), int(failed))
	if err != nil { // counted when Redis is back
		e.tally.succeeded.Add(succeeded)
		e.tally.failed.Add(failed)
	}
}
