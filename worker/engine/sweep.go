package engine

import (
	"context"
	"time"

	"workflows/models"
	"workflows/worker/queue"
)

const (
	sweepEvery = time.Second
	// sweepLimit bounds what one sweep takes of each kind.
	sweepLimit = 500
	// ringBelow is how many hints may wait in Redis before the sweeper stops
	// ringing again: workers that are busy, or a lane that is paused, lack no
	// hints, and doubling them for ever would fill Redis.
	ringBelow = 1000
)

// sweep wakes what is due, takes over what was lost and rings for what was not
// heard, every second, or sooner when a wait ends sooner.
func (e *Engine) sweep(ctx context.Context) {
	s := &sweeper{e: e}
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
			if sooner := time.Now().Add(wait); sooner.Before(next) {
				next = sooner
				timer.Reset(wait)
			}
		}
	}
}

// sweeper is the state between two rounds.
type sweeper struct {
	e *Engine
	// trust is when leases say something again: while the database was away, their
	// holders could not prolong them.
	trust time.Time
	// familiesAt is when runs and those that they started were looked at.
	familiesAt time.Time
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
	bounded, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	wait, err := s.round(bounded)
	if ctx.Err() != nil {
		return sweepEvery
	}
	s.e.database.note(err)
	if err != nil {
		s.trust = time.Now().Add(s.e.lease / 2)
	}
	return wait
}

func (s *sweeper) round(ctx context.Context) (time.Duration, error) {
	e := s.e
	now := e.now()
	woken, err := models.WakeRuns(ctx, e.db, now, sweepLimit)
	if err != nil {
		return sweepEvery, err
	}
	e.ring(ctx, hintsOf(woken))
	lost, err := s.takeOver(ctx, now)
	if err != nil {
		return sweepEvery, err
	}
	if err := s.families(ctx, now); err != nil {
		return sweepEvery, err
	}
	if err := e.ringUnheard(ctx, now); err != nil {
		return sweepEvery, err
	}
	if len(woken) == sweepLimit || lost == sweepLimit {
		return 0, nil // there is more
	}
	wait, waiting, err := models.NextWake(ctx, e.db, e.now())
	if !waiting || err != nil {
		return sweepEvery, err
	}
	return min(max(wait, time.Millisecond), sweepEvery), nil
}

// takeOver queues the runs of workers that are gone.
func (s *sweeper) takeOver(ctx context.Context, now time.Time) (int, error) {
	if time.Now().Before(s.trust) {
		return 0, nil
	}
	lost, err := models.RecoverRuns(ctx, s.e.db, now, sweepLimit)
	if err != nil {
		return 0, err
	}
	for _, run := range lost {
		s.e.log.Warn("a run was taken over from a worker that is gone", "run_id", run.ID)
	}
	s.e.ring(ctx, hintsOf(lost))
	return len(lost), nil
}

// ringUnheard rings for queued runs that nobody has claimed since they were rung.
func (e *Engine) ringUnheard(ctx context.Context, now time.Time) error {
	if unheard, err := models.AnyToRing(ctx, e.db, now); err != nil || !unheard {
		return err
	}
	stats, err := e.queue.Stats(ctx)
	e.redis.note(err)
	if err != nil || waitingHints(stats) >= ringBelow {
		return nil
	}
	unheard, err := models.RunsToRing(ctx, e.db, now, sweepLimit)
	if err != nil {
		return err
	}
	e.ring(ctx, hintsOf(unheard))
	return nil
}

func waitingHints(stats queue.Stats) int64 {
	var size int64
	for _, lane := range stats.Lanes {
		size += lane.Size
	}
	return size
}

func hintsOf(runs []models.RungRun) []queue.Hint {
	hints := make([]queue.Hint, len(runs))
	for i, run := range runs {
		hints[i] = queue.Hint{RunID: run.ID, Lane: run.Queue}
	}
	return hints
}
