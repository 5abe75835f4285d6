package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// QueuedRuns is how many runs of a workflow wait to start.
type QueuedRuns struct {
	WorkflowID, Name string
	Queued           int64
	HeldBack         int64 // of these: by the workflow's own limit
}

// QueuedByWorkflow lists the workflows with the most runs that wait to start, among the first
// CountLimit of such runs.
func QueuedByWorkflow(ctx context.Context, db *gorm.DB, limit int) (found []QueuedRuns, err error) {
	err = db.WithContext(ctx).Raw(`SELECT q.workflow_id, max(w.name) AS name, count(*) AS queued, count(CASE WHEN q.held_back THEN 1 END) AS held_back FROM
		(SELECT workflow_id, held_back FROM runs WHERE status = 'queued' LIMIT 100000) AS q JOIN workflows AS w ON w.id = q.workflow_id
		GROUP BY q.workflow_id ORDER BY count(*) DESC LIMIT ?`, limit).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("count what waits by workflow: %w", Kind(err))
	}
	return found, nil
}
