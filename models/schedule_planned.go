package models

import (
	"context"
	"fmt"
	"maps"
	"slices"
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
	if len(rows) == 0 {
		return nil, nil
	}
	const into, once = `INSERT INTO planned_runs (id, schedule_id, workflow_id, planned_at, outcome, run_id, late_ms, reason, created_at) `,
		` ON CONFLICT (schedule_id, planned_at) DO NOTHING RETURNING id`
	if IsPostgres(tx) {
		const given = `SELECT * FROM unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::timestamptz[], ?::text[], ?::uuid[], ?::bigint[], ?::text[], ?::timestamptz[])`
		return written(tx.WithContext(ctx).Raw(into+given+once, plannedColumns(rows)...))
	}
	all := make(map[string]bool, len(rows))
	for part := range slices.Chunk(rows, 500) { // within the number of parameters that SQLite takes
		args := make([]any, 0, 9*len(part))
		for _, row := range part {
			args = append(args, row.ID, row.ScheduleID, row.WorkflowID, row.PlannedAt, row.Outcome, row.RunID, row.LateMS, row.Reason, row.CreatedAt)
		}
		values := "VALUES " + strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?, ?, ?), ", len(part)), ", ")
		some, err := written(tx.WithContext(ctx).Raw(into+values+once, args...))
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	return all, nil
}

func written(insert *gorm.DB) (map[string]bool, error) {
	var ids []string
	if err := insert.Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("write planned times: %w", kind(err))
	}
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set, nil
}

func plannedColumns(rows []PlannedRun) []any {
	return []any{
		array(rows, func(p PlannedRun) string { return p.ID }),
		array(rows, func(p PlannedRun) string { return p.ScheduleID }),
		array(rows, func(p PlannedRun) string { return p.WorkflowID }),
		array(rows, func(p PlannedRun) time.Time { return p.PlannedAt }),
		array(rows, func(p PlannedRun) string { return p.Outcome }),
		array(rows, func(p PlannedRun) *string { return p.RunID }),
		array(rows, func(p PlannedRun) int64 { return p.LateMS }),
		array(rows, func(p PlannedRun) string { return p.Reason }),
		array(rows, func(p PlannedRun) time.Time { return p.CreatedAt }),
	}
}
