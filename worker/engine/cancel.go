package engine

import (
	"context"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// Cancel ends a run for good: no further step starts, a running call is cut off,
// and nothing changes the run again. by names the person. A run that is final
// already is a *models.ConflictError.
func (e *Engine) Cancel(ctx context.Context, runID, by string) (models.Run, error) {
	var run models.Run
	err := models.Tx(ctx, e.db, func(tx *gorm.DB) (err error) {
		run, err = e.CancelIn(ctx, tx, runID, by)
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
	message := "The run was cancelled."
	if by != "" {
		message = "Cancelled by " + by + "."
	}
	reason, err := toJSON(failure{Code: "cancelled", Message: message})
	if err != nil {
		return models.Run{}, err
	}
	cancelled, err := models.CancelRun(ctx, tx, runID, reason, e.now())
	if err != nil {
		return models.Run{}, err
	}
	run, err := models.GetRun(ctx, tx, runID)
	if err != nil {
		return models.Run{}, err
	}
	if !cancelled {
		return models.Run{}, &models.ConflictError{Code: "run_final", Message: "This run has already " + finalWord(run.Status) + ", so it cannot be cancelled."}
	}
	return run, nil
}

// AnnounceCancelled tells the workers that execute the runs, and takes back what
// the queue would ring for later. Without Redis the keeper of the leases notices.
func (e *Engine) AnnounceCancelled(ctx context.Context, runs ...models.Run) {
	for _, run := range runs {
		err := e.queue.Signal(context.WithoutCancel(ctx), run.ID)
		if err == nil {
			err = e.queue.Forget(context.WithoutCancel(ctx), queue.Hint{RunID: run.ID, Lane: run.Queue})
		}
		e.redis.note(err)
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
