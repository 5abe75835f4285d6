package repair

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/failpoint"
	"workflows/worker/outage"
)

const (
	// ByRule is how a run was started that a rule has run again.
	ByRule = "rule"
	// later is when a run is looked at once more that cannot be run again just now.
	later = time.Minute
	// spoiled is when one is that spoils what is done with it.
	spoiled = time.Hour
)

// Ruler runs failed runs again whose turn has come by a rule (failures.Rule).
//
// A run's new one and the end of its turn are one transaction: a crash neither doubles nor
// loses one, and several processes share the work.
type Ruler struct {
	DB     *gorm.DB
	Engine *engine.Engine
	Log    *slog.Logger
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
	// Now is the clock; the database's when nil.
	Now func(ctx context.Context, db *gorm.DB) (time.Time, error)
}

// Run goes on until ctx ends, with at most pieceMost runs a second.
func (r *Ruler) Run(ctx context.Context) error {
	ruling := outage.NewChore(r.Log, "what is to be run again by itself waits", "what is to be run again by itself goes on", r.Database)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		began := time.Now()
		if err := r.look(ctx); ctx.Err() == nil {
			ruling.Note(began, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// look runs again what is due. What spoils it, and is no trouble of the database, is looked for
// run by run.
func (r *Ruler) look(ctx context.Context) error {
	now, any, err := r.due(ctx)
	if err != nil || !any {
		return err
	}
	taken, err := r.piece(ctx, now, pieceMost)
	if err == nil || models.Unreachable(err) || ctx.Err() != nil {
		return err
	}
	for range taken {
		one, err := r.piece(ctx, now, 1)
		if err == nil {
			continue
		}
		if models.Unreachable(err) || ctx.Err() != nil || len(one) == 0 {
			return err
		}
		r.Log.Error("a run cannot be run again by itself", "run_id", one[0], "error", err)
		if err := r.delay(ctx, one, now.Add(spoiled)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Ruler) due(ctx context.Context) (now time.Time, any bool, err error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	ask := r.Now
	if ask == nil {
		ask = models.DatabaseNow
	}
	if now, err = ask(ctx, r.DB); err != nil {
		return now, false, err
	}
	any, err = failures.AnyTurn(ctx, r.DB, now)
	return now, any, err
}

func (r *Ruler) delay(ctx context.Context, runIDs []string, until time.Time) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	return failures.DelayTurns(ctx, r.DB, runIDs, until)
}

// piece is one transaction, within a deadline of its own. It returns the runs whose turn it
// took, also after an error.
func (r *Ruler) piece(ctx context.Context, now time.Time, limit int) (taken []string, err error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	var started []models.Run
	err = models.Tx(ctx, r.DB, func(tx *gorm.DB) error {
		taken, started = nil, nil
		turns, err := failures.TakeTurns(ctx, tx, now, limit)
		if err != nil {
			return err
		}
		for _, turn := range turns {
			taken = append(taken, turn.RunID)
		}
		// Of each rule, and each number of tries, all at once.
		alike := func(a, b failures.Turn) int {
			return cmp.Or(cmp.Compare(a.FailureID, b.FailureID), cmp.Compare(a.Tries, b.Tries), cmp.Compare(a.RunID, b.RunID))
		}
		slices.SortFunc(turns, alike)
		for len(turns) > 0 {
			n := 1
			for n < len(turns) && turns[n].FailureID == turns[0].FailureID && turns[n].Tries == turns[0].Tries {
				n++
			}
			made, err := r.again(ctx, tx, turns[:n], now)
			if err != nil {
				return err
			}
			started, turns = append(started, made...), turns[n:]
		}
		failpoint.Hit("rules.before_commit")
		return nil
	})
	if err != nil {
		return taken, err
	}
	failpoint.Hit("rules.before_ring")
	r.Engine.Announce(context.WithoutCancel(ctx), started...)
	return taken, nil
}

// again runs those again whose turn has come alike and that are open still, and returns what
// it has started. Whose turn cannot be now waits; whose never can be loses it.
func (r *Ruler) again(ctx context.Context, tx *gorm.DB, turns []failures.Turn, now time.Time) (started []models.Run, err error) {
	var open, over, wait []string
	for _, turn := range turns {
		if turn.Open {
			open = append(open, turn.RunID)
		} else {
			over = append(over, turn.RunID)
		}
	}
	if len(open) == 0 {
		return nil, failures.EndTurns(ctx, tx, over)
	}
	seized, gone, err := runs.Seize(ctx, tx, open)
	if err != nil {
		return nil, err
	}
	over = append(over, gone...)
	rule := turns[0]
	made, err := r.Engine.RetryMany(ctx, tx, seized, engine.RetryRequest{From: rule.RetryFrom, Version: rule.RetryVersion, By: "by itself", Via: ByRule, Tries: rule.Tries + 1})
	if err != nil {
		return nil, err
	}
	trouble := ""
	for i, m := range made {
		if m.Err == nil {
			started, over = append(started, m.Run), append(over, seized[i].ID)
			continue
		}
		var p piece
		p.note(seized[i].ID, "", m.Err)
		trouble = p.items[0].Message
		if errors.As(m.Err, new(*models.LimitError)) || errors.As(m.Err, new(*models.UnavailableError)) {
			wait = append(wait, seized[i].ID)
		} else {
			over = append(over, seized[i].ID)
		}
	}
	if err := failures.EndTurns(ctx, tx, over); err != nil {
		return nil, err
	}
	if err := failures.DelayTurns(ctx, tx, wait, now.Add(later)); err != nil {
		return nil, err
	}
	return started, failures.NoteRetried(ctx, tx, rule.FailureID, len(started), trouble, now)
}
