package schedule

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
)

// MoveWithCalendar moves the next times of the schedules that heed a calendar
// whose days have changed in this transaction, and reports how many schedules do.
// A time that is due already is left to the schedulers.
func MoveWithCalendar(ctx context.Context, tx *gorm.DB, name string, now time.Time) (int, error) {
	stored, err := models.KeepSchedulesWithCalendar(ctx, tx, name)
	if err != nil {
		return 0, err
	}
	all, _, err := readRules(ctx, tx, stored)
	if err != nil {
		return 0, err
	}
	var ids []string
	for _, k := range all {
		ids = append(ids, k.stored.WorkflowID)
	}
	workflows, err := models.PausesOf(ctx, tx, ids)
	if err != nil {
		return 0, err
	}
	var moved []models.Schedule
	for _, k := range all { // one that had no working day left may have one now
		moved = append(moved, k.withNextTimes(k.statusIn(workflows[k.stored.WorkflowID]), now))
	}
	if err := schedules.Move(ctx, tx, moved, now); err != nil {
		return 0, err
	}
	return len(all), leaveToNewer(ctx, tx, ids...)
}
