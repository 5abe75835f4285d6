package main

import (
	"context"
	"os"
	"runtime/debug"
	"time"
)

const (
	settleFor = 6 * time.Second // gocraft/work's pool comes to rest
	watchFor  = 10 * time.Second
)

// idle measures what a worker costs that has nothing to do. This process does
// nothing else meanwhile.
func idle(ctx context.Context, env *env) ([]Result, error) {
	redis, err := dialRedis(env.redisURL)
	if err != nil {
		return nil, err
	}
	defer redis.close()
	stop := env.worker(ctx, marks(nil).types(), usualConcurrency)
	time.Sleep(settleFor) // what starting has left to do is not idleness
	debug.FreeOSMemory()
	cpu := cpuTime()
	before, err := redis.commands()
	if err != nil {
		return nil, err
	}
	time.Sleep(watchFor) // the span that is measured
	after, err := redis.commands()
	if err != nil {
		return nil, err
	}
	used := cpuTime() - cpu
	return []Result{
		{Name: "idle_cpu_percent", Value: round(100 * used.Seconds() / watchFor.Seconds()), Unit: "% of a core"},
		{Name: "idle_redis_commands_per_second", Value: round((after - before - 1) / watchFor.Seconds()), Unit: "commands/s"}, // less our own question
		{Name: "memory_mb_idle", Value: memoryMB(os.Getpid()), Unit: "MB"},
	}, stop()
}
