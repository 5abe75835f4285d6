package main

import (
	"context"
	"fmt"
	"time"

	"workflows/models"
)

const (
	dailySchedules = 100_000
	dueAtStart     = 100 // of them, whose time has just come
)

// cronMany measures what a hundred thousand active daily schedules cost a worker:
// from its start until what is due runs, and when nothing is due but one a second.
func cronMany(ctx context.Context, env *env) ([]Result, error) {
	if _, err := env.storeDaily(ctx); err != nil {
		return nil, err
	}
	begin := time.Now()
	workers, stop, err := env.workerProcesses(ctx, 1)
	if err != nil {
		return nil, err
	}
	for rows := int64(0); rows < dueAtStart; {
		if time.Since(begin) > time.Minute {
			return nil, fmt.Errorf("%d of %d due schedules have fired a minute after the start", rows, dueAtStart)
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
		if err := env.db.WithContext(ctx).Model(&models.PlannedRun{}).Count(&rows).Error; err != nil {
			return nil, fmt.Errorf("count planned times: %w", err)
		}
	}
	started := time.Since(begin)
	if err := pause(ctx, settleFor); err != nil {
		return nil, err
	}
	before := cpuOf(workers)
	if err := pause(ctx, watchFor); err != nil {
		return nil, err
	}
	used := cpuOf(workers) - before
	return []Result{
		{Name: "cron_100k_start_seconds", Value: round(started.Seconds()), Unit: "s from the start of the program until what is due has started"},
		{Name: "cron_100k_cpu_percent", Value: round(100 * used.Seconds() / watchFor.Seconds()), Unit: "% of a core, with about one run a second"},
		{Name: "cron_100k_memory_mb", Value: memoryMB(workers[0].id()), Unit: "MB"},
	}, stop()
}

// storeDaily makes a workflow with very many daily schedules, spread over the
// minutes of the day from now on, and returns its id; some are due.
func (e *env) storeDaily(ctx context.Context) (string, error) {
	workflow, err := e.publish(ctx, threeSteps)
	if err != nil {
		return "", err
	}
	err = e.db.WithContext(ctx).Exec(`WITH planned AS (
			SELECT n, CASE WHEN n <= ? THEN date_trunc('minute', now()) ELSE date_trunc('minute', now()) + (1 + n % 1439) * interval '1 minute' END AS at
			FROM generate_series(1, ?::int) AS n)
		INSERT INTO schedules (id, workflow_id, trigger_id, rule, time_zone, status, next_fire_at, next_at, accounted_until, anchor_at, created_at, updated_at)
		SELECT gen_random_uuid(), ?, 'daily_' || n, json_build_object('type', 'schedule', 'overlap', 'allow',
			'cron', to_char(at AT TIME ZONE 'UTC', 'FMMI FMHH24') || ' * * *'), 'UTC', 'active', at, at, at - interval '1 second', now(), now(), now() FROM planned`,
		dueAtStart, dailySchedules, workflow).Error
	if err != nil {
		return "", fmt.Errorf("store schedules: %w", err)
	}
	if err := e.db.WithContext(ctx).Exec("ANALYZE workflows, workflow_versions, schedules").Error; err != nil {
		return "", fmt.Errorf("analyze the schedules: %w", err)
	}
	return workflow, nil
}
