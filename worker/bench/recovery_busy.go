package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"workflows/models"
)

const (
	heldRuns  = 10
	feedEvery = 50 * time.Millisecond
)

// recoveryAtHalfLoad measures the same while the survivor has half of what it can
// do to do: how long until the last of the runs that the killed worker had in
// hand is taken over and final.
func recoveryAtHalfLoad(ctx context.Context, env *env) ([]Result, error) {
	load, err := env.threeStepRuns(ctx)
	if err != nil {
		return nil, err
	}
	perSecond, err := load.capacity(ctx)
	if err != nil {
		return nil, err
	}
	victim, err := env.workerProcess(ctx)
	if err != nil {
		return nil, err
	}
	defer victim.kill()
	if err := env.hold(ctx, heldRuns); err != nil {
		return nil, err
	}
	types := make(marks, heldRuns).types()
	types["hold"] = types["mark"]
	stop := env.worker(ctx, types, usualConcurrency)
	feeding, enough := context.WithTimeout(ctx, 40*time.Second)
	defer enough()
	fed := make(chan error, 1)
	go func() { fed <- load.feed(feeding, perSecond/2) }()
	time.Sleep(5 * time.Second) // into the middle of the leases
	killed := models.Now()
	victim.kill()
	longest, err := env.untilRecovered(ctx, killed)
	enough()
	if err := errors.Join(err, <-fed); err != nil {
		return nil, err
	}
	return []Result{recovered("recovery_half_load_seconds", longest)}, stop()
}

// capacity is how many runs a worker in this process finishes in a second.
func (b *backlog) capacity(ctx context.Context) (float64, error) {
	stop := b.worker(ctx, b.types, usualConcurrency)
	if _, err := b.finishInserted(ctx, warmUp); err != nil {
		return 0, err
	}
	took, err := b.finishInserted(ctx, measuredRuns)
	if err != nil {
		return 0, err
	}
	return measuredRuns / took.Seconds(), stop()
}

// feed starts so many runs a second until ctx ends.
func (b *backlog) feed(ctx context.Context, perSecond float64) error {
	ticker := time.NewTicker(feedEvery)
	defer ticker.Stop()
	for began, n := time.Now(), 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		due := int(perSecond*time.Since(began).Seconds()) - n
		runs, err := b.insert(context.WithoutCancel(ctx), due, true)
		if err != nil {
			return err
		}
		b.engine.Announce(ctx, runs...)
		n += due
	}
}

// untilRecovered waits until the killed worker's runs are final elsewhere, and
// says how long the last of them took.
func (e *env) untilRecovered(ctx context.Context, killed time.Time) (time.Duration, error) {
	for time.Since(killed) < 30*time.Second {
		time.Sleep(200 * time.Millisecond)
		var open bool
		var done int
		var last *time.Time
		begun := killed.Add(time.Second) // the survivor's own end at once
		row := e.db.WithContext(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM runs WHERE status = 'queued' AND started_at < ?)
			OR EXISTS (SELECT 1 FROM runs WHERE status = 'running' AND started_at < ?)`, begun, begun).Row()
		if err := row.Scan(&open); err != nil {
			return 0, fmt.Errorf("look for runs of the killed worker: %w", err)
		}
		if open {
			continue
		}
		row = e.db.WithContext(ctx).Raw("SELECT count(*), max(finished_at) FROM runs WHERE recovered > 0").Row()
		if err := row.Scan(&done, &last); err != nil {
			return 0, fmt.Errorf("look for the runs that were taken over: %w", err)
		}
		if done >= heldRuns {
			return last.Sub(killed), nil
		}
	}
	return 0, errors.New("the killed worker's runs were not all taken over within 30 s")
}
