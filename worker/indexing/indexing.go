// Package indexing makes runs findable: behind them, and outside of what starts and ends
// them, it stores the words of what they were given and gave (models/runs, texts.go). One
// process does it at a time, in bounded pieces.
//
// It keeps no mark of what is done: a run needs a text where it has none, or one of before
// its end. So nothing is lost by a crash, two that do the same do no harm, and what is there
// of before is gone through like anything that was missed. There are three ways to look:
//
//   - Every two seconds at the runs that have come into one of four ages since the last look:
//     a second, in which many end; some seconds, twice; and half a minute, by which whatever
//     is being committed late is there. Most are stored once, when they have ended; what has
//     not at the last of these ages is stored all the same, so that what waits for days is
//     found too.
//   - At those that were stored before their end, whether they have ended.
//   - Once a day, and when a process begins, at all runs, the newest first, with breath
//     between: those of before there was an index, those that a backup brought, and those
//     that came with the time of a clock that is wrong.
//
// What is stored in runs and steps has no value of a secret in it, and nothing else is read.
package indexing

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/duty"
	"workflows/worker/outage"
)

const (
	// every is the time between two looks at what is new.
	every = 2 * time.Second
	// late is how long before a look what it did not see may have begun to be committed.
	late = 2 * models.Patience
	// looked is how many runs are looked at in one statement, openLooks in how many of them
	// at those that had not ended, piece how many are read and stored in one.
	looked, openLooks, piece = 1000, 10, 50
	// whole is the time between two looks at all runs, breath the least pause in one.
	whole, breath = 24 * time.Hour, 20 * time.Millisecond
	// lead is how long a holder that is gone keeps the duty.
	lead    = 15 * time.Second
	dutyFor = "indexing"
)

// ages are those at which runs are looked at; at the last one also those that have not ended
// are stored. None is at the moment at which thousands start.
var ages = [...]time.Duration{time.Second, 5 * time.Second, 15 * time.Second, late}

// highest comes behind every id.
const highest = "ffffffff-ffff-ffff-ffff-ffffffffffff"

// Indexer stores what runs are found by.
type Indexer struct {
	DB   *gorm.DB
	Log  *slog.Logger
	Name string // who does it: unique among the processes
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller

	mine *duty.Duty
	have bool              // the duty, since the last look
	from [len(ages)]string // where the next look at what has come into this age begins
	open string            // behind which of those that had not ended the next look at them begins
	back string            // before which run the look at all of them goes on; "" while there is none
	done time.Time         // when it was done last
}

// Run looks until ctx ends.
func (x *Indexer) Run(ctx context.Context) error {
	x.mine = &duty.Duty{DB: x.DB, Name: dutyFor, Holder: x.Name, Length: lead}
	indexing := outage.NewChore(x.Log, "runs that end now are not found by their words", "runs are found by their words again", x.Database)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		began := time.Now()
		err := x.round(ctx)
		if ctx.Err() == nil {
			indexing.Note(began, err)
		}
		select {
		case <-ctx.Done():
			if err := x.mine.Leave(ctx); err != nil { // it runs out by itself
				x.Log.Debug("the duty to make runs findable could not be handed over", "error", err)
			}
			return nil
		case <-ticker.C:
		}
	}
}

// round looks at what is new, and in what is left of the time at all.
func (x *Indexer) round(ctx context.Context) error {
	began := time.Now()
	now, err := x.now(ctx)
	if err != nil {
		return err
	}
	if err := x.look(ctx, now); err != nil {
		return err
	}
	for x.have && x.back != "" && time.Since(began) < every {
		if err := x.lookBack(ctx); err != nil {
			return err
		}
		if err := rest(ctx, breath); err != nil {
			return err
		}
	}
	return nil
}

// look looks at what was accepted since the last time, and whether what had not ended has.
func (x *Indexer) look(ctx context.Context, now time.Time) error {
	had := x.have
	var err error
	if x.have, err = x.ours(ctx); err != nil || !x.have {
		return err
	}
	if !had {
		x.open, x.back = models.BeforeAllIDs, highest
		for i := range ages {
			x.from[i] = models.FirstID(now.Add(-2 * late))
		}
	}
	if x.back == "" && time.Since(x.done) > whole {
		x.back = highest
	}
	if err := x.lookAtNew(ctx, now); err != nil {
		return err
	}
	for range openLooks {
		ended, next, err := x.ended(ctx)
		if err != nil {
			return err
		}
		if err := x.store(ctx, ended, highest, 0); err != nil {
			return err
		}
		if x.open = next; next == "" {
			x.open = models.BeforeAllIDs
			return nil
		}
	}
	return nil
}

