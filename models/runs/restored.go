package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// ofBackup says of a run that a backup brought it and that it has not ended since.
const ofBackup = `status IN ('queued', 'running', 'waiting') AND lease_owner = '` + models.HeldByBackup + `'`

// RestoredCount is how many unfinished runs of a workflow a backup brought, by state.
type RestoredCount struct {
	WorkflowID, WorkflowName string
	Queued, Running, Waiting int64
}

// CountRestored counts the unfinished runs that a backup brought, by workflow, those
// with the most first.
func CountRestored(ctx context.Context, db *gorm.DB) ([]RestoredCount, error) {
	var found []RestoredCount
	err := db.WithContext(ctx).Raw(`SELECT workflow_id, max(workflow_name) AS workflow_name,
			sum(CASE status WHEN 'queued' THEN 1 ELSE 0 END) AS queued,
			sum(CASE status WHEN 'running' THEN 1 ELSE 0 END) AS running,
			sum(CASE status WHEN 'waiting' THEN 1 ELSE 0 END) AS waiting
		FROM runs WHERE ` + ofBackup + ` GROUP BY workflow_id ORDER BY count(*) DESC, workflow_id`).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("count the runs of the backup: %w", models.Kind(err))
	}
	return found, nil
}

// CancelRestored ends at most limit unfinished runs that a backup brought, and their
// open steps with them, and reports how many there were.
func CancelRestored(ctx context.Context, db *gorm.DB, reason models.JSON, now time.Time, limit int) (int, error) {
	var ids []string
	err := models.Tx(ctx, db, func(tx *gorm.DB) error {
		ids = nil
		err := tx.Raw(`UPDATE runs SET status = 'cancelled', waiting_for = '', due_at = NULL, held_back = false, error = ?, finished_at = ?, lease_owner = '', lease_until = NULL
			WHERE id IN (SELECT id FROM runs WHERE `+ofBackup+` ORDER BY id LIMIT ?) AND `+ofBackup+` RETURNING id`, reason, now, limit).Scan(&ids).Error
		if err != nil || len(ids) == 0 {
			return err
		}
		return tx.Exec(`UPDATE step_runs SET status = 'cancelled', wake_at = NULL, finished_at = ? WHERE run_id IN ? AND status IN ('running', 'waiting')`, now, ids).Error
	})
	if err != nil {
		return 0, fmt.Errorf("end the runs of the backup: %w", models.Kind(err))
	}
	return len(ids), nil
}
