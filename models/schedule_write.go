package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

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

// UpdateScheduleRule writes a schedule's rule, state and next time.
func UpdateScheduleRule(ctx context.Context, tx *gorm.DB, s Schedule) error {
	return changed("store the schedule", tx.WithContext(ctx).Model(&Schedule{}).Where("id = ?", s.ID).Updates(map[string]any{
		"cron": s.Cron, "every": s.Every, "at": s.At, "time_zone": s.TimeZone, "missed": s.Missed, "overlap": s.Overlap,
		"status": s.Status, "next_fire_at": s.NextFireAt, "anchor_at": s.AnchorAt, "updated_at": s.UpdatedAt,
	}))
}

// UpdateScheduleHandling writes what a schedule does with missed times and
// overlapping runs, and leaves its times alone: a scheduler may be moving them.
func UpdateScheduleHandling(ctx context.Context, tx *gorm.DB, id, missed, overlap string, now time.Time) error {
	return changed("store the schedule", tx.WithContext(ctx).Model(&Schedule{}).Where("id = ?", id).Updates(map[string]any{
		"missed": missed, "overlap": overlap, "updated_at": now,
	}))
}

// SetScheduleState moves a schedule between its states with its next time.
func SetScheduleState(ctx context.Context, tx *gorm.DB, id, status string, next *time.Time, now time.Time) error {
	return changed("store the schedule's state", tx.WithContext(ctx).Model(&Schedule{}).Where("id = ?", id).Updates(map[string]any{
		"status": status, "next_fire_at": next, "updated_at": now,
	}))
}
