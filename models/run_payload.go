package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// PayloadOf returns the whole output of one attempt of a run's step that was too
// large for its row.
func PayloadOf(ctx context.Context, db *gorm.DB, runID, stepRunID string) (JSON, error) {
	if !ValidID(runID) || !ValidID(stepRunID) {
		return nil, ErrNotFound
	}
	found, err := gorm.G[Payload](db).Where("step_run_id = ? AND run_id = ?", stepRunID, runID).Take(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the step's payload: %w", kind(err))
	}
	return found.Data, nil
}
