package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/runs"
)

const (
	brokenRuns   = 4000
	repairRate   = 200 // runs a second
	aloneFor     = 15 * time.Second
	repairWithin = 2 * time.Minute
)

// repairing measures what it takes from other work that many failed runs are run again: half of what
// the worker can do is started meanwhile.
func repairing(ctx context.Context, env *env) ([]Result, error) {
	load, err := env.threeStepRuns(ctx)
	if err != nil {
		return nil, err
	}
	perSecond, err := load.capacity(ctx)
	if err != nil {
		return nil, err
	}
	broken, err := env.threeStepRuns(ctx)
	if err == nil {
		err = broken.storeFailed(ctx)
	}
	if err != nil {
		return nil, err
	}
	stop := env.worker(ctx, load.types, usualConcurrency)
	feeding, enough := context.WithCancel(ctx)
	defer enough()
	fed := make(chan error, 1)
	go func() { fed <- load.feed(feeding, perSecond/2) }()
	if err := pause(ctx, settleFor); err != nil {
		return nil, err
	}
	from := time.Now()
	if err := pause(ctx, aloneFor); err != nil {
		return nil, err
	}
	alone, err := load.pace(ctx, from, time.Now())
	if err != nil {
		return nil, err
	}
	from = time.Now()
	asked, err := bulk.Create(ctx, env.db, bulk.Request{
		Action: bulk.Retry, Runs: runs.Filter{WorkflowID: broken.workflowID, Status: []string{"failed"}}, Asked: models.JSON("{}"), PerSecond: repairRate, Via: "api",
	}, models.Now())
	if err != nil {
		return nil, err
	}
	until, err := env.untilRepaired(ctx, asked.ID)
	if err != nil {
		return nil, err
	}
	during, err := load.pace(ctx, from, until)
	enough()
	if err := errors.Join(err, <-fed, stop()); err != nil {
		return nil, err
	}
	return []Result{
		{Name: "repaired_per_second", Value: round(brokenRuns / until.Sub(from).Seconds()), Unit: fmt.Sprintf("runs/s run again, of %d asked for", repairRate)},
		Result{Name: "runs_per_second_while_repairing", Value: during.perSecond, Unit: "runs/s of other work"}.against("the same work alone, half of what the worker can do", alone.perSecond),
		Result{Name: "run_ms_while_repairing", Value: during.ms, Unit: "ms from accepted to ended, on average"}.against("the same work alone", alone.ms),
	}, nil
}

// storeFailed makes failed runs of the workflow in SQL.
func (b *backlog) storeFailed(ctx context.Context) error {
	stored, err := b.insert(ctx, brokenRuns, true)
	if err != nil {
		return err
	}
	err = b.db.WithContext(ctx).Exec(`UPDATE runs SET status = 'failed', finished_at = now(), error = '{"code":"http_status","message":"Away."}' WHERE workflow_id = ? AND id >= ?`, b.workflowID, stored[0].ID).Error
	if err != nil {
		return fmt.Errorf("store failed runs: %w", err)
	}
	return b.settle(ctx)
}

// pace is how many runs of a workflow ended in a second, and how long each took on average.
type pace struct{ perSecond, ms float64 }

func (b *backlog) pace(ctx context.Context, from, until time.Time) (p pace, err error) {
	var n int64
	err = b.db.WithContext(ctx).Raw(`SELECT count(*), COALESCE(avg(extract(epoch FROM finished_at - queued_at)) * 1000, 0)::float8 FROM runs
		WHERE workflow_id = ? AND finished_at >= ? AND finished_at < ?`, b.workflowID, from, until).Row().Scan(&n, &p.ms)
	if err != nil {
		return p, fmt.Errorf("count what ended: %w", err)
	}
	p.perSecond = float64(n) / until.Sub(from).Seconds()
	return p, nil
}

// untilRepaired waits until all that was asked for is done and has ended.
func (e *env) untilRepaired(ctx context.Context, id string) (time.Time, error) {
	for began := time.Now(); time.Since(began) < repairWithin; time.Sleep(50 * time.Millisecond) { // polls, bounded
		b, err := bulk.Get(ctx, e.db, id)
		if err != nil {
			return time.Time{}, err
		}
		if b.Done+b.Failed == b.Total {
			if b.Failed > 0 || b.Total != brokenRuns {
				return time.Time{}, fmt.Errorf("of %d runs %d were run again, and %d could not be", b.Total, b.Done, b.Failed)
			}
			return time.Now(), nil
		}
	}
	return time.Time{}, errors.New("the failed runs were not run again in two minutes")
}
