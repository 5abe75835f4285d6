package engine

import (
	"context"
	"sync"
	"time"

	"workflows/models/runs"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// tally gathers what happens to runs, by their lanes, between two writes to the per-minute
// counters.
type tally struct {
	mu      sync.Mutex
	byLanes map[string]queue.Turnover
}

func (c *tally) add(lane string, o queue.Turnover) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byLanes == nil {
		c.byLanes = map[string]queue.Turnover{}
	}
	c.byLanes[lane] = c.byLanes[lane].Plus(o)
}

func (c *tally) swap() map[string]queue.Turnover {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.byLanes
	c.byLanes = nil
	return taken
}

// noteStarted counts a run that begins, and for how long it has waited for that.
func (e *Engine) noteStarted(run *runs.Claimed) {
	if run.Attempt == 1 && run.TriggerType != TriggerTry {
		e.tally.add(run.Queue, queue.Turnover{Started: 1, Waited: max(run.At.Sub(run.QueuedAt), 0)})
	}
}

// noteEnded counts a run that has ended, and tells of it whoever wants to know.
func (e *Engine) noteEnded(run *runs.Claimed, status string) {
	switch status {
	case workflow.RunSucceeded:
		e.tally.add(run.Queue, queue.Turnover{Succeeded: 1})
	case workflow.RunFailed:
		e.tally.add(run.Queue, queue.Turnover{Failed: 1})
	}
	if e.ended != nil {
		e.ended(run.ID)
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
	counted := e.tally.swap()
	if len(counted) == 0 {
		return
	}
	if err := e.queue.Count(context.WithoutCancel(ctx), e.now(), counted); err != nil { // counted when Redis is back
		for lane, o := range counted {
			e.tally.add(lane, o)
		}
	}
}
