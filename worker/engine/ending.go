package engine

import (
	"context"
	"errors"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// finish prepares the write that makes the run final; Execute has it committed.
func (x *execution) finish(final decision) error {
	now := x.now()
	a := models.Advance{Status: workflow.RunSucceeded, FinishedAt: &now}
	if final.last != nil {
		a.Output = final.last.Output
	}
	if final.failure != nil {
		a.Status, a.Error = workflow.RunFailed, final.failure.stored()
		x.cancelOpen()
	}
	x.last = func() error {
		if err := x.write(a); err != nil {
			return x.stuck(err)
		}
		x.e.counts.add(a.Status)
		x.e.log.Info("run finished", "run_id", x.run.ID, "workflow_id", x.run.WorkflowID, "status", a.Status, "attempt", x.run.Attempt)
		return nil
	}
	return nil
}

// cancelOpen ends the wait of a step whose run ends before it.
func (x *execution) cancelOpen() {
	now := x.now()
	for _, rows := range x.done {
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
func (x *execution) suspend(next decision) error {
	until := next.until.UTC()
	err := x.write(models.Advance{Status: workflow.RunWaiting, WaitingFor: next.waitFor, DueAt: &until})
	if err != nil {
		return x.stuck(err)
	}
	x.e.sweepSoon(until.Sub(x.now()))
	x.e.redis.note(x.e.queue.Later(context.WithoutCancel(x.ctx), until, next.waitFor == workflow.WaitRetry, x.hint()))
	return nil
}

// leave ends the execution because its context has ended; row is the attempt
// that was cut off, if there was one.
func (x *execution) leave(row *models.StepRun) error {
	cause := context.Cause(x.ctx)
	if !errors.Is(cause, queue.ErrShutdown) {
		x.e.log.Info("run left", "run_id", x.run.ID, "attempt", x.run.Attempt, "reason", cause.Error())
		return nil
	}
	if row != nil {
		if lost := x.interrupted(row, codeInterrupted, "The worker was stopped during this attempt."); lost != nil {
			return x.finish(decision{failure: lost})
		}
	}
	return x.handBack()
}

// handBack queues the run for another worker, which goes on at once.
func (x *execution) handBack() error {
	if err := x.write(models.Advance{Status: workflow.RunQueued}); err != nil {
		return x.stuck(err)
	}
	x.e.ring(x.ctx, []queue.Hint{x.hint()})
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
	x.dirty, x.unsaved = nil, nil
	now := x.now()
	reason := failure{Code: codeInternal, Message: "The results of this run could not be stored. The log has the details."}
	if err := x.write(models.Advance{Status: workflow.RunFailed, FinishedAt: &now, Error: reason.stored()}); err != nil {
		return withoutUnreachable(ignoreFenced(err))
	}
	x.e.counts.add(workflow.RunFailed)
	return nil
}
