package queue

import (
	"context"
	"fmt"

	"workflows/worker/queue/wire"
)

// The lanes. A workflow's priority chooses one of the first three; of a workflow
// that has many runs queued already, further ones go into the backlog, so that
// the runs of others do not stand behind them.
const (
	HighLane    = "high"
	DefaultLane = "default"
	LowLane     = "low"
	BacklogLane = "backlog"
)

// LaneRoom is how many hints a lane holds. Redis stays small however many runs
// are queued: the others are rung as the lane drains. Runs that go on are let in
// up to twice as many.
const LaneRoom = 5000

// Lanes are the queues that workers listen to.
func Lanes() []string { return []string{HighLane, DefaultLane, LowLane, BacklogLane} }

// NameLanes has gocraft/work's own programs know the lanes. Whoever does it every
// few seconds finds out by it, too, whether Redis can be reached and takes writes.
func (q *Queue) NameLanes(ctx context.Context) error {
	names := []any{q.Keys.KnownJobs()}
	for _, lane := range Lanes() {
		names = append(names, lane)
	}
	if err := q.Exec(ctx, wire.Cmd("SADD", names...)); err != nil {
		return fmt.Errorf("name the queues in Redis: %w", err)
	}
	return nil
}

// SetPaused sets or removes gocraft/work's key that pauses a lane. It is a copy of
// what stands in the database: the workers renew it every few seconds.
func (q *Queue) SetPaused(ctx context.Context, lane string, paused bool) error {
	commands := []wire.Command{wire.Cmd("SET", q.Keys.Paused(lane), "1")}
	if !paused {
		commands = []wire.Command{wire.Cmd("DEL", q.Keys.Paused(lane)), wire.Cmd("PUBLISH", q.Keys.Bell(), 1)}
	}
	if err := q.Exec(ctx, commands...); err != nil {
		return fmt.Errorf("tell Redis whether the queue %s is paused: %w", lane, err)
	}
	return nil
}
