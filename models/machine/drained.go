// Package machine has what the machine room keeps: which workers take nothing further, and
// what the queues were like minute by minute.
//
// It may import models and models/plain.
package machine

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/plain"
)

// DrainedWorker is a worker that takes no further run until somebody releases it. It is
// one process: started anew, it is another worker.
type DrainedWorker struct {
	WorkerID  string `gorm:"primaryKey"` // the id of its pool
	DrainedAt time.Time
	DrainedBy string
}

// keepDrained is after how long a worker that was drained is taken to be gone.
const keepDrained = 365 * 24 * time.Hour

// Drain has a worker take nothing further. Who drained it first stays on record.
func Drain(ctx context.Context, db *gorm.DB, w DrainedWorker) error {
	err := models.Tx(ctx, db, func(tx *gorm.DB) error {
		if _, err := plain.Remove[DrainedWorker](ctx, tx.Where("drained_at < ?", w.DrainedAt.Add(-keepDrained))); err != nil {
			return err
		}
		return plain.Create(ctx, tx.Clauses(clause.OnConflict{DoNothing: true}), &w)
	})
	if err != nil {
		return fmt.Errorf("drain a worker: %w", models.Kind(err))
	}
	return nil
}

// Release has a worker take runs again.
func Release(ctx context.Context, db *gorm.DB, workerID string) error {
	if _, err := plain.Remove[DrainedWorker](ctx, db.Where("worker_id = ?", workerID)); err != nil {
		return fmt.Errorf("release a worker: %w", models.Kind(err))
	}
	return nil
}

// Drained are the workers that take nothing, also such as are gone, by their ids.
func Drained(ctx context.Context, db *gorm.DB) (map[string]DrainedWorker, error) {
	found, err := plain.Find[DrainedWorker](ctx, db)
	if err != nil {
		return nil, fmt.Errorf("list the drained workers: %w", models.Kind(err))
	}
	drained := make(map[string]DrainedWorker, len(found))
	for _, w := range found {
		drained[w.WorkerID] = w
	}
	return drained, nil
}
