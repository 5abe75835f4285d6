package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// MaxPlannedRuns is how many rows of the ledger one question gets at most.
const MaxPlannedRuns = 1000

// PlannedRuns returns a schedule's ledger, the newest planned time first, from
// (inclusive) to (exclusive); nil bounds nothing.
func PlannedRuns(ctx context.Context, db *gorm.DB, scheduleID string, from, to *time.Time, limit int) ([]PlannedRun, error) {
	if !ValidID(scheduleID) {
		return nil, ErrNotFound
	}
	query := db.WithContext(ctx).Where("schedule_id = ?", scheduleID).Order("planned_at DESC").Limit(min(max(limit, 1), MaxPlannedRuns))
	if from != nil {
		query = query.Where("planned_at >= ?", *from)
	}
	if to != nil {
		query = query.Where("planned_at < ?", *to)
	}
	var found []PlannedRun
	if err := query.Find(&found).Error; err != nil {
		return nil, fmt.Errorf("list the planned times: %w", kind(err))
	}
	return found, nil
}

// InsertPlannedRun writes one planned time into the ledger; false when it is
// there already, by whomever.
func InsertPlannedRun(ctx context.Context, tx *gorm.DB, row *PlannedRun) (bool, error) {
	inserted := tx.WithContext(ctx).Clauses(plannedOnce()).Create(row)
	if inserted.Error != nil {
		return false, fmt.Errorf("write the planned time: %w", kind(inserted.Error))
	}
	return inserted.RowsAffected == 1, nil
}

// InsertPlannedRuns writes many; those that are there already stay as they are.
func InsertPlannedRuns(ctx context.Context, tx *gorm.DB, rows []PlannedRun) error {
	if len(rows) == 0 {
		return nil
	}
	if err := tx.WithContext(ctx).Clauses(plannedOnce()).CreateInBatches(rows, 200).Error; err != nil {
		return fmt.Errorf("write planned times: %w", kind(err))
	}
	return nil
}

func plannedOnce() clause.OnConflict {
	return clause.OnConflict{Columns: []clause.Column{{Name: "schedule_id"}, {Name: "planned_at"}}, DoNothing: true}
}

// SetPlannedRun says what became of a planned time that InsertPlannedRun wrote.
func SetPlannedRun(ctx context.Context, tx *gorm.DB, id, outcome string, runID *string, reason string) error {
	return changed("write what became of the planned time", tx.WithContext(ctx).Model(&PlannedRun{}).Where("id = ?", id).
		Updates(map[string]any{"outcome": outcome, "run_id": runID, "reason": reason}))
}
