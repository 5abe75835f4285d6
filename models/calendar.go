package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// CalendarsByName returns the calendars of these names; those that do not exist
// are absent.
func CalendarsByName(ctx context.Context, db *gorm.DB, names []string) ([]Calendar, error) {
	found, err := gorm.G[Calendar](db).Where("name IN ?", names).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find calendars: %w", kind(err))
	}
	return found, nil
}
