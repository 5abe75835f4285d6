package queue

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// batch bounds what one command carries, so that none blocks Redis for long.
const batch = 500

// Ring says to the workers that these runs want attention now: the hints are
// pushed and the bell is rung in one round trip per 500. After an error some may
// have been pushed; ringing again is harmless.
func (q *Queue) Ring(ctx context.Context, hints ...Hint) error {
	now := time.Now()
	for part := range slices.Chunk(hints, batch) {
		var commands []command
		for _, lane := range Lanes() {
			args := []any{q.keys.lane(lane)}
			for _, hint := range part {
				if hint.lane() == lane {
					args = append(args, hint.payload(now))
				}
			}
			if len(args) > 1 {
				commands = append(commands, cmd("LPUSH", args...), cmd("SADD", q.keys.knownJobs(), lane))
			}
		}
		commands = append(commands, cmd("PUBLISH", q.keys.bell(), len(part)))
		if err := q.run(ctx, commands...); err != nil {
			return fmt.Errorf("ring for %d runs: %w", len(hints), err)
		}
	}
	return nil
}

// Later has the runs rung at the given time, to the second, never before it. They
// stand among gocraft/work's scheduled jobs, or among its retries when retry is
// true. A run has one such time: a later call replaces it.
func (q *Queue) Later(ctx context.Context, at time.Time, retry bool, hints ...Hint) error {
	into, outOf := q.keys.scheduled(), q.keys.retry()
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
			member := hint.payload(time.Time{})
			add, remove = append(add, score, member), append(remove, member)
		}
		if err := q.run(ctx, cmd("ZADD", add...), cmd("ZREM", remove...)); err != nil {
			return fmt.Errorf("ring later for %d runs: %w", len(hints), err)
		}
	}
	return nil
}

// Forget takes back what Later has asked for. Hints that were pushed already
// stay: a stale one is harmless.
func (q *Queue) Forget(ctx context.Context, hints ...Hint) error {
	for part := range slices.Chunk(hints, batch) {
		scheduled, retry := []any{q.keys.scheduled()}, []any{q.keys.retry()}
		for _, hint := range part {
			member := hint.payload(time.Time{})
			scheduled, retry = append(scheduled, member), append(retry, member)
		}
		if err := q.run(ctx, cmd("ZREM", scheduled...), cmd("ZREM", retry...)); err != nil {
			return fmt.Errorf("forget %d runs: %w", len(hints), err)
		}
	}
	return nil
}

// Signal tells whichever worker executes the run to look at its row again at
// once: the context of its handler ends with the cause ErrSignalled.
func (q *Queue) Signal(ctx context.Context, runID string) error {
	if err := q.run(ctx, cmd("PUBLISH", q.keys.signal(), runID)); err != nil {
		return fmt.Errorf("signal a run: %w", err)
	}
	return nil
}
