package main

import (
	"context"
	"fmt"
	"time"

	"workflows/models"
)

const (
	minuteSchedules = 10_000
	watchedMinutes  = 2
	cronWorkers     = 2
	// firingAtOnce is how many transactions both schedulers have open together.
	firingAtOnce = 8
)

// cronLateness measures ten thousand schedules that all fire at each full minute,
// with two workers: how late their runs are stored, and what the scheduling takes
// of the processor beyond the runs.
func cronLateness(ctx context.Context, env *env) ([]Result, error) {
	reference, err := commitsPerSecond(ctx, models.Source{URL: env.databaseURL, MaxConns: firingAtOnce})
	if err != nil {
		return nil, err
	}
	workers, stop, err := env.workerProcesses(ctx, cronWorkers)
	if err != nil {
		return nil, err
	}
	perRun, err := env.cpuPerRun(ctx, workers)
	if err != nil {
		return nil, err
	}
	first := time.Now().Add(15 * time.Second).Truncate(time.Minute).Add(time.Minute)
	if err := env.storeSchedules(ctx, first); err != nil {
		return nil, err
	}
	// From a moment before the minute to the same one later: all is settled then.
	if err := pause(ctx, time.Until(first.Add(-time.Second))); err != nil {
		return nil, err
	}
	before := cpuOf(workers)
	var stored time.Duration // of the worst minute
	for minute := range watchedMinutes {
		at := first.Add(time.Duration(minute) * time.Minute)
		took, err := env.untilStored(ctx, at)
		if err != nil {
			return nil, err
		}
		stored = max(stored, took)
		if err := pause(ctx, time.Until(at.Add(time.Minute-time.Second))); err != nil {
			return nil, err
		}
	}
	used := cpuOf(workers) - before
	seen, err := env.ledger(ctx, first)
	if err != nil {
		return nil, err
	}
	percent := 100 * (used - time.Duration(seen.runs)*perRun).Seconds() / (watchedMinutes * time.Minute).Seconds()
	against := fmt.Sprintf("%d one-row commits with %d connections", minuteSchedules, firingAtOnce)
	return []Result{
		Result{Name: "cron_lateness_ms_p99", Value: seen.p99, Unit: "ms"}.against(against, 1000*minuteSchedules/reference),
		{Name: "cron_stored_ms_p99", Value: float64(stored.Milliseconds()), Unit: "ms from the minute until 99 % can be read by others, in the worst minute"},
		{Name: "cron_lateness_ms_p50", Value: round(seen.p50), Unit: "ms"},
		{Name: "cron_times_not_run", Value: float64(watchedMinutes*minuteSchedules - seen.runs), Unit: "planned times"},
		{Name: "cron_times_run_twice", Value: float64(seen.twice), Unit: "planned times"},
		{Name: "cron_cpu_percent", Value: round(percent), Unit: "% of a core, beyond the runs"},
	}, stop()
}

// untilStored watches from outside how long after the minute 99 % of its planned
// times can be read.
func (e *env) untilStored(ctx context.Context, minute time.Time) (time.Duration, error) {
	if err := pause(ctx, time.Until(minute)); err != nil {
		return 0, err
	}
	for time.Since(minute) < 50*time.Second {
		var rows int64
		err := e.db.WithContext(ctx).Model(&models.PlannedRun{}).Where("planned_at = ?", minute).Count(&rows).Error
		if err != nil {
			return 0, fmt.Errorf("count planned times: %w", err)
		}
		if rows >= minuteSchedules*99/100 {
			return time.Since(minute), nil
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return 0, err
		}
	}
	return 0, fmt.Errorf("the planned times of %s are not in the ledger after 50 s", minute)
}

// cpuPerRun is what a run costs these workers when nothing is scheduled.
func (e *env) cpuPerRun(ctx context.Context, workers []*workerProcess) (time.Duration, error) {
	load, err := e.threeStepRuns(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := load.finishInserted(ctx, warmUp); err != nil {
		return 0, err
	}
	before := cpuOf(workers)
	_, err = load.finishInserted(ctx, minuteSchedules)
	return (cpuOf(workers) - before) / minuteSchedules, err
}

func cpuOf(workers []*workerProcess) (total time.Duration) {
	for _, w := range workers {
		stat, _ := statOf(w.id())
		total += stat.cpu
	}
	return total
}

// storeSchedules makes ten thousand published workflows with a schedule each.
func (e *env) storeSchedules(ctx context.Context, first time.Time) error {
	err := e.db.WithContext(ctx).Exec(`WITH
		made AS MATERIALIZED (SELECT gen_random_uuid() AS id, gen_random_uuid() AS version FROM generate_series(1, ?::int)),
		kept AS (INSERT INTO workflows (id, name, status, draft, draft_revision, version_id, version, created_at, updated_at)
			SELECT id, 'Benchmark', 'active', ?::json, 1, version, 1, now(), now() FROM made),
		versions AS (INSERT INTO workflow_versions (id, workflow_id, number, name, definition, created_at)
			SELECT version, id, 1, 'Benchmark', ?::json, now() FROM made)
		INSERT INTO schedules (id, workflow_id, trigger_id, rule, time_zone, status, next_fire_at, next_at, accounted_until, anchor_at, created_at, updated_at)
		SELECT gen_random_uuid(), id, 'minutely', '{"type": "schedule", "cron": "* * * * *"}', 'UTC', 'active', ?, ?, ?, now(), now(), now() FROM made`,
		minuteSchedules, threeSteps, threeSteps, first, first, first.Add(-time.Second)).Error
	if err != nil {
		return fmt.Errorf("store schedules: %w", err)
	}
	if err := e.db.WithContext(ctx).Exec("ANALYZE workflows, workflow_versions, schedules").Error; err != nil {
		return fmt.Errorf("analyze the schedules: %w", err)
	}
	return nil
}

// planned is what became of the planned times that were watched.
type planned struct {
	runs     int
	twice    int     // planned times that have more runs than one
	p50, p99 float64 // how late, in ms
}

func (e *env) ledger(ctx context.Context, first time.Time) (p planned, err error) {
	row := e.db.WithContext(ctx).Raw(`SELECT count(*) FILTER (WHERE outcome = 'ran'), (SELECT count(*) FROM
			(SELECT 1 FROM runs WHERE trigger_type = 'schedule' GROUP BY "trigger"->>'schedule_id', "trigger"->>'planned_at' HAVING count(*) > 1) AS r),
		coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY late_ms), 0), coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY late_ms), 0)
		FROM planned_runs WHERE planned_at >= ? AND planned_at < ?`, first, first.Add(watchedMinutes*time.Minute)).Row()
	if err := row.Scan(&p.runs, &p.twice, &p.p50, &p.p99); err != nil {
		return p, fmt.Errorf("read the ledger: %w", err)
	}
	return p, nil
}
