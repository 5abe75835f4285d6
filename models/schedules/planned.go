package schedules

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/columns"
)

// MaxPlanned is how many rows of the ledger one question gets at most.
const MaxPlanned = 1000

// Planned returns a schedule's ledger, the newest planned time first, from
// (inclusive) to (exclusive); nil bounds nothing.
func Planned(ctx context.Context, db *gorm.DB, scheduleID string, from, to *time.Time, limit int) ([]models.PlannedRun, error) {
	if !models.ValidID(scheduleID) {
		return nil, models.ErrNotFound
	}
	query := db.WithContext(ctx).Where("schedule_id = ?", scheduleID).Order("planned_at DESC").Limit(min(max(limit, 1), MaxPlanned))
	if from != nil {
		query = query.Where("planned_at >= ?", *from)
	}
	if to != nil {
		query = query.Where("planned_at < ?", *to)
	}
	var found []models.PlannedRun
	if err := query.Find(&found).Error; err != nil {
		return nil, fmt.Errorf("list the planned times: %w", models.Kind(err))
	}
	return found, nil
}

// InsertPlanned writes planned times into the ledger and returns the ids of
// those that were written: what is there already, by whomever, stays as it is.
func InsertPlanned(ctx context.Context, tx *gorm.DB, rows []models.PlannedRun) (map[string]bool, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	const into, once = `INSERT INTO planned_runs (id, schedule_id, workflow_id, planned_at, outcome, run_id, late_ms, reason, created_at) `,
		` ON CONFLICT (schedule_id, planned_at) DO NOTHING RETURNING id`
	if models.IsPostgres(tx) {
		const given = `SELECT * FROM unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::timestamptz[], ?::text[], ?::uuid[], ?::bigint[], ?::text[], ?::timestamptz[])`
		return insertedIDs(tx.WithContext(ctx).Raw(into+given+once, plannedColumns(rows)...))
	}
	all := make(map[string]bool, len(rows))
	for part := range slices.Chunk(rows, 500) { // within the number of parameters that SQLite takes
		args := make([]any, 0, 9*len(part))
		for _, row := range part {
			args = append(args, row.ID, row.ScheduleID, row.WorkflowID, row.PlannedAt, row.Outcome, row.RunID, row.LateMS, row.Reason, row.CreatedAt)
		}
		values := "VALUES " + strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?, ?, ?), ", len(part)), ", ")
		some, err := insertedIDs(tx.WithContext(ctx).Raw(into+values+once, args...))
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	return all, nil
}

// insertedIDs reads the rows itself: gorm's Scan writes out the statement with all that
// is inserted, for a log that there is not.
func insertedIDs(insert *gorm.DB) (map[string]bool, error) {
	rows, err := insert.Rows()
	if err != nil {
		return nil, fmt.Errorf("write planned times: %w", models.Kind(err))
	}
	defer rows.Close()
	set := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("write planned times: %w", models.Kind(err))
		}
		set[id] = true
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("write planned times: %w", models.Kind(err))
	}
	return set, nil
}

func plannedColumns(rows []models.PlannedRun) []any {
	return []any{
		columns.Array(rows, func(p models.PlannedRun) string { return p.ID }),
		columns.Array(rows, func(p models.PlannedRun) string { return p.ScheduleID }),
		columns.Array(rows, func(p models.PlannedRun) string { return p.WorkflowID }),
		columns.Array(rows, func(p models.PlannedRun) time.Time { return p.PlannedAt }),
		columns.Array(rows, func(p models.PlannedRun) string { return p.Outcome }),
		columns.Array(rows, func(p models.PlannedRun) *string { return p.RunID }),
		columns.Array(rows, func(p models.PlannedRun) int64 { return p.LateMS }),
		columns.Array(rows, func(p models.PlannedRun) string { return p.Reason }),
		columns.Array(rows, func(p models.PlannedRun) time.Time { return p.CreatedAt }),
	}
}

// KeptPlanned is how many rows of a schedule's ledger stay however old they are.
const KeptPlanned = 60

// ClearPlanned removes rows of the ledger that were planned before a moment, at
// most limit, but for the newest KeptPlanned of each schedule, and reports how
// many.
func ClearPlanned(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error) {
	cleared := db.WithContext(ctx).Exec(`DELETE FROM planned_runs WHERE id IN (SELECT p.id FROM planned_runs p WHERE p.planned_at < ? AND p.planned_at <
			(SELECT n.planned_at FROM planned_runs n WHERE n.schedule_id = p.schedule_id ORDER BY n.planned_at DESC LIMIT 1 OFFSET ?)
		ORDER BY p.planned_at LIMIT ?)`, before, KeptPlanned-1, limit)
	if cleared.Error != nil {
		return 0, fmt.Errorf("clear the ledger: %w", models.Kind(cleared.Error))
	}
	return cleared.RowsAffected, nil
}
