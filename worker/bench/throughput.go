package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"workflows/models"
	"workflows/worker/engine"
)

const threeSteps = `{"format": 1, "name": "Benchmark", "inputs": [{"name": "name", "type": "text"}], "steps": [
	{"id": "one", "type": "set_values", "config": {"values": {"greeting": "Hello {{ input.name }}"}}},
	{"id": "two", "type": "set_values", "config": {"values": {"text": "{{ steps.one.greeting }}!"}}},
	{"id": "three", "type": "set_values", "config": {"values": {"all": "{{ steps.two }}"}}}]}`

const (
	warmUp       = 1000
	measuredRuns = 6000
)

// throughputAt measures how many three-step runs a worker finishes in a second,
// everything stored, from the hint to the last commit.
func throughputAt(concurrency int) func(context.Context, *env) ([]Result, error) {
	return func(ctx context.Context, env *env) ([]Result, error) {
		before, err := commitsPerSecond(ctx, env, concurrency)
		if err != nil {
			return nil, err
		}
		rate, err := runsPerSecond(ctx, env, concurrency)
		if err != nil {
			return nil, err
		}
		memory := memoryMB()
		after, err := commitsPerSecond(ctx, env, concurrency)
		if err != nil {
			return nil, err
		}
		name := "runs_per_second"
		if concurrency != 25 {
			name = fmt.Sprintf("runs_per_second_c%d", concurrency)
		}
		results := []Result{Result{Name: name, Value: rate, Unit: "runs/s"}.against(fmt.Sprintf("one-row commits per second with %d connections", concurrency), (before+after)/2)}
		if concurrency == 25 {
			results = append(results, Result{Name: "memory_mb_loaded", Value: memory, Unit: "MB"})
		}
		return results, nil
	}
}

func runsPerSecond(ctx context.Context, env *env, concurrency int) (float64, error) {
	types := marks(nil).types()
	eng := env.engine(types)
	workflowID, err := env.publish(ctx, threeSteps)
	if err != nil {
		return 0, err
	}
	stop := env.worker(ctx, types, concurrency)
	if _, err := env.finish(ctx, eng, workflowID, warmUp); err != nil {
		return 0, err
	}
	took, err := env.finish(ctx, eng, workflowID, measuredRuns)
	if err != nil {
		return 0, err
	}
	return measuredRuns / took.Seconds(), stop()
}

// finish stores runs, rings for them and waits until all are final.
func (e *env) finish(ctx context.Context, eng *engine.Engine, workflowID string, n int) (time.Duration, error) {
	runs, err := e.store(ctx, eng, workflowID, n)
	if err != nil {
		return 0, err
	}
	// What PostgreSQL itself does within a minute of use.
	if err := e.db.WithContext(ctx).Exec("ANALYZE runs, step_runs").Error; err != nil {
		return 0, err
	}
	began := time.Now()
	eng.Announce(ctx, runs...)
	for time.Since(began) < 2*time.Minute {
		var open bool // asked for without counting, which would cost what is measured
		err := e.db.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM runs WHERE status = 'queued') OR EXISTS (SELECT 1 FROM runs WHERE status = 'running')").Row().Scan(&open)
		if err != nil {
			return 0, err
		}
		if !open {
			return time.Since(began), nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return 0, fmt.Errorf("%d runs were not finished in two minutes", n)
}

// commitsPerSecond is the reference: transactions of one inserted row each, by
// as many clients as the worker has goroutines, each with its own connection.
func commitsPerSecond(ctx context.Context, env *env, clients int) (float64, error) {
	db, err := models.Open(models.Source{URL: env.databaseURL, MaxConns: clients})
	if err != nil {
		return 0, err
	}
	defer models.Close(db)
	pool, err := db.DB()
	if err != nil {
		return 0, err
	}
	if _, err := pool.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS one_row (id uuid PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL)"); err != nil {
		return 0, fmt.Errorf("make the reference's table: %w", err)
	}
	var commits atomic.Int64
	var failed atomic.Pointer[error]
	insertFor := func(d time.Duration) {
		var group sync.WaitGroup
		for until, client := time.Now().Add(d), 0; client < clients; client++ {
			group.Go(func() {
				for time.Now().Before(until) {
					if _, err := pool.ExecContext(ctx, "INSERT INTO one_row VALUES ($1, $2, now())", models.NewID(), "a row"); err != nil {
						failed.Store(&err)
						return
					}
					commits.Add(1)
				}
			})
		}
		group.Wait()
	}
	insertFor(500 * time.Millisecond) // connections and caches
	commits.Store(0)
	began := time.Now()
	insertFor(3 * time.Second)
	if err := failed.Load(); err != nil {
		return 0, fmt.Errorf("measure the reference: %w", *err)
	}
	return float64(commits.Load()) / time.Since(began).Seconds(), nil
}
