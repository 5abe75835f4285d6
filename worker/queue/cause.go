package queue

import "errors"

// Why the context of a run's handler ends, by context.Cause.
var (
	// ErrSignalled asks the handler to look at its run's row again.
	ErrSignalled = errors.New("the run was signalled")
	// ErrStopping is what a handler returns that has not begun, because its process
	// is stopping: the run goes back to where it came from.
	ErrStopping = errors.New("the worker takes no more")
	// ErrShutdown ends handlers that the grace was not long enough for.
	ErrShutdown = errors.New("the worker is stopping")
)
