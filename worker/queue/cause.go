package queue

import "errors"

// Why the context of a run's handler ends, by context.Cause.
var (
	// ErrSignalled asks the handler to look at its run's row again.
	ErrSignalled = errors.New("the run was signalled")
	// ErrShutdown ends handlers that the grace was not long enough for.
	ErrShutdown = errors.New("the worker is stopping")
)
