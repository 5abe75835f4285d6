package bulk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/columns"
	"workflows/models/plain"
)

// pieceMost is with how many runs something is done in one transaction, piecesASecond about
// how many of these a second has: it goes on evenly, and can be stopped at any time.
const pieceMost, piecesASecond = 100, 4

// Turn is from when on the rate of one that is under way allows more.
type Turn struct {
	ID     string
	NextAt time.Time
}

// Due returns the turns of those that are under way, what is due longest first, at most 50.
func Due(ctx context.Context, db *gorm.DB) (turns []Turn, err error) {
	err = db.WithContext(ctx).Raw("SELECT id, next_at FROM bulks WHERE state = 'running' ORDER BY next_at, id LIMIT ?", listed).Scan(&turns).Error
	if err != nil {
		return nil, fmt.Errorf("find what is to be done with many runs: %w", models.Kind(err))
	}
	return turns, nil
}

// Take locks one that is under way and due and returns it with the runs that are next, as many
// as its rate allows at once and at most limit. One that is another worker's now, or is not
// due or under way any more, is models.ErrNotFound.
func Take(ctx context.Context, tx *gorm.DB, id string, now time.Time, limit int) (Bulk, []string, error) {
	query := tx.Where("id = ? AND state = 'running' AND next_at <= ?", id, now)
	if models.IsPostgres(tx) { // SQLite has one writer
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
	}
	b, err := plain.Take[Bulk](ctx, query)
	if err != nil {
		return b, nil, fmt.Errorf("take what is to be done with many runs: %w", models.Kind(err))
	}
	var next []string
	err = tx.WithContext(ctx).Raw("SELECT run_id FROM bulk_runs WHERE bulk_id = ? AND state = 'waiting' ORDER BY run_id LIMIT ?", id, b.piece(limit)).Scan(&next).Error
	if err != nil {
		return b, nil, fmt.Errorf("take the next runs: %w", models.Kind(err))
	}
	return b, next, nil
}

// piece is with how many runs something is done next.
func (b *Bulk) piece(limit int) int {
	return max(min(b.PerSecond/piecesASecond, pieceMost, limit), 1)
}

// Actor is whose deed it is.
func (b *Bulk) Actor() models.Actor {
	return models.Actor{Kind: b.ActorKind, ID: b.ActorID, Name: b.ActorName}
}

// Note writes down what has come of some of the runs of one that was taken in the same
// transaction, and from when on there may be more. Once none waits it is finished; without
// any runs it is, too.
func Note(ctx context.Context, tx *gorm.DB, b *Bulk, items []Item, now time.Time) error {
	if err := noteItems(ctx, tx, b.ID, items); err != nil {
		return err
	}
	for _, item := range items {
		if item.State == ItemDone {
			b.Done++
		} else {
			b.Failed++
		}
	}
	if now.After(b.NextAt) {
		b.NextAt = now
	}
	b.NextAt = b.NextAt.Add(time.Duration(len(items)) * time.Second / time.Duration(b.PerSecond))
	if len(items) == 0 || b.Done+b.Failed >= b.Total {
		b.State, b.FinishedAt = Finished, &now
	}
	err := models.Changed("note what has come of runs", tx.WithContext(ctx).Model(&Bulk{}).Where("id = ? AND state = 'running'", b.ID).
		Updates(map[string]any{"done": b.Done, "failed": b.Failed, "next_at": b.NextAt, "state": b.State, "finished_at": b.FinishedAt}))
	if err != nil || b.State != Finished {
		return err
	}
	return models.Record(models.WithActor(ctx, b.Actor()), tx, models.Act{
		Action: "bulk.finished", ObjectKind: "bulk", ObjectID: b.ID, ObjectName: Title(b),
		After: map[string]any{"done": b.Done, "failed": b.Failed, "total": b.Total},
	})
}

// noteItems writes down what has come of runs that waited; one that did not is an error, since
// it would count twice.
func noteItems(ctx context.Context, tx *gorm.DB, id string, items []Item) error {
	write := noteValues
	if models.IsPostgres(tx) {
		write = noteArrays
	}
	for part := range slices.Chunk(items, notedAtOnce) {
		noted := write(tx.WithContext(ctx), id, part)
		if noted.Error != nil {
			return fmt.Errorf("note what has come of runs: %w", models.Kind(noted.Error))
		}
		if noted.RowsAffected != int64(len(part)) {
			return fmt.Errorf("note what has come of %d runs, of which %d waited: %w", len(part), noted.RowsAffected, models.ErrConflict)
		}
	}
	return nil
}

// notedAtOnce keeps a statement within the number of parameters that SQLite takes.
const notedAtOnce = 1000

func noteArrays(tx *gorm.DB, id string, items []Item) *gorm.DB {
	return tx.Exec(`UPDATE bulk_runs SET state = g.state, code = g.code, message = g.message, new_run_id = g.new_run_id
		FROM unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::uuid[]) AS g (run_id, state, code, message, new_run_id)
		WHERE bulk_runs.bulk_id = ? AND bulk_runs.run_id = g.run_id AND bulk_runs.state = 'waiting'`,
		columns.Array(items, func(i Item) string { return i.RunID }),
		columns.Array(items, func(i Item) string { return i.State }),
		columns.Array(items, func(i Item) string { return i.Code }),
		columns.Array(items, func(i Item) string { return i.Message }),
		columns.Array(items, func(i Item) *string { return i.NewRunID }),
		id)
}

func noteValues(tx *gorm.DB, id string, items []Item) *gorm.DB {
	var values []any
	for _, item := range items {
		values = append(values, item.RunID, item.State, item.Code, item.Message, item.NewRunID)
	}
	return tx.Exec(`WITH g (run_id, state, code, message, new_run_id) AS (VALUES (?, ?, ?, ?, ?)`+strings.Repeat(", (?, ?, ?, ?, ?)", len(items)-1)+`)
		UPDATE bulk_runs SET state = g.state, code = g.code, message = g.message, new_run_id = g.new_run_id
		FROM g WHERE bulk_runs.bulk_id = ? AND bulk_runs.run_id = g.run_id AND bulk_runs.state = 'waiting'`, append(values, id)...)
}

// Clear removes a piece of what was over before a time: at most limit runs of the oldest such,
// and that itself once it has none. It reports how many are gone and whether there is more.
func Clear(ctx context.Context, db *gorm.DB, before time.Time, limit int) (removed int64, more bool, err error) {
	err = models.Tx(ctx, db, func(tx *gorm.DB) error {
		tx = tx.WithContext(ctx)
		var oldest []string
		err := tx.Raw("SELECT id FROM bulks WHERE state <> 'running' AND finished_at < ? ORDER BY id LIMIT 1", before).Scan(&oldest).Error
		if more = err == nil && len(oldest) > 0; !more {
			return err
		}
		items := tx.Exec("DELETE FROM bulk_runs WHERE bulk_id = ? AND run_id IN (SELECT run_id FROM bulk_runs WHERE bulk_id = ? ORDER BY run_id LIMIT ?)", oldest[0], oldest[0], limit)
		if items.Error != nil || items.RowsAffected == int64(limit) {
			return items.Error
		}
		whole := tx.Exec("DELETE FROM bulks WHERE id = ?", oldest[0])
		removed = whole.RowsAffected
		return whole.Error
	})
	if err != nil {
		return 0, false, fmt.Errorf("clear what was done with many runs: %w", err)
	}
	return removed, more, nil
}
