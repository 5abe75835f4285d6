package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// ScheduleFilter chooses schedules for a list.
type ScheduleFilter struct {
	WorkflowID string
	Status     string // "" is all but the removed ones
	// Before is the id that the page before ended with.
	Before string
	Limit  int // at most 100
}

// ListSchedules returns schedules, the newest first, and the cursor of the next
// page, "" on the last one. ComingSchedules lists them by what comes next.
func ListSchedules(ctx context.Context, db *gorm.DB, filter ScheduleFilter) ([]Schedule, string, error) {
	limit := min(max(filter.Limit, 1), 100)
	query := db.WithContext(ctx).Order("id DESC").Limit(limit + 1)
	if filter.WorkflowID != "" {
		if !ValidID(filter.WorkflowID) {
			return nil, "", nil
		}
		query = query.Where("workflow_id = ?", filter.WorkflowID)
	}
	if filter.Before != "" {
		if !ValidID(filter.Before) {
			return nil, "", nil
		}
		query = query.Where("id < ?", filter.Before)
	}
	if filter.Status != "" {
		query = query.Where("status = ?", filter.Status)
	} else {
		query = query.Where("status <> ?", ScheduleRemoved)
	}
	var found []Schedule
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list schedules: %w", kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	return found[:limit], found[limit-1].ID, nil
}

// GetSchedule returns one schedule, removed ones too: their ledger stays readable.
func GetSchedule(ctx context.Context, db *gorm.DB, id string) (Schedule, error) {
	if !ValidID(id) {
		return Schedule{}, ErrNotFound
	}
	found, err := gorm.G[Schedule](db).Where("id = ?", id).Take(ctx)
	if err != nil {
		return Schedule{}, fmt.Errorf("find the schedule: %w", kind(err))
	}
	return found, nil
}

// NextFireTimes returns when each of the workflows starts next by a schedule;
// those without a next time are absent.
func NextFireTimes(ctx context.Context, db *gorm.DB, workflowIDs []string) (map[string]time.Time, error) {
	next := make(map[string]time.Time, len(workflowIDs))
	if len(workflowIDs) == 0 {
		return next, nil
	}
	var rows []Schedule
	err := db.WithContext(ctx).Select("workflow_id", "next_at").
		Where("workflow_id IN ? AND status = ? AND next_at IS NOT NULL", workflowIDs, ScheduleActive).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find the next planned times: %w", kind(err))
	}
	for _, row := range rows {
		if first, seen := next[row.WorkflowID]; !seen || row.NextAt.Before(first) {
			next[row.WorkflowID] = *row.NextAt
		}
	}
	return next, nil
}
