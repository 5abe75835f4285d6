package engine

import (
	"context"
	"time"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/duty"
	"workflows/worker/queue"
)

const (
	sweepEvery = time.Second
	// sweepLimit bounds what one sweep takes of each kind.
	sweepLimit = 500
	dutySweep  = "sweep"
	// dutyLength is after how long a sweeper that is gone is replaced: before the
	// leases of its runs end.
	dutyLength = 5 * time.Second
)

// sweep wakes what is due, takes over what was lost, rings for what was not heard
// and gives out free places, every second or sooner. One process at a time does
// it; the others only wake the waits that began there and end within the second.
func (e *Engine) sweep(ctx context.Context) {
	s := &sweeper{e: e, duty: duty.Duty{DB: e.db, Name: dutySweep, Holder: e.owner, Length: dutyLength}, shared: map[string]string{}}
	defer s.handOver(ctx)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var next time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			wait := s.once(ctx)
			next = time.Now().Add(wait)
			timer.Reset(wait)
		case wait := <-e.soon:
			s.wakes = true
			if sooner := time.Now().Add(wait); sooner.Before(next) {
				next = sooner
				timer.Reset(wait)
			}
		}
	}
}

// sweeper is the state between two rounds.
type sweeper struct {
	e    *Engine
	duty duty.Duty
	// wakes says that a short wait has begun here, which this process wakes itself:
	// the one that sweeps may look too late.
	wakes bool
	// shared is, by lane, the last workflow that had its share of the lane's room.
	shared map[string]string
	// admitted is the last workflow whose runs that wait for a place were looked at.
	admitted string
	// trust is when leases say something again: while the database was away, their
	// holders could not prolong them.
	trust time.Time
	// familiesAt is when runs and those that they started were looked at.
	familiesAt time.Time
}

// handOver lets another process sweep at once.
func (s *sweeper) handOver(ctx context.Context) {
	if err := s.duty.Leave(ctx); err != nil { // it runs out by itself
		s.e.log.Warn("the sweeper's duty could not be handed over", "error", err)
	}
}

// sweepSoon has the sweeper look when a wait that has just begun ends, if that
// is sooner than it would.
func (e *Engine) sweepSoon(wait time.Duration) {
	if wait >= sweepEvery {
		return
	}
	select {
	case e.soon <- max(wait, 0):
	default: // it looks within a second anyway
	}
}

// once does one round and returns when the next is due.
func (s *sweeper) once(ctx context.Context) time.Duration {
	bounded, done := models.Bounded(ctx)
	defer done()
	began := time.Now()
	wait, err := s.round(bounded)
	if ctx.Err() != nil {
		return sweepEvery
	}
	s.e.sweeping.Note(began, err)
	if err != nil {
		s.trust = time.Now().Add(s.e.lease / 2)
	}
	return wait
}

func (s *sweeper) round(ctx context.Context) (time.Duration, error) {
	mine, err := s.duty.Mine(ctx)
	if err != nil || !mine && !s.wakes {
		return sweepEvery, err
	}
	now := s.e.now()
	woken, err := runs.Wake(ctx, s.e.db, now, sweepLimit)
	if err != nil {
		return sweepEvery, err
	}
	s.e.ring(ctx, hintsOf(woken))
	more, often := len(woken) == sweepLimit, false
	if mine {
		lost, err := s.recoverLost(ctx, now)
		if err != nil {
			return sweepEvery, err
		}
		more = more || lost == sweepLimit
		if often, err = s.topUp(ctx, now); err != nil {
			return sweepEvery, err
		}
		if err := s.admitAll(ctx); err != nil {
			return sweepEvery, err
		}
		if err := s.families(ctx, now); err != nil {
			return sweepEvery, err
		}
	}
	if more {
		return 0, nil
	}
	return s.untilNextRound(ctx, often)
}

// untilNextRound is when the next round is due: when a wait ends, or soon when the lanes
// want to be looked at often.
func (s *sweeper) untilNextRound(ctx context.Context, often bool) (time.Duration, error) {
	longest := sweepEvery
	if often {
		longest = topUpEvery
	}
	wait, waiting, err := runs.NextWake(ctx, s.e.db, s.e.now())
	if !waiting || err != nil {
		s.wakes = false
		return longest, err
	}
	s.wakes = wait < sweepEvery
	return min(max(wait, time.Millisecond), longest), nil
}

// admitters bounds of how many workflows the held back runs are looked at at once.
const admitters = 50

// admitAll looks after the runs that wait for a place, some workflows at a time.
func (s *sweeper) admitAll(ctx context.Context) error {
	workflows, err := runs.HeldBackWorkflows(ctx, s.e.db, s.admitted, admitters)
	if err != nil {
		return err
	}
	s.admitted = ""
	for _, id := range workflows {
		for range 10 { // as many as there are when a limit was lifted, within bounds
			if s.e.admitNoted(ctx, id) < admitLimit {
				break
			}
		}
	}
	if len(workflows) == admitters {
		s.admitted = workflows[admitters-1]
	}
	return nil
}

// recoverLost queues the runs of workers that are gone.
func (s *sweeper) recoverLost(ctx context.Context, now time.Time) (int, error) {
	if time.Now().Before(s.trust) {
		return 0, nil
	}
	lost, err := runs.Recover(ctx, s.e.db, now, sweepLimit)
	if err != nil {
		return 0, err
	}
	for _, run := range lost {
		s.e.log.Warn("a run was taken over from a worker that is gone", "run_id", run.ID)
	}
	s.e.ring(ctx, hintsOf(lost))
	return len(lost), nil
}

// hintsOf are the hints of runs that the database has just queued. Those that
// have begun go ahead of the others.
func hintsOf(rung []runs.Rung) []queue.Hint {
	hints := make([]queue.Hint, len(rung))
	for i, run := range rung {
		hints[i] = queue.Hint{RunID: run.ID, Lane: run.Queue, Ahead: run.Begun}
	}
	return hints
}
