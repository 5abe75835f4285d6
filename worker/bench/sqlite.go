package main

import (
	"context"
	"fmt"
	"os"

	"workflows/app/standalone"
	"workflows/models"
	"workflows/models/sqlite"
	"workflows/worker/environment"
	"workflows/worker/queue"
)

// throughputSQLite measures the same runs on the embedded database and Redis, in
// one process with them, as `go run ./app` has it.
func throughputSQLite(ctx context.Context, _ *env) ([]Result, error) {
	folder, err := os.MkdirTemp("", "workflows-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(folder)
	servers, err := standalone.Start(environment.Settings{DataDir: folder})
	if err != nil {
		return nil, err
	}
	defer servers.Close()
	embedded := &env{db: servers.DB, redisURL: servers.RedisURL, namespace: "bench"}
	if embedded.queue, err = queue.Open(queue.Options{URL: embedded.redisURL, Namespace: embedded.namespace}); err != nil {
		return nil, err
	}
	defer embedded.queue.Close()
	if _, err := models.Migrate(ctx, embedded.db); err != nil {
		return nil, err
	}
	load, err := embedded.threeStepRuns(ctx)
	if err != nil {
		return nil, err
	}
	stop := embedded.worker(ctx, load.types, usualConcurrency)
	if _, err := load.finish(ctx, warmUp, nil); err != nil {
		return nil, err
	}
	rate, reference, err := load.alternate(ctx, func() (float64, error) {
		beside, err := sqlite.Open(folder)
		if err != nil {
			return 0, err
		}
		defer models.Close(beside)
		return commitsOn(ctx, beside, 1)
	}, nil)
	if err != nil {
		return nil, err
	}
	return []Result{Result{Name: "runs_per_second_sqlite", Value: rate, Unit: "runs/s"}.
		against("one-row commits per second on the same file", reference)}, stop()
}
