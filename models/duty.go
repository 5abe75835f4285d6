package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// TakeDuty takes or prolongs a duty that only one process has at a time, for as
// long as given, and reports whether it is the holder's. Somebody else's is taken
// once it has run out, by the database's clock. The embedded database belongs to
// one process, so there every duty is its own.
func TakeDuty(ctx context.Context, db *gorm.DB, name, holder string, length time.Duration) (bool, error) {
	if !IsPostgres(db) {
		return true, nil
	}
	db = db.WithContext(ctx)
	// Looking first costs those who wait for it no write each time.
	var others bool
	err := db.Raw("SELECT EXISTS (SELECT 1 FROM duties WHERE name = ? AND holder <> ? AND until > now())", name, holder).Scan(&others).Error
	if err != nil {
		return false, fmt.Errorf("look who has the duty %s: %w", name, Kind(err))
	}
	if others {
		return false, nil
	}
	taken := db.Exec(`INSERT INTO duties (name, holder, until) VALUES (?, ?, now() + ? * interval '1 microsecond')
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE duties.holder = excluded.holder OR duties.until <= now()`, name, holder, length.Microseconds())
	if taken.Error != nil {
		return false, fmt.Errorf("take the duty %s: %w", name, Kind(taken.Error))
	}
	return taken.RowsAffected == 1, nil
}

// LeaveDuty lets somebody else take the duty at once, if it is the holder's.
func LeaveDuty(ctx context.Context, db *gorm.DB, name, holder string) error {
	if !IsPostgres(db) {
		return nil
	}
	err := db.WithContext(ctx).Exec("DELETE FROM duties WHERE name = ? AND holder = ?", name, holder).Error
	if err != nil {
		return fmt.Errorf("leave the duty %s: %w", name, Kind(err))
	}
	return nil
}
