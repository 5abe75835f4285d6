package runs

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// LastSucceeded is the newest run of the same workflow that was accepted before this one and has
// succeeded, without its output; nil for none. Tries do not count.
func LastSucceeded(ctx context.Context, db *gorm.DB, run models.Run) (*models.Run, error) {
	found, err := plain.Find[models.Run](ctx, db.Omit("Output").
		Where("workflow_id = ? AND status = 'succeeded' AND id < ? AND "+noTry, run.WorkflowID, run.ID).Order("id DESC").Limit(1))
	if err != nil {
		return nil, fmt.Errorf("find the last run that succeeded: %w", models.Kind(err))
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}

// OutsideLoops are the first attempts of the steps of a run that stand in no loop, in the order in
// which they began, without what they were given. In the place of an output of more bytes than that
// stands how many it has, as where it is kept aside (plan.Cut).
func OutsideLoops(ctx context.Context, db *gorm.DB, runID string, limit, bytes int) ([]models.StepRun, error) {
	size, as := "octet_length(CAST(output AS text))", "json"
	if !models.IsPostgres(db) {
		size, as = "length(CAST(output AS blob))", "text"
	}
	cut := `CAST('{"truncated":true,"bytes":' || ` + size + ` || ',"preview":""}' AS ` + as + `)`
	rows, err := plain.Find[models.StepRun](ctx, db.
		Select(stepMarkColumns+", CASE WHEN "+size+" > ? THEN "+cut+" ELSE output END AS output", bytes).
		Where("run_id = ? AND iteration = ''", runID).Order("id").Limit(limit))
	if err != nil {
		return nil, fmt.Errorf("list what the steps outside of loops gave: %w", models.Kind(err))
	}
	return rows, nil
}
