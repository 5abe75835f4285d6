package schedule

import (
	"context"
	"time"

	"workflows/models"
)

const (
	statePrefix = "scheduler:"
	stateEvery  = 5 * time.Second
	stateTTL    = 15 * time.Second
)

// State is what a scheduler shows of itself in Redis, under the name
// "scheduler:" and its own, for 15 seconds.
type State struct {
	Name string     `json:"name"`
	At   time.Time  `json:"at"`   // when it was written, by the scheduler's clock
	Next *time.Time `json:"next"` // the earliest next time of all active schedules
	Late int        `json:"late"` // schedules that are late
}

// publisher remembers when the state was last shown.
type publisher struct{ last time.Time }

// publish shows the state now and then. Without Redis schedules fire all the same.
func (s *Scheduler) publish(ctx context.Context, p *publisher, now, next time.Time) {
	if s.Queue == nil || (now.Sub(p.last) < stateEvery && !now.Before(p.last)) {
		return
	}
	p.last = now
	late, err := models.LateSchedules(ctx, s.DB, now)
	if err != nil {
		return // the next tick tells
	}
	state := State{Name: s.Name, At: now, Late: late}
	if !next.IsZero() {
		state.Next = &next
	}
	_ = s.Queue.SetState(ctx, statePrefix+s.Name, state, stateTTL) // the next one follows in a moment
}
