package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// LockPlaces keeps everybody else from giving out places of a workflow whose runs
// are limited, until the transaction ends. It is no lock on the workflow's row:
// a schedule that fires holds its own row already, and publishing takes the two
// in the other order. On SQLite the transaction itself holds everybody off.
func LockPlaces(ctx context.Context, tx *gorm.DB, workflowID string) error {
	if !models.IsPostgres(tx) {
		return nil
	}
	if err := tx.WithContext(ctx).Exec("SELECT pg_advisory_xact_lock(hashtextextended('places of ' || ?, 0))", workflowID).Error; err != nil {
		return fmt.Errorf("lock the workflow's places: %w", models.Kind(err))
	}
	return nil
}

// CountPlaces counts the runs of a workflow that have a place: unfinished, not held
// back, and no try. Of each state it counts no more than limit.
func CountPlaces(ctx context.Context, tx *gorm.DB, workflowID string, limit int) (int, error) {
	const statement = `SELECT (SELECT count(*) FROM (SELECT 1 FROM runs WHERE workflow_id = ? AND ` + readyOf + ` AND ` + noTry + ` ORDER BY queued_at LIMIT ?) AS q)
		+ (SELECT count(*) FROM (SELECT 1 FROM runs WHERE workflow_id = ? AND status = 'running' AND ` + noTry + ` ORDER BY id DESC LIMIT ?) AS r)
		+ (SELECT count(*) FROM (SELECT 1 FROM runs WHERE workflow_id = ? AND status = 'waiting' AND ` + noTry + ` ORDER BY id DESC LIMIT ?) AS w)`
	var taken int
	err := tx.WithContext(ctx).Raw(statement, workflowID, limit, workflowID, limit, workflowID, limit).Scan(&taken).Error
	if err != nil {
		return 0, fmt.Errorf("count the workflow's places: %w", models.Kind(err))
	}
	return taken, nil
}

// admissible says of a held back run that it waits for a place only, and not for
// the end of the run that it stands behind.
const admissible = `held_back AND (behind_id IS NULL OR NOT EXISTS (SELECT 1 FROM runs b WHERE b.id = runs.behind_id AND b.finished_at IS NULL))`

// AnyHeldBack reports whether a run of the workflow could take a place.
func AnyHeldBack(ctx context.Context, tx *gorm.DB, workflowID string) (bool, error) {
	var any bool
	err := tx.WithContext(ctx).Raw(`SELECT (SELECT id FROM runs WHERE `+admissible+` AND workflow_id = ? ORDER BY queued_at LIMIT 1) IS NOT NULL`, workflowID).Scan(&any).Error
	if err != nil {
		return false, fmt.Errorf("look for runs that wait for a place: %w", models.Kind(err))
	}
	return any, nil
}

// Admit gives places to at most limit runs of the workflow, in the order in
// which they were started. A lane that is not empty becomes theirs, but for those that waited for one run only. A run that is
// being cancelled at the moment is passed over.
func Admit(ctx context.Context, tx *gorm.DB, workflowID, lane string, now time.Time, limit int) ([]Rung, error) {
	s := clockOf(tx)
	return queryRung(ctx, tx, "give runs their places",
		`UPDATE runs SET held_back = false, rung_at = `+s.now+`, queue = CASE WHEN behind_id IS NULL THEN COALESCE(NULLIF(?, ''), queue) ELSE queue END WHERE held_back AND id IN
			(SELECT id FROM runs WHERE `+admissible+` AND workflow_id = ? ORDER BY queued_at LIMIT ? `+s.skip+`) RETURNING `+rungColumns,
		append(s.args(now, 0), lane, workflowID, limit)...)
}

// HeldBackWorkflows lists workflows of which runs wait for a place, at most
// limit, in the order of their ids, from after the given id on.
func HeldBackWorkflows(ctx context.Context, db *gorm.DB, after string, limit int) ([]string, error) {
	if after == "" {
		after = models.BeforeAllIDs
	}
	var ids []string
	err := db.WithContext(ctx).Raw(`WITH RECURSIVE w (id) AS (
			SELECT * FROM (SELECT workflow_id FROM runs WHERE held_back AND workflow_id > ? ORDER BY workflow_id, queued_at LIMIT 1) AS f
			UNION ALL
			SELECT (SELECT r.workflow_id FROM runs r WHERE held_back AND r.workflow_id > w.id ORDER BY r.workflow_id, r.queued_at LIMIT 1)
				FROM w WHERE w.id IS NOT NULL
		) SELECT id FROM w WHERE id IS NOT NULL LIMIT ?`, after, limit).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find workflows of which runs wait for a place: %w", models.Kind(err))
	}
	return ids, nil
}
