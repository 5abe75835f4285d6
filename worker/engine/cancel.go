package engine

import (
	"context"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// Cancel ends a run for good: no further step starts, a running call is cut off,
// and nothing changes the run again. by names the person. A run that is final
// already is a *models.ConflictError.
func (e *Engine) Cancel(ctx context.Context, runID, by string) (models.Run, error) {
	if !models.ValidID(runID) {
		return models.Run{}, models.ErrNotFound
	}
	var run models.Run
	err := models.Tx(ctx, e.db, func(tx *gorm.DB) (err error) {
		if run, err = e.cancelBecause(ctx, tx, runID, cancelledBy(by)); err != nil {
			return err
		}
		return recordRun(ctx, tx, "cancelled", run, nil)
	})
	if err != nil {
		return models.Run{}, err
	}
	e.AnnounceCancelled(ctx, run)
	return run, nil
}

// recordRun adds to the audit log what a person did about a run.
func recordRun(ctx context.Context, tx *gorm.DB, action string, run models.Run, after any) error {
	return models.Record(ctx, tx, models.Act{Action: "run." + action, ObjectKind: "run", ObjectID: run.ID, ObjectName: run.WorkflowName, After: after})
}

func cancelledBy(name string) string {
	if name == "" {
		return "The run was cancelled."
	}
	return "Cancelled by " + name + "."
}

func (e *Engine) cancelOrphan(ctx context.Context, runID, message string) (run models.Run, err error) {
	err = models.Tx(ctx, e.db, func(tx *gorm.DB) (err error) {
		run, err = e.cancelBecause(ctx, tx, runID, message)
		return err
	})
	if err != nil {
		return models.Run{}, err
	}
	e.AnnounceCancelled(ctx, run)
	return run, nil
}

// CancelIn is Cancel in the caller's transaction; call AnnounceCancelled after
// it has committed.
func (e *Engine) CancelIn(ctx context.Context, tx *gorm.DB, runID, by string) (models.Run, error) {
	if !models.ValidID(runID) {
		return models.Run{}, models.ErrNotFound
	}
	return e.cancelBecause(ctx, tx, runID, cancelledBy(by))
}

func (e *Engine) cancelBecause(ctx context.Context, tx *gorm.DB, runID, message string) (models.Run, error) {
	cancelled, err := runs.Cancel(ctx, tx, []string{runID}, workflow.Failure{Code: "cancelled", Message: message}.Stored(), e.now())
	if err != nil {
		return models.Run{}, err
	}
	run, err := runs.Get(ctx, tx, runID)
	if err != nil {
		return models.Run{}, err
	}
	if cancelled == 0 {
		return models.Run{}, isFinal(run.Status)
	}
	return run, nil
}

func isFinal(status string) error {
	return &models.ConflictError{Code: "run_final", Message: "This run has already " + finalWord(status) + ", so it cannot be cancelled."}
}

// CancelMany is CancelIn of runs that the transaction has seized; they come without their
// data. Their lines in the audit log are the caller's.
func (e *Engine) CancelMany(ctx context.Context, tx *gorm.DB, seized []runs.Seized, by string) ([]Prepared, error) {
	var ids []string
	for _, run := range seized {
		if !workflow.Final(run.Status) {
			ids = append(ids, run.ID)
		}
	}
	open := map[string]models.Run{}
	if len(ids) > 0 {
		_, err := runs.Cancel(ctx, tx, ids, workflow.Failure{Code: "cancelled", Message: cancelledBy(by)}.Stored(), e.now())
		if err != nil {
			return nil, err
		}
		if open, err = runs.ByID(ctx, tx, ids); err != nil {
			return nil, err
		}
	}
	cancelled := make([]Prepared, len(seized))
	for i, run := range seized {
		var found bool
		if cancelled[i].Run, found = open[run.ID]; !found {
			cancelled[i].Err = isFinal(run.Status)
		}
	}
	return cancelled, nil
}

// AnnounceCancelled tells the workers that execute the runs, takes back what the
// queue would ring for later, cancels the runs that they had started and wakes
// the one that had started them. Without Redis the keeper of the leases notices.
func (e *Engine) AnnounceCancelled(ctx context.Context, cancelled ...models.Run) {
	for _, run := range cancelled {
		if e.queue.Signal(context.WithoutCancel(ctx), run.ID) == nil {
			_ = e.queue.Forget(context.WithoutCancel(ctx), queue.Hint{RunID: run.ID, Lane: run.Queue}) // a stale hint is harmless
		}
		e.afterEnd(run, true)
	}
}

func finalWord(status string) string {
	switch status {
	case workflow.RunSucceeded:
		return "succeeded"
	case workflow.RunCancelled:
		return "been cancelled"
	}
	return "failed"
}
