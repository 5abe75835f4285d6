package main

import (
	"context"
	"fmt"
	"time"
)

const (
	pickups = 200
	// apart is how long the pool is left idle before each one.
	apart = 40 * time.Millisecond
)

// pickup measures the time from a run's commit to the start of its first step in
// an idle worker.
func pickup(ctx context.Context, env *env) ([]Result, error) {
	redis, err := dialRedis(env.redisURL)
	if err != nil {
		return nil, err
	}
	defer redis.close()
	begun := make(marks, 1)
	types := begun.types()
	eng := env.engine(types)
	workflowID, err := env.publish(ctx, `{"format": 1, "name": "Benchmark", "inputs": [{"name": "name", "type": "text"}], "steps": [{"id": "mark", "type": "mark"}]}`)
	if err != nil {
		return nil, err
	}
	stop := env.worker(ctx, types, usualConcurrency)
	var times []time.Duration
	for i := range pickups + 10 {
		time.Sleep(apart) // so that the pool is idle again, which is what is measured
		runs, err := env.store(ctx, eng, workflowID, 1)
		if err != nil {
			return nil, err
		}
		committed := time.Now()
		eng.Announce(ctx, runs...)
		select {
		case at := <-begun:
			if i >= 10 { // the first open connections and fill caches
				times = append(times, at.Sub(committed))
			}
		case <-time.After(10 * time.Second):
			return nil, fmt.Errorf("a run was not picked up in ten seconds")
		}
	}
	trip, err := redis.roundTrip()
	if err != nil {
		return nil, err
	}
	const reference = "one Redis round trip"
	return []Result{
		Result{Name: "pickup_ms_p50", Value: millis(percentile(times, 0.5)), Unit: "ms"}.against(reference, millis(trip)),
		Result{Name: "pickup_ms_p99", Value: millis(percentile(times, 0.99)), Unit: "ms"}.against(reference, millis(trip)),
	}, stop()
}
