package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
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

func insertManyRuns(ctx context.Context, tx *gorm.DB, runs []Run) error {
	err := tx.WithContext(ctx).Exec(insertManyStatement,
		array(runs, func(r Run) string { return r.ID }),
		array(runs, func(r Run) string { return r.WorkflowID }),
		array(runs, func(r Run) string { return r.VersionID }),
		array(runs, func(r Run) int { return r.Version }),
		array(runs, func(r Run) string { return r.WorkflowName }),
		array(runs, func(r Run) string { return r.Status }),
		array(runs, func(r Run) string { return r.TriggerType }),
		array(runs, func(r Run) *string { return r.Trigger.text() }),
		array(runs, func(r Run) *string { return r.Input.text() }),
		array(runs, func(r Run) *string { return r.Error.text() }),
		array(runs, func(r Run) string { return r.Queue }),
		array(runs, func(r Run) *time.Time { return r.RungAt }),
		array(runs, func(r Run) *string { return r.RetryOf }),
		array(runs, func(r Run) string { return r.RetryFrom }),
		array(runs, func(r Run) *string { return r.ParentID }),
		array(runs, func(r Run) int { return r.Depth }),
		array(runs, func(r Run) bool { return r.Limited }),
		array(runs, func(r Run) bool { return r.HeldBack }),
		array(runs, func(r Run) *string { return r.BehindID }),
		array(runs, func(r Run) *string { return r.IdempotencyKey }),
		array(runs, func(r Run) string { return r.RequestHash }),
		array(runs, func(r Run) time.Time { return r.QueuedAt }),
		array(runs, func(r Run) *time.Time { return r.FinishedAt }),
	).Error
	if err != nil {
		return fmt.Errorf("store the runs: %w", kind(err))
	}
	return nil
}
