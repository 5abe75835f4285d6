package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models/plain"
)

// LockWorkflow reads a workflow so that nobody else changes it before the
// transaction ends. On SQLite the transaction itself holds everybody off.
func LockWorkflow(ctx context.Context, tx *gorm.DB, id string) (Workflow, error) {
	if !ValidID(id) {
		return Workflow{}, ErrNotFound
	}
	query := tx.WithContext(ctx).Where("id = ?", id)
	if IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: "NO KEY UPDATE"}) // runs may still refer to it
	}
	var found Workflow
	if err := query.Take(&found).Error; err != nil {
		return Workflow{}, fmt.Errorf("find the workflow: %w", Kind(err))
	}
	return found, nil
}

// InsertWorkflow stores a new workflow.
func InsertWorkflow(ctx context.Context, tx *gorm.DB, w *Workflow) error {
	if err := plain.Create(ctx, tx, w); err != nil {
		return fmt.Errorf("store the workflow: %w", Kind(err))
	}
	return nil
}

// UpdateWorkflow writes everything that changes of a workflow whose row is locked.
func UpdateWorkflow(ctx context.Context, tx *gorm.DB, w Workflow) error {
	return Changed("store the workflow", tx.WithContext(ctx).Model(&Workflow{}).Where("id = ?", w.ID).Updates(map[string]any{
		"name": w.Name, "status": w.Status, "draft": w.Draft, "draft_revision": w.DraftRevision,
		"version_id": w.VersionID, "version": w.Version,
		"paused_until": w.PausedUntil, "paused_reason": w.PausedReason, "paused_by": w.PausedBy,
		"updated_at": w.UpdatedAt,
	}))
}

// Keep is for how many days the runs of a workflow are kept after they ended, for how many
// those that failed, and how many of the newest in any case. Where all are nil the workflow
// says nothing of it.
type Keep struct{ Days, FailedDays, Last *int }

// SetKeep sets how long the runs of a workflow are kept.
func SetKeep(ctx context.Context, tx *gorm.DB, workflowID string, k Keep) error {
	return Changed("store how long runs are kept", tx.WithContext(ctx).Model(&Workflow{}).Where("id = ?", workflowID).Updates(map[string]any{
		"keep_days": k.Days, "keep_failed_days": k.FailedDays, "keep_last": k.Last,
	}))
}

// LockToDelete keeps everybody else away from a workflow until the transaction
// ends. On SQLite the transaction itself does.
func LockToDelete(ctx context.Context, tx *gorm.DB, id string) error {
	if !ValidID(id) {
		return ErrNotFound
	}
	if !IsPostgres(tx) {
		return nil
	}
	// In the order in which a firing schedule and the watcher lock: schedules and
	// deadlines, then the workflow.
	// The second lock keeps new runs out.
	for _, statement := range []string{"SELECT 1 FROM schedules WHERE workflow_id = ? FOR UPDATE", "SELECT 1 FROM deadlines WHERE workflow_id = ? FOR UPDATE", "SELECT 1 FROM workflows WHERE id = ? FOR UPDATE"} {
		if err := tx.WithContext(ctx).Exec(statement, id).Error; err != nil {
			return fmt.Errorf("lock the workflow: %w", Kind(err))
		}
	}
	return nil
}

// DeleteWorkflow removes a workflow with its versions, schedules and finished
// runs. It returns how many of its runs (up to 1,000) are not final; when there
// are any, nothing is removed. Call LockToDelete before.
func DeleteWorkflow(ctx context.Context, tx *gorm.DB, id string) (unfinished int, err error) {
	const count = `SELECT count(*) FROM (SELECT 1 FROM runs WHERE workflow_id = ? AND status IN ('queued', 'running', 'waiting') LIMIT 1000) AS r`
	if err := tx.WithContext(ctx).Raw(count, id).Scan(&unfinished).Error; err != nil {
		return 0, fmt.Errorf("count the workflow's runs: %w", Kind(err))
	}
	if unfinished > 0 {
		return unfinished, nil
	}
	return 0, Changed("delete the workflow", tx.WithContext(ctx).Exec("DELETE FROM workflows WHERE id = ?", id))
}

// WorkflowsToResume returns the ids of at most limit paused workflows whose pause has
// ended, without the given ones.
func WorkflowsToResume(ctx context.Context, db *gorm.DB, now time.Time, without []string, limit int) ([]string, error) {
	query := db.WithContext(ctx).Model(&Workflow{}).Where("status = 'paused' AND paused_until <= ?", now).Order("paused_until").Limit(limit)
	if len(without) > 0 {
		query = query.Where("id NOT IN ?", without)
	}
	var ids []string
	if err := query.Pluck("id", &ids).Error; err != nil {
		return nil, fmt.Errorf("find pauses that have ended: %w", Kind(err))
	}
	return ids, nil
}
