// Package repair does what somebody wants done with many runs (models/bulk): it runs them
// again, cancels or deletes them, a piece at a time, as fast as was asked for. And it runs those
// again whose turn has come by a rule (rules.go).
//
// What is done to the runs of a piece, what has come of each, the numbers and the pace are
// one transaction. So a crash neither doubles nor loses one, several processes share the work,
// and whoever stops it has it stopped. A run with which it cannot be done says why and holds up
// no other.
package repair

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/failpoint"
	"workflows/worker/outage"
)

const (
	// every is the time between two looks while nothing is due; one is one statement.
	every = time.Second
	// taken is how long what is due is left to the worker that has it in hand just now.
	taken = 50 * time.Millisecond
	// pieceMost is how many runs a piece has at most.
	pieceMost = 100
)

// Repairer does what is to be done with many runs.
type Repairer struct {
	DB     *gorm.DB
	Engine *engine.Engine
	Log    *slog.Logger
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
	// Now is the clock by which the pace is kept; the database's when nil.
	Now func(ctx context.Context, db *gorm.DB) (time.Time, error)

	// careful is of how many further runs each is a piece of its own, since one of them, or
	// all at once, was too much.
	careful map[string]int
}

// Run goes on with what is under way until ctx ends.
func (r *Repairer) Run(ctx context.Context) error {
	repairing := outage.NewChore(r.Log, "what is to be done with many runs waits", "what is to be done with many runs goes on", r.Database)
	for {
		began := time.Now()
		wait, err := r.look(ctx)
		if ctx.Err() == nil {
			repairing.Note(began, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// look does a piece of all that is due, what waits longest first, and says when to look again.
func (r *Repairer) look(ctx context.Context) (wait time.Duration, err error) {
	turns, now, err := r.due(ctx)
	if err != nil || len(turns) == 0 {
		return every, err
	}
	done := 0
	for _, turn := range turns {
		if turn.NextAt.After(now) {
			break
		}
		took, err := r.turn(ctx, turn.ID)
		if err != nil || ctx.Err() != nil {
			return every, err
		}
		done += took
	}
	if done > 0 {
		return 0, nil
	}
	if next := turns[0].NextAt.Sub(now); next > 0 {
		return min(next, every), nil
	}
	return taken, nil
}

// due is what is under way, and the time.
func (r *Repairer) due(ctx context.Context) (turns []bulk.Turn, now time.Time, err error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	if turns, err = bulk.Due(ctx, r.DB); err != nil || len(turns) == 0 {
		return nil, now, err
	}
	now, err = r.now(ctx, r.DB)
	return turns, now, err
}

func (r *Repairer) now(ctx context.Context, db *gorm.DB) (time.Time, error) {
	if r.Now != nil {
		return r.Now(ctx, db)
	}
	return models.DatabaseNow(ctx, db)
}

// turn does the next piece of one, if no other worker does, and reports of how many runs. What
// spoils a piece, and is no trouble of the database, is looked for run by run.
func (r *Repairer) turn(ctx context.Context, id string) (took int, err error) {
	p := piece{Repairer: r, id: id, limit: pieceMost}
	if r.careful[id] > 0 {
		p.limit = 1
		r.careful[id]--
	} else {
		delete(r.careful, id)
	}
	err = p.do(ctx)
	switch {
	case err == nil:
		return len(p.items), nil
	case errors.Is(err, models.ErrNotFound):
		return 0, nil
	case len(p.runs) > 1:
		if r.careful == nil {
			r.careful = map[string]int{}
		}
		r.careful[id] = len(p.runs)
	case len(p.runs) == 1 && !models.Unreachable(err) && ctx.Err() == nil:
		r.Log.Error("what is to be done with many runs cannot be done with one of them", "bulk_id", id, "run_id", p.runs[0], "error", err)
		spoiled := piece{Repairer: r, id: id, limit: 1, spoiled: p.runs[0]}
		err := spoiled.do(ctx)
		return len(spoiled.items), err
	}
	if models.Unreachable(err) || ctx.Err() != nil {
		return 0, err
	}
	return 1, nil // again at once, run by run
}

// piece is what one transaction does.
type piece struct {
	*Repairer
	id      string
	limit   int    // of how many runs
	spoiled string // the run with which it cannot be done at all

	runs  []string    // those that are next
	items []bulk.Item // what has come of them
	after func()      // once it is committed
}

// do does it, within a deadline of its own.
func (p *piece) do(ctx context.Context) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	err := models.Tx(ctx, p.DB, func(tx *gorm.DB) error {
		p.runs, p.items, p.after = nil, nil, func() {}
		now, err := p.now(ctx, tx)
		if err != nil {
			return err
		}
		b, next, err := bulk.Take(ctx, tx, p.id, now, p.limit)
		if err != nil {
			return err
		}
		if p.runs = next; len(next) > 0 {
			if err := p.act(models.WithActor(ctx, b.Actor()), tx, &b); err != nil {
				return err
			}
			if len(p.items) == 0 { // others have all of them in hand
				return nil
			}
		}
		failpoint.Hit("repair.before_note")
		if err := bulk.Note(ctx, tx, &b, p.items, now); err != nil {
			return err
		}
		failpoint.Hit("repair.before_commit")
		return nil
	})
	if err != nil {
		return err
	}
	failpoint.Hit("repair.before_ring")
	p.after()
	return nil
}

// act does to the runs what is asked for.
func (p *piece) act(ctx context.Context, tx *gorm.DB, b *bulk.Bulk) error {
	if p.spoiled != "" && p.spoiled == p.runs[0] {
		p.refuse(p.spoiled, "internal", "It cannot be done with this run, for a reason that the log of the workers has. Tell your administrator.")
		return nil
	}
	seized, gone, err := runs.Seize(ctx, tx, p.runs)
	if err != nil {
		return err
	}
	for _, id := range gone {
		p.note(id, "", models.ErrNotFound)
	}
	if len(seized) == 0 {
		return nil
	}
	switch b.Action {
	case bulk.Retry:
		return p.retry(ctx, tx, b, seized)
	case bulk.Cancel:
		return p.cancel(ctx, tx, b, seized)
	case bulk.Delete:
		return p.remove(ctx, tx, b, seized)
	}
	for _, run := range seized { // a newer program knows it
		p.refuse(run.ID, "unknown_action", "This program does not know what was to be done. Ask for it again once the programs are up to date.")
	}
	return nil
}
