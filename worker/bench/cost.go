package main

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// cost is what the servers and this process have done so far.
type cost struct {
	commits, redisCommands float64
	cpu                    map[string]time.Duration // by program
}

// The programs whose processor time is told, by their names in the system.
const (
	thisProgram     = "worker"
	postgresProgram = "postgres"
	redisProgram    = "redis-server"
)

// costNow reads the servers' own counters. Processor times are known only of
// servers that this program has started, on Linux.
func (e *env) costNow(ctx context.Context) (cost, error) {
	c := cost{cpu: descendants()}
	c.cpu[thisProgram] = cpuTime()
	// Numbers of transactions are given to those that write.
	if err := e.db.WithContext(ctx).Raw("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").Row().Scan(&c.commits); err != nil {
		return c, fmt.Errorf("ask PostgreSQL what it did: %w", err)
	}
	redis, err := dialRedis(e.redisURL)
	if err != nil {
		return c, err
	}
	defer redis.close()
	c.redisCommands, err = redis.commands()
	return c, err
}

// add counts what was done from before to after.
func (c *cost) add(before, after cost) {
	c.commits += after.commits - before.commits
	c.redisCommands += after.redisCommands - before.redisCommands
	if c.cpu == nil {
		c.cpu = map[string]time.Duration{}
	}
	for program, used := range after.cpu {
		c.cpu[program] += used - before.cpu[program]
	}
}

// perRun are the figures of what n runs have cost.
func (c *cost) perRun(n int) []Result {
	results := []Result{
		{Name: "commits_per_run", Value: round(c.commits / float64(n)), Unit: "commits"},
		{Name: "redis_commands_per_run", Value: round(c.redisCommands / float64(n)), Unit: "commands"},
	}
	for _, of := range []struct{ name, program string }{
		{"cpu_us_per_run_worker", thisProgram},
		{"cpu_us_per_run_postgres", postgresProgram},
		{"cpu_us_per_run_redis", redisProgram},
	} {
		if used := c.cpu[of.program]; used > 0 {
			results = append(results, Result{Name: of.name, Value: round(float64(used.Microseconds()) / float64(n)), Unit: "µs"})
		}
	}
	return results
}

// statementsPerRun lets a worker whose connections PostgreSQL counts the
// statements of finish some runs. Only where the server is this program's own and
// able to.
func (e *env) statementsPerRun(ctx context.Context, concurrency int) ([]Result, error) {
	if !e.countsStatements {
		return nil, nil
	}
	counted := *e
	var err error
	if counted.db, err = models.Open(models.Source{URL: e.databaseURL + "&pg_stat_statements.track=top"}); err != nil {
		return nil, err
	}
	defer models.Close(counted.db)
	load, err := e.threeStepRuns(ctx)
	if err != nil {
		return nil, err
	}
	stop := counted.worker(ctx, load.types, concurrency)
	if _, err := load.finish(ctx, warmUp, nil); err != nil {
		return nil, err
	}
	before, err := statements(ctx, e.db)
	if err != nil {
		return nil, err
	}
	if _, err := load.finish(ctx, measuredRuns, nil); err != nil {
		return nil, err
	}
	after, err := statements(ctx, e.db)
	if err != nil {
		return nil, err
	}
	return []Result{{Name: "statements_per_run", Value: round((after - before) / measuredRuns), Unit: "statements"}}, stop()
}

// statements is how many PostgreSQL has counted so far.
func statements(ctx context.Context, db *gorm.DB) (n float64, err error) {
	if err := db.WithContext(ctx).Raw("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements").Row().Scan(&n); err != nil {
		return 0, fmt.Errorf("ask PostgreSQL for its statements: %w", err)
	}
	return n, nil
}
