package told

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// PassOver has nobody told of what had happened before a moment: what was to be decided
// on counts as told, and messages that were to leave stay here, with why.
func PassOver(ctx context.Context, db *gorm.DB, before time.Time, why string) error {
	err := models.Tx(ctx, db, func(tx *gorm.DB) error {
		for _, change := range []struct {
			statement string
			args      []any
		}{
			{"UPDATE incidents SET settled = number, look_at = NULL WHERE look_at IS NOT NULL AND last_at < ?", []any{before}},
			{"UPDATE messages SET due_at = NULL, begun = ?, problem = ? WHERE due_at IS NOT NULL AND created_at < ?", []any{false, why, before}},
			{"UPDATE alerts SET noted_at = opened_at WHERE noted_at IS NULL AND opened_at < ?", []any{before}},
		} {
			if err := tx.WithContext(ctx).Exec(change.statement, change.args...).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("pass over what people were to be told: %w", models.Kind(err))
	}
	return nil
}
