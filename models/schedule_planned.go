package models

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
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

// InsertPlannedRuns writes planned times into the ledger and returns the ids of
// those that were written: what is there already, by whomever, stays as it is.
func InsertPlannedRuns(ctx context.Context, tx *gorm.DB, rows []PlannedRun) (map[string]bool, error) {
	written := make(map[string]bool, len(rows))
	for len(rows) > 0 {
		part := rows[:min(len(rows), plannedBatch)]
		rows = rows[len(part):]
		args := make([]any, 0, 9*len(part))
		for _, row := range part {
			args = append(args, row.ID, row.ScheduleID, row.WorkflowID, row.PlannedAt, row.Outcome, row.RunID, row.LateMS, row.Reason, row.CreatedAt)
		}
		var ids []string
		err := tx.WithContext(ctx).Raw(`INSERT INTO planned_runs (id, schedule_id, workflow_id, planned_at, outcome, run_id, late_ms, reason, created_at) VALUES `+
			strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?, ?, ?), ", len(part)), ", ")+
			` ON CONFLICT (schedule_id, planned_at) DO NOTHING RETURNING id`, args...).Scan(&ids).Error
		if err != nil {
			return nil, fmt.Errorf("write planned times: %w", kind(err))
		}
		for _, id := range ids {
			written[id] = true
		}
	}
	return written, nil
}

// plannedBatch keeps a statement within the number of parameters that both
// databases take.
const plannedBatch = 500
