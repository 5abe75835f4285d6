package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Cancel ends those of the runs that are not final, and their open steps with them. It reports
// how many there were. Call it in a transaction.
func Cancel(ctx context.Context, tx *gorm.DB, ids []string, reason models.JSON, now time.Time) (int64, error) {
	cancelled := tx.WithContext(ctx).Exec(`UPDATE runs SET status = 'cancelled', waiting_for = '', due_at = NULL, held_back = false, error = ?,
		finished_at = ?, lease_owner = '', lease_until = NULL WHERE id IN ? AND status IN ('queued', 'running', 'waiting')`, reason, now, ids)
	if cancelled.Error != nil {
		return 0, fmt.Errorf("cancel runs: %w", models.Kind(cancelled.Error))
	}
	if cancelled.RowsAffected == 0 {
		return 0, nil
	}
	err := tx.WithContext(ctx).Exec(`UPDATE step_runs SET status = 'cancelled', wake_at = NULL, finished_at = ?
		WHERE run_id IN ? AND status IN ('running', 'waiting')`, now, ids).Error
	if err != nil {
		return 0, fmt.Errorf("cancel the steps of runs: %w", models.Kind(err))
	}
	return cancelled.RowsAffected, nil
}
