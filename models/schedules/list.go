package schedules

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// Filter chooses schedules for a list.
type Filter struct {
	WorkflowID string
	Status     string // "" is all but the removed ones
	// Before is the id that the page before ended with.
	Before string
	Limit  int // at most 100
}

// List returns schedules, the newest first, and the cursor of the next
// page, "" on the last one. ListComing lists them by what comes next.
func List(ctx context.Context, db *gorm.DB, filter Filter) ([]models.Schedule, string, error) {
	limit := min(max(filter.Limit, 1), 100)
	query := db.WithContext(ctx).Order("id DESC").Limit(limit + 1)
	if filter.WorkflowID != "" {
		if !models.ValidID(filter.WorkflowID) {
			return nil, "", nil
		}
		query = query.Where("workflow_id = ?", filter.WorkflowID)
	}
	if filter.Before != "" {
		if !models.ValidID(filter.Before) {
			return nil, "", nil
		}
		query = query.Where("id < ?", filter.Before)
	}
	if filter.Status != "" {
		query = query.Where("status = ?", filter.Status)
	} else {
		query = query.Where("status <> ?", models.ScheduleRemoved)
	}
	var found []models.Schedule
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list schedules: %w", models.Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	return found[:limit], found[limit-1].ID, nil
}

// Get returns one schedule, removed ones too: their ledger stays readable.
func Get(ctx context.Context, db *gorm.DB, id string) (models.Schedule, error) {
	if !models.ValidID(id) {
		return models.Schedule{}, models.ErrNotFound
	}
	found, err := plain.Take[models.Schedule](ctx, db.Where("id = ?", id))
	if err != nil {
		return models.Schedule{}, fmt.Errorf("find the schedule: %w", models.Kind(err))
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
	var rows []models.Schedule
	err := db.WithContext(ctx).Select("workflow_id", "next_at").
		Where("workflow_id IN ? AND status = ? AND next_at IS NOT NULL", workflowIDs, models.ScheduleActive).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find the next planned times: %w", models.Kind(err))
	}
	for _, row := range rows {
		if first, seen := next[row.WorkflowID]; !seen || row.NextAt.Before(first) {
			next[row.WorkflowID] = *row.NextAt
		}
	}
	return next, nil
}

// PausedIn are those of the workflows of which a schedule is paused, by itself or with
// its workflow.
func PausedIn(ctx context.Context, db *gorm.DB, workflowIDs []string) (map[string]bool, error) {
	paused := map[string]bool{}
	if len(workflowIDs) == 0 {
		return paused, nil
	}
	var ids []string
	err := db.WithContext(ctx).Model(&models.Schedule{}).Where("workflow_id IN ? AND status = ?", workflowIDs, models.SchedulePaused).Distinct().Pluck("workflow_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("find what is paused: %w", models.Kind(err))
	}
	for _, id := range ids {
		paused[id] = true
	}
	return paused, nil
}
