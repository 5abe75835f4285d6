package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"workflows/models"
	"workflows/models/runs"
)

const (
	flushed = 1000
	// drained is a backlog that lasts long enough to time both halves.
	drained = 24_000
)

// flushAll empties Redis in the midst of a backlog. All runs must become final
// and none may be claimed twice; measured is how fast the backlog drains once it
// does again, against before. Only on a Redis that nobody else uses.
func flushAll(ctx context.Context, env *env) ([]Result, error) {
	if !env.ownRedis {
		return nil, nil
	}
	load, err := env.threeStepRuns(ctx)
	if err != nil {
		return nil, err
	}
	stop := env.worker(ctx, load.types, usualConcurrency)
	if _, err := load.finish(ctx, warmUp, nil); err != nil {
		return nil, err
	}
	if _, err := load.flushInTheMiddle(ctx, flushed); err != nil {
		return nil, err
	}
	d, err := load.flushInTheMiddle(ctx, drained)
	if err != nil {
		return nil, err
	}
	ratio := Result{Name: "flushall_drain_ratio", Value: d.after, Unit: "×"}.against("runs per second before FLUSHALL", d.before)
	ratio.Value = ratio.Ratio
	return []Result{ratio, {Name: "flushall_pause_seconds", Value: round(d.pause.Seconds()), Unit: "s"}}, stop()
}

// drain is how fast a backlog went before FLUSHALL and after the pause.
type drain struct {
	before, after float64 // runs per second
	pause         time.Duration
}

func (b *backlog) flushInTheMiddle(ctx context.Context, n int) (drain, error) {
	started, err := b.inserted(ctx, n)
	if err != nil {
		return drain{}, err
	}
	redis, err := dialRedis(b.redisURL)
	if err != nil {
		return drain{}, err
	}
	defer redis.close()
	began := models.Now()
	b.engine.Announce(ctx, started...)
	if err := b.untilFinal(ctx, started[n/2].ID); err != nil {
		return drain{}, err
	}
	at := models.Now()
	if _, err := redis.do("FLUSHALL"); err != nil {
		return drain{}, err
	}
	if err := b.final(ctx, started); err != nil {
		return drain{}, err
	}
	if err := b.claimedOnce(ctx, started[0].ID, n); err != nil {
		return drain{}, err
	}
	return b.drainAround(ctx, started[0].ID, began, at)
}

// untilFinal waits until one run is.
func (e *env) untilFinal(ctx context.Context, id string) error {
	for began := time.Now(); time.Since(began) < 2*time.Minute; time.Sleep(10 * time.Millisecond) { // polls, bounded
		run, err := runs.Get(ctx, e.db, id)
		if run.FinishedAt != nil || err != nil {
			return err
		}
	}
	return errors.New("a run was not finished in two minutes")
}

// claimedOnce makes sure that all runs succeeded and each was claimed by one worker once.
func (b *backlog) claimedOnce(ctx context.Context, first string, n int) error {
	var once int
	row := b.db.WithContext(ctx).Raw(`SELECT count(*) FROM runs WHERE workflow_id = ? AND id >= ? AND status = 'succeeded' AND attempt = 1 AND recovered = 0
		AND (SELECT count(*) FROM step_runs WHERE run_id = runs.id) = 3`, b.workflowID, first).Row()
	if err := row.Scan(&once); err != nil {
		return fmt.Errorf("look at how often runs were claimed: %w", err)
	}
	if once != n {
		return fmt.Errorf("after FLUSHALL %d of %d runs did not succeed or were claimed more than once", n-once, n)
	}
	return nil
}

// drainAround reads from the runs' own times when the drain stood still after
// FLUSHALL: their longest gap.
func (b *backlog) drainAround(ctx context.Context, first string, began, at time.Time) (drain, error) {
	var times []time.Time
	err := b.db.WithContext(ctx).Raw("SELECT finished_at FROM runs WHERE workflow_id = ? AND id >= ? ORDER BY finished_at", b.workflowID, first).Scan(&times).Error
	if err != nil {
		return drain{}, fmt.Errorf("read when the runs finished: %w", err)
	}
	var d drain
	before, again := 0, 0
	for i, finished := range times[1:] {
		if finished.Before(at) {
			before = i + 2
		} else if gap := finished.Sub(times[i]); gap > d.pause {
			d.pause, again = gap, i+1
		}
	}
	last := times[len(times)-1]
	d.before = float64(before) / at.Sub(began).Seconds()
	d.after = float64(len(times)-again) / last.Sub(times[again]).Seconds()
	return d, nil
}
