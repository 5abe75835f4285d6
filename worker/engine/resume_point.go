package engine

import (
	"context"

	"workflows/models"
)

// ResumePoint says where Retry from the failed step would begin with the run's
// own version, and whose results it would take over. It is a
// *models.ConflictError when there is no such point.
func (e *Engine) ResumePoint(ctx context.Context, run models.Run) (next string, taken []models.StepRun, err error) {
	version, err := e.version(ctx, e.db, run.VersionID)
	if err != nil {
		return "", nil, err
	}
	return e.resultsBefore(ctx, e.db, version, run)
}
