package schedule

import (
	"context"
	"time"

	"workflows/worker/queue"
)

const (
	heartbeatPrefix = "scheduler:"
	heartbeatEvery  = 5 * time.Second
	// HeartbeatTTL is how long a scheduler that is gone still shows itself.
	HeartbeatTTL = 15 * time.Second
)

// Heartbeat is what a scheduler shows of itself in Redis: that it is at work, and what
// nobody else knows of it.
type Heartbeat struct {
	Name string     `json:"name"`
	At   time.Time  `json:"at"`   // when it was written, by the database's clock
	Next *time.Time `json:"next"` // the earliest next time of all active schedules
	// ClockAheadMS is how far the clock of its machine is ahead of the database's.
	ClockAheadMS int64 `json:"clock_ahead_ms"`
}

// Heartbeats are those of the schedulers that are at work.
func Heartbeats(ctx context.Context, q *queue.Queue) ([]Heartbeat, error) {
	return queue.StatesOf[Heartbeat](ctx, q, heartbeatPrefix)
}

// publish shows the heartbeat now and then. Without Redis schedules fire all the same.
func (s *Scheduler) publish(ctx context.Context, last *time.Time, now, next time.Time) {
	if s.Queue == nil || (now.Sub(*last) < heartbeatEvery && !now.Before(*last)) {
		return
	}
	*last = now
	beat := Heartbeat{Name: s.Name, At: now, ClockAheadMS: -s.ahead.Milliseconds()}
	if !next.IsZero() {
		beat.Next = &next
	}
	_ = s.Queue.SetState(ctx, heartbeatPrefix+s.Name, beat, HeartbeatTTL) // the next one follows in a moment
}
