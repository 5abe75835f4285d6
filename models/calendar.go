package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models/plain"
)

// MaxCalendars is how many calendars there may be.
const MaxCalendars = 500

// ListCalendars returns all calendars by name.
func ListCalendars(ctx context.Context, db *gorm.DB) ([]Calendar, error) {
	found, err := plain.Find[Calendar](ctx, db.Order("name").Limit(MaxCalendars))
	if err != nil {
		return nil, fmt.Errorf("list calendars: %w", Kind(err))
	}
	return found, nil
}

// CalendarsByName returns the calendars of these names; those that do not exist
// are absent.
func CalendarsByName(ctx context.Context, db *gorm.DB, names []string) ([]Calendar, error) {
	found, err := plain.Find[Calendar](ctx, db.Where("name IN ?", names))
	if err != nil {
		return nil, fmt.Errorf("find calendars: %w", Kind(err))
	}
	return found, nil
}

// GetCalendar returns one calendar.
func GetCalendar(ctx context.Context, db *gorm.DB, id string) (Calendar, error) {
	if !ValidID(id) {
		return Calendar{}, ErrNotFound
	}
	found, err := plain.Take[Calendar](ctx, db.Where("id = ?", id))
	if err != nil {
		return Calendar{}, fmt.Errorf("find the calendar: %w", Kind(err))
	}
	return found, nil
}

// InsertCalendar stores a new calendar; Unique tells that its name is taken.
func InsertCalendar(ctx context.Context, tx *gorm.DB, c *Calendar) error {
	if err := plain.Create(ctx, tx, c); err != nil {
		return fmt.Errorf("store the calendar: %w", Kind(err))
	}
	return nil
}

// UpdateCalendar writes a calendar's weekend, free days and days of work.
func UpdateCalendar(ctx context.Context, tx *gorm.DB, c Calendar) error {
	return Changed("store the calendar", tx.WithContext(ctx).Model(&Calendar{}).Where("id = ?", c.ID).Updates(map[string]any{
		"weekend": c.Weekend, "days": c.Days, "working_days": c.WorkingDays, "updated_at": c.UpdatedAt,
	}))
}

// DeleteCalendar removes a calendar.
func DeleteCalendar(ctx context.Context, tx *gorm.DB, id string) error {
	return Changed("delete the calendar", tx.WithContext(ctx).Where("id = ?", id).Delete(&Calendar{}))
}

// KeepSchedulesWithCalendar returns the schedules that heed a calendar, but for
// removed ones, and keeps schedulers from firing them until the transaction ends.
func KeepSchedulesWithCalendar(ctx context.Context, tx *gorm.DB, name string) ([]Schedule, error) {
	query := tx.WithContext(ctx).Where("rule->>'calendar' = ? AND status <> ?", name, ScheduleRemoved).Order("id")
	if IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	var found []Schedule
	if err := query.Find(&found).Error; err != nil {
		return nil, fmt.Errorf("find the calendar's schedules: %w", Kind(err))
	}
	return found, nil
}

// CalendarUse says that a schedule or a deadline of a workflow heeds a calendar.
type CalendarUse struct {
	Calendar, WorkflowID, WorkflowName string
}

// CalendarUses lists which workflows use which calendar, each once, by name; at
// most 1,000.
func CalendarUses(ctx context.Context, db *gorm.DB) ([]CalendarUse, error) {
	var uses []CalendarUse
	err := db.WithContext(ctx).Raw(`SELECT DISTINCT s.rule->>'calendar' AS calendar, w.id AS workflow_id, w.name AS workflow_name
		FROM schedules s JOIN workflows w ON w.id = s.workflow_id
		WHERE s.rule->>'calendar' IS NOT NULL AND s.status <> ?
		UNION SELECT d.rule->>'calendar', w.id, w.name FROM deadlines d JOIN workflows w ON w.id = d.workflow_id
		WHERE d.rule->>'calendar' IS NOT NULL ORDER BY 3, 2 LIMIT 1000`, ScheduleRemoved).Scan(&uses).Error
	if err != nil {
		return nil, fmt.Errorf("find who uses calendars: %w", Kind(err))
	}
	return uses, nil
}

// AwayCalendar is a calendar that a workflow heeds and whose address fails for days.
type AwayCalendar struct {
	CalendarID, Name, Host, WorkflowID, Problem string
	FailingSince                                time.Time
}

// AwayCalendars lists those that failed on FailedDaysAlert days, for each workflow that heeds
// one, and of which no alert is open.
func AwayCalendars(ctx context.Context, db *gorm.DB, limit int) ([]AwayCalendar, error) {
	var found []AwayCalendar
	err := db.WithContext(ctx).Raw(`SELECT c.id AS calendar_id, c.name, f.host, w.id AS workflow_id, f.problem, f.failing_since
		FROM subscriptions f JOIN calendars c ON c.id = f.calendar_id, workflows w
		WHERE f.failed_days >= ? AND (EXISTS (SELECT 1 FROM schedules s WHERE s.workflow_id = w.id AND s.rule->>'calendar' = c.name AND s.status <> ?)
			OR EXISTS (SELECT 1 FROM deadlines d WHERE d.workflow_id = w.id AND d.rule->>'calendar' = c.name))
			AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.kind = ? AND a.closed_at IS NULL AND a.subject = CAST(c.id AS text) || '/' || CAST(w.id AS text))
		ORDER BY c.id, w.id LIMIT ?`, FailedDaysAlert, ScheduleRemoved, AlertCalendar, limit).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("find calendars whose addresses fail: %w", Kind(err))
	}
	return found, nil
}
