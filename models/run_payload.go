package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// Leave stores the payload: that of the attempt's last advance, since a loop's list
// gives way to what it came to.
func (p Payload) Leave(ctx context.Context, tx *gorm.DB) error {
	err := tx.WithContext(ctx).Exec(`INSERT INTO payloads (step_run_id, run_id, data) VALUES (?, ?, ?)
		ON CONFLICT (step_run_id) DO UPDATE SET data = excluded.data`, p.StepRunID, p.RunID, p.Data).Error
	if err != nil {
		return fmt.Errorf("store the step's payload: %w", kind(err))
	}
	return nil
}

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
