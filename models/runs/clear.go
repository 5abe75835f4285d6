package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
)

// Clear removes at most limit runs that ended before a time, the oldest first,
// with their steps, payloads and questions, and reports how many. Of each workflow
// the newest run of each outcome stays, so that it is known when it last succeeded
// and failed; and so does one that a run which has not ended has started, since its
// output may still be asked for, and one that took the place of a failure which is
// not settled yet: without it that would seem open.
func Clear(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error) {
	skip := ""
	if models.IsPostgres(db) {
		skip = "FOR UPDATE OF r SKIP LOCKED" // of one that is just being run again
	}
	// A run has ended after its id was made, and ids sort by that: only old rows are read.
	cleared := db.WithContext(ctx).Exec(`DELETE FROM runs WHERE id IN (SELECT r.id FROM runs r
		WHERE r.id < ? AND r.finished_at < ? AND r.status IN ('succeeded', 'failed', 'cancelled') AND r.trigger_type <> 'try'
			AND r.id < (SELECT n.id FROM runs n WHERE n.workflow_id = r.workflow_id AND n.status = r.status AND n.trigger_type <> 'try' ORDER BY n.id DESC LIMIT 1)
			AND NOT EXISTS (SELECT 1 FROM runs f WHERE f.id = r.retry_of AND f.status = 'failed' AND f.settled_at IS NULL)
			AND NOT EXISTS (SELECT 1 FROM runs p WHERE p.id = r.parent_id AND p.status IN ('queued', 'running', 'waiting'))
		ORDER BY r.id LIMIT ? `+skip+`)`, models.FirstID(before), before, limit)
	if cleared.Error != nil {
		return 0, fmt.Errorf("clear runs: %w", models.Kind(cleared.Error))
	}
	return cleared.RowsAffected, nil
}

// triesKept is how long tries are kept after they were asked for.
const triesKept = 24 * time.Hour

// ClearTries removes at most limit tries that ended and are a day old, with what they
// executed, and reports how many. The time before which other things are cleared does not
// matter to them.
func ClearTries(ctx context.Context, db *gorm.DB, _ time.Time, limit int) (int64, error) {
	var removed int64
	err := models.Tx(ctx, db, func(tx *gorm.DB) error {
		var ids []string
		err := tx.WithContext(ctx).Raw(`SELECT id FROM runs WHERE trigger_type = 'try' AND id < ? AND status IN ('succeeded', 'failed', 'cancelled') ORDER BY id LIMIT ?`,
			models.FirstID(models.Now().Add(-triesKept)), limit).Scan(&ids).Error
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := tx.WithContext(ctx).Exec("DELETE FROM workflow_versions WHERE id IN ? AND number < 0", ids).Error; err != nil {
			return err
		}
		removed = int64(len(ids))
		return tx.WithContext(ctx).Exec("DELETE FROM runs WHERE id IN ?", ids).Error
	})
	if err != nil {
		return 0, fmt.Errorf("clear tries: %w", models.Kind(err))
	}
	return removed, nil
}

// Pin keeps a final run from being cleared until the transaction ends. One that
// has been is models.ErrNotFound.
func Pin(ctx context.Context, tx *gorm.DB, id string) error {
	query := tx.WithContext(ctx).Model(&models.Run{}).Select("id").Where("id = ?", id)
	if models.IsPostgres(tx) { // SQLite has one writer
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthShare})
	}
	var found string
	if err := query.Take(&found).Error; err != nil {
		return fmt.Errorf("hold the run: %w", models.Kind(err))
	}
	return nil
}
