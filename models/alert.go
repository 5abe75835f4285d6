package models

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"
)

// Kinds of alerts.
const (
	AlertLate    = "late"    // a schedule whose time has come is not taken up
	AlertMissed  = "missed"  // a planned time did not run
	AlertOverdue = "overdue" // no run has succeeded by a deadline
	AlertSlow    = "slow"    // a run takes longer than it should
	// AlertUnreadable is about a schedule, a deadline or a run that holds what the workers do not
	// know: it is left as it is for a newer one.
	AlertUnreadable = "unreadable"
	// AlertMoved is about a schedule whose next run is planned for another moment, although
	// nobody changed it: clocks have changed, or its rule is read otherwise.
	AlertMoved = "moved"
	// AlertCalendar is about a calendar that a workflow heeds and whose address could not be
	// fetched for some days. Its subject is the id of the calendar, "/", and that of the workflow.
	AlertCalendar = "calendar"
)

// FailedDaysAlert is on how many days the address of a calendar must have failed for an alert.
const FailedDaysAlert = 3

// AlertKinds are all of them, the worst first.
func AlertKinds() []string {
	return []string{AlertOverdue, AlertUnreadable, AlertMissed, AlertLate, AlertSlow, AlertMoved, AlertCalendar}
}

// Alert is something that a person should know of. It opens once, counts what
// happens again meanwhile, and closes when it is over; a person may acknowledge
// it before.
type Alert struct {
	ID string `gorm:"primaryKey"`
	// Kind and Subject, what it is about, are unique among the open alerts: a
	// schedule, a deadline or a run.
	Kind, Subject     string
	WorkflowID        string
	ScheduleID, RunID *string
	Message           string
	OpenedAt          time.Time
	// HappenedAt is the moment that the message tells of: a planned time, a deadline
	// or the start of a run, the last one when it happened several times.
	HappenedAt     time.Time
	Times          int64
	AcknowledgedAt *time.Time
	AcknowledgedBy string
	ClosedAt       *time.Time
	ClosedWhy      string
	// NotedAt is when it was noted for those who are told (models/told); nil is not yet.
	NotedAt *time.Time
}

// OpenAlerts raises alerts. One that is open already counts on, says what the new
// one says, and is no longer acknowledged.
func OpenAlerts(ctx context.Context, tx *gorm.DB, alerts ...Alert) error {
	for _, a := range alerts {
		err := tx.WithContext(ctx).Exec(`INSERT INTO alerts (id, kind, subject, workflow_id, schedule_id, run_id, message, opened_at, happened_at, times)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO UPDATE SET message = excluded.message, happened_at = excluded.happened_at,
				times = alerts.times + excluded.times, acknowledged_at = NULL, acknowledged_by = '', noted_at = NULL
			WHERE alerts.happened_at < excluded.happened_at`,
			NewID(), a.Kind, a.Subject, a.WorkflowID, a.ScheduleID, a.RunID, a.Message, a.OpenedAt, a.HappenedAt, max(a.Times, 1)).Error
		if err != nil {
			return fmt.Errorf("raise an alert: %w", Kind(err))
		}
	}
	return nil
}

// CloseAlert ends the open alert of a kind about a subject, if there is one.
func CloseAlert(ctx context.Context, tx *gorm.DB, alertKind, subject, why string, now time.Time) error {
	return closeAlerts(ctx, tx, "?", "kind = ? AND subject = ?", now, why, alertKind, subject)
}

