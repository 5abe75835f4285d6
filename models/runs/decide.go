package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// StepChange is what a decision makes of an attempt of unknown outcome.
type StepChange struct {
	Status string // succeeded or failed
	Again  bool   // it is tried again at once
	Output models.JSON
	Error  models.JSON // nil keeps what is stored of a failed attempt
	Note   string
}

// DecideStep changes the attempt of a step that waits for a decision, and queues
// its run if that is waiting. It reports false when there is no such attempt. Call
// it in a transaction.
func DecideStep(ctx context.Context, tx *gorm.DB, runID, stepID, iteration string, change StepChange, now time.Time) (bool, error) {
	if !models.ValidID(runID) {
		return false, models.ErrNotFound
	}
	tx = tx.WithContext(ctx)
	// The run's row first, as everybody who writes both does; a run that a worker
	// holds at the moment has other items at work and would not see the change.
	queued := tx.Exec(`UPDATE runs SET status = 'queued', waiting_for = '', due_at = NULL, rung_at = ? WHERE id = ? AND status = 'waiting'`, now, runID)
	if queued.Error != nil {
		return false, fmt.Errorf("queue the run: %w", models.Kind(queued.Error))
	}
	if queued.RowsAffected == 0 {
		return false, nil
	}
	var wake *time.Time
	if change.Again {
		wake = &now
	}
	decided := tx.Exec(`UPDATE step_runs SET status = ?, output = ?, error = CASE WHEN ? THEN NULL ELSE COALESCE(?, error) END,
		note = ?, wake_at = ?, finished_at = ?
		WHERE run_id = ? AND step_id = ? AND iteration = ? AND status = 'waiting' AND wake_at IS NULL AND child_id IS NULL AND branch = ''`,
		change.Status, change.Output, change.Status == "succeeded", change.Error, change.Note, wake, now, runID, stepID, iteration)
	if decided.Error != nil {
		return false, fmt.Errorf("keep the decision: %w", models.Kind(decided.Error))
	}
	return decided.RowsAffected == 1, nil
}

// Hurry queues a run that waits for a time, or for the next try of a step, and has those waits be
// over. It reports false when the run waits for neither. Call it in a transaction.
func Hurry(ctx context.Context, tx *gorm.DB, runID string, now time.Time) (bool, error) {
	if !models.ValidID(runID) {
		return false, models.ErrNotFound
	}
	tx = tx.WithContext(ctx)
	queued := tx.Exec(`UPDATE runs SET status = 'queued', waiting_for = '', due_at = NULL, rung_at = ? WHERE id = ? AND status = 'waiting' AND waiting_for IN ('time', 'retry')`, now, runID)
	if queued.Error != nil {
		return false, fmt.Errorf("queue the run: %w", models.Kind(queued.Error))
	}
	if queued.RowsAffected == 0 {
		return false, nil
	}
	// What waits for a person or another run beside it has its own time.
	over := tx.Exec(`UPDATE step_runs SET wake_at = ? WHERE run_id = ? AND wake_at > ? AND (status = 'failed' OR status = 'waiting' AND child_id IS NULL AND branch = '')`, now, runID, now)
	if over.Error != nil {
		return false, fmt.Errorf("end the waits of the run: %w", models.Kind(over.Error))
	}
	return true, nil
}
