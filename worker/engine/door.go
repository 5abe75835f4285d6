package engine

import (
	"context"
	"runtime/debug"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/workflow"
)

// attend takes the run as far as it goes and commits its end, if it has come to one. The
// worker is free for the next run meanwhile, as long as not too many ends are on their
// way: a crash now costs no more than one a moment earlier, since the run is held, with
// its lease, until it is final. aside says that another goroutine has the run now.
func (x *execution) attend(ctx context.Context) (aside bool, err error) {
	unwatch := context.AfterFunc(ctx, func() { x.told(context.Cause(ctx)) })
	defer unwatch()
	ended, err := x.restore()
	for !ended && err == nil {
		ended, err = x.doNext()
	}
	if err != nil || x.last == nil {
		return false, err
	}
	unwatch() // what is decided is not cut off any more
	select {
	case x.e.ends <- struct{}{}:
	default:
		return false, x.last()
	}
	go func() {
		defer func() { <-x.e.ends }()
		err := x.guard(func() (bool, error) { return false, x.last() })
		if err != nil {
			x.e.log.Error("a run's end could not be written; it is taken over when its lease ends", "run_id", x.run.ID, "error", err)
		}
	}()
	return true, nil
}

// guard is the door by which every execution leaves, whatever ends it: a
// result, an error or a panic. It gives the run back, unless part says that
// another goroutine has it, which leaves by this door then.
func (x *execution) guard(part func() (aside bool, err error)) (err error) {
	aside := false
	defer func() {
		if !aside {
			x.releaseLease()
		}
	}()
	defer func() {
		if recovered := recover(); recovered != nil {
			err = x.panicked(recovered)
		}
	}()
	aside, err = part()
	return err
}

// releaseLease has nobody prolong the lease any more.
func (x *execution) releaseLease() {
	x.e.held.remove(x)
	x.cancel(nil)
}

// panicked leaves a run at which this program met a defect of its own: another
// worker may know better once the lease has ended. A run that has lost too many
// fails, since it would go round for ever.
func (x *execution) panicked(recovered any) error {
	x.e.log.Error("the execution of a run panicked; the run is taken over when its lease ends", "run_id", x.run.ID, "attempt", x.run.Attempt, "panic", recovered, "stack", string(debug.Stack()))
	x.cancel(errDefect)
	for range x.calls {
		(<-x.reports).letGo() // those in hand are cut off, and leave nothing behind
	}
	clear(x.calls)
	if x.run.Recoveries < maxRecoveries {
		return nil
	}
	return x.abandon(workflow.Failure{Code: workflow.CodePanic, Message: "This program met a defect in this run again and again, so the run was ended. The log has the details; please report it."})
}

// abandon fails the run without the results that were not written yet.
func (x *execution) abandon(reason workflow.Failure) error {
	x.dirty, x.leaves = nil, nil
	x.tellFailed(reason)
	now := x.now()
	failed := runs.Advance{Status: workflow.RunFailed, FinishedAt: &now, Error: reason.Stored()}
	err := x.write(failed)
	if models.Refused(err) { // to end it matters more than to tell of it
		x.leaves = nil
		err = x.write(failed)
	}
	if err != nil {
		return withoutUnreachable(ignoreFenced(err))
	}
	x.e.noteEnded(&x.run, workflow.RunFailed)
	x.e.afterEnd(x.run.Run, true)
	return nil
}