func (x *Indexer) lookAtNew(ctx context.Context, now time.Time) error {
	for i, age := range ages {
		to := models.FirstID(now.Add(-age))
		young := models.BeforeAllIDs
		if age == late {
			young = to
		}
		if err := x.lookBetween(ctx, x.from[i], to, young); err != nil {
			return err
		}
		x.from[i] = to
	}
	return nil
}

// lookBetween looks at the runs from an id on and before another; those from the id young
// on that have not ended are left for later.
func (x *Indexer) lookBetween(ctx context.Context, from, to, young string) error {
	for {
		marked, err := x.marked(ctx, func(ctx context.Context) ([]runs.Marked, error) {
			return runs.MarkedBetween(ctx, x.DB, from, to, looked)
		})
		if err != nil {
			return err
		}
		if err := x.store(ctx, without(marked), young, 0); err != nil || len(marked) < looked {
			return err
		}
		from = marked[looked-1].ID
	}
}

// lookBack looks at the next of all runs.
func (x *Indexer) lookBack(ctx context.Context) error {
	marked, err := x.marked(ctx, func(ctx context.Context) ([]runs.Marked, error) {
		return runs.MarkedBefore(ctx, x.DB, x.back, looked)
	})
	if err != nil {
		return err
	}
	// What has not ended is for those that look at what is new, as long as it may be late.
	if err := x.store(ctx, without(marked), x.from[len(ages)-1], breath); err != nil {
		return err
	}
	next := ""
	if len(marked) == looked {
		next = marked[looked-1].ID
	}
	if err := x.removeLeft(ctx, cmp.Or(next, models.BeforeAllIDs), x.back); err != nil {
		return err
	}
	if x.back = next; next == "" {
		x.done = time.Now()
	}
	return nil
}

// without are those that have no text.
func without(marked []runs.Marked) []string {
	var ids []string
	for _, run := range marked {
		if !run.Stored {
			ids = append(ids, run.ID)
		}
	}
	return ids
}

// store stores what runs are found by, in pieces, with a pause behind each that is as long
// as it took, at least so long; 0 is none. Those from an id on that have not ended are left
// for later.
func (x *Indexer) store(ctx context.Context, ids []string, young string, pause time.Duration) error {
	for some := range slices.Chunk(ids, piece) {
		began := time.Now()
		if ours, err := x.ours(ctx); err != nil || !ours {
			return err
		}
		if err := x.storeEach(ctx, some, young); err != nil {
			return err
		}
		if pause > 0 {
			if err := rest(ctx, max(pause, time.Since(began))); err != nil {
				return err
			}
		}
	}
	return nil
}

// storeEach stores a piece, one by one where that fails: one run that cannot be read or
// stored, or is too large, keeps no other from being found.
func (x *Indexer) storeEach(ctx context.Context, ids []string, young string) error {
	err := x.storePiece(ctx, ids, young)
	if err == nil || ctx.Err() != nil || models.Unreachable(err) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	for _, id := range ids {
		if err := x.storePiece(ctx, []string{id}, young); err != nil {
			if ctx.Err() != nil || models.Unreachable(err) {
				return err
			}
			x.Log.Warn("a run is not found by its words", "run_id", id, "error", err)
		}
	}
	return nil
}

func (x *Indexer) storePiece(ctx context.Context, ids []string, young string) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	contents, err := runs.ReadContents(ctx, x.DB, ids)
	if err != nil {
		return err
	}
	texts := make([]runs.Text, 0, len(contents))
	for _, content := range contents {
		if text := textOf(content); text.Ended || text.RunID < young {
			texts = append(texts, text)
		}
	}
	return runs.StoreTexts(ctx, x.DB, texts)
}

// Each of these is one statement with a deadline of its own.

func (x *Indexer) ours(ctx context.Context) (bool, error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	return x.mine.Mine(ctx)
}

// now is the database's clock: runs are not passed over because that of a worker is ahead.
func (x *Indexer) now(ctx context.Context) (time.Time, error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	return models.DatabaseNow(ctx, x.DB)
}

func (x *Indexer) ended(ctx context.Context) (ended []string, next string, err error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	return runs.EndedSince(ctx, x.DB, x.open, looked)
}

func (x *Indexer) marked(ctx context.Context, read func(context.Context) ([]runs.Marked, error)) ([]runs.Marked, error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	return read(ctx)
}

func (x *Indexer) removeLeft(ctx context.Context, first, last string) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	return runs.RemoveLeftTexts(ctx, x.DB, first, last)
}

// rest waits so long, or until ctx ends.
func rest(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}
