package queue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"workflows/worker/queue/wire"
)

// batch bounds what one command carries, so that none blocks Redis for long.
const batch = 500

// few is how many hints are pushed without asking before how many fit: each that was pushed in
// vain has to be found in its lane and taken back.
const few = 20

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
	pushes, refused := q.byLane(hints, now)
	if len(hints) > few {
		var over []Hint
		pushes, over, err = q.withRoom(ctx, pushes, now)
		refused = append(refused, over...)
	}
	if err != nil || len(pushes) == 0 {
		return refused, err
	}
	var commands []wire.Command
	for _, p := range pushes {
		commands = append(commands, p.command(q.Keys, now))
	}
	commands = append(commands, wire.Cmd("PUBLISH", q.Keys.Bell(), len(hints)-len(refused)))
	replies, err := q.Pipeline(ctx, commands...)
	if err == nil {
		err = wire.FirstError(replies)
	}
	if err != nil {
		return refused, wire.Unavailable(err)
	}
	var remove []wire.Command
	for i, p := range pushes {
		over := p.overflow(q.full.remember(p.lane, wire.Number(replies[i]), now))
		refused = append(refused, over...)
		for _, hint := range over {
			remove = append(remove, p.pullBack(q.Keys, hint, now))
		}
	}
	if _, err := q.Pipeline(ctx, remove...); err != nil {
		return refused, wire.Unavailable(err)
	}
	return refused, nil
}

// byLane gathers the hints by where they go; those for a lane that is known to be
// full are refused at once.
func (q *Queue) byLane(hints []Hint, now time.Time) (pushes []push, refused []Hint) {
	for _, lane := range Lanes() {
		behind, ahead := push{lane: lane}, push{lane: lane, ahead: true}
		for _, hint := range hints {
			switch {
			case hint.knownLane() != lane:
			case hint.Ahead:
				ahead.hints = append(ahead.hints, hint)
			case q.full.is(lane, now):
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

// withRoom leaves of what is to be pushed what the lanes have room for now. Others may push
// meanwhile: see overflow.
func (q *Queue) withRoom(ctx context.Context, pushes []push, now time.Time) (fit []push, refused []Hint, err error) {
	commands := make([]wire.Command, len(pushes))
	for i, p := range pushes {
		commands[i] = wire.Cmd("LLEN", q.Keys.Lane(p.lane))
	}
	replies, err := q.Pipeline(ctx, commands...)
	if err == nil {
		err = wire.FirstError(replies)
	}
	if err != nil {
		return nil, nil, wire.Unavailable(err)
	}
	for i, p := range pushes {
		over := p.overflow(q.full.remember(p.lane, wire.Number(replies[i]), now) + int64(len(p.hints)))
		refused = append(refused, over...)
		if p.hints = p.hints[:len(p.hints)-len(over)]; len(p.hints) > 0 {
			fit = append(fit, p)
		}
	}
	return fit, refused, nil
}

func (p push) command(keys wire.Keys, now time.Time) wire.Command {
	args := []any{keys.Lane(p.lane)}
	if !p.ahead {
		for _, hint := range p.hints {
			args = append(args, hint.Payload(now))
		}
		return wire.Cmd("LPUSH", args...)
	}
	for _, hint := range slices.Backward(p.hints) { // the first is the next one out
		args = append(args, hint.Payload(now))
	}
	return wire.Cmd("RPUSH", args...)
}

// overflow are the hints with which a lane of this size has become too large.
func (p push) overflow(size int64) []Hint {
	room := int64(LaneRoom)
	if p.ahead {
		room *= 2
	}
	keep := max(int64(len(p.hints))-max(size-room, 0), 0)
	return p.hints[keep:]
}

// pullBack removes a hint that was just pushed, from the end at which it stands.
func (p push) pullBack(keys wire.Keys, hint Hint, now time.Time) wire.Command {
	count := 1
	if p.ahead {
		count = -1
	}
	return wire.Cmd("LREM", keys.Lane(p.lane), count, hint.Payload(now))
}
