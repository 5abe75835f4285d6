package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"workflows/models/runs"
)

const holdAndMark = `{"format": 1, "name": "Benchmark", "inputs": [{"name": "name", "type": "text"}], "steps": [{"id": "hold", "type": "hold", "timeout": "10m"}]}`

// recovery measures how long after kill -9 of its worker a run goes on elsewhere.
func recovery(ctx context.Context, env *env) ([]Result, error) {
	victim, err := env.workerProcess(ctx)
	if err != nil {
		return nil, err
	}
	defer victim.kill()
	begun := make(marks, 1)
	types := begun.types()
	types["hold"] = types["mark"] // the survivor's says when it goes on
	if err := env.hold(ctx, 1); err != nil {
		return nil, err
	}
	stop := env.worker(ctx, types, usualConcurrency)
	time.Sleep(5 * time.Second) // into the middle of the lease
	killed := time.Now()
	victim.kill()
	select {
	case at := <-begun:
		return []Result{recovered("recovery_seconds", at.Sub(killed))}, stop()
	case <-time.After(time.Minute):
		return nil, errors.New("the run did not go on within a minute")
	}
}

func recovered(name string, after time.Duration) Result {
	return Result{Name: name, Value: after.Seconds(), Unit: "s"}.against("gocraft/work's own reaper", 600)
}

// hold gives the worker that is to be killed some runs and waits until the step
// of each is on record as running.
func (e *env) hold(ctx context.Context, n int) error {
	held, err := e.backlog(ctx, holdAndMark)
	if err != nil {
		return err
	}
	started, err := e.store(ctx, held.engine, held.workflowID, n)
	if err != nil {
		return err
	}
	held.engine.Announce(ctx, started...)
	for began := time.Now(); time.Since(began) < 30*time.Second; time.Sleep(20 * time.Millisecond) {
		begun := 0
		for _, run := range started {
			rows, err := runs.Steps(ctx, e.db, run.ID)
			if err != nil {
				return err
			}
			begun += len(rows)
		}
		if begun == n {
			return nil
		}
	}
	return fmt.Errorf("the worker to kill did not begin its %d runs", n)
}
