// Package restored is how an installation goes on that was brought back from a backup
// (models/archive). Until a person says so no worker takes anything: the installation that
// the backup is of may have worked on, and what it has done must not be done again.
//
// A person answers one question, whether it has worked on since. Where it may have, runs
// that were not finished end, planned times and deadlines that have passed are passed
// over, and messages that were due are not sent; nothing is done twice, and each of these
// runs can be run again by hand. Where it has not,
// everything goes on as after an outage. What was accepted after the restore starts in
// either case.
package restored

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/models/told"
	"workflows/worker/alerts"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// How it goes on.
const (
	// End: the other installation may have worked on.
	End = "end"
	// Continue: it has not.
	Continue = "continue"
)

// Standing is what waits for the answer.
type Standing struct {
	models.Restored
	// Runs are the unfinished ones of the backup, by workflow, and all together.
	Runs                     []runs.RestoredCount
	Queued, Running, Waiting int64
	// Passed are the planned times that nobody has accounted for, by schedule; Times all
	// of them, of which there may be More.
	Passed []schedule.Unaccounted
	Times  int
	More   bool
}

// Unfinished is how many runs of the backup were.
func (s Standing) Unfinished() int64 { return s.Queued + s.Running + s.Waiting }

// Look tells what waits; nil when nothing does.
func Look(ctx context.Context, db *gorm.DB) (*Standing, error) {
	waits, err := models.RestoredFrom(ctx, db)
	if err != nil || waits == nil {
		return nil, err
	}
	now, err := models.DatabaseNow(ctx, db)
	if err != nil {
		return nil, err
	}
	s := &Standing{Restored: *waits}
	if s.Runs, err = runs.CountRestored(ctx, db); err != nil {
		return nil, err
	}
	for _, of := range s.Runs {
		s.Queued, s.Running, s.Waiting = s.Queued+of.Queued, s.Running+of.Running, s.Waiting+of.Waiting
	}
	if s.Passed, err = schedule.AllUnaccounted(ctx, db, now); err != nil {
		return nil, err
	}
	for _, of := range s.Passed {
		s.Times, s.More = s.Times+of.Times, s.More || of.More
	}
	return s, nil
}

// atOnce is how many runs end in one transaction.
const atOnce = 1000

// GoOn has the workers go on. by names the person. Where nothing waits it is a
// *models.ConflictError. What it has begun and not ended, as when the process dies, is
// done by the next call.
func GoOn(ctx context.Context, db *gorm.DB, how, by string) error {
	if how != End && how != Continue {
		return &models.InvalidError{Code: "invalid_choice", Message: "Choose how it goes on.", Fields: []models.FieldError{{Path: "how", Code: "invalid_value", Message: "Choose one of the two."}}}
	}
	waits, err := models.RestoredFrom(ctx, db)
	if err != nil {
		return err
	}
	if waits == nil {
		return nothingWaits()
	}
	now, err := models.DatabaseNow(ctx, db)
	if err != nil {
		return err
	}
	ended := 0
	if how == End {
		if ended, err = end(ctx, db, *waits, by, now); err != nil {
			return err
		}
	}
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		mine, err := models.EndRestored(ctx, tx)
		if err == nil && !mine {
			err = nothingWaits()
		}
		if err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{
			Action: "backup.went_on", ObjectKind: "backup", ObjectName: stamp(waits.MadeAt),
			After: map[string]any{"how": how, "runs_ended": ended, "restored_at": waits.RestoredAt},
		})
	})
}

func nothingWaits() error {
	return &models.ConflictError{Code: "nothing_waits", Message: "Nothing waits any more: somebody has said already how it goes on."}
}

// end ends what was not finished and passes over what was planned.
func end(ctx context.Context, db *gorm.DB, waits models.Restored, by string, now time.Time) (ended int, err error) {
	reason := fmt.Sprintf("Ended by %s: this run comes from a backup of %s, was not finished then, and may have been done elsewhere since. If it was not, run it again.", by, stamp(waits.MadeAt))
	for {
		n, err := runs.CancelRestored(ctx, db, workflow.Failure{Code: "cancelled", Message: reason}.Stored(), now, atOnce)
		if err != nil {
			return ended, err
		}
		if ended += n; n < atOnce {
			break
		}
	}
	if err := schedule.PassOver(ctx, db, now, fmt.Sprintf("The system was brought back from a backup of %s, so this may have run elsewhere.", stamp(waits.MadeAt))); err != nil {
		return ended, err
	}
	if err := alerts.PassOver(ctx, db, now); err != nil {
		return ended, err
	}
	return ended, told.PassOver(ctx, db, waits.RestoredAt, "Not sent: the system was brought back from a backup, and this may have been sent before.")
}

func stamp(at time.Time) string { return at.UTC().Format("2 January 2006, 15:04 UTC") }
