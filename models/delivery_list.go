package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models/columns"
)

// MaxDeliveries is how many deliveries one page holds at most.
const MaxDeliveries = 100

// DeliveryFilter chooses deliveries; a zero field chooses all.
type DeliveryFilter struct {
	WorkflowID string
	TriggerID  string
	Outcome    string
	Before     string // the cursor that the page before ended with: an id
	Limit      int
}

// ListedDelivery is a delivery with what it was sent to.
type ListedDelivery struct {
	Delivery
	WorkflowID string
	TriggerID  string
}

// ListDeliveries returns deliveries without their bodies, newest first, and the
// cursor of the next page, "" on the last one.
func ListDeliveries(ctx context.Context, db *gorm.DB, filter DeliveryFilter) ([]ListedDelivery, string, error) {
	limit := min(max(filter.Limit, 1), MaxDeliveries)
	query := listedDeliveries(ctx, db).Omit("body").Order("d.id DESC").Limit(limit + 1)
	for column, value := range map[string]string{"h.workflow_id": filter.WorkflowID, "h.trigger_id": filter.TriggerID, "d.outcome": filter.Outcome} {
		if value != "" {
			query = query.Where(column+" = ?", value)
		}
	}
	if !columns.Holds(filter.TriggerID) || filter.WorkflowID != "" && !ValidID(filter.WorkflowID) || filter.Before != "" && !ValidID(filter.Before) {
		return nil, "", nil
	}
	if filter.Before != "" {
		query = query.Where("d.id < ?", filter.Before)
	}
	var found []ListedDelivery
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list deliveries: %w", Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	return found[:limit], found[limit-1].ID, nil
}

// GetDelivery returns one delivery, whole.
func GetDelivery(ctx context.Context, db *gorm.DB, id string) (ListedDelivery, error) {
	if !ValidID(id) {
		return ListedDelivery{}, ErrNotFound
	}
	var found []ListedDelivery
	if err := listedDeliveries(ctx, db).Where("d.id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return ListedDelivery{}, fmt.Errorf("find the delivery: %w", Kind(err))
	}
	if len(found) == 0 {
		return ListedDelivery{}, ErrNotFound
	}
	return found[0], nil
}

// HasDelivery reports whether a delivery is still kept.
func HasDelivery(ctx context.Context, db *gorm.DB, id string) (bool, error) {
	if !ValidID(id) {
		return false, nil
	}
	var found int64
	if err := db.WithContext(ctx).Model(&Delivery{}).Where("id = ?", id).Count(&found).Error; err != nil {
		return false, fmt.Errorf("look for the delivery: %w", Kind(err))
	}
	return found > 0, nil
}

func listedDeliveries(ctx context.Context, db *gorm.DB) *gorm.DB {
	return db.WithContext(ctx).Table("deliveries d").Select("d.*, h.workflow_id, h.trigger_id").Joins("JOIN webhooks h ON h.id = d.webhook_id")
}
