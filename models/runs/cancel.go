package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Cancel ends a run that is not final, and its open steps with it. It reports
// whether there was anything to cancel. Call it in a transaction.
func Cancel(ctx context.Context, tx *gorm.DB, id string, reason models.JSON, now time.Time) (bool, error) {
	cancelled := tx.WithContext(ctx).Exec(`UPDATE runs SET status = 'cancelled', waiting_for = '', due_at = NULL, held_back = false, error = ?,
		finished_at = ?, lease_owner = '', lease_until = NULL WHERE id = ? AND status IN ('queued', 'running', 'waiting')`, reason, now, id)
	if cancelled.Error != nil {
		return false, fmt.Errorf("cancel the run: %w", models.Kind(cancelled.Error))
	}
	if cancelled.RowsAffected == 0 {
		return false, nil
	}
	err := tx.WithContext(ctx).Exec(`UPDATE step_runs SET status = 'cancelled', wake_at = NULL, finished_at = ?
		WHERE run_id = ? AND status IN ('running', 'waiting')`, now, id).Error
	if err != nil {
		return false, fmt.Errorf("cancel the run's steps: %w", models.Kind(err))
	}
	return true, nil
}
