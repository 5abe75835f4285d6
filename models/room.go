package models

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// roomSetting is written and removed again to see whether something can be.
const roomSetting = "room"

// TryWrite stores some 100 kB and takes them away again: what is read, and what
// finds room in a file as it is, says nothing of a full disk. The error is for
// TroubleOf; nil also where this user may not try.
func TryWrite(ctx context.Context, db *gorm.DB) error {
	if !IsPostgres(db) {
		if err := SetSetting(ctx, db, roomSetting, strings.Repeat("room ", 20_000), Now()); err != nil {
			return err
		}
		return DeleteSetting(ctx, db, roomSetting)
	}
	// A new table needs room of its own; one that goes with the transaction leaves none behind.
	err := Tx(ctx, db, func(tx *gorm.DB) error {
		return tx.Exec("CREATE TEMPORARY TABLE workflows_room ON COMMIT DROP AS SELECT md5(n::text) FROM generate_series(1, 2000) AS n").Error
	})
	if err != nil && !errors.Is(err, ErrUnavailable) {
		return nil // without the right to temporary tables
	}
	if err != nil {
		return fmt.Errorf("try to write: %w", err)
	}
	return nil
}
