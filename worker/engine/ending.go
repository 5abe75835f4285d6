package engine

import (
	"context"
	"errors"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/engine/plan"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// finish prepares the write that makes the run final; Execute has it committed.
// What is still in hand is cut off first.
func (x *execution) finish(final plan.Ending) error {
	x.cutOffAll(errRunEnded)
	now := x.now()
	a := runs.Advance{Status: workflow.RunSucceeded, FinishedAt: &now}
	if final.Last != nil {
		a.Output = final.Last.Output
	}
	if final.Failure != nil {
		a.Status, a.Error = workflow.RunFailed, final.Failure.Stored()
	}
	x.cancelOpen()
	if final.Failure != nil {
		x.tellFailed(*final.Failure)
	}
	x.last = func() error {
		if err := x.write(a); err != nil {
			return x.stuck(err)
		}
		if try, _ := x.isTry(); !try {
			x.e.noteEnded(&x.run, a.Status)
		}
		line := []any{"run_id", x.run.ID, "workflow_id", x.run.WorkflowID, "status", a.Status, "attempt", x.run.Attempt}
		if failure := final.Failure; failure != nil { // its message may hold what others have sent
			line = append(line, "step_id", failure.StepID, "code", failure.Code)
		}
		x.e.log.Info("run finished", line...)
		x.e.afterEnd(x.run.Run, x.hasChildren())
		return nil
	}
	return nil
}

// afterEnd does what the end of a run means to others. Should the worker be lost
// before, the sweeper does it.
func (e *Engine) afterEnd(run models.Run, hasChildren bool) {
	e.noteFreed(run)
	repeats := run.TriggerType == TriggerRetry
	if run.ParentID == nil && !hasChildren && !repeats {
		return
	}
	ctx, done := models.Bounded(context.Background())
	defer done()
	if repeats {
		if err := runs.SettleEarlier(ctx, e.db, run.ID, e.now()); err != nil { // readers see by the run itself that it is
			e.log.Debug("what a run has repaired could not be marked", "run_id", run.ID, "error", err)
		}
	}
	if run.ParentID != nil {
		e.wakeParentOf(ctx, *run.ParentID)
	}
	if hasChildren {
		e.cancelOrphans(ctx, run.ID)
	}
}

// cancelOpen ends what is still open of a run that ends before it.
func (x *execution) cancelOpen() {
	if x.State == nil {
		return
	}
	now := x.now()
	for _, rows := range x.Done {
		for _, row := range rows {
			if row.Status == workflow.StepWaiting || row.Status == workflow.StepRunning {
				row.Status, row.FinishedAt, row.WakeAt = workflow.StepCancelled, &now, nil
				x.touch(row, false)
			} else if row.Status == workflow.StepFailed && row.WakeAt != nil && row.WakeAt.After(now) {
				row.WakeAt = nil // it will not be tried again
				x.touch(row, false)
			}
		}
	}
}

// suspend gives the run back until it goes on; nothing holds a worker meanwhile.
func (x *execution) suspend(next plan.Moves) error {
	a := runs.Advance{Status: workflow.RunWaiting, WaitingFor: next.WaitFor}
	if !next.Until.IsZero() {
		until := next.Until.UTC()
		a.DueAt = &until
	}
	if err := x.write(a); err != nil {
		return x.stuck(err)
	}
	ctx := context.WithoutCancel(x.ctx)
	// One may have ended, or have been answered, while the run was not waiting yet.
	if x.hasChildren() {
		x.e.cancelOrphans(ctx, x.run.ID)
	}
	if x.awaitsOthers() {
		x.e.wakeParentOf(ctx, x.run.ID)
	}
	if a.DueAt == nil {
		return nil
	}
	x.e.sweepSoon(next.Until.Sub(x.now()))
	_ = x.e.queue.Later(ctx, *a.DueAt, next.WaitFor == workflow.WaitRetry, x.hint()) // without Redis the sweeper wakes it
	return nil
}

// breakOff ends the execution because its context has ended.
func (x *execution) breakOff() error {
	cause := context.Cause(x.ctx)
	x.cutOffAll(cause)
	if !errors.Is(cause, queue.ErrShutdown) {
		x.e.log.Info("run left", "run_id", x.run.ID, "attempt", x.run.Attempt, "reason", cause.Error())
		return nil
	}
	for _, row := range x.broken {
		x.interrupted(row, workflow.CodeInterrupted, "The worker was stopped during this attempt.")
	}
	return x.handBack()
}

// handBack queues the run for another worker, which goes on at once.
func (x *execution) handBack() error {
	if err := x.write(runs.Advance{Status: workflow.RunQueued}); err != nil {
		return x.stuck(err)
	}
	hint := x.hint()
	hint.Ahead = true
	x.e.ring(x.ctx, []queue.Hint{hint})
	x.e.log.Info("run handed back", "run_id", x.run.ID, "attempt", x.run.Attempt)
	return nil
}

// stuck decides about a run whose state could not be written. A run that is not
// ours needs nothing; one whose results the database refuses fails without them;
// any other is taken over when its lease runs out.
func (x *execution) stuck(err error) error {
	if !models.Refused(err) {
		return withoutUnreachable(ignoreFenced(err))
	}
	x.e.log.Error("a run's results cannot be stored", "run_id", x.run.ID, "error", err)
	return x.abandon(workflow.Failure{Code: workflow.CodeInternal, Message: "The results of this run could not be stored. The log has the details."})
}
