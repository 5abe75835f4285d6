package main

import (
	"context"
	"fmt"
	"time"

	"workflows/models"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

const threeSteps = `{"format": 1, "name": "Benchmark", "inputs": [{"name": "name", "type": "text"}], "steps": [
	{"id": "one", "type": "set_values", "config": {"values": {"greeting": "Hello {{ input.name }}"}}},
	{"id": "two", "type": "set_values", "config": {"values": {"text": "{{ steps.one.greeting }}!"}}},
	{"id": "three", "type": "set_values", "config": {"values": {"all": "{{ steps.two }}"}}}]}`

// backlog gives workers runs of one workflow, many at a time.
type backlog struct {
	*env
	types      workflow.Types
	engine     *engine.Engine
	workflowID string
}

func (e *env) backlog(ctx context.Context, definition string) (*backlog, error) {
	types := marks(nil).types()
	workflowID, err := e.publish(ctx, definition)
	return &backlog{e, types, e.engine(types), workflowID}, err
}

func (e *env) threeStepRuns(ctx context.Context) (*backlog, error) { return e.backlog(ctx, threeSteps) }

// stored commits n runs without ringing for them.
func (b *backlog) stored(ctx context.Context, n int) ([]models.Run, error) {
	runs, err := b.store(ctx, b.engine, b.workflowID, n)
	if err != nil {
		return nil, err
	}
	return runs, b.settle(ctx)
}

// settle has PostgreSQL do at once what it does by itself within a minute of use.
func (e *env) settle(ctx context.Context) error {
	if !models.IsPostgres(e.db) {
		return nil
	}
	return e.db.WithContext(ctx).Exec("ANALYZE runs, step_runs").Error
}

// finish stores runs, rings for them and waits until all are final: the time from
// the first hint to the last commit. What they cost is added to used, if any.
func (b *backlog) finish(ctx context.Context, n int, used *cost) (time.Duration, error) {
	runs, err := b.stored(ctx, n)
	if err != nil {
		return 0, err
	}
	if used == nil {
		return b.drain(ctx, runs)
	}
	before, err := b.costNow(ctx)
	if err != nil {
		return 0, err
	}
	took, err := b.drain(ctx, runs)
	if err != nil {
		return 0, err
	}
	after, err := b.costNow(ctx)
	used.add(before, after)
	return took, err
}

func (b *backlog) drain(ctx context.Context, runs []models.Run) (time.Duration, error) {
	began := time.Now()
	b.engine.Announce(ctx, runs...)
	err := b.final(ctx, runs)
	return time.Since(began), err
}

// final waits until all runs are.
func (e *env) final(ctx context.Context, runs []models.Run) error {
	for began := time.Now(); time.Since(began) < 2*time.Minute; time.Sleep(10 * time.Millisecond) { // polls, bounded
		if open, err := e.anyOpen(ctx, runs[len(runs)-1].ID); !open || err != nil {
			return err
		}
	}
	return fmt.Errorf("%d runs were not finished in two minutes", len(runs))
}

// anyOpen asks for the last of the runs first: a look for any costs what is measured.
func (e *env) anyOpen(ctx context.Context, last string) (open bool, err error) {
	err = e.db.WithContext(ctx).Raw("SELECT finished_at IS NULL FROM runs WHERE id = ?", last).Row().Scan(&open)
	if open || err != nil {
		return open, err
	}
	err = e.db.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM runs WHERE status = 'queued') OR EXISTS (SELECT 1 FROM runs WHERE status = 'running')").Row().Scan(&open)
	return open, err
}
