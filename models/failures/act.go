package failures

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/plain"
	"workflows/models/runs"
)

// longestSnooze is for how many years a group is snoozed at most, longestNote how long a
// note is, in bytes.
const longestSnooze, longestNote = 1, 2000

// Deed is what somebody does about a group.
type Deed struct {
	By   string
	Now  time.Time
	Note string // takes the place of the one before; "" leaves that
}

// Acknowledge notes that a person has seen to a group, and settles its open failed runs; one
// that is solved stays so. It reports how many runs were settled, and whether there were too
// many for one call.
func Acknowledge(ctx context.Context, db *gorm.DB, id string, d Deed) (settled int64, more bool, err error) {
	return settle(ctx, db, id, d, "failure.acknowledged", func(f *Failure, _ *models.Workflow) {
		if f.State != Solved {
			f.State, f.SnoozedUntil = Seen, nil
		}
	})
}

// Solve notes that the version that is published now has solved it, and settles its open
// failed runs as Acknowledge does. It comes back when a run of that version or a later one
// fails so again.
func Solve(ctx context.Context, db *gorm.DB, id string, d Deed) (settled int64, more bool, err error) {
	return settle(ctx, db, id, d, "failure.solved", func(f *Failure, w *models.Workflow) {
		version := 0
		if w.Version != nil {
			version = *w.Version
		}
		f.State, f.SnoozedUntil, f.SolvedVersion = Solved, nil, &version
	})
}

// Snooze has nobody look at a group until a time. One that is solved comes back by itself.
func Snooze(ctx context.Context, db *gorm.DB, id string, until time.Time, d Deed) error {
	if !until.After(d.Now) {
		return badUntil("Choose a time that is still to come.")
	}
	if until.After(d.Now.AddDate(longestSnooze, 0, 0)) {
		return badUntil("Choose a time within a year.")
	}
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		return change(ctx, tx, id, d, "failure.snoozed", func(f *Failure, _ *models.Workflow) error {
			if f.State == Solved {
				return &models.ConflictError{Code: "solved", Message: "This is solved. It comes back by itself when a run fails so again."}
			}
			f.SnoozedUntil = &until
			return nil
		})
	})
}

func badUntil(message string) error {
	return &models.InvalidError{Code: "invalid_time", Message: message, Fields: []models.FieldError{{Path: "until", Code: "out_of_range", Message: message}}}
}

// settle changes a group and settles its runs, the first of them in the same transaction.
func settle(ctx context.Context, db *gorm.DB, id string, d Deed, action string, to func(f *Failure, w *models.Workflow)) (settled int64, more bool, err error) {
	return runs.SettleInPieces(ctx, db, func(tx *gorm.DB, first bool, limit int) (int64, error) {
		if first {
			err := change(ctx, tx, id, d, action, func(f *Failure, w *models.Workflow) error {
				to(f, w)
				return nil
			})
			if err != nil {
				return 0, err
			}
		}
		return runs.SettleGroup(ctx, tx, id, d.Now, d.By, limit)
	})
}

// change is one deed about a group, which is locked, with its line in the audit log.
func change(ctx context.Context, tx *gorm.DB, id string, d Deed, action string, to func(f *Failure, w *models.Workflow) error) error {
	if !models.ValidID(id) {
		return models.ErrNotFound
	}
	if len(d.Note) > longestNote {
		const message = "Write at most 2,000 characters."
		return &models.InvalidError{Code: "invalid_note", Message: message, Fields: []models.FieldError{{Path: "note", Code: "too_long", Message: message}}}
	}
	query := tx.Where("id = ?", id)
	if models.IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	f, err := plain.Take[Failure](ctx, query)
	if err != nil {
		return fmt.Errorf("find why runs have failed: %w", models.Kind(err))
	}
	w, err := models.WorkflowToRun(ctx, tx, f.WorkflowID)
	if err != nil {
		return err
	}
	was := StateAt(&f, d.Now)
	if err := to(&f, &w); err != nil {
		return err
	}
	if d.Note != "" {
		f.Note = d.Note
	}
	err = models.Changed("note what becomes of a failure", tx.WithContext(ctx).Model(&Failure{}).Where("id = ?", id).Updates(map[string]any{
		"state": f.State, "snoozed_until": f.SnoozedUntil, "solved_version": f.SolvedVersion, "note": f.Note, "changed_at": d.Now, "changed_by": d.By,
	}))
	if err != nil {
		return err
	}
	return models.Record(ctx, tx, models.Act{
		Action: action, ObjectKind: "failure", ObjectID: id, ObjectName: w.Name + ": " + f.Sentence,
		Before: map[string]any{"state": was}, After: after(f, d),
	})
}

// after is what the audit log says of a deed.
func after(f Failure, d Deed) map[string]any {
	said := map[string]any{"state": StateAt(&f, d.Now)}
	if f.SnoozedUntil != nil {
		said["until"] = f.SnoozedUntil.UTC().Format(time.RFC3339)
	}
	if f.State == Solved {
		said["version"] = *f.SolvedVersion
	}
	if d.Note != "" {
		said["note"] = d.Note
	}
	return said
}
