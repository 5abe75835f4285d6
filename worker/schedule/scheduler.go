package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/engine"
	"workflows/worker/outage"
	"workflows/worker/queue"
)

const (
	// Grace is how late a planned time may be and still run as planned.
	Grace = 60 * time.Second
	// poll bounds the sleep: another process may publish something sooner.
	poll = time.Second
	// lookAhead is how long before many are due they are looked at.
	lookAhead = 5 * time.Second
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
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
	Now      func() time.Time // the database's clock when nil
	Name     string           // who schedules, as people read it: host and process

	unread    unread
	endless   map[string]bool // workflows and schedules whose pause could not end
	warmed    time.Time       // the next time that was looked at ahead
	foresight *foresight
	heeded    string        // the last schedule whose zone was looked at, with newer data
	ahead     time.Duration // of the database's clock, before ours
}

// Run fires schedules until ctx ends. What keeps it from that is told once when it
// begins and once when it is over.
func (s *Scheduler) Run(ctx context.Context) error {
	firing := outage.NewChore(s.log(), "schedules do not fire", "schedules fire again", s.Database)
	r := rounds{
		resuming:  outage.NewChore(s.log(), "pauses do not end by themselves", "pauses end by themselves again", s.Database),
		reckoning: outage.NewChore(s.log(), "next times are not reckoned anew", "next times are reckoned anew again", s.Database),
	}
	for ctx.Err() == nil {
		began := time.Now()
		wait, err := retryAfter, s.readClock(ctx)
		if err == nil {
			err = s.resumeWhenDue(ctx, s.now(), &r)
		}
		if err == nil {
			s.rereadWhenDue(ctx, s.now(), &r)
			err = s.Tick(ctx)
		}
		if err == nil {
			wait, err = s.untilNext(ctx, &r.published)
		}
		if ctx.Err() == nil {
			firing.Note(began, err)
		}
		sleep(ctx, wait)
	}
	return nil
}

// rounds is what one round leaves to the next: when which of its parts was done.
type rounds struct {
	resumed, reread, published time.Time
	resuming, reckoning        *outage.Chore
}

// Tick fires everything that is due now. What one schedule cannot do holds no
// other up; only a database that cannot be reached ends the tick early.
func (s *Scheduler) Tick(ctx context.Context) error {
	if due, err := s.anyDue(ctx); err != nil || !due {
		return err
	}
	results := make([]tickResult, s.atOnce())
	var group errgroup.Group
	for i := range results {
		group.Go(func() error { return s.fireDue(ctx, &results[i]) })
	}
	err := group.Wait()
	for _, t := range results {
		s.Engine.Announce(ctx, t.started...)
	}
	return err
}

// anyDue reports whether there is anything to fire, at the cost of one question instead of
// a transaction of each of those who fire.
func (s *Scheduler) anyDue(ctx context.Context) (bool, error) {
	if s.foresight.has(s.now()) {
		return true, nil
	}
	ctx, done := models.Bounded(ctx)
	defer done()
	next, ok, err := schedules.NextFire(ctx, s.DB, nil)
	return ok && !next.After(s.now()), err
}

// fireDue fires first what was made ready, then what is left.
func (s *Scheduler) fireDue(ctx context.Context, t *tickResult) error {
	for part := s.foresight.part(s.now()); part != nil && ctx.Err() == nil; part = s.foresight.part(s.now()) {
		err := s.firePart(ctx, t, part)
		if err == nil {
			continue
		}
		if errors.Is(err, models.ErrUnavailable) || ctx.Err() != nil {
			return fmt.Errorf("fire schedules: %w", err)
		}
		s.log().Warn("schedules that were made ready fire as usual", "error", err)
		break
	}
	for ctx.Err() == nil {
		if more, err := s.fireBatch(ctx, t); err != nil || !more {
			return err
		}
	}
	return ctx.Err()
}

func (s *Scheduler) atOnce() int {
	if models.IsPostgres(s.DB) {
		return batchesAtOnce
	}
	return 1
}

// untilNext says how long to sleep, and shows what is next.
func (s *Scheduler) untilNext(ctx context.Context, published *time.Time) (time.Duration, error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	next, ok, err := schedules.NextFire(ctx, s.DB, s.unread.ids())
	if err != nil {
		return retryAfter, err
	}
	now := s.now()
	s.publish(ctx, published, now, next)
	if !ok {
		return poll, nil
	}
	if wait := next.Sub(now); wait > 0 && wait <= lookAhead && next != s.warmed {
		s.warmed = next
		if err := s.readAhead(ctx, next); err != nil && ctx.Err() == nil {
			s.log().Debug("what is due next could not be read ahead", "error", err)
		}
	}
	switch wait := next.Sub(s.now()); {
	case wait > 0:
		return min(wait, poll), nil
	case wait > -poll: // another scheduler is at it, or it fired while we looked
		return poll / 20, nil
	}
	return poll, nil // it is in trouble: do not look at nothing else
}

// readAhead does in the quiet before a planned time what can be done of it, so that
// thousands that are planned together are not late for that: on PostgreSQL all but the
// writing, on SQLite, which has one writer, the reading of what shall start.
func (s *Scheduler) readAhead(ctx context.Context, next time.Time) (err error) {
	if models.IsPostgres(s.DB) {
		s.foresight, err = s.foreseeMany(ctx, next, batch)
		return err
	}
	ids, err := schedules.VersionsDue(ctx, s.DB, next)
	if err == nil && len(ids) > batch {
		err = s.Engine.Warm(ctx, ids)
	}
	return err
}

// readClock sets ours by the database's: schedulers whose clocks differ must
// agree on what is due, or the one that is ahead fires for all the others.
func (s *Scheduler) readClock(ctx context.Context) error {
	if s.Now != nil {
		return nil
	}
	ctx, done := models.Bounded(ctx)
	defer done()
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

func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
