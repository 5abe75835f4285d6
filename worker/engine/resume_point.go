package engine

import (
	"context"

	"workflows/models"
	"workflows/worker/engine/plan"
)

// ResumePoint says where Retry from the failed step would begin with the run's
// own version, and whose results it would take over. It is a
// *models.ConflictError when there is no such point.
func (e *Engine) ResumePoint(ctx context.Context, run models.Run) (next string, results []*plan.Attempt, err error) {
	version, err := e.version(ctx, e.db, run.VersionID)
	if err != nil {
		return "", nil, err
	}
	return e.resultsBefore(ctx, e.db, version, run)
}
