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

// WholeOutput is a run's output, also where it is too large for its row: that of the
// step that gave it is kept aside.
func WholeOutput(ctx context.Context, db *gorm.DB, run models.Run) (models.JSON, error) {
	found, err := plain.Find[models.Payload](ctx, db.
		Where("step_run_id IN (SELECT id FROM step_runs WHERE run_id = ? AND status = 'succeeded' AND CAST(output AS TEXT) = ?)", run.ID, string(run.Output)).
		Order("step_run_id DESC").Limit(1))
	if err != nil {
		return nil, fmt.Errorf("read the run's whole output: %w", models.Kind(err))
	}
	if len(found) == 0 {
		return run.Output, nil
	}
	return found[0].Data, nil
}
