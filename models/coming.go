package models

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// ComingSchedule is a schedule with the name and state of its workflow.
type ComingSchedule struct {
	Schedule
	WorkflowName   string
	WorkflowStatus string
	// The pause of its workflow, besides its own.
	WorkflowPausedUntil                    *time.Time
	WorkflowPausedReason, WorkflowPausedBy string
}

// ComingFilter chooses schedules by state: active (the default, which is sorted
// by what comes next), paused, off or ended.
type ComingFilter struct {
	Status string
	// Search is part of the workflow's name.
	Search string
	// After is the cursor that the page before ended with.
	After string
	Limit int // at most 100
}

// ComingSchedules lists schedules in the order in which they fire next, those
// without a next time by id, and the cursor of the page after, if there is one.
func ComingSchedules(ctx context.Context, db *gorm.DB, filter ComingFilter) ([]ComingSchedule, string, error) {
	limit := min(max(filter.Limit, 1), 100)
	query := joinedSchedules(ctx, db).Limit(limit + 1)
	if search := strings.ToLower(strings.TrimSpace(filter.Search)); search != "" {
		query = query.Where(`lower(workflows.name) LIKE ? ESCAPE '\'`, "%"+escapeLike(search)+"%")
	}
	if filter.Status == "" || filter.Status == ScheduleActive {
		query = query.Where("schedules.status = ? AND schedules.next_at IS NOT NULL", ScheduleActive).Order("schedules.next_at, schedules.id")
		if at, id, ok := readComingCursor(filter.After); ok {
			query = query.Where("(schedules.next_at > ? OR (schedules.next_at = ? AND schedules.id > ?))", at, at, id)
		}
	} else {
		query = query.Where("schedules.status = ?", filter.Status).Order("schedules.id")
		if ValidID(filter.After) {
			query = query.Where("schedules.id > ?", filter.After)
		}
	}
	var found []ComingSchedule
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list what comes next: %w", kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	found = found[:limit]
	return found, comingCursor(found[limit-1]), nil
}

// ActiveSchedules returns the schedules that are planned, the next first, at most
// limit, and whether there are more.
func ActiveSchedules(ctx context.Context, db *gorm.DB, limit int) ([]ComingSchedule, bool, error) {
	var found []ComingSchedule
	err := joinedSchedules(ctx, db).Where("schedules.status = ? AND schedules.next_at IS NOT NULL", ScheduleActive).
		Order("schedules.next_at, schedules.id").Limit(limit + 1).Find(&found).Error
	if err != nil {
		return nil, false, fmt.Errorf("read the schedules: %w", kind(err))
	}
	return found[:min(len(found), limit)], len(found) > limit, nil
}

// ScheduleWithWorkflow returns one schedule, removed ones too: their ledger
// stays readable.
func ScheduleWithWorkflow(ctx context.Context, db *gorm.DB, id string) (ComingSchedule, error) {
	if !ValidID(id) {
		return ComingSchedule{}, ErrNotFound
	}
	var found ComingSchedule
	err := joinedSchedules(ctx, db).Where("schedules.id = ?", id).Take(&found).Error
	if err != nil {
		return ComingSchedule{}, fmt.Errorf("read the schedule: %w", kind(err))
	}
	return found, nil
}

func joinedSchedules(ctx context.Context, db *gorm.DB) *gorm.DB {
	return db.WithContext(ctx).Table("schedules").
		Select("schedules.*, workflows.name AS workflow_name, workflows.status AS workflow_status, workflows.paused_until AS workflow_paused_until, workflows.paused_reason AS workflow_paused_reason, workflows.paused_by AS workflow_paused_by").
		Joins("JOIN workflows ON workflows.id = schedules.workflow_id")
}

func comingCursor(s ComingSchedule) string {
	if s.NextAt == nil || s.Status != ScheduleActive {
		return s.ID
	}
	return strconv.FormatInt(s.NextAt.UnixMicro(), 10) + "." + s.ID
}

// readComingCursor reads what comingCursor wrote; anything else starts at the
// first page.
func readComingCursor(cursor string) (at time.Time, id string, ok bool) {
	micro, id, found := strings.Cut(cursor, ".")
	number, err := strconv.ParseInt(micro, 10, 64)
	if !found || err != nil || !ValidID(id) {
		return time.Time{}, "", false
	}
	return time.UnixMicro(number).UTC(), id, true
}