// CloseEnded ends the open alerts about what is over: a schedule was taken up or
// ran again, a run has ended.
func CloseEnded(ctx context.Context, tx *gorm.DB, now time.Time) error {
	for _, over := range []struct{ where, why string }{
		{
			"kind = 'late' AND NOT EXISTS (SELECT 1 FROM schedules s WHERE s.id = alerts.schedule_id AND s.status = 'active' AND s.next_fire_at <= alerts.happened_at)",
			"'A worker has taken it up; the ledger says what became of the time.'",
		},
		{
			"kind = 'unreadable' AND schedule_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM schedules s WHERE s.id = alerts.schedule_id AND s.status IN ('active', 'paused') AND s.next_fire_at <= alerts.happened_at)",
			"'A worker could read the schedule.'",
		},
		{
			"kind = 'unreadable' AND run_id IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = alerts.run_id AND (r.status IN ('queued', 'running') OR r.waiting_for = 'worker'))" +
				" OR EXISTS (SELECT 1 FROM step_runs s WHERE s.run_id = alerts.run_id AND s.started_at > alerts.opened_at))",
			"'A worker that knows what the run needs has taken it, or it has ended.'",
		},
		{
			"kind = 'missed' AND EXISTS (SELECT 1 FROM planned_runs p WHERE p.schedule_id = alerts.schedule_id AND p.planned_at > alerts.happened_at AND p.outcome IN ('ran', 'caught_up'))",
			"'A later time has run.'",
		},
		{
			"kind = 'missed' AND NOT EXISTS (SELECT 1 FROM schedules s WHERE s.id = alerts.schedule_id AND s.status IN ('active', 'paused', 'ended'))",
			"'The schedule was switched off or removed.'",
		},
		{
			"kind = 'missed' AND acknowledged_at IS NOT NULL AND EXISTS (SELECT 1 FROM schedules s WHERE s.id = alerts.schedule_id AND s.status = 'ended')",
			"'The schedule has ended.'",
		},
		{
			"kind = 'moved' AND acknowledged_at IS NOT NULL AND EXISTS (SELECT 1 FROM planned_runs p WHERE p.schedule_id = alerts.schedule_id AND p.planned_at > alerts.happened_at)",
			"'The time that was moved has come.'",
		},
		{
			"kind = 'moved' AND NOT EXISTS (SELECT 1 FROM schedules s WHERE s.id = alerts.schedule_id AND s.status IN ('active', 'paused'))",
			"'The schedule has ended, or was switched off or removed.'",
		},
		{
			"kind = 'calendar' AND NOT EXISTS (SELECT 1 FROM subscriptions f JOIN calendars c ON c.id = f.calendar_id WHERE alerts.subject = CAST(c.id AS text) || '/' || CAST(alerts.workflow_id AS text) AND f.failed_days >= " + strconv.Itoa(FailedDaysAlert) +
				" AND (EXISTS (SELECT 1 FROM schedules s WHERE s.workflow_id = alerts.workflow_id AND s.rule->>'calendar' = c.name AND s.status <> '" + ScheduleRemoved + "')" +
				" OR EXISTS (SELECT 1 FROM deadlines d WHERE d.workflow_id = alerts.workflow_id AND d.rule->>'calendar' = c.name)))",
			"'The address was fetched again, or its days do not matter any more.'",
		},
		{
			"kind = 'slow' AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = alerts.run_id AND r.status IN ('queued', 'running', 'waiting'))",
			"coalesce((SELECT 'The run has ended: ' || r.status || '.' FROM runs r WHERE r.id = alerts.run_id), 'The run is gone.')",
		},
	} {
		if err := closeAlerts(ctx, tx, over.why, over.where, now); err != nil {
			return err
		}
	}
	return nil
}

func closeAlerts(ctx context.Context, tx *gorm.DB, why, where string, args ...any) error {
	err := tx.WithContext(ctx).Exec("UPDATE alerts SET closed_at = ?, closed_why = "+why+" WHERE closed_at IS NULL AND "+where, args...).Error
	if err != nil {
		return fmt.Errorf("close alerts: %w", Kind(err))
	}
	return nil
}

// AcknowledgeAlert notes that a person has seen an alert. Whose was first stays;
// one that is over is a *ConflictError.
func AcknowledgeAlert(ctx context.Context, db *gorm.DB, id, by string, now time.Time) (Alert, error) {
	if !ValidID(id) {
		return Alert{}, ErrNotFound
	}
	var found Alert
	err := Tx(ctx, db, func(tx *gorm.DB) error {
		noted := tx.WithContext(ctx).Model(&Alert{}).Where("id = ? AND closed_at IS NULL AND acknowledged_at IS NULL", id).
			Updates(map[string]any{"acknowledged_at": now, "acknowledged_by": by})
		if noted.Error != nil {
			return fmt.Errorf("acknowledge the alert: %w", Kind(noted.Error))
		}
		if err := tx.WithContext(ctx).Where("id = ?", id).Take(&found).Error; err != nil {
			return fmt.Errorf("find the alert: %w", Kind(err))
		}
		if noted.RowsAffected > 0 {
			return Record(ctx, tx, Act{Action: "alert.acknowledged", ObjectKind: "alert", ObjectID: id, ObjectName: found.Message})
		}
		if found.ClosedAt != nil && found.AcknowledgedAt == nil {
			return &ConflictError{Code: "closed", Message: "This alert is over already, so there is nothing to acknowledge."}
		}
		return nil
	})
	if err != nil {
		return Alert{}, err
	}
	return found, nil
}

// OpenAlertsOf returns open alerts of a kind after an id, at most limit, by id.
func OpenAlertsOf(ctx context.Context, db *gorm.DB, alertKind, after string, limit int) ([]Alert, error) {
	query := db.WithContext(ctx).Where("kind = ? AND closed_at IS NULL", alertKind).Order("id").Limit(limit)
	if after != "" {
		query = query.Where("id > ?", after)
	}
	var found []Alert
	if err := query.Find(&found).Error; err != nil {
		return nil, fmt.Errorf("find open alerts: %w", Kind(err))
	}
	return found, nil
}

// OpenAlertAbout is what the open alert of a kind says about a subject; "" when
// there is none.
func OpenAlertAbout(ctx context.Context, db *gorm.DB, alertKind, subject string) (string, error) {
	var found []string
	err := db.WithContext(ctx).Raw("SELECT message FROM alerts WHERE kind = ? AND subject = ? AND closed_at IS NULL", alertKind, subject).Scan(&found).Error
	if err != nil || len(found) == 0 {
		return "", Kind(err)
	}
	return found[0], nil
}

// ClearAlerts removes alerts that closed before a moment, at most limit.
func ClearAlerts(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error) {
	cleared := db.WithContext(ctx).Exec("DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE closed_at < ? ORDER BY closed_at LIMIT ?)", before, limit)
	if cleared.Error != nil {
		return 0, fmt.Errorf("clear alerts: %w", Kind(cleared.Error))
	}
	return cleared.RowsAffected, nil
}
