package main

import (
	"context"
	"fmt"
	"time"

	"workflows/models"
	"workflows/worker/schedule"
)

const (
	dailySchedules = 100_000
	millionDaily   = 1_000_000
	dueAtStart     = 100 // of them, whose time has just come
	emptyTicks     = 200
)

// cronMany measures what a hundred thousand active daily schedules cost a worker:
// from its start until what is due runs, and when nothing is due but one a second.
func cronMany(ctx context.Context, env *env) ([]Result, error) {
	if _, err := env.storeDaily(ctx, dailySchedules); err != nil {
		return nil, err
	}
	started, workers, stop, err := env.untilDueStarted(ctx)
	if err != nil {
		return nil, err
	}
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

// cronMillion measures with a million of them how long a worker needs from its start until
// what is due runs, and how long it takes to see that nothing is due.
func cronMillion(ctx context.Context, env *env) ([]Result, error) {
	if _, err := env.storeDaily(ctx, millionDaily); err != nil {
		return nil, err
	}
	started, workers, stop, err := env.untilDueStarted(ctx)
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, settleFor); err != nil {
		return nil, err
	}
	memory := memoryMB(workers[0].id())
	if err := stop(); err != nil {
		return nil, err
	}
	// A clock at which nothing is due yet.
	then := time.Now().Add(-time.Hour)
	s := &schedule.Scheduler{DB: env.db, Queue: env.queue, Engine: env.engine(marks(nil).types()), Now: func() time.Time { return then }}
	ticks, err := repeat(emptyTicks, func() error { return s.Tick(ctx) })
	if err != nil {
		return nil, err
	}
	return []Result{
		{Name: "cron_1m_start_seconds", Value: round(started.Seconds()), Unit: "s from the start of the program until what is due has started"},
		{Name: "cron_1m_tick_ms_p50", Value: round(millis(percentile(ticks, 0.5))), Unit: "ms to find that nothing is due"},
		{Name: "cron_1m_tick_ms_p99", Value: round(millis(percentile(ticks, 0.99))), Unit: "ms to find that nothing is due"},
		{Name: "cron_1m_memory_mb", Value: memory, Unit: "MB"},
	}, nil
}

// untilDueStarted starts a worker and waits until it has started what is due.
func (e *env) untilDueStarted(ctx context.Context) (took time.Duration, workers []*workerProcess, stop func() error, err error) {
	begin := time.Now()
	workers, stop, err = e.workerProcesses(ctx, 1)
	if err != nil {
		return 0, nil, nil, err
	}
	for rows := int64(0); rows < dueAtStart; {
		if time.Since(begin) > time.Minute {
			return 0, nil, nil, fmt.Errorf("%d of %d due schedules have fired a minute after the start", rows, dueAtStart)
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return 0, nil, nil, err
		}
		if err := e.db.WithContext(ctx).Model(&models.PlannedRun{}).Count(&rows).Error; err != nil {
			return 0, nil, nil, fmt.Errorf("count planned times: %w", err)
		}
	}
	return time.Since(begin), workers, stop, nil
}

// storeDaily makes a workflow with very many daily schedules, spread over the
// minutes of the day from now on, and returns its id; some are due.
func (e *env) storeDaily(ctx context.Context, count int) (string, error) {
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
		dueAtStart, count, workflow).Error
	if err != nil {
		return "", fmt.Errorf("store schedules: %w", err)
	}
	// Else autovacuum goes through a million rows while ticks of two milliseconds are measured.
	if err := e.db.WithContext(ctx).Exec("VACUUM (ANALYZE) workflows, workflow_versions, schedules").Error; err != nil {
		return "", fmt.Errorf("analyze the schedules: %w", err)
	}
	return workflow, nil
}
