package runs

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// PayloadOf returns the whole output of one attempt of a run's step that was too
// large for its row.
func PayloadOf(ctx context.Context, db *gorm.DB, runID, stepRunID string) (models.JSON, error) {
	if !models.ValidID(runID) || !models.ValidID(stepRunID) {
		return nil, models.ErrNotFound
	}
	found, err := plain.Take[models.Payload](ctx, db.Where("step_run_id = ? AND run_id = ?", stepRunID, runID))
	if err != nil {
		return nil, fmt.Errorf("read the step's payload: %w", models.Kind(err))
	}
	return found.Data, nil
}
