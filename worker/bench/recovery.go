package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"workflows/models"
	"workflows/worker/process"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// childArgument makes this program the worker that is killed.
const childArgument = "worker-to-kill"

const holdAndMark = `{"format": 1, "name": "Benchmark", "inputs": [{"name": "name", "type": "text"}], "steps": [{"id": "hold", "type": "hold", "timeout": "10m"}]}`

// recovery measures how long after kill -9 of its worker a run goes on elsewhere.
func recovery(ctx context.Context, env *env) ([]Result, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	victim := exec.CommandContext(ctx, self, childArgument)
	victim.Env = append(os.Environ(), "DATABASE_URL="+env.databaseURL, "REDIS_URL="+env.redisURL, "REDIS_NAMESPACE="+env.namespace)
	victim.Stderr = os.Stderr
	if err := victim.Start(); err != nil {
		return nil, fmt.Errorf("start the worker to kill: %w", err)
	}
	defer func() { _ = victim.Process.Kill(); _ = victim.Wait() }()

	begun := make(marks, 1)
	types := begun.types()
	types["hold"] = types["mark"] // the survivor's says when it goes on
	eng := env.engine(types)
	workflowID, err := env.publish(ctx, holdAndMark)
	if err != nil {
		return nil, err
	}
	runs, err := env.store(ctx, eng, workflowID, 1)
	if err != nil {
		return nil, err
	}
	eng.Announce(ctx, runs...)
	if err := env.untilHeld(ctx, runs[0].ID); err != nil {
		return nil, err
	}
	stop := env.worker(ctx, types, usualConcurrency)
	time.Sleep(5 * time.Second) // into the middle of the lease
	killed := time.Now()
	if err := victim.Process.Kill(); err != nil {
		return nil, err
	}
	select {
	case at := <-begun:
		return []Result{Result{Name: "recovery_seconds", Value: at.Sub(killed).Seconds(), Unit: "s"}.against("gocraft/work's own reaper", 600)}, stop()
	case <-time.After(time.Minute):
		return nil, errors.New("the run did not go on within a minute")
	}
}

// untilHeld waits until the step of the run is on record as running.
func (e *env) untilHeld(ctx context.Context, runID string) error {
	for began := time.Now(); time.Since(began) < 30*time.Second; time.Sleep(20 * time.Millisecond) {
		rows, err := models.StepRuns(ctx, e.db, runID)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			return nil
		}
	}
	return errors.New("the worker to kill did not begin its run")
}

// child is a worker whose "hold" step goes on until it is killed.
func child(ctx context.Context) error {
	db, err := models.Open(models.Source{URL: os.Getenv("DATABASE_URL")})
	if err != nil {
		return err
	}
	q, err := queue.Open(queue.Options{URL: os.Getenv("REDIS_URL"), Namespace: os.Getenv("REDIS_NAMESPACE"), TLSInsecure: os.Getenv("REDIS_TLS_INSECURE") == "1"})
	if err != nil {
		return err
	}
	types := marks(nil).types()
	types["hold"] = workflow.StepType{
		Name: "hold", Title: "Hold", Effects: func(map[string]any) bool { return false },
		Execute: func(ctx context.Context, _ workflow.Call) (workflow.Outcome, error) {
			<-ctx.Done()
			return workflow.Outcome{}, ctx.Err()
		},
	}
	return process.Run(ctx, process.Config{DB: db, Queue: q, Types: types, Grace: time.Second})
}
