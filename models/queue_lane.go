package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models/plain"
)

// PauseLane notes that somebody has paused the lane. Pausing a paused lane
// changes nothing: who paused it first stays on record.
func PauseLane(ctx context.Context, db *gorm.DB, name, by string, now time.Time) error {
	row := QueueLane{Name: name, PausedAt: &now, PausedBy: by}
	onConflict := clause.OnConflict{
		Columns:   []clause.Column{{Name: "name"}},
		Where:     clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "queues.paused_at IS NULL"}}},
		DoUpdates: clause.AssignmentColumns([]string{"paused_at", "paused_by"}),
	}
	if err := plain.Create(ctx, db.Clauses(onConflict), &row); err != nil {
		return fmt.Errorf("pause the queue %s: %w", name, Kind(err))
	}
	return nil
}

// ResumeLane notes that the lane is not paused any more.
func ResumeLane(ctx context.Context, db *gorm.DB, name string) error {
	_, err := plain.Remove[QueueLane](ctx, db.Where("name = ?", name))
	if err != nil {
		return fmt.Errorf("resume the queue %s: %w", name, Kind(err))
	}
	return nil
}

// PausedLanes lists the lanes that are paused, by name.
func PausedLanes(ctx context.Context, db *gorm.DB) ([]QueueLane, error) {
	lanes, err := plain.Find[QueueLane](ctx, db.Where("paused_at IS NOT NULL").Order("name"))
	if err != nil {
		return nil, fmt.Errorf("list the paused queues: %w", Kind(err))
	}
	return lanes, nil
}
