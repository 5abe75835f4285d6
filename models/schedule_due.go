package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// DueSchedule is a place in the order of what is due.
type DueSchedule struct {
	ID         string
	NextFireAt time.Time
}

// DueSchedules returns the active schedules whose next time has come, the oldest
// first, from after the given place on; its zero value is the beginning.
func DueSchedules(ctx context.Context, db *gorm.DB, now time.Time, after DueSchedule, limit int) ([]DueSchedule, error) {
	query := db.WithContext(ctx).Model(&Schedule{}).Select("id", "next_fire_at").
		Where("status = 'active' AND next_fire_at <= ?", now).Order("next_fire_at, id").Limit(limit)
	if after.ID != "" {
		query = query.Where("(next_fire_at, id) > (?, ?)", after.NextFireAt, after.ID)
	}
	var due []DueSchedule
	if err := query.Find(&due).Error; err != nil {
		return nil, fmt.Errorf("find due schedules: %w", kind(err))
	}
	return due, nil
}

// NextFire returns the earliest next time of all active schedules; false when
// there is none.
func NextFire(ctx context.Context, db *gorm.DB) (time.Time, bool, error) {
	var rows []DueSchedule
	err := db.WithContext(ctx).Model(&Schedule{}).Select("id", "next_fire_at").
		Where("status = 'active' AND next_fire_at IS NOT NULL").Order("next_fire_at").Limit(1).Find(&rows).Error
	if err != nil {
		return time.Time{}, false, fmt.Errorf("find the next planned time: %w", kind(err))
	}
	if len(rows) == 0 {
		return time.Time{}, false, nil
	}
	return rows[0].NextFireAt, true, nil
}

// LockDueSchedule locks a schedule for firing; false when it is no longer due or
// another scheduler is at it. On SQLite the transaction itself is the lock.
func LockDueSchedule(ctx context.Context, tx *gorm.DB, id string, now time.Time) (Schedule, bool, error) {
	query := tx.WithContext(ctx).Where("id = ? AND status = 'active' AND next_fire_at <= ?", id, now)
	if IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
	}
	var found Schedule
	err := query.Take(&found).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Schedule{}, false, nil
	}
	if err != nil {
		return Schedule{}, false, fmt.Errorf("lock the schedule: %w", kind(err))
	}
	return found, true, nil
}

// MoveSchedule moves a fired schedule on to its next time, from the time that
// was fired: when that is no longer the next one, nothing changes and the answer
// is false. Without a next time the schedule has ended.
func MoveSchedule(ctx context.Context, tx *gorm.DB, id string, fired, last time.Time, next *time.Time, now time.Time) (bool, error) {
	status := ScheduleActive
	if next == nil {
		status = ScheduleEnded
	}
	moved := tx.WithContext(ctx).Model(&Schedule{}).Where("id = ? AND status = 'active' AND next_fire_at = ?", id, fired).
		Updates(map[string]any{"status": status, "next_fire_at": next, "last_planned_at": last, "updated_at": now})
	if moved.Error != nil {
		return false, fmt.Errorf("move the schedule on: %w", kind(moved.Error))
	}
	return moved.RowsAffected == 1, nil
}

// UnfinishedRunsOf returns the runs that a schedule has started and that are not
// final, the newest first, at most limit.
func UnfinishedRunsOf(ctx context.Context, tx *gorm.DB, s Schedule, limit int) ([]Run, error) {
	var runs []Run
	err := tx.WithContext(ctx).Select("id", "status", "queue", "queued_at").
		Where("workflow_id = ? AND status IN ('queued', 'running', 'waiting')", s.WorkflowID).
		Where(`trigger_type = 'schedule' AND "trigger"->>'schedule_id' = ?`, s.ID).
		Order("id DESC").Limit(limit).Find(&runs).Error
	if err != nil {
		return nil, fmt.Errorf("find the schedule's unfinished runs: %w", kind(err))
	}
	return runs, nil
}
