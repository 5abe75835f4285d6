package queue

import (
	"context"
	"runtime/debug"
	"sync"
)

// executions are the handlers that run in this process now, so that a signal and
// the shutdown reach them.
type executions struct {
	base context.Context // ends with the shutdown, not with the first sign of it
	end  context.CancelCauseFunc

	mu     sync.Mutex
	active map[*execution]struct{}
}

type execution struct {
	runID  string
	cancel context.CancelCauseFunc
}

func newExecutions(parent context.Context) *executions {
	e := &executions{active: map[*execution]struct{}{}}
	e.base, e.end = context.WithCancelCause(parent)
	return e
}

// begin makes the context of one handler. The same run may be in two handlers:
// hints are doubled now and then, and the second one's claim fails.
func (e *executions) begin(runID string) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(e.base)
	x := &execution{runID: runID, cancel: cancel}
	e.mu.Lock()
	e.active[x] = struct{}{}
	e.mu.Unlock()
	return ctx, func() {
		e.mu.Lock()
		delete(e.active, x)
		e.mu.Unlock()
		cancel(nil)
	}
}

func (e *executions) signal(runID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for x := range e.active {
		if x.runID == runID {
			x.cancel(ErrSignalled)
		}
	}
}

func (e *executions) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.active)
}

func stack() string { return string(debug.Stack()) }
