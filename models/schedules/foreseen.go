package schedules

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/columns"
)

// Seen is a schedule with the version of its row: while that is the same, nobody has
// changed the schedule.
type Seen struct {
	models.Schedule
	RowVersion string
}

// DueAt reads the active schedules that a scheduler must look at at this very moment, at
// most limit. PostgreSQL only.
func DueAt(ctx context.Context, db *gorm.DB, at time.Time, limit int) ([]Seen, error) {
	var found []Seen
	err := db.WithContext(ctx).Raw(`SELECT *, xmin::text AS row_version FROM schedules WHERE next_fire_at = ? AND status = ? ORDER BY workflow_id LIMIT ?`,
		at, models.ScheduleActive, limit).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read what is due next: %w", models.Kind(err))
	}
	return found, nil
}

// Foreseen is the firing of a schedule that was reckoned before its moment: how the
// schedule stands after it, and the row of the ledger. It counts if the row of the
// schedule is still of the version, and the workflow still published, as it was read.
type Foreseen struct {
	Moved                 models.Schedule
	RowVersion, VersionID string
	Planned               models.PlannedRun
}

// Untouched reports whether a foreseen schedule is as it was read, and locks it; false also
// where somebody is at it.
func Untouched(ctx context.Context, tx *gorm.DB, p Foreseen) (bool, error) {
	var ids []string
	err := tx.WithContext(ctx).Raw("SELECT id FROM schedules WHERE id = ? AND xmin::text = ? FOR UPDATE SKIP LOCKED", p.Moved.ID, p.RowVersion).Scan(&ids).Error
	if err != nil {
		return false, fmt.Errorf("look at what was foreseen: %w", models.Kind(err))
	}
	return len(ids) > 0, nil
}

// fireStatement looks up each row by itself, which the planner would do by reading whole
// tables while they are small to it, or while all runs that it knows of are queued.
const fireStatement = `WITH given AS MATERIALIZED (
		SELECT * FROM unnest(?::text[]::uuid[], ?::text[], ?::text[]::uuid[], ?::text[]::uuid[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::text[]::uuid[], ?::timestamptz[], ?::text[]::uuid[], ?::bigint[])
			AS g (id, row_version, workflow_id, version_id, status, next_fire_at, next_at, planned_id, planned_at, run_id, late_ms)
	), held AS MATERIALIZED (
		SELECT g.* FROM given g, LATERAL (SELECT 1 FROM schedules s WHERE s.id = g.id AND s.xmin::text = g.row_version LIMIT 1 FOR UPDATE SKIP LOCKED) AS s
		WHERE (SELECT w.version_id FROM workflows w WHERE w.id = g.workflow_id) = g.version_id
			AND (SELECT r.id FROM runs r WHERE r.workflow_id = g.workflow_id AND r.status IN ('queued', 'running', 'waiting') LIMIT 1) IS NULL
	), moved AS (
		UPDATE schedules s SET updated_at = ?, status = h.status, next_fire_at = h.next_fire_at, next_at = h.next_at,
			accounted_until = h.planned_at, last_planned_at = h.planned_at
		FROM held h WHERE s.id = h.id
	)
	INSERT INTO planned_runs (id, schedule_id, workflow_id, planned_at, outcome, run_id, late_ms, reason, created_at)
	SELECT planned_id, id, workflow_id, planned_at, 'ran', run_id, late_ms, '', ? FROM held
	ON CONFLICT (schedule_id, planned_at) DO NOTHING RETURNING id`

// FireForeseen writes planned times that shall run into the ledger and moves their
// schedules on, but for those that somebody is at or has changed, and those of workflows
// that have runs which are not final. It returns the ids of the rows that were written.
func FireForeseen(ctx context.Context, tx *gorm.DB, foreseen []Foreseen, now time.Time) (map[string]bool, error) {
	if err := tx.WithContext(ctx).Exec("SET LOCAL enable_seqscan = off").Error; err != nil {
		return nil, fmt.Errorf("fire what was foreseen: %w", models.Kind(err))
	}
	return insertedIDs(tx.WithContext(ctx).Raw(fireStatement,
		columns.Array(foreseen, func(p Foreseen) string { return p.Moved.ID }),
		columns.Array(foreseen, func(p Foreseen) string { return p.RowVersion }),
		columns.Array(foreseen, func(p Foreseen) string { return p.Moved.WorkflowID }),
		columns.Array(foreseen, func(p Foreseen) string { return p.VersionID }),
		columns.Array(foreseen, func(p Foreseen) string { return p.Moved.Status }),
		columns.Array(foreseen, func(p Foreseen) *time.Time { return p.Moved.NextFireAt }),
		columns.Array(foreseen, func(p Foreseen) *time.Time { return p.Moved.NextAt }),
		columns.Array(foreseen, func(p Foreseen) string { return p.Planned.ID }),
		columns.Array(foreseen, func(p Foreseen) time.Time { return p.Planned.PlannedAt }),
		columns.Array(foreseen, func(p Foreseen) *string { return p.Planned.RunID }),
		columns.Array(foreseen, func(p Foreseen) int64 { return p.Planned.LateMS }),
		now, now))
}
