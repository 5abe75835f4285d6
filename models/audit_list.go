package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// MaxAuditEvents is how many events one page holds at most.
const MaxAuditEvents = 100

// AuditFilter chooses events; a zero field chooses all.
type AuditFilter struct {
	Actor  string // the name
	Action string // secret.changed, or the part before the dot: secret
	Object string // an id
	// From and To bound the time: From <= time < To.
	From, To *time.Time
	Before   string // the cursor that the page before ended with: an id
	Limit    int
}

// SignInAddresses are the IP addresses of somebody's last hundred sign-ins.
func SignInAddresses(ctx context.Context, db *gorm.DB, userID string) ([]string, error) {
	var found []string
	err := db.WithContext(ctx).Model(&AuditEvent{}).Where("object_id = ? AND action = 'user.signed_in'", userID).Order("id DESC").Limit(100).Pluck("address", &found).Error
	if err != nil {
		return nil, fmt.Errorf("look for sign-ins: %w", Kind(err))
	}
	return found, nil
}

// ListAuditEvents returns events, newest first, and the cursor of the next page,
// "" on the last one.
func ListAuditEvents(ctx context.Context, db *gorm.DB, filter AuditFilter) ([]AuditEvent, string, error) {
	limit := min(max(filter.Limit, 1), MaxAuditEvents)
	query := db.WithContext(ctx).Order("id DESC").Limit(limit + 1)
	if filter.Actor != "" {
		query = query.Where("actor_name = ?", filter.Actor)
	}
	if filter.Action != "" {
		query = query.Where(`(action = ? OR action LIKE ? ESCAPE '\')`, filter.Action, EscapeLike(filter.Action)+".%")
	}
	if filter.Object != "" {
		query = query.Where("object_id = ?", filter.Object)
	}
	if filter.From != nil {
		query = query.Where("happened_at >= ?", *filter.From)
	}
	if filter.To != nil {
		query = query.Where("happened_at < ?", *filter.To)
	}
	if filter.Before != "" {
		if !ValidID(filter.Before) {
			return nil, "", nil
		}
		query = query.Where("id < ?", filter.Before)
	}
	var found []AuditEvent
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list the audit log: %w", Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	return found[:limit], found[limit-1].ID, nil
}

// AuditActors lists who stands in the audit log, by name, at most 500.
func AuditActors(ctx context.Context, db *gorm.DB) ([]string, error) {
	var names []string
	err := db.WithContext(ctx).Raw("SELECT DISTINCT actor_name FROM audit_events WHERE actor_name <> '' ORDER BY 1 LIMIT 500").Scan(&names).Error
	if err != nil {
		return nil, fmt.Errorf("list who stands in the audit log: %w", Kind(err))
	}
	return names, nil
}
