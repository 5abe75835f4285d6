package engine

import (
	"context"
	"errors"
	"time"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/engine/plan"
	"workflows/worker/failpoint"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// Why a run's context ends, besides queue.ErrShutdown.
var (
	// ErrLeaseLost says that the run is another worker's by now, or nobody's.
	ErrLeaseLost = errors.New("the run's lease was lost")
	// errCancelled says that a person has cancelled the run.
	errCancelled = errors.New("the run was cancelled")
	// errFenced says that a write found the run held by somebody else, or final.
	errFenced = errors.New("the run is not held any more")
	// errDefect says that the execution met a defect of this program.
	errDefect = errors.New("the execution panicked")
)

// execution is one claimed run in the hands of one worker. One goroutine makes
// all decisions about it; the attempts of steps that call out have their own and
// report to it.
type execution struct {
	*plan.State
	e       *Engine
	run     runs.Claimed
	version *version
	started time.Time // on this process's clock, when run.At was read
	kept    time.Time // when its lease was last known to be good; guarded by held.mu
	ctx     context.Context
	cancel  context.CancelCauseFunc

	calls    map[plan.Spot]*call // in hand
	reports  chan report
	broken   []*plan.Attempt // attempts that were cut off because the run has to be left
	dirty    []*plan.Attempt // not written yet
	progress bool            // whether dirty holds a finished step
	last     func() error    // writes the run's end, once that is decided
	leaves   []models.Left   // what steps have left behind, not written yet
	input    map[string]any
	trigger  map[string]any
	values   map[string]any // of the run itself
}

// now is the database's clock as far as this run is concerned: a wait that the
// database has found to be over is over, whatever this machine's clock says.
func (x *execution) now() time.Time {
	return x.run.At.Add(time.Since(x.started)).Truncate(time.Microsecond)
}

func (x *execution) hold() runs.Hold {
	return runs.Hold{RunID: x.run.ID, Attempt: x.run.Attempt}
}

func (x *execution) hint() queue.Hint {
	return queue.Hint{RunID: x.run.ID, Lane: x.run.Queue}
}

// Execute claims the run and takes it as far as it goes: to its end, or to where
// it has to wait. A hint for a run that is not to be had is no error. While the
// engine stops it begins nothing and returns queue.ErrStopping. It is the handler
// of the worker pool.
func (e *Engine) Execute(ctx context.Context, runID string) error {
	if e.stopping.Load() {
		return queue.ErrStopping // it stays queued for another worker
	}
	began := time.Now()
	got, err := e.commits.submit(change{claim: runID})
	e.database.Note(began, err)
	if err != nil || got.claimed == nil {
		return withoutUnreachable(err)
	}
	failpoint.Hit("engine.after_claim")
	x := e.newExecution(ctx, *got.claimed, began)
	return x.guard(func() (aside bool, err error) { return x.attend(ctx) })
}

// newExecution makes the execution of a run that was just claimed; began is from before
// that, since its lease counts from then at the earliest.
func (e *Engine) newExecution(ctx context.Context, run runs.Claimed, began time.Time) *execution {
	x := &execution{e: e, run: run, started: time.Now(), kept: began}
	if x.run.DueAt != nil && x.run.DueAt.After(x.run.At) { // only where a clock was set back
		x.run.At = *x.run.DueAt
	}
	e.noteStarted(&x.run)
	x.ctx, x.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	e.held.add(x)
	return x
}

// told passes on why the pool has ended the handler's context. A signal asks to
// look at the row: only a run that is not ours any more stops.
func (x *execution) told(cause error) {
	if !errors.Is(cause, queue.ErrSignalled) {
		x.cancel(cause)
		return
	}
	ctx, done := models.Bounded(x.ctx)
	defer done()
	run, err := runs.Get(ctx, x.e.db, x.run.ID)
	if err == nil && run.Status == workflow.RunCancelled {
		x.cancel(errCancelled)
	} else if err == nil && (run.Status != workflow.RunRunning || run.Attempt != x.run.Attempt) {
		x.cancel(ErrLeaseLost)
	}
}

// restore reads what the run has done so far. Like doNext it reports whether the
// execution has ended with it.
func (x *execution) restore() (ended bool, err error) {
	ctx, done := models.Bounded(x.ctx)
	defer done()
	version, err := x.e.version(ctx, x.e.db, x.run.VersionID)
	if err != nil {
		return true, x.failUnreadable(err)
	}
	if version.newer != "" {
		return true, x.strand(version.newer)
	}
	x.version, x.State = version, plan.NewState(&version.definition)
	if version.timeout > 0 && x.run.StartedAt != nil {
		x.Deadline = x.run.StartedAt.Add(version.timeout)
	}
	if x.run.Attempt > 1 || x.run.RetryFrom != "" {
		if err := x.recall(ctx); err != nil {
			return true, x.failUnreadable(err)
		}
	}
	if x.run.Attempt > 1 {
		if poisoned := x.resolveLost(); poisoned != nil {
			return true, x.finish(plan.Ending{Failure: poisoned})
		}
	}
	return false, nil
}

// failUnreadable fails a run whose version nobody can use. One that a newer program
// wrote is left for that; after any other trouble the lease runs out, and the run is
// taken over.
func (x *execution) failUnreadable(err error) error {
	if beyond := new(beyondError); errors.As(err, &beyond) {
		return x.strand(beyond.what)
	}
	if !errors.Is(err, errUnreadable) && !errors.Is(err, models.ErrNotFound) {
		return withoutUnreachable(err)
	}
	x.e.log.Error("a run's version cannot be read", "run_id", x.run.ID, "version_id", x.run.VersionID, "error", err)
	return x.finish(plan.Ending{Failure: &workflow.Failure{Code: workflow.CodeInternal, Message: "The version of the workflow that this run belongs to cannot be read. Start a new run of the current version."}})
}

// doNext does what the machine plans next. It reports whether the execution has
// ended: the run is final, waits, was given back or is lost.
func (x *execution) doNext() (ended bool, err error) {
	if x.ctx.Err() != nil {
		return true, x.breakOff()
	}
	next := x.NextMoves(x.now())
	switch stopping := x.e.stopping.Load(); {
	case len(next.Settle) > 0:
		for _, s := range next.Settle {
			if err = x.settle(s); err != nil {
				break
			}
		}
	case next.End != nil:
		return true, x.finish(*next.End)
	case len(next.Begin) > 0 && !stopping:
		err = x.beginAll(next.Begin)
	case len(x.calls) > 0:
		err = x.awaitReport(next.Until)
	case len(next.Begin) > 0:
		return true, x.handBack()
	default:
		return true, x.suspend(next)
	}
	if err != nil {
		x.cutOffAll(ErrLeaseLost)
		return true, x.stuck(err)
	}
	return x.last != nil, nil
}

// touch keeps a row for the next write.
func (x *execution) touch(row *plan.Attempt, finished bool) {
	x.progress = x.progress || finished
	for _, other := range x.dirty {
		if other == row {
			return
		}
	}
	x.dirty = append(x.dirty, row)
}

func ignoreFenced(err error) error {
	if errors.Is(err, errFenced) {
		return nil
	}
	return err
}

// withoutUnreachable drops what the outage's own line has told.
func withoutUnreachable(err error) error {
	if errors.Is(err, models.ErrUnavailable) {
		return nil
	}
	return err
}
