// Package retention removes what is over and older than it has to be kept: runs with
// their steps and payloads, the ledger of planned times, deliveries, alerts, and what
// steps remember that their workflows have no more. One process does it at a time, in
// bounded pieces with a rest after each, so that nobody waits behind it.
// (Sessions end by the rules of app/auth, which removes them.)
//
// Each kind is one entry of Kinds, and its query in models says what of it stays
// whatever its age. Nothing else deletes for age, and nothing here decides anything
// but when: what is unfinished, or needed by something unfinished, is never looked at.
package retention

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/failures"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/models/subscriptions"
	"workflows/models/told"
	"workflows/worker/duty"
	"workflows/worker/outage"
)

const (
	// every is the time between two rounds, kindTime how long one kind may take in a round,
	// so that the others have their turn.
	every    = time.Hour
	kindTime = 20 * time.Minute
	// piece bounds one statement, pieceTime how long it may take.
	piece     = 500
	pieceTime = 30 * time.Second
	// breath is how many times as long as a piece took nothing is removed after it, so that
	// a database that is busy has more time.
	breath = 4
	// lead is how long a holder that is gone keeps the duty: about a round's length.
	lead    = 2 * time.Minute
	dutyFor = "retention"
)

// Kind is one kind of thing that is kept for a time.
type Kind struct {
	Name string // as people and logs call it, in the plural
	// Clear removes a piece of those that were over in time, and reports how many and
	// from where on it is to look for more; "" is the beginning, and the end.
	Clear func(ctx context.Context, db *gorm.DB, t Times, from string) (removed int64, next string, err error)
}

// Times are when a round began and how long things are kept.
type Times struct {
	Now  time.Time
	Days int
}

func (t Times) before() time.Time { return t.Now.AddDate(0, 0, -t.Days) }

// Kinds is everything that is kept for a time only.
var Kinds = []Kind{
	{"runs", func(ctx context.Context, db *gorm.DB, t Times, from string) (int64, string, error) {
		return runs.Clear(ctx, db, t.before(), from, piece)
	}},
	{"runs of workflows with a time of their own", func(ctx context.Context, db *gorm.DB, t Times, from string) (int64, string, error) {
		return runs.ClearKept(ctx, db, t.Now, t.Days, from, piece)
	}},
	{"tries", oldest(runs.ClearTries)},
	{"causes of failures", oldest(failures.Clear)}, // of runs that are gone
	{"planned times", oldest(schedules.ClearPlanned)},
	{"deliveries", oldest(models.ClearDeliveries)},
	{"alerts", oldest(models.ClearAlerts)},
	{"messages", oldest(told.ClearMessages)},
	{"incidents", oldest(told.ClearIncidents)},
	{"remembered items", oldest(models.ClearRemembered)},
	{"tokens", oldest(models.ClearKeptTokens)},
	{"what was done with many runs", func(ctx context.Context, db *gorm.DB, t Times, _ string) (int64, string, error) {
		removed, more, err := bulk.Clear(ctx, db, t.before(), piece)
		if !more {
			return removed, "", err
		}
		return removed, "again", err
	}},
	{"links to runs", oldestBefore(runs.ClearRunLinks, func(t Times) time.Time { return t.Now })}, // they have an end of their own
	{"calendars that were looked at", oldest(subscriptions.ClearLooks)},
}

// oldest is for what removes the oldest of a kind each time, of which little stays that is old.
func oldest(clear clearFunc) func(context.Context, *gorm.DB, Times, string) (int64, string, error) {
	return oldestBefore(clear, Times.before)
}

// clearFunc removes at most limit that were over before a time, and says how many.
type clearFunc = func(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error)

func oldestBefore(clear clearFunc, before func(Times) time.Time) func(context.Context, *gorm.DB, Times, string) (int64, string, error) {
	return func(ctx context.Context, db *gorm.DB, t Times, _ string) (int64, string, error) {
		removed, err := clear(ctx, db, before(t), piece)
		if removed < piece {
			return removed, "", err
		}
		return removed, "again", err
	}
}

// Clearing removes what is too old.
type Clearing struct {
	DB   *gorm.DB
	Log  *slog.Logger
	Name string // who clears: unique among the processes
	// Days is for how many days things are kept after they were over.
	Days int
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller

	from map[string]string // where each kind goes on that was not through when its time was over
}

// Run clears now and every hour until ctx ends.
func (c *Clearing) Run(ctx context.Context) error {
	mine := duty.Duty{DB: c.DB, Name: dutyFor, Holder: c.Name, Length: lead}
	clearing := outage.NewChore(c.Log, "nothing that is too old is removed", "what is too old is removed again", c.Database)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		began := time.Now()
		err := c.round(ctx, &mine)
		if ctx.Err() == nil {
			clearing.Note(began, err)
		}
		select {
		case <-ctx.Done():
			if err := mine.Leave(ctx); err != nil { // it runs out by itself
				c.Log.Debug("the duty to remove what is too old could not be handed over", "error", err)
			}
			return nil
		case <-ticker.C:
		case <-c.more(err):
		}
	}
}

// more is ready at once where there is more to remove than a round had time for.
func (c *Clearing) more(err error) <-chan time.Time {
	if err != nil || len(c.from) == 0 {
		return nil
	}
	return time.After(0)
}

func (c *Clearing) round(ctx context.Context, mine *duty.Duty) error {
	now, err := c.now(ctx)
	if err != nil {
		return err
	}
	for _, kind := range Kinds {
		cleared, err := c.clear(ctx, mine, kind, Times{now, c.Days})
		if cleared > 0 {
			c.Log.Info("removed what was kept long enough", "what", kind.Name, "count", cleared)
		}
		if err != nil {
			return fmt.Errorf("remove old %s: %w", kind.Name, err)
		}
	}
	return nil
}

// clear removes what there is of a kind, piece by piece, while the duty is ours.
func (c *Clearing) clear(ctx context.Context, mine *duty.Duty, kind Kind, t Times) (total int64, err error) {
	from := c.from[kind.Name]
	delete(c.from, kind.Name)
	for began := time.Now(); ; {
		pieceBegan := time.Now()
		cleared, next, err := c.piece(ctx, mine, kind, t, from)
		total += cleared
		if err != nil || next == "" {
			return total, err
		}
		if from = next; time.Since(began) > kindTime {
			if c.from == nil {
				c.from = map[string]string{}
			}
			c.from[kind.Name] = from
			return total, nil
		}
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(breath * time.Since(pieceBegan)):
		}
	}
}

// piece removes one; where the duty is another's, none is left.
func (c *Clearing) piece(ctx context.Context, mine *duty.Duty, kind Kind, t Times, from string) (cleared int64, next string, err error) {
	ctx, cancel := context.WithTimeout(ctx, pieceTime)
	defer cancel()
	if ours, err := mine.Mine(ctx); err != nil || !ours {
		return 0, "", err
	}
	return kind.Clear(ctx, c.DB, t, from)
}

// now is the database's clock: a worker whose own is ahead must not remove early.
func (c *Clearing) now(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, pieceTime)
	defer cancel()
	return models.DatabaseNow(ctx, c.DB)
}
