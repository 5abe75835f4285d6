package bulk

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/plain"
)

// Due returns the ids of those that are under way and whose rate allows more now, what waits
// longest first, and when the next is due where none is now; zero where none is under way.
func Due(ctx context.Context, db *gorm.DB, now time.Time) (ids []string, next time.Time, err error) {
	found, err := plain.Find[Bulk](ctx, db.Where("state = 'running'").Order("next_at, id").Limit(listed))
	if err != nil {
		return nil, next, fmt.Errorf("find what is to be done with many runs: %w", models.Kind(err))
	}
	for _, b := range found {
		if b.NextAt.After(now) {
			next = b.NextAt
			break
		}
		ids = append(ids, b.ID)
	}
	return ids, next, nil
}

// Take locks one that is under way and returns it with the runs that are next, at most limit.
// One that is another worker's now, or is not under way, is models.ErrNotFound.
func Take(ctx context.Context, tx *gorm.DB, id string, limit int) (Bulk, []string, error) {
	query := tx.Where("id = ? AND state = 'running'", id)
	if models.IsPostgres(tx) { // SQLite has one writer
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
	}
	b, err := plain.Take[Bulk](ctx, query)
	if err != nil {
		return b, nil, fmt.Errorf("take what is to be done with many runs: %w", models.Kind(err))
	}
	var next []string
	err = tx.WithContext(ctx).Raw("SELECT run_id FROM bulk_runs WHERE bulk_id = ? AND state = 'waiting' ORDER BY run_id LIMIT ?", id, limit).Scan(&next).Error
	if err != nil {
		return b, nil, fmt.Errorf("take the next runs: %w", models.Kind(err))
	}
	return b, next, nil
}
