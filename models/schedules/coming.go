package schedules

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Coming is a schedule with the name and state of its workflow.
type Coming struct {
	models.Schedule
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
	// Search is words of the workflow's name.
	Search string
	// After is the cursor that the page before ended with.
	After string
	Limit int // at most 100
}

// ListComing lists schedules in the order in which they fire next, those
// without a next time by id, and the cursor of the page after, if there is one.
func ListComing(ctx context.Context, db *gorm.DB, filter ComingFilter) ([]Coming, string, error) {
	limit := min(max(filter.Limit, 1), 100)
	query := joinedSchedules(ctx, db).Limit(limit + 1)
	query = models.Find(query, "workflows.name", filter.Search)
	if filter.Status == "" || filter.Status == models.ScheduleActive {
		query = query.Where("schedules.status = ? AND schedules.next_at IS NOT NULL", models.ScheduleActive).Order("schedules.next_at, schedules.id")
		if at, id, ok := readComingCursor(filter.After); ok {
			query = query.Where("(schedules.next_at > ? OR (schedules.next_at = ? AND schedules.id > ?))", at, at, id)
		}
	} else {
		query = query.Where("schedules.status = ?", filter.Status).Order("schedules.id")
		if models.ValidID(filter.After) {
			query = query.Where("schedules.id > ?", filter.After)
		}
	}
	var found []Coming
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list what comes next: %w", models.Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	found = found[:limit]
	return found, comingCursor(found[limit-1]), nil
}

// Active returns the schedules that are planned, the next first, at most
// limit, and whether there are more.
func Active(ctx context.Context, db *gorm.DB, limit int) ([]Coming, bool, error) {
	var found []Coming
	err := joinedSchedules(ctx, db).Where("schedules.status = ? AND schedules.next_at IS NOT NULL", models.ScheduleActive).
		Order("schedules.next_at, schedules.id").Limit(limit + 1).Find(&found).Error
	if err != nil {
		return nil, false, fmt.Errorf("read the schedules: %w", models.Kind(err))
	}
	return found[:min(len(found), limit)], len(found) > limit, nil
}

// WithWorkflow returns one schedule, removed ones too: their ledger
// stays readable.
func WithWorkflow(ctx context.Context, db *gorm.DB, id string) (Coming, error) {
	if !models.ValidID(id) {
		return Coming{}, models.ErrNotFound
	}
	var found Coming
	err := joinedSchedules(ctx, db).Where("schedules.id = ?", id).Take(&found).Error
	if err != nil {
		return Coming{}, fmt.Errorf("read the schedule: %w", models.Kind(err))
	}
	return found, nil
}

func joinedSchedules(ctx context.Context, db *gorm.DB) *gorm.DB {
	return db.WithContext(ctx).Table("schedules").
		Select("schedules.*, workflows.name AS workflow_name, workflows.status AS workflow_status, workflows.paused_until AS workflow_paused_until, workflows.paused_reason AS workflow_paused_reason, workflows.paused_by AS workflow_paused_by").
		Joins("JOIN workflows ON workflows.id = schedules.workflow_id")
}

func comingCursor(s Coming) string {
	if s.NextAt == nil || s.Status != models.ScheduleActive {
		return s.ID
	}
	return strconv.FormatInt(s.NextAt.UnixMicro(), 10) + "." + s.ID
}

// readComingCursor reads what comingCursor wrote; anything else starts at the
// first page.
func readComingCursor(cursor string) (at time.Time, id string, ok bool) {
	micro, id, found := strings.Cut(cursor, ".")
	number, err := strconv.ParseInt(micro, 10, 64)
	if !found || err != nil || !models.ValidID(id) {
		return time.Time{}, "", false
	}
	return time.UnixMicro(number).UTC(), id, true
}
