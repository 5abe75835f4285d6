package schedule

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/engine"
	"workflows/worker/queue"
)

const (
	// Grace is how late a planned time may be and still run as planned.
	Grace = 60 * time.Second
	// poll bounds the sleep: another process may publish something sooner.
	poll = time.Second
	// retryAfter is the sleep while the database is away.
	retryAfter = 2 * time.Second
	// batch is how many due schedules fire in one transaction.
	batch = 200
	// batchesAtOnce is how many such transactions there are at the same time on
	// PostgreSQL; SQLite has one writer.
	batchesAtOnce = 2
	// resumeEvery is how often pauses with an end are looked at.
	resumeEvery = 2 * time.Second
)

// Scheduler starts the runs of due schedules. Any number may work on the same
// database.
type Scheduler struct {
	DB     *gorm.DB
	Queue  *queue.Queue // only shows the scheduler's state; may be unreachable or nil
	Engine *engine.Engine
	Log    *slog.Logger
	Now    func() time.Time // the database's clock when nil
	Name   string           // who schedules, as people read it: host and process
	// Retention is how long rows stay in the ledger; 0 is for ever.
	Retention time.Duration

	warmed time.Time     // the next time for which the versions were read already
	ahead  time.Duration // of the database's clock, before ours
}

// Run fires schedules until ctx ends. A database that is away is logged once when
// it goes and once when it is back.
func (s *Scheduler) Run(ctx context.Context) error {
	var away bool
	var state publisher
	var resumed, cleared time.Time
	for ctx.Err() == nil {
		err := s.readClock(ctx)
		if err == nil {
			err = s.resumeWhenDue(ctx, s.now(), &resumed)
		}
		if err == nil {
			err = s.Tick(ctx)
		}
		if err == nil {
			err = s.clear(ctx, s.now(), &cleared)
		}
		wait := poll
		if err == nil {
			wait, err = s.untilNext(ctx, &state)
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			wait = retryAfter
			if !away {
				s.log().Error("schedules do not fire until the database is back", "error", err)
			}
		} else if away {
			s.log().Info("schedules fire again")
		}
		away = err != nil
		pause(ctx, wait)
	}
	return nil
}

// Tick fires everything that is due now. What one schedule cannot do holds no
// other up; only a database that cannot be reached ends the tick early.
func (s *Scheduler) Tick(ctx context.Context) error {
	var group errgroup.Group
	for range s.atOnce() {
		group.Go(func() error {
			var t tick
			defer func() { s.Engine.Announce(ctx, t.started...) }()
			for ctx.Err() == nil {
				n, err := s.fireBatch(ctx, &t)
				if err != nil || n < batch {
					return err
				}
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

func (s *Scheduler) atOnce() int {
	if models.IsPostgres(s.DB) {
		return batchesAtOnce
	}
	return 1
}

// untilNext says how long to sleep, and shows what is next.
func (s *Scheduler) untilNext(ctx context.Context, state *publisher) (time.Duration, error) {
	next, ok, err := models.NextFire(ctx, s.DB)
	if err != nil {
		return 0, err
	}
	now := s.now()
	s.publish(ctx, state, now, next)
	if !ok {
		return poll, nil
	}
	if wait := next.Sub(now); wait > 0 && wait <= poll && next != s.warmed {
		s.warmed = next
		s.warm(ctx, next)
	}
	switch wait := next.Sub(now); {
	case wait > 0:
		return min(wait, poll), nil
	case wait > -poll: // another scheduler is at it, or it fired while we looked
		return poll / 20, nil
	}
	return poll, nil // it is in trouble: do not look at nothing else
}

// warm reads in the quiet before a planned time what starting its runs needs, so
// that thousands that are planned together are not late for that.
func (s *Scheduler) warm(ctx context.Context, next time.Time) {
	ids, err := models.VersionsDue(ctx, s.DB, next)
	if err == nil && len(ids) > batch {
		err = s.Engine.Warm(ctx, ids)
	}
	if err != nil && ctx.Err() == nil {
		s.log().Debug("what is due next could not be read ahead", "error", err)
	}
}

// readClock sets ours by the database's: schedulers whose clocks differ must
// agree on what is due, or the one that is ahead fires for all the others.
func (s *Scheduler) readClock(ctx context.Context) error {
	if s.Now != nil {
		return nil
	}
	now, err := models.DatabaseNow(ctx, s.DB)
	if err == nil {
		s.ahead = time.Until(now)
	}
	return err
}

func (s *Scheduler) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return models.Now().Add(s.ahead).Truncate(time.Microsecond)
}

func (s *Scheduler) log() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}

func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
