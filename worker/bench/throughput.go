package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"workflows/models"
)

const (
	warmUp       = 1000
	measuredRuns = 6000
	rounds       = 3
)

// throughputAt measures how many three-step runs a worker finishes in a second,
// everything stored, from the hint to the last commit. At the usual concurrency
// it also tells what one run costs.
func throughputAt(concurrency int) func(context.Context, *env) ([]Result, error) {
	return func(ctx context.Context, env *env) ([]Result, error) {
		load, err := env.threeStepRuns(ctx)
		if err != nil {
			return nil, err
		}
		stop := env.worker(ctx, load.types, concurrency)
		if _, err := load.finish(ctx, warmUp, nil); err != nil {
			return nil, err
		}
		var used cost
		rate, reference, err := load.alternate(ctx, func() (float64, error) {
			return commitsPerSecond(ctx, models.Source{URL: env.databaseURL, MaxConns: concurrency})
		}, &used)
		if err != nil {
			return nil, err
		}
		memory := memoryMB(os.Getpid())
		if err := stop(); err != nil {
			return nil, err
		}
		against := fmt.Sprintf("one-row commits per second with %d connections", concurrency)
		if concurrency != usualConcurrency {
			return []Result{Result{Name: fmt.Sprintf("runs_per_second_c%d", concurrency), Value: rate, Unit: "runs/s"}.against(against, reference)}, nil
		}
		results := append([]Result{
			Result{Name: "runs_per_second", Value: rate, Unit: "runs/s"}.against(against, reference),
			{Name: "memory_mb_loaded", Value: memory, Unit: "MB"},
		}, used.perRun(rounds*measuredRuns)...)
		counted, err := env.statementsPerRun(ctx, concurrency)
		return append(results, counted...), err
	}
}

// alternate measures the figure and its reference (commits a second) in turn, so that
// both cover the same minutes: all runs over their summed time, and the references'
// mean. used is what the runs have cost.
func (b *backlog) alternate(ctx context.Context, commitRate func() (float64, error), used *cost) (rate, reference float64, err error) {
	var took time.Duration
	for round := range rounds + 1 {
		commits, err := commitRate()
		if err != nil {
			return 0, 0, err
		}
		reference += commits / (rounds + 1)
		if round == rounds {
			break
		}
		part, err := b.finish(ctx, measuredRuns, used)
		if err != nil {
			return 0, 0, err
		}
		took += part
	}
	return rounds * measuredRuns / took.Seconds(), reference, nil
}
