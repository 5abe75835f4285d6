package main

import (
	"context"
	"fmt"
	"time"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// insert stores n queued runs in one statement: starting them one by one would
// take most of the time of a benchmark that needs very many. They are as
// engine.Start leaves those of a workflow that has many, to be rung for or, when
// rung is false, left to the sweeper. For PostgreSQL.
func (b *backlog) insert(ctx context.Context, n int, rung bool) ([]models.Run, error) {
	pool, err := b.db.DB()
	if err != nil {
		return nil, fmt.Errorf("store runs: %w", err)
	}
	runs, ids, now := make([]models.Run, n), make([]string, n), models.Now()
	for i := range runs {
		ids[i] = models.NewID()
		runs[i] = models.Run{ID: ids[i], Status: workflow.RunQueued, Queue: queue.BacklogLane, RungAt: &now}
	}
	_, err = pool.ExecContext(ctx, `INSERT INTO runs (id, workflow_id, version_id, version, workflow_name, status, trigger_type, trigger, input, queue, rung_at, queued_at)
		SELECT unnest($1::text[])::uuid, id, version_id, version, name, 'queued', 'manual', '{"type":"manual"}', '{"name":"Anna"}', $2, CASE WHEN $3::boolean THEN $4::timestamptz END, $4
		FROM workflows WHERE id = $5`, ids, queue.BacklogLane, rung, now, b.workflowID)
	if err != nil {
		return nil, fmt.Errorf("store runs: %w", err)
	}
	return runs, nil
}

// inserted stores n queued runs to be rung for.
func (b *backlog) inserted(ctx context.Context, n int) ([]models.Run, error) {
	runs, err := b.insert(ctx, n, true)
	if err != nil {
		return nil, err
	}
	return runs, b.settle(ctx)
}

// finishInserted is finish for runs that are stored at once.
func (b *backlog) finishInserted(ctx context.Context, n int) (time.Duration, error) {
	runs, err := b.inserted(ctx, n)
	if err != nil {
		return 0, err
	}
	return b.drain(ctx, runs)
}
