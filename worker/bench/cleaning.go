package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"workflows/models"
)

const (
	// oldRuns is how many old runs there are to be removed, of three steps each.
	oldRuns = 100_000
	// oldDays is how old the last of them is: older than RUN_RETENTION_DAYS by itself.
	oldDays = 31
)

// cleaning measures what the removal of old runs takes from a worker that finishes others
// meanwhile, and how many it removes while it has nothing else to do.
func cleaning(ctx context.Context, env *env) ([]Result, error) {
	load, err := env.threeStepRuns(ctx)
	if err != nil {
		return nil, err
	}
	someRounds := func(done int) (bool, error) { return done < rounds, nil }
	stop := env.worker(ctx, load.types, usualConcurrency)
	if _, err := load.finish(ctx, warmUp, nil); err != nil {
		return nil, err
	}
	before, err := load.perSecond(ctx, someRounds)
	if err := errors.Join(err, stop(), load.storeOld(ctx)); err != nil {
		return nil, err
	}
	stop = env.worker(ctx, load.types, usualConcurrency) // it begins with what is old
	during, err := load.perSecond(ctx, func(int) (bool, error) {
		left, err := load.countOld(ctx)
		return left > oldRuns/2, err
	})
	if err != nil {
		return nil, err
	}
	removed, err := load.removesTheRest(ctx)
	if err != nil {
		return nil, err
	}
	after, err := load.perSecond(ctx, someRounds)
	if err := errors.Join(err, stop()); err != nil {
		return nil, err
	}
	return []Result{
		{Name: "clean_runs_per_second", Value: round(removed), Unit: "runs/s"},
		Result{Name: "runs_per_second_while_cleaning", Value: during, Unit: "runs/s"}.against("runs per second of the same worker while no run is old", (before+after)/2),
	}, nil
}

// perSecond has the worker finish one backlog after the other while there is to be more.
func (b *backlog) perSecond(ctx context.Context, more func(done int) (bool, error)) (float64, error) {
	var took time.Duration
	for done := 1; ; done++ {
		part, err := b.finish(ctx, measuredRuns, nil)
		if err != nil {
			return 0, err
		}
		took += part
		if again, err := more(done); err != nil || !again {
			return float64(done*measuredRuns) / took.Seconds(), err
		}
	}
}

// removesTheRest waits until no run is old: how many were removed in a second.
func (b *backlog) removesTheRest(ctx context.Context) (perSecond float64, err error) {
	rest, err := b.countOld(ctx)
	if err == nil && rest == 0 {
		err = errors.New("no old run was left when the others were finished")
	}
	for began, left := time.Now(), rest; err == nil && time.Since(began) < 3*time.Minute; time.Sleep(50 * time.Millisecond) { // polls, bounded
		if left == 0 {
			return float64(rest) / time.Since(began).Seconds(), nil
		}
		left, err = b.countOld(ctx)
	}
	return 0, cmp.Or(err, errors.New("the old runs were not removed in three minutes"))
}

// countOld counts the old runs that are left.
func (b *backlog) countOld(ctx context.Context) (n int, err error) {
	err = b.db.WithContext(ctx).Raw("SELECT count(*) FROM runs WHERE id < ?", firstYoung()).Row().Scan(&n)
	return n, err
}

// firstYoung is an id before which runs are old.
func firstYoung() string { return models.FirstID(models.Now().AddDate(0, 0, 1-oldDays)) }

// storeOld makes finished runs of the workflow in SQL, of a month, with their steps and words.
func (b *backlog) storeOld(ctx context.Context) error {
	db := b.db.WithContext(ctx)
	err := db.Exec(`INSERT INTO runs (id, workflow_id, version_id, version, workflow_name, status, trigger_type, trigger, input, output, queue, attempt, queued_at, started_at, finished_at)
		SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(i), 15, '0'))::uuid,
			w.id, version_id, version, name, 'succeeded', 'manual', '{"type":"manual"}', '{"name":"Anna"}', '{"all":{"text":"Hello Anna!"}}', 'default', 1, at, at, at + interval '1 second'
		FROM (SELECT i, now() - ? * interval '1 day' - i * interval '30 days' / ? AS at FROM generate_series(1, ?::int) i) AS made JOIN workflows w ON w.id = ?`,
		oldDays, oldRuns, oldRuns, b.workflowID).Error
	if err != nil {
		return fmt.Errorf("store old runs: %w", err)
	}
	for _, behind := range []string{
		`INSERT INTO step_runs (id, run_id, step_id, name, type, attempt, status, input, output, started_at, finished_at)
			SELECT gen_random_uuid(), id, 'step_' || n, 'Step', 'set_values', 1, 'succeeded', '{"values":{"text":"Hello Anna!"}}', '{"text":"Hello Anna!"}', started_at, finished_at
			FROM runs, generate_series(1, 3) n WHERE id < ?`,
		"INSERT INTO run_texts (run_id, words, ended) SELECT id, 'hello anna', true FROM runs WHERE id < ?",
	} {
		if err := db.Exec(behind, firstYoung()).Error; err != nil {
			return fmt.Errorf("store the steps and words of old runs: %w", err)
		}
	}
	return b.settle(ctx)
}
