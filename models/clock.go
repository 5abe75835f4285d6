package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// DatabaseNow is the time by the server's clock, which all processes share. The
// embedded database has none but ours.
func DatabaseNow(ctx context.Context, db *gorm.DB) (time.Time, error) {
	if !IsPostgres(db) {
		return Now(), nil
	}
	var now time.Time
	if err := db.WithContext(ctx).Raw("SELECT clock_timestamp()").Scan(&now).Error; err != nil {
		return time.Time{}, fmt.Errorf("read the database's clock: %w", Kind(err))
	}
	return now.UTC().Truncate(time.Microsecond), nil
}
