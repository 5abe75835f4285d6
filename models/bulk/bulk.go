// Package bulk is what somebody wants done with many runs at once: run again, cancel or
// delete all that meet a filter or have failed for one cause.
//
// Which runs are meant is settled when it is asked for (Create): each is a row, that says
// what has come of it. So what is shown before is what happens, numbers are right at every
// moment, and whoever goes on after a crash knows where. A worker (worker/repair) takes the
// next of them (Take), does to the runs what was asked and writes down what came of it
// (Note), all in one transaction.
//
// It may import models, models/{columns,plain,runs}.
package bulk

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// Actions are what can be done with many runs.
const (
	Retry  = "retry"
	Cancel = "cancel"
	Delete = "delete"
)

// Actions lists them.
func Actions() []string { return []string{Retry, Cancel, Delete} }

// States of what is done in bulk.
const (
	Running  = "running"
	Finished = "finished" // with all runs
	Stopped  = "stopped"  // by somebody, before the end
)

// States lists them.
func States() []string { return []string{Running, Finished, Stopped} }

// Bounds of what can be asked for.
const (
	// MostRuns is with how many runs something is done at once.
	MostRuns = 100_000
	// UsualRate and MostRate are runs per second.
	UsualRate, MostRate = 50, 1000
)

// Bulk is something that is done with many runs.
type Bulk struct {
	ID     string `gorm:"primaryKey"`
	Action string // retry, cancel or delete
	// Asked is which runs are meant, as it was asked for: what the API calls filter.
	Asked     models.JSON
	FailureID *string // the group whose runs are meant
	// RetryFrom and RetryVersion are as in a single run's retry; "" for other actions.
	RetryFrom, RetryVersion string
	PerSecond               int
	// Total runs are meant; with Done of them it was done, with Failed it could not be.
	Total, Done, Failed           int64
	State                         string
	IdempotencyKey                *string
	RequestHash                   string
	ActorKind, ActorID, ActorName string // whose deed it is
	Via                           string // page or api
	CreatedAt                     time.Time
	NextAt                        time.Time // from when on the rate allows the next
	StoppedBy                     string
	FinishedAt                    *time.Time
}

// TableName is what the database calls them.
func (Bulk) TableName() string { return "bulks" }

// States of one run of it.
const (
	ItemWaiting = "waiting"
	ItemDone    = "done"
	ItemFailed  = "failed"
)

// Item is one run of it, and what has come of it.
type Item struct {
	BulkID, RunID string `gorm:"primaryKey"`
	State         string
	// Code and Message say why it could not be done.
	Code, Message string
	NewRunID      *string // the run that was started
}

// TableName is what the database calls them.
func (Item) TableName() string { return "bulk_runs" }

// Get returns one.
func Get(ctx context.Context, db *gorm.DB, id string) (Bulk, error) {
	if !models.ValidID(id) {
		return Bulk{}, models.ErrNotFound
	}
	found, err := plain.Take[Bulk](ctx, db.Where("id = ?", id))
	if err != nil {
		return Bulk{}, fmt.Errorf("find what is done with many runs: %w", models.Kind(err))
	}
	return found, nil
}

// listed is how many are shown.
const listed = 50

// Newest returns those asked for last, the newest first, at most 50.
func Newest(ctx context.Context, db *gorm.DB) ([]Bulk, error) {
	found, err := plain.Find[Bulk](ctx, db.Order("id DESC").Limit(listed))
	if err != nil {
		return nil, fmt.Errorf("list what is done with many runs: %w", models.Kind(err))
	}
	return found, nil
}

// Reason is why it could not be done with some of the runs.
type Reason struct {
	Code, Message string // the message of one of them
	Number        int64
	ExampleID     string // the newest of these runs
}

// Reasons are why it could not be done, the most frequent first, at most 50.
func Reasons(ctx context.Context, db *gorm.DB, id string) (found []Reason, err error) {
	err = db.WithContext(ctx).Raw(`SELECT code, min(message) AS message, count(*) AS number, max(CAST(run_id AS text)) AS example_id FROM bulk_runs
		WHERE bulk_id = ? AND state = 'failed' GROUP BY code, message ORDER BY count(*) DESC, code LIMIT ?`, id, listed).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list why it could not be done: %w", models.Kind(err))
	}
	return found, nil
}

// Stop ends it where it is: no further run is taken once it has returned. Nothing happens to
// one that has ended.
func Stop(ctx context.Context, db *gorm.DB, id, by string, now time.Time) (Bulk, error) {
	var stopped Bulk
	err := models.Tx(ctx, db, func(tx *gorm.DB) error {
		changed := tx.WithContext(ctx).Model(&Bulk{}).Where("id = ? AND state = 'running'", id).
			Updates(map[string]any{"state": Stopped, "stopped_by": by, "finished_at": now})
		if changed.Error != nil {
			return fmt.Errorf("stop it: %w", models.Kind(changed.Error))
		}
		var err error
		if stopped, err = Get(ctx, tx, id); err != nil || changed.RowsAffected == 0 {
			return err
		}
		return models.Record(ctx, tx, models.Act{
			Action: "bulk.stopped", ObjectKind: "bulk", ObjectID: id, ObjectName: Title(&stopped),
			After: map[string]any{"done": stopped.Done, "failed": stopped.Failed, "total": stopped.Total},
		})
	})
	return stopped, err
}

// Title says what it is, as people and the audit log call it.
func Title(b *Bulk) string {
	what := map[string]string{Retry: "Run again", Cancel: "Cancel", Delete: "Delete"}[b.Action]
	if b.Total == 1 {
		return what + " 1 run"
	}
	return fmt.Sprintf("%s %d runs", what, b.Total)
}
