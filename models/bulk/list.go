package bulk

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// Filter chooses what is done with many runs; a zero field chooses all.
type Filter struct {
	Action, State string
	FailureID     string // the group whose runs are meant
	// Before is the id that the page before ended with.
	Before string
	Limit  int // at most 100
}

// List returns what is done with many runs, the newest first, and the cursor of the next
// page, "" on the last one.
func List(ctx context.Context, db *gorm.DB, filter Filter) ([]Bulk, string, error) {
	if filter.Before != "" && !models.ValidID(filter.Before) || filter.FailureID != "" && !models.ValidID(filter.FailureID) {
		return nil, "", nil
	}
	limit := min(max(filter.Limit, 1), 100)
	query := db.Order("id DESC").Limit(limit + 1)
	if filter.Action != "" {
		query = query.Where("action = ?", filter.Action)
	}
	if filter.State != "" {
		query = query.Where("state = ?", filter.State)
	}
	if filter.FailureID != "" {
		query = query.Where("failure_id = ?", filter.FailureID)
	}
	if filter.Before != "" {
		query = query.Where("id < ?", filter.Before)
	}
	found, err := plain.Find[Bulk](ctx, query)
	if err != nil {
		return nil, "", fmt.Errorf("list what is done with many runs: %w", models.Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	return found[:limit], found[limit-1].ID, nil
}
