package schedules

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/plain"
)

// KeepOf returns all schedules of a workflow, removed ones too, and keeps
// schedulers from firing them until the transaction ends.
func KeepOf(ctx context.Context, tx *gorm.DB, workflowID string) ([]models.Schedule, error) {
	if models.IsPostgres(tx) {
		tx = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	return Of(ctx, tx, workflowID)
}

// Of returns all schedules of a workflow, removed ones too.
func Of(ctx context.Context, tx *gorm.DB, workflowID string) ([]models.Schedule, error) {
	found, err := plain.Find[models.Schedule](ctx, tx.Where("workflow_id = ?", workflowID).Order("id"))
	if err != nil {
		return nil, fmt.Errorf("find the workflow's schedules: %w", models.Kind(err))
	}
	return found, nil
}

// Insert stores a new schedule.
func Insert(ctx context.Context, tx *gorm.DB, s *models.Schedule) error {
	if err := plain.Create(ctx, tx, s); err != nil {
		return fmt.Errorf("store the schedule: %w", models.Kind(err))
	}
	return nil
}

// Update writes everything of a schedule but what it is a schedule of.
func Update(ctx context.Context, tx *gorm.DB, s models.Schedule) error {
	return models.Changed("store the schedule", tx.WithContext(ctx).Model(&models.Schedule{}).Where("id = ?", s.ID).Updates(map[string]any{
		"rule": s.Rule, "time_zone": s.TimeZone, "status": s.Status, "next_fire_at": s.NextFireAt, "next_at": s.NextAt,
		"accounted_until": s.AccountedUntil, "anchor_at": s.AnchorAt, "last_planned_at": s.LastPlannedAt, "updated_at": s.UpdatedAt,
		"paused_at": s.PausedAt, "paused_until": s.PausedUntil, "paused_reason": s.PausedReason, "paused_by": s.PausedBy,
		"reread": s.Reread, "moved_at": s.MovedAt, "moved_why": s.MovedWhy,
	}))
}

// LockToReread locks schedules whose next times must be reckoned anew, without those of
// the given ids, at most limit.
func LockToReread(ctx context.Context, tx *gorm.DB, without []string, limit int) ([]models.Schedule, error) {
	query := tx.WithContext(ctx).Where("reread <> '' AND status <> ?", models.ScheduleRemoved).Order("id").Limit(limit)
	if len(without) > 0 {
		query = query.Where("id NOT IN ?", without)
	}
	return findLocked(query, "lock schedules to reckon anew")
}

// RereadZones has the next times of schedules reckoned anew that do not go by UTC, of so
// many after an id. It returns the last of them, "" when there are no more.
func RereadZones(ctx context.Context, db *gorm.DB, after string, limit int) (last string, err error) {
	rest := func() *gorm.DB {
		query := db.WithContext(ctx).Model(&models.Schedule{})
		if after != "" {
			query = query.Where("id > ?", after)
		}
		return query
	}
	var ids []string
	if err := rest().Order("id").Offset(limit-1).Limit(1).Pluck("id", &ids).Error; err != nil {
		return "", fmt.Errorf("find schedules to reckon anew: %w", models.Kind(err))
	}
	some := rest().Where("reread = '' AND time_zone <> 'UTC' AND status <> ?", models.ScheduleRemoved)
	if len(ids) > 0 {
		last = ids[0]
		some = some.Where("id <= ?", last)
	}
	if err := some.Update("reread", models.RereadZones).Error; err != nil {
		return "", fmt.Errorf("have schedules reckoned anew: %w", models.Kind(err))
	}
	return last, nil
}

// RereadZonesOf has the next times of workflows' schedules reckoned anew that do not go by
// UTC.
func RereadZonesOf(ctx context.Context, tx *gorm.DB, workflowIDs []string) error {
	err := tx.WithContext(ctx).Model(&models.Schedule{}).
		Where("workflow_id IN ? AND reread = '' AND time_zone <> 'UTC' AND status <> ?", workflowIDs, models.ScheduleRemoved).Update("reread", models.RereadZones).Error
	if err != nil {
		return fmt.Errorf("have schedules reckoned anew: %w", models.Kind(err))
	}
	return nil
}

// NoteReread notes that the next times of schedules are reckoned anew, and what that
// moved; "" leaves what stands there.
func NoteReread(ctx context.Context, tx *gorm.DB, ids []string, moved string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	values := map[string]any{"reread": ""}
	if moved != "" {
		values["moved_at"], values["moved_why"] = now, moved
	}
	return models.Changed("note that schedules are reckoned anew", tx.WithContext(ctx).Model(&models.Schedule{}).Where("id IN ?", ids).Updates(values))
}

// ToResume returns at most limit schedules whose own pause has ended by now, without
// those of the given ids.
func ToResume(ctx context.Context, db *gorm.DB, now time.Time, without []string, limit int) ([]models.Schedule, error) {
	query := db.Where("paused_until <= ? AND status = ?", now, models.SchedulePaused).Order("paused_until").Limit(limit)
	if len(without) > 0 {
		query = query.Where("id NOT IN ?", without)
	}
	found, err := plain.Find[models.Schedule](ctx, query)
	if err != nil {
		return nil, fmt.Errorf("find pauses that have ended: %w", models.Kind(err))
	}
	return found, nil
}
