package main

import (
	"context"
	"runtime"
	"time"
)

const fourRounds = 2

// one nap: what waits for others most of its time, as calls of web addresses do.
const oneNap = `{"format": 1, "name": "Benchmark", "inputs": [{"name": "name", "type": "text"}], "steps": [{"id": "nap", "type": "nap"}]}`

// fourWorkers measures four worker processes against one on the same backlog:
// once of runs that only compute, which is limited by the cores that they share
// with the servers, and once of runs that wait for others.
func fourWorkers(ctx context.Context, env *env) ([]Result, error) {
	computing, err := env.oneAndFour(ctx, threeSteps, 12_000)
	if err != nil {
		return nil, err
	}
	waiting, err := env.oneAndFour(ctx, oneNap, 2000)
	if err != nil {
		return nil, err
	}
	return []Result{
		computing.result("four_workers_ratio", "three-step runs per second of one worker"),
		{Name: "one_worker_cpu_percent", Value: round(computing.cpuOfOne), Unit: "% of all cores"},
		{Name: "four_workers_cpu_percent", Value: round(computing.cpuOfFour), Unit: "% of all cores"},
		waiting.result("four_workers_waiting_ratio", "runs of 100 ms each per second of one worker"),
	}, nil
}

// comparison is what one worker does in a second, and what four do.
type comparison struct{ one, four, cpuOfOne, cpuOfFour float64 }

func (c comparison) result(name, reference string) Result {
	r := Result{Name: name, Value: c.four, Unit: "×"}.against(reference, c.one)
	r.Value = r.Ratio
	return r
}

// oneAndFour lets one worker and four finish n runs, in turn.
func (e *env) oneAndFour(ctx context.Context, definition string, n int) (c comparison, err error) {
	load, err := e.backlog(ctx, definition)
	if err != nil {
		return c, err
	}
	for range fourRounds {
		one, cpu, err := load.finishWith(ctx, 1, n)
		if err != nil {
			return c, err
		}
		c.one, c.cpuOfOne = c.one+one/fourRounds, c.cpuOfOne+cpu/fourRounds
		four, cpu, err := load.finishWith(ctx, 4, n)
		if err != nil {
			return c, err
		}
		c.four, c.cpuOfFour = c.four+four/fourRounds, c.cpuOfFour+cpu/fourRounds
	}
	return c, nil
}

// finishWith has so many worker processes finish n runs. cpuPercent is the share
// of all cores that they and our servers used meanwhile.
func (b *backlog) finishWith(ctx context.Context, workers, n int) (perSecond, cpuPercent float64, err error) {
	_, stop, err := b.workerProcesses(ctx, workers)
	if err != nil {
		return 0, 0, err
	}
	if _, err := b.finishInserted(ctx, n/4); err != nil { // until all are there and warm
		return 0, 0, err
	}
	runs, err := b.inserted(ctx, n)
	if err != nil {
		return 0, 0, err
	}
	before := allCPU()
	took, err := b.drain(ctx, runs)
	if err != nil {
		return 0, 0, err
	}
	used := (allCPU() - before).Seconds() / took.Seconds() / float64(runtime.NumCPU())
	return float64(n) / took.Seconds(), 100 * used, stop()
}

// allCPU is the processor time of this process and all below it.
func allCPU() time.Duration {
	total := cpuTime()
	for _, used := range descendants() {
		total += used
	}
	return total
}
