package schedules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/columns"
)

// LockDue locks the schedules that a scheduler must look at, the oldest
// first, at most limit, without those given and those that another scheduler is
// at. On SQLite the transaction itself is the lock.
func LockDue(ctx context.Context, tx *gorm.DB, now time.Time, without []string, limit int) ([]models.Schedule, error) {
	query := tx.WithContext(ctx).Where("next_fire_at <= ?", now).Order("next_fire_at, id").Limit(limit)
	if len(without) > 0 {
		query = query.Where("id NOT IN ?", without)
	}
	return findLocked(query, "lock due schedules")
}

// LockActive locks the active schedules after an id, in the order of their ids, at most
// limit.
func LockActive(ctx context.Context, tx *gorm.DB, after string, limit int) ([]models.Schedule, error) {
	query := tx.WithContext(ctx).Where("status = ?", models.ScheduleActive).Order("id").Limit(limit)
	if after != "" {
		query = query.Where("id > ?", after)
	}
	if models.IsPostgres(query) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	var found []models.Schedule
	if err := query.Find(&found).Error; err != nil {
		return nil, fmt.Errorf("lock active schedules: %w", models.Kind(err))
	}
	return found, nil
}

func findLocked(query *gorm.DB, doing string) ([]models.Schedule, error) {
	if models.IsPostgres(query) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
	}
	var found []models.Schedule
	if err := query.Find(&found).Error; err != nil {
		return nil, fmt.Errorf("%s: %w", doing, models.Kind(err))
	}
	return found, nil
}

// NextFire returns when a scheduler must look at a schedule next, but for those of
// the given ids; false when there is nothing to look at.
func NextFire(ctx context.Context, db *gorm.DB, except []string) (time.Time, bool, error) {
	var rows []models.Schedule
	query := db.WithContext(ctx).Select("next_fire_at").Where("next_fire_at IS NOT NULL").Order("next_fire_at, id").Limit(1)
	if len(except) > 0 {
		query = query.Where("id NOT IN ?", except)
	}
	if err := query.Find(&rows).Error; err != nil {
		return time.Time{}, false, fmt.Errorf("find the next planned time: %w", models.Kind(err))
	}
	if len(rows) == 0 {
		return time.Time{}, false, nil
	}
	return *rows[0].NextFireAt, true, nil
}

// VersionsDue returns the published versions of the workflows whose schedules are
// due up to a moment, at most 20,000.
func VersionsDue(ctx context.Context, db *gorm.DB, until time.Time) ([]string, error) {
	var ids []string
	err := db.WithContext(ctx).Raw(`SELECT DISTINCT w.version_id FROM schedules s JOIN workflows w ON w.id = s.workflow_id
		WHERE s.next_fire_at <= ? AND s.status = 'active' AND w.version_id IS NOT NULL LIMIT 20000`, until).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find the versions that are due: %w", models.Kind(err))
	}
	return ids, nil
}

// Move writes where schedules, whose rows are locked, stand: their
// status, their next times and up to when they are accounted for.
func Move(ctx context.Context, tx *gorm.DB, moved []models.Schedule, now time.Time) error {
	const given = `WITH given (id, status, next_fire_at, next_at, accounted_until, last_planned_at) AS (`
	const update = `) UPDATE schedules SET updated_at = ?, status = given.status, next_fire_at = given.next_fire_at, next_at = given.next_at,
			accounted_until = given.accounted_until, last_planned_at = given.last_planned_at
		FROM given WHERE schedules.id = given.id`
	if models.IsPostgres(tx) {
		const arrays = `SELECT * FROM unnest(?::uuid[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::timestamptz[], ?::timestamptz[])`
		return moveSome(tx.WithContext(ctx).Exec(given+arrays+update,
			columns.Array(moved, func(s models.Schedule) string { return s.ID }),
			columns.Array(moved, func(s models.Schedule) string { return s.Status }),
			columns.Array(moved, func(s models.Schedule) *time.Time { return s.NextFireAt }),
			columns.Array(moved, func(s models.Schedule) *time.Time { return s.NextAt }),
			columns.Array(moved, func(s models.Schedule) time.Time { return s.AccountedUntil }),
			columns.Array(moved, func(s models.Schedule) *time.Time { return s.LastPlannedAt }),
			now))
	}
	for part := range slices.Chunk(moved, 500) { // within the number of parameters that SQLite takes
		args := make([]any, 0, 6*len(part)+1)
		for _, s := range part {
			args = append(args, s.ID, s.Status, s.NextFireAt, s.NextAt, s.AccountedUntil, s.LastPlannedAt)
		}
		values := "SELECT * FROM (VALUES " + strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?), ", len(part)), ", ") + ")"
		if err := moveSome(tx.WithContext(ctx).Exec(given+values+update, append(args, now)...)); err != nil {
			return err
		}
	}
	return nil
}

func moveSome(moved *gorm.DB) error {
	if moved.Error != nil {
		return fmt.Errorf("move schedules on: %w", models.Kind(moved.Error))
	}
	return nil
}

// StartedRun is an unfinished run that a schedule has started.
type StartedRun struct {
	ID, WorkflowID, ScheduleID, Status string
	HeldBack                           bool
	QueuedAt                           time.Time
}

// UnfinishedRuns returns the runs that the schedules have started and that are
// not final, the newest first.
func UnfinishedRuns(ctx context.Context, tx *gorm.DB, schedules []models.Schedule) (map[string][]StartedRun, error) {
	unfinished := map[string][]StartedRun{}
	if len(schedules) == 0 {
		return unfinished, nil
	}
	workflows := make([]string, len(schedules))
	for i, s := range schedules {
		workflows[i] = s.WorkflowID
	}
	var runs []StartedRun
	err := tx.WithContext(ctx).Model(&models.Run{}).Select(`id`, `workflow_id`, `"trigger"->>'schedule_id' AS schedule_id`, `status`, `held_back`, `queued_at`).
		Where("workflow_id IN ? AND status IN ('queued', 'running', 'waiting') AND trigger_type = 'schedule'", workflows).Order("id DESC").Find(&runs).Error
	if err != nil {
		return nil, fmt.Errorf("find the schedules' unfinished runs: %w", models.Kind(err))
	}
	for _, run := range runs {
		unfinished[run.ScheduleID] = append(unfinished[run.ScheduleID], run)
	}
	return unfinished, nil
}
