package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/columns"
)

// insertManyStatement stores new runs: those columns that a run has before it is
// claimed.
const insertManyStatement = `INSERT INTO runs (id, workflow_id, version_id, version, workflow_name, status, trigger_type, "trigger", input, error,
	queue, rung_at, retry_of, retry_from, parent_id, depth, limited, held_back, behind_id, idempotency_key, request_hash, queued_at, finished_at)
SELECT id, workflow_id, version_id, version, workflow_name, status, trigger_type, "trigger"::json, input::json, error::json,
	queue, rung_at, retry_of, retry_from, parent_id, depth, limited, held_back, behind_id, idempotency_key, request_hash, queued_at, finished_at
FROM unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::int[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
	?::text[], ?::timestamptz[], ?::uuid[], ?::text[], ?::uuid[], ?::int[], ?::bool[], ?::bool[], ?::uuid[], ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[])
AS g (id, workflow_id, version_id, version, workflow_name, status, trigger_type, "trigger", input, error,
	queue, rung_at, retry_of, retry_from, parent_id, depth, limited, held_back, behind_id, idempotency_key, request_hash, queued_at, finished_at)`

func insertArrays(ctx context.Context, tx *gorm.DB, runs []models.Run) error {
	err := tx.WithContext(ctx).Exec(insertManyStatement,
		columns.Array(runs, func(r models.Run) string { return r.ID }),
		columns.Array(runs, func(r models.Run) string { return r.WorkflowID }),
		columns.Array(runs, func(r models.Run) string { return r.VersionID }),
		columns.Array(runs, func(r models.Run) int { return r.Version }),
		columns.Array(runs, func(r models.Run) string { return r.WorkflowName }),
		columns.Array(runs, func(r models.Run) string { return r.Status }),
		columns.Array(runs, func(r models.Run) string { return r.TriggerType }),
		columns.Array(runs, func(r models.Run) *string { return r.Trigger.Text() }),
		columns.Array(runs, func(r models.Run) *string { return r.Input.Text() }),
		columns.Array(runs, func(r models.Run) *string { return r.Error.Text() }),
		columns.Array(runs, func(r models.Run) string { return r.Queue }),
		columns.Array(runs, func(r models.Run) *time.Time { return r.RungAt }),
		columns.Array(runs, func(r models.Run) *string { return r.RetryOf }),
		columns.Array(runs, func(r models.Run) string { return r.RetryFrom }),
		columns.Array(runs, func(r models.Run) *string { return r.ParentID }),
		columns.Array(runs, func(r models.Run) int { return r.Depth }),
		columns.Array(runs, func(r models.Run) bool { return r.Limited }),
		columns.Array(runs, func(r models.Run) bool { return r.HeldBack }),
		columns.Array(runs, func(r models.Run) *string { return r.BehindID }),
		columns.Array(runs, func(r models.Run) *string { return r.IdempotencyKey }),
		columns.Array(runs, func(r models.Run) string { return r.RequestHash }),
		columns.Array(runs, func(r models.Run) time.Time { return r.QueuedAt }),
		columns.Array(runs, func(r models.Run) *time.Time { return r.FinishedAt }),
	).Error
	if err != nil {
		return fmt.Errorf("store the runs: %w", models.Kind(err))
	}
	return nil
}
