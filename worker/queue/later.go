package queue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"workflows/worker/queue/wire"
)

// Later has the runs rung at the given time, to the second, never before it. They
// stand among gocraft/work's scheduled jobs, or among its retries when retry is
// true. A run has one such time: a later call replaces it.
func (q *Queue) Later(ctx context.Context, at time.Time, retry bool, hints ...Hint) error {
	into, outOf := q.Keys.Scheduled(), q.Keys.Retry()
	if retry {
		into, outOf = outOf, into
	}
	score := at.Unix()
	if at.After(time.Unix(score, 0)) { // rung early, the run would not be due yet
		score++
	}
	for part := range slices.Chunk(hints, batch) {
		add, remove := []any{into}, []any{outOf}
		for _, hint := range part {
			member := hint.Payload(time.Time{})
			add, remove = append(add, score, member), append(remove, member)
		}
		if err := q.Exec(ctx, wire.Cmd("ZADD", add...), wire.Cmd("ZREM", remove...)); err != nil {
			return fmt.Errorf("ring later for %d runs: %w", len(hints), err)
		}
	}
	return nil
}

// Forget takes back what Later has asked for. Hints that were pushed already
// stay: a stale one is harmless.
func (q *Queue) Forget(ctx context.Context, hints ...Hint) error {
	for part := range slices.Chunk(hints, batch) {
		scheduled, retry := []any{q.Keys.Scheduled()}, []any{q.Keys.Retry()}
		for _, hint := range part {
			member := hint.Payload(time.Time{})
			scheduled, retry = append(scheduled, member), append(retry, member)
		}
		if err := q.Exec(ctx, wire.Cmd("ZREM", scheduled...), wire.Cmd("ZREM", retry...)); err != nil {
			return fmt.Errorf("forget %d runs: %w", len(hints), err)
		}
	}
	return nil
}

// Signal tells whichever worker executes the run to look at its row again at
// once: the context of its handler ends with the cause ErrSignalled. With the id of a worker,
// that one looks whether it is drained.
func (q *Queue) Signal(ctx context.Context, id string) error {
	if err := q.Exec(ctx, wire.Cmd("PUBLISH", q.Keys.Signal(), id)); err != nil {
		return fmt.Errorf("signal a run or a worker: %w", err)
	}
	return nil
}
