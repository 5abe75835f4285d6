package queue

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// batch bounds what one command carries, so that none blocks Redis for long.
const batch = 500

// LaneRoom is how many hints a lane holds. Redis stays small however many runs
// are queued: the others are rung as the lane drains. Runs that go on are let in
// up to twice as many.
const LaneRoom = 5000

// Ring says to the workers that these runs want attention now: the hints are
// pushed and the bell is rung in one round trip per 500. It returns those for
// which the lane had no room. After an error some may have been pushed; ringing
// again is harmless.
func (q *Queue) Ring(ctx context.Context, hints ...Hint) (refused []Hint, err error) {
	for part := range slices.Chunk(hints, batch) {
		left, err := q.ringPart(ctx, part)
		refused = append(refused, left...)
		if err != nil {
			return refused, fmt.Errorf("ring for %d runs: %w", len(hints), err)
		}
	}
	return refused, nil
}

// push is one command that pushes hints into one end of a lane.
type push struct {
	lane  string
	ahead bool
	hints []Hint
}

func (q *Queue) ringPart(ctx context.Context, hints []Hint) (refused []Hint, err error) {
	now := time.Now()
	pushes, refused := q.sort(hints, now)
	if len(pushes) == 0 {
		return refused, nil
	}
	var commands []command
	for _, p := range pushes {
		commands = append(commands, p.command(q.keys, now))
	}
	commands = append(commands, cmd("PUBLISH", q.keys.bell(), len(hints)-len(refused)))
	replies, err := q.pipeline(ctx, commands...)
	if err == nil {
		err = firstError(replies)
	}
	if err != nil {
		return refused, unavailable(err)
	}
	var remove []command
	for i, p := range pushes {
		over := p.over(q.rooms.note(p.lane, number(replies[i]), now))
		refused = append(refused, over...)
		for _, hint := range over {
			remove = append(remove, p.takeBack(q.keys, hint, now))
		}
	}
	if _, err := q.pipeline(ctx, remove...); err != nil {
		return refused, unavailable(err)
	}
	return refused, nil
}

// sort gathers the hints by where they go; those for a lane that is known to be
// full are refused at once.
func (q *Queue) sort(hints []Hint, now time.Time) (pushes []push, refused []Hint) {
	for _, lane := range Lanes() {
		behind, ahead := push{lane: lane}, push{lane: lane, ahead: true}
		for _, hint := range hints {
			switch {
			case hint.lane() != lane:
			case hint.Ahead:
				ahead.hints = append(ahead.hints, hint)
			case q.rooms.full(lane, now):
				refused = append(refused, hint)
			default:
				behind.hints = append(behind.hints, hint)
			}
		}
		for _, p := range []push{behind, ahead} {
			if len(p.hints) > 0 {
				pushes = append(pushes, p)
			}
		}
	}
	return pushes, refused
}

func (p push) command(keys keys, now time.Time) command {
	args := []any{keys.lane(p.lane)}
	if !p.ahead {
		for _, hint := range p.hints {
			args = append(args, hint.payload(now))
		}
		return cmd("LPUSH", args...)
	}
	for _, hint := range slices.Backward(p.hints) { // the first is the next one out
		args = append(args, hint.payload(now))
	}
	return cmd("RPUSH", args...)
}

// over are the hints with which a lane of this size has become too large.
func (p push) over(size int64) []Hint {
	room := int64(LaneRoom)
	if p.ahead {
		room *= 2
	}
	keep := max(int64(len(p.hints))-max(size-room, 0), 0)
	return p.hints[keep:]
}

// takeBack removes a hint that was just pushed, from the end at which it stands.
func (p push) takeBack(keys keys, hint Hint, now time.Time) command {
	count := 1
	if p.ahead {
		count = -1
	}
	return cmd("LREM", keys.lane(p.lane), count, hint.payload(now))
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
