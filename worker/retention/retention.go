// Package retention removes what is over and older than it has to be kept: runs with
// their steps and payloads, the ledger of planned times, deliveries, alerts, and what
// steps remember that their workflows have no more. One process does it at a time, in
// bounded pieces, so that nobody waits behind it.
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
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/models/subscriptions"
	"workflows/models/told"
	"workflows/worker/duty"
	"workflows/worker/outage"
)

const (
	// every is the time between two rounds, breath the one between two pieces.
	every  = time.Hour
	breath = 20 * time.Millisecond
	// piece bounds one statement, pieceTime how long it may take, pieces how many of
	// one kind there are in a round.
	piece     = 1000
	pieceTime = 30 * time.Second
	pieces    = 2000
	// lead is how long a holder that is gone keeps the duty: about a round's length.
	lead    = 2 * time.Minute
	dutyFor = "retention"
)

// Kind is one kind of thing that is kept for a time.
type Kind struct {
	Name string // as people and logs call it, in the plural
	// Clear removes at most limit of those that were over before a time, the oldest
	// first, and reports how many.
	Clear func(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error)
}

// Kinds is everything that is kept for a time only.
var Kinds = []Kind{
	{"runs", runs.Clear},
	{"tries", runs.ClearTries},
	{"planned times", schedules.ClearPlanned},
	{"deliveries", models.ClearDeliveries},
	{"alerts", models.ClearAlerts},
	{"messages", told.ClearMessages},
	{"incidents", told.ClearIncidents},
	{"remembered items", models.ClearRemembered},
	{"tokens", models.ClearKeptTokens},
	{"calendars that were looked at", subscriptions.ClearLooks},
}

// Clearing removes what is too old.
type Clearing struct {
	DB   *gorm.DB
	Log  *slog.Logger
	Name string // who clears: unique among the processes
	// Keep is for how long things are kept after they were over.
	Keep time.Duration
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
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
		}
	}
}

func (c *Clearing) round(ctx context.Context, mine *duty.Duty) error {
	now, err := c.now(ctx)
	if err != nil {
		return err
	}
	for _, kind := range Kinds {
		cleared, err := c.clear(ctx, mine, kind, now.Add(-c.Keep))
		if cleared > 0 {
			c.Log.Info("removed what was kept long enough", "what", kind.Name, "count", cleared, "kept", c.Keep.String())
		}
		if err != nil {
			return fmt.Errorf("remove old %s: %w", kind.Name, err)
		}
	}
	return nil
}

// clear removes what there is of a kind, piece by piece, while the duty is ours.
func (c *Clearing) clear(ctx context.Context, mine *duty.Duty, kind Kind, before time.Time) (total int64, err error) {
	for range pieces {
		cleared, ours, err := c.piece(ctx, mine, kind, before)
		total += cleared
		if err != nil || !ours || cleared < piece {
			return total, err
		}
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(breath):
		}
	}
	return total, nil
}

func (c *Clearing) piece(ctx context.Context, mine *duty.Duty, kind Kind, before time.Time) (cleared int64, ours bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, pieceTime)
	defer cancel()
	if ours, err = mine.Mine(ctx); err != nil || !ours {
		return 0, ours, err
	}
	cleared, err = kind.Clear(ctx, c.DB, before, piece)
	return cleared, true, err
}

// now is the database's clock: a worker whose own is ahead must not remove early.
func (c *Clearing) now(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, pieceTime)
	defer cancel()
	return models.DatabaseNow(ctx, c.DB)
}
