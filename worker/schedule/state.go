package schedule

import (
	"context"
	"time"

	"workflows/worker/document"
	"workflows/worker/queue"
)

const (
	statePrefix = "scheduler:"
	stateEvery  = 5 * time.Second
	// StateTTL is how long a scheduler that is gone still shows itself.
	StateTTL = 15 * time.Second
)

// State is what a scheduler shows of itself in Redis: that it is at work, and what
// nobody else knows of it.
type Heartbeat struct {
	Name string     `json:"name"`
	At   time.Time  `json:"at"`   // when it was written, by the database's clock
	Next *time.Time `json:"next"` // the earliest next time of all active schedules
	// ClockAheadMS is how far the clock of its machine is ahead of the database's.
	ClockAheadMS int64 `json:"clock_ahead_ms"`
}

// States are those of the schedulers that are at work.
func Heartbeats(ctx context.Context, q *queue.Queue) ([]Heartbeat, error) {
	found, err := q.States(ctx, statePrefix)
	if err != nil {
		return nil, err
	}
	var states []Heartbeat
	for _, data := range found {
		var state Heartbeat
		if document.Decode(data, &state) == nil { // else it is of another version
			states = append(states, state)
		}
	}
	return states, nil
}

// publish shows the state now and then. Without Redis schedules fire all the same.
func (s *Scheduler) publish(ctx context.Context, last *time.Time, now, next time.Time) {
	if s.Queue == nil || (now.Sub(*last) < stateEvery && !now.Before(*last)) {
		return
	}
	*last = now
	state := Heartbeat{Name: s.Name, At: now, ClockAheadMS: -s.ahead.Milliseconds()}
	if !next.IsZero() {
		state.Next = &next
	}
	_ = s.Queue.SetState(ctx, statePrefix+s.Name, state, StateTTL) // the next one follows in a moment
}
