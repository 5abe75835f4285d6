package machine

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// LaterRun is a run that goes on by itself, and the step that has it wait.
type LaterRun struct {
	RunID, WorkflowID, WorkflowName string
	DueAt                           time.Time
	StepName                        string
	Attempt                         int         // of the step, which failed
	Error                           models.JSON // {code, message} of that
}

// Later lists the runs that wait for a reason that a time ends (time, retry), the next first, each with
// the step that is next; more says that there are others.
func Later(ctx context.Context, db *gorm.DB, reason string, limit int) (later []LaterRun, more bool, err error) {
	waiting, err := plain.Find[models.Run](ctx, db.Select("id, workflow_id, workflow_name, due_at").
		Where("status = 'waiting' AND due_at IS NOT NULL AND waiting_for = ?", reason).Order("due_at, id").Limit(limit+1))
	if err != nil {
		return nil, false, fmt.Errorf("list what goes on by itself: %w", models.Kind(err))
	}
	if more = len(waiting) > limit; more {
		waiting = waiting[:limit]
	}
	ids := make([]string, len(waiting))
	for i, run := range waiting {
		ids[i] = run.ID
	}
	steps, err := plain.Find[models.StepRun](ctx, db.Select("run_id, name, attempt, error, wake_at").
		Where("run_id IN ? AND status IN ('waiting', 'failed') AND wake_at IS NOT NULL", ids))
	if err != nil {
		return nil, false, fmt.Errorf("find what they wait with: %w", models.Kind(err))
	}
	next := map[string]models.StepRun{}
	for _, step := range steps {
		if known, is := next[step.RunID]; !is || step.WakeAt.Before(*known.WakeAt) {
			next[step.RunID] = step
		}
	}
	for _, run := range waiting {
		step := next[run.ID]
		later = append(later, LaterRun{run.ID, run.WorkflowID, run.WorkflowName, *run.DueAt, step.Name, step.Attempt, step.Error})
	}
	return later, more, nil
}
