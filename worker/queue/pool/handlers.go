package pool

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"

	"github.com/gocraft/work"

	"workflows/worker/queue"
)

// handlers are those that run in this process now, so that a signal and the
// shutdown reach them.
type handlers struct {
	base context.Context // ends with the shutdown, not with the first sign of it
	end  context.CancelCauseFunc

	mu     sync.Mutex
	active map[*handler]struct{}
}

type handler struct {
	runID  string
	cancel context.CancelCauseFunc
}

func newHandlers(parent context.Context) *handlers {
	h := &handlers{active: map[*handler]struct{}{}}
	h.base, h.end = context.WithCancelCause(parent)
	return h
}

// register makes the context of one handler. The same run may be in two handlers:
// hints are doubled now and then, and the second one's claim fails.
func (h *handlers) register(runID string) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(h.base)
	one := &handler{runID: runID, cancel: cancel}
	h.mu.Lock()
	h.active[one] = struct{}{}
	h.mu.Unlock()
	return ctx, func() {
		h.mu.Lock()
		delete(h.active, one)
		h.mu.Unlock()
		cancel(nil)
	}
}

func (h *handlers) signal(runID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for one := range h.active {
		if one.runID == runID {
			one.cancel(queue.ErrSignalled)
		}
	}
}

func (h *handlers) running() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.active)
}

// handle is gocraft/work's handler. It always reports success: retrying is
// decided in the database, never here.
func (p *pool) handle(job *work.Job) error {
	runID := job.ArgString("run_id")
	select {
	case <-p.stopping: // another worker may take it at once
		p.giveBack(runID, job.Name)
		return nil
	default:
	}
	ctx, done := p.handlers.register(runID)
	defer done()
	defer func() {
		if recovered := recover(); recovered != nil {
			p.log.Error("the handler of a run panicked", "run_id", runID, "panic", recovered, "stack", string(debug.Stack()))
		}
	}()
	switch err := p.options.Handle(ctx, runID); {
	case errors.Is(err, queue.ErrStopping):
		p.giveBack(runID, job.Name)
	case err != nil:
		p.log.Error("the handler of a run failed", "run_id", runID, "error", err)
	}
	return nil
}

// giveBack rings for a run that was taken and not begun, in its lane and ahead of
// the others there.
func (p *pool) giveBack(runID, lane string) {
	if _, err := p.q.Ring(context.Background(), queue.Hint{RunID: runID, Lane: lane, Ahead: true}); err != nil {
		p.log.Warn("a run could not be given back; it is rung again later", "run_id", runID, "error", err)
	}
}
