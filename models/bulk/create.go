package bulk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
	"workflows/models/runs"
)

// Request asks for something to be done with many runs.
type Request struct {
	Action string
	// Runs are those that are meant. Of these only such are chosen with which it can be
	// done: runs that have not ended are not run again or deleted, ended ones not cancelled,
	// and one that has been run again already is not again, since its newest retry is.
	Runs runs.Filter
	// Asked is kept as what was asked for.
	Asked models.JSON
	// RetryFrom and RetryVersion are as in a single run's retry; "" for other actions.
	RetryFrom, RetryVersion string
	PerSecond               int // 1 to MostRate; 0 is UsualRate
	Via                     string
	// IdempotencyKey makes a second request the same; RequestHash tells whether it is.
	IdempotencyKey, RequestHash string
}

// possible are the states of runs with which it can be done.
func (r Request) possible() []string {
	if r.Action == Cancel {
		return []string{"queued", "running", "waiting"}
	}
	return []string{"succeeded", "failed", "cancelled"}
}

// Chosen returns the ids of the runs that a request means now, the oldest first, at most
// limit: of more, the newest.
func Chosen(ctx context.Context, db *gorm.DB, r Request, limit int) ([]string, error) {
	filter := r.Runs
	filter.Status = slices.DeleteFunc(r.possible(), func(state string) bool {
		return len(r.Runs.Status) > 0 && !slices.Contains(r.Runs.Status, state)
	})
	if len(filter.Status) == 0 {
		return nil, nil
	}
	filter.NotAgain = r.Action == Retry
	return runs.Matching(ctx, db, filter, limit)
}

// Create stores what is asked for with its runs, and a line in the audit log. More than
// MostRuns are a *models.InvalidError, and so is a key that was used for another request.
// Where no run is meant it is finished at once.
func Create(ctx context.Context, db *gorm.DB, r Request, now time.Time) (Bulk, error) {
	return create(ctx, db, r, now, MostRuns)
}

func create(ctx context.Context, db *gorm.DB, r Request, now time.Time, most int) (Bulk, error) {
	if before, found, err := createdBefore(ctx, db, r); found || err != nil {
		return before, err
	}
	ids, err := Chosen(ctx, db, r, most+1)
	if err != nil {
		return Bulk{}, err
	}
	if len(ids) > most {
		return Bulk{}, tooMany(most)
	}
	b := created(ctx, r, len(ids), now)
	err = models.Tx(ctx, db, func(tx *gorm.DB) error {
		if err := plain.Create(ctx, tx, &b); err != nil {
			return fmt.Errorf("store what is to be done: %w", models.Kind(err))
		}
		if err := insertItems(ctx, tx, b.ID, ids); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{
			Action: "bulk." + b.Action, ObjectKind: "bulk", ObjectID: b.ID, ObjectName: Title(&b),
			After: map[string]any{"filter": b.Asked, "total": b.Total, "per_second": b.PerSecond, "from": r.RetryFrom, "version": r.RetryVersion},
		})
	})
	if models.Unique(err) { // the same request came twice at once
		b, _, err = createdBefore(ctx, db, r)
	}
	return b, err
}

func created(ctx context.Context, r Request, total int, now time.Time) Bulk {
	actor := models.ActorOf(ctx)
	b := Bulk{
		ID: models.NewID(), Action: r.Action, Asked: r.Asked, RetryFrom: r.RetryFrom, RetryVersion: r.RetryVersion, PerSecond: min(max(cmp.Or(r.PerSecond, UsualRate), 1), MostRate),
		Total: int64(total), State: Running, RequestHash: r.RequestHash, ActorKind: actor.Kind, ActorID: actor.ID, ActorName: actor.Name, Via: r.Via, CreatedAt: now,
		NextAt: time.Unix(0, 0).UTC(), // at once, whatever a worker's clock says
	}
	if r.IdempotencyKey != "" {
		b.IdempotencyKey = &r.IdempotencyKey
	}
	if r.Runs.FailureID != "" {
		b.FailureID = &r.Runs.FailureID
	}
	if total == 0 {
		b.State, b.FinishedAt = Finished, &now
	}
	return b
}

// createdBefore finds what the key was used for.
func createdBefore(ctx context.Context, db *gorm.DB, r Request) (Bulk, bool, error) {
	if r.IdempotencyKey == "" {
		return Bulk{}, false, nil
	}
	found, err := plain.Find[Bulk](ctx, db.Where("idempotency_key = ?", r.IdempotencyKey))
	switch {
	case err != nil:
		return Bulk{}, false, fmt.Errorf("find what a key was used for: %w", models.Kind(err))
	case len(found) == 0:
		return Bulk{}, false, nil
	case found[0].RequestHash != r.RequestHash:
		return Bulk{}, false, &models.InvalidError{Code: "idempotency_mismatch", Message: "This key was used for another request. Choose a new one."}
	}
	return found[0], true, nil
}

func tooMany(most int) error {
	message := fmt.Sprintf("More than %d runs are meant. Choose fewer, for example those of a day.", most)
	return &models.InvalidError{Code: "too_many_runs", Message: message, Fields: []models.FieldError{{Path: "filter", Code: "too_many", Message: message}}}
}

func insertItems(ctx context.Context, tx *gorm.DB, id string, runIDs []string) error {
	if len(runIDs) == 0 {
		return nil
	}
	statement, list := "INSERT INTO bulk_runs (bulk_id, run_id, state) SELECT CAST(? AS uuid), value, 'waiting' FROM unnest(?::uuid[]) AS g (value)", any(&runIDs)
	if !models.IsPostgres(tx) {
		data, err := models.ToJSON(runIDs)
		if err != nil {
			return fmt.Errorf("list the runs: %w", err)
		}
		statement, list = "INSERT INTO bulk_runs (bulk_id, run_id, state) SELECT ?, value, 'waiting' FROM json_each(?)", string(data)
	}
	if err := tx.WithContext(ctx).Exec(statement, id, list).Error; err != nil {
		return fmt.Errorf("store with which runs: %w", models.Kind(err))
	}
	return nil
}
