package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Left is what a step leaves behind beside its result: a payload, a question, a
// run that it has started. It is stored in the transaction of the advance that
// holds the result, after that has counted; see runs.CommitOne.
//
// When the answer to a commit is lost, the same advance is offered again: what is
// there already must then stay as it is.
type Left interface {
	Leave(ctx context.Context, tx *gorm.DB) error
}

// LeaveRow stores one row that is left behind, whose key was chosen when the row
// was made: once, however often it is offered.
func LeaveRow(ctx context.Context, tx *gorm.DB, row any) error {
	if err := tx.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error; err != nil {
		return fmt.Errorf("store what a step leaves behind (%T): %w", row, Kind(err))
	}
	return nil
}
