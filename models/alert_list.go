package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// States of alerts.
const (
	AlertOpen         = "open" // nobody has seen to it yet
	AlertAcknowledged = "acknowledged"
	AlertClosed       = "closed"
)

// AlertStates are all of them.
func AlertStates() []string { return []string{AlertOpen, AlertAcknowledged, AlertClosed} }

// State is one of AlertStates.
func (a Alert) State() string {
	switch {
	case a.ClosedAt != nil:
		return AlertClosed
	case a.AcknowledgedAt != nil:
		return AlertAcknowledged
	}
	return AlertOpen
}

// ListedAlert is an alert with the name of its workflow.
type ListedAlert struct {
	Alert
	WorkflowName string
}

// AlertFilter chooses alerts; a zero field chooses all.
type AlertFilter struct {
	State, Kind, WorkflowID string
	// Before is the id that the page before ended with.
	Before string
	Limit  int // at most 100
}

// ListAlerts returns alerts, the newest first, and the cursor of the next page,
// "" on the last one.
func ListAlerts(ctx context.Context, db *gorm.DB, filter AlertFilter) ([]ListedAlert, string, error) {
	limit := min(max(filter.Limit, 1), 100)
	if filter.WorkflowID != "" && !ValidID(filter.WorkflowID) || filter.Before != "" && !ValidID(filter.Before) {
		return nil, "", nil
	}
	query := listedAlerts(ctx, db).Order("alerts.id DESC").Limit(limit + 1)
	switch filter.State {
	case AlertOpen:
		query = query.Where("alerts.closed_at IS NULL AND alerts.acknowledged_at IS NULL")
	case AlertAcknowledged:
		query = query.Where("alerts.closed_at IS NULL AND alerts.acknowledged_at IS NOT NULL")
	case AlertClosed:
		query = query.Where("alerts.closed_at IS NOT NULL")
	}
	if filter.Kind != "" {
		query = query.Where("alerts.kind = ?", filter.Kind)
	}
	if filter.WorkflowID != "" {
		query = query.Where("alerts.workflow_id = ?", filter.WorkflowID)
	}
	if filter.Before != "" {
		query = query.Where("alerts.id < ?", filter.Before)
	}
	var found []ListedAlert
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list alerts: %w", Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	return found[:limit], found[limit-1].ID, nil
}

func listedAlerts(ctx context.Context, db *gorm.DB) *gorm.DB {
	return db.WithContext(ctx).Table("alerts").Select("alerts.*, workflows.name AS workflow_name").
		Joins("JOIN workflows ON workflows.id = alerts.workflow_id")
}

// GetAlert returns one alert.
func GetAlert(ctx context.Context, db *gorm.DB, id string) (ListedAlert, error) {
	if !ValidID(id) {
		return ListedAlert{}, ErrNotFound
	}
	var found ListedAlert
	err := listedAlerts(ctx, db).Where("alerts.id = ?", id).Take(&found).Error
	if err != nil {
		return ListedAlert{}, fmt.Errorf("find the alert: %w", Kind(err))
	}
	return found, nil
}

// CountAlerts counts the alerts that nobody has seen to, by kind.
func CountAlerts(ctx context.Context, db *gorm.DB) (map[string]int64, error) {
	var rows []struct {
		Kind   string
		Number int64
	}
	err := db.WithContext(ctx).Raw("SELECT kind, count(*) AS number FROM alerts WHERE closed_at IS NULL AND acknowledged_at IS NULL GROUP BY kind").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count alerts: %w", Kind(err))
	}
	counts := map[string]int64{}
	for _, row := range rows {
		counts[row.Kind] = row.Number
	}
	return counts, nil
}
