package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// KeepSchedulesOf returns all schedules of a workflow, removed ones too, and keeps
// schedulers from firing them until the transaction ends.
func KeepSchedulesOf(ctx context.Context, tx *gorm.DB, workflowID string) ([]Schedule, error) {
	if IsPostgres(tx) {
		tx = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	return SchedulesOf(ctx, tx, workflowID)
}

// SchedulesOf returns all schedules of a workflow, removed ones too.
func SchedulesOf(ctx context.Context, tx *gorm.DB, workflowID string) ([]Schedule, error) {
	found, err := gorm.G[Schedule](tx).Where("workflow_id = ?", workflowID).Order("id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the workflow's schedules: %w", kind(err))
	}
	return found, nil
}

// InsertSchedule stores a new schedule.
func InsertSchedule(ctx context.Context, tx *gorm.DB, s *Schedule) error {
	if err := gorm.G[Schedule](tx).Create(ctx, s); err != nil {
		return fmt.Errorf("store the schedule: %w", kind(err))
	}
	return nil
}

// UpdateSchedule writes everything of a schedule but what it is a schedule of.
func UpdateSchedule(ctx context.Context, tx *gorm.DB, s Schedule) error {
	return changed("store the schedule", tx.WithContext(ctx).Model(&Schedule{}).Where("id = ?", s.ID).Updates(map[string]any{
		"rule": s.Rule, "time_zone": s.TimeZone, "status": s.Status, "next_fire_at": s.NextFireAt, "next_at": s.NextAt,
		"accounted_until": s.AccountedUntil, "anchor_at": s.AnchorAt, "last_planned_at": s.LastPlannedAt, "updated_at": s.UpdatedAt,
		"paused_at": s.PausedAt, "paused_until": s.PausedUntil, "paused_reason": s.PausedReason, "paused_by": s.PausedBy,
	}))
}

// SchedulesToResume returns schedules whose own pause has ended by now.
func SchedulesToResume(ctx context.Context, db *gorm.DB, now time.Time) ([]Schedule, error) {
	found, err := gorm.G[Schedule](db).Where("paused_until <= ? AND status = ?", now, SchedulePaused).Order("paused_until").Limit(100).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find pauses that have ended: %w", kind(err))
	}
	return found, nil
}
