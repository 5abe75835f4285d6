package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	manyQueued = 100_000
	fewQueued  = 6000
	// quietFor is how long the API is asked before there is a backlog.
	quietFor = 5 * time.Second
)

// queued100k measures what a workflow with very many queued runs does to
// everybody else: to the worker's memory, to the runs of another workflow, and to
// the API.
func queued100k(ctx context.Context, env *env) ([]Result, error) {
	site, err := startWeb(ctx, env)
	if err != nil {
		return nil, err
	}
	defer site.end()
	worker, err := env.workerProcess(ctx)
	if err != nil {
		return nil, err
	}
	defer worker.kill()
	large, err := env.threeStepRuns(ctx)
	if err != nil {
		return nil, err
	}
	small, err := env.threeStepRuns(ctx)
	if err != nil {
		return nil, err
	}
	few := watchMemory(worker.id())
	if _, err := large.finishInserted(ctx, fewQueued); err != nil {
		return nil, err
	}
	memoryBefore := few.stop()
	quiet, err := site.askWhile(ctx, small, func(ctx context.Context) error { return pause(ctx, quietFor) })
	if err != nil {
		return nil, err
	}
	many, began := watchMemory(worker.id()), time.Now()
	busy, err := site.askWhile(ctx, small, large.drainMany)
	if err != nil {
		return nil, err
	}
	took, memory := time.Since(began), many.stop()
	begun, err := small.longestWait(ctx, began)
	if err != nil {
		return nil, err
	}
	return []Result{
		{Name: "queued_100k_memory_ratio", Value: round(memory / memoryBefore), Unit: "×"},
		Result{Name: "queued_100k_memory_mb", Value: memory, Unit: "MB"}.against(fmt.Sprintf("the same worker's with %d queued", fewQueued), memoryBefore),
		{Name: "queued_100k_small_run_seconds", Value: round(begun), Unit: "s"},
		Result{Name: "queued_100k_api_ms_p95", Value: millis(percentile(busy, .95)), Unit: "ms"}.against("the same requests before", millis(percentile(quiet, .95))),
		{Name: "queued_100k_runs_per_second", Value: round(manyQueued / took.Seconds()), Unit: "runs/s"},
	}, worker.stop()
}

// askWhile uses the API as ask does for as long as something else takes.
func (w *website) askWhile(ctx context.Context, b *backlog, meanwhile func(context.Context) error) (took []time.Duration, err error) {
	asking, enough := context.WithCancel(ctx)
	defer enough()
	asked := make(chan error, 1)
	go func() {
		var err error
		took, err = w.ask(asking, b.workflowID)
		asked <- err
	}()
	err = meanwhile(ctx)
	enough()
	return took, errors.Join(err, <-asked)
}

// drainMany queues very many runs and waits until each has been begun.
func (b *backlog) drainMany(ctx context.Context) error {
	if _, err := b.insert(ctx, manyQueued, false); err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < 4*time.Minute; {
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			return err
		}
		var queued bool
		row := b.db.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM runs WHERE workflow_id = ? AND status = 'queued')", b.workflowID).Row()
		if err := row.Scan(&queued); err != nil {
			return fmt.Errorf("look for queued runs: %w", err)
		}
		if !queued {
			return nil
		}
	}
	return fmt.Errorf("%d runs were not worked off in four minutes", manyQueued)
}

// longestWait is how many seconds the slowest of the workflow's runs since then
// took from its start to its first step.
func (b *backlog) longestWait(ctx context.Context, since time.Time) (seconds float64, err error) {
	row := b.db.WithContext(ctx).Raw(`SELECT coalesce(extract(epoch FROM max(coalesce(started_at, now()) - queued_at)), 0)
		FROM runs WHERE workflow_id = ? AND queued_at >= ?`, b.workflowID, since).Row()
	if err := row.Scan(&seconds); err != nil {
		return 0, fmt.Errorf("ask how long runs waited: %w", err)
	}
	return seconds, nil
}

// pause waits, or returns ctx's error when that ends before.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
