package failures

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/columns"
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
	// Owner is the id of the person who sees to it from now on; "" for nobody, nil leaves who
	// does.
	Owner *string
	Tell  Tell // tells them; nil tells nobody
}

// Assign notes who sees to a group, or what somebody has to say of it; its state stays as it
// is. Nothing happens where that is so already.
func Assign(ctx context.Context, db *gorm.DB, id string, d Deed) error {
	err := models.Tx(ctx, db, func(tx *gorm.DB) error {
		return change(ctx, tx, id, d, "failure.assigned", func(f *Failure, _ *models.Workflow) error {
			if d.Note == "" && (d.Owner == nil || *d.Owner == f.owner()) {
				return errSo
			}
			return nil
		})
	})
	if errors.Is(err, errSo) {
		return nil
	}
	return err
}

// errSo ends a deed that would change nothing.
var errSo = errors.New("it is so already")

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
			f.changed(d)
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
				f.changed(d)
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
	if d.Note = columns.Shown(d.Note); len(d.Note) > longestNote {
		const message = "Write at most 2,000 characters."
		return &models.InvalidError{Code: "invalid_note", Message: message, Fields: []models.FieldError{{Path: "note", Code: "too_long", Message: message}}}
	}
	f, err := locked(ctx, tx, id)
	if err != nil {
		return err
	}
	w, err := models.WorkflowToRun(ctx, tx, f.WorkflowID)
	if err != nil {
		return err
	}
	before := map[string]any{"state": StateAt(&f, d.Now)}
	if err := to(&f, &w); err != nil {
		return err
	}
	said := after(f, d)
	if err := f.assign(ctx, tx, &w, d, before, said); err != nil {
		return err
	}
	if d.Note != "" {
		f.Note = d.Note
	}
	err = models.Changed("note what becomes of a failure", tx.WithContext(ctx).Model(&Failure{}).Where("id = ?", id).Updates(map[string]any{
		"state": f.State, "snoozed_until": f.SnoozedUntil, "solved_version": f.SolvedVersion, "note": f.Note, "owner_id": f.OwnerID, "changed_at": f.ChangedAt, "changed_by": f.ChangedBy,
	}))
	if err != nil {
		return err
	}
	return models.Record(ctx, tx, models.Act{
		Action: action, ObjectKind: "failure", ObjectID: id, ObjectName: w.Name + ": " + f.Sentence, Before: before, After: said,
	})
}

// locked is a group that a transaction has for itself.
func locked(ctx context.Context, tx *gorm.DB, id string) (Failure, error) {
	if !models.ValidID(id) {
		return Failure{}, models.ErrNotFound
	}
	query := tx.Where("id = ?", id)
	if models.IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	f, err := plain.Take[Failure](ctx, query)
	if err != nil {
		return f, fmt.Errorf("find why runs have failed: %w", models.Kind(err))
	}
	return f, nil
}

// changed notes whose deed it was, which State tells.
func (f *Failure) changed(d Deed) { f.ChangedAt, f.ChangedBy = &d.Now, d.By }

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
