// Package drafts is what the drafts of workflows were lately: a row for each revision, with
// who made it so by which change, and where Undo and Redo lead from there.
//
// Rows are only added, so that a form finds the draft that it was opened with: Undo, too,
// makes a new revision, which is what an older one was. Only the newest ones are kept.
//
// It may import models and models/plain, and nothing else of ours.
package drafts

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

const (
	// Kept is how many changes of a workflow's draft are kept, and KeptPassing how many of
	// the states in between that no Undo leads to.
	Kept        = 200
	KeptPassing = 100
	// largest is what a definition that is read back may have, far above what one has.
	largest = 16 << 20
)

// Change is one revision of a draft, and the change that led to it.
type Change struct {
	WorkflowID string `gorm:"primaryKey"`
	Revision   int64  `gorm:"primaryKey"`
	Definition []byte // what the draft was then, compressed
	// Sentence says what was changed; "" is of the first state that is known.
	Sentence         string
	PersonID, Person string // who made the change
	MadeAt           time.Time
	// WriterID and Writer are who brought this revision about: somebody else than made the
	// change where that was undone or redone.
	WriterID, Writer string
	// Part is what was typed into, and Passing that the same person went on with it: the next
	// revision is the same change then.
	Part    string
	Passing bool
	// Back is the revision that Undo makes again, and Ahead the one that Redo does; 0 is none.
	Back, Ahead int64
}

// forms is the part of a revision that is only what a form shows, after what others have
// changed was put together with it.
const forms = "form"

// OfForm makes it the revision of what a form shows, to which no Undo leads.
func OfForm(change Change) Change {
	change.Part, change.Passing = forms, true
	return change
}

// Form reports whether it is one.
func (c Change) Form() bool { return c.Part == forms }

// TableName is the table's name for gorm.
func (Change) TableName() string { return "draft_changes" }

// Pack compresses a definition for a row.
func Pack(definition []byte) ([]byte, error) {
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("compress a draft: %w", err)
	}
	if _, err := writer.Write(definition); err != nil {
		return nil, fmt.Errorf("compress a draft: %w", err)
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("compress a draft: %w", err)
	}
	return packed.Bytes(), nil
}

// Unpacked is the definition of a row that was read with it.
func (c Change) Unpacked() ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(c.Definition))
	if err != nil {
		return nil, fmt.Errorf("read what the draft was: %w", err)
	}
	definition, err := io.ReadAll(io.LimitReader(reader, largest))
	if err != nil {
		return nil, fmt.Errorf("read what the draft was: %w", err)
	}
	return definition, nil
}

// Insert stores a revision, and forgets what is beyond those that are kept. The workflow's
// row must be locked.
func Insert(ctx context.Context, tx *gorm.DB, change Change) error {
	if err := plain.Create(ctx, tx, &change); err != nil {
		return fmt.Errorf("store the change of the draft: %w", models.Kind(err))
	}
	const beyond = `passing = ? AND revision <= (SELECT revision FROM draft_changes WHERE workflow_id = ? AND passing = ? ORDER BY revision DESC LIMIT 1 OFFSET ?)`
	err := tx.WithContext(ctx).Exec("DELETE FROM draft_changes WHERE workflow_id = ? AND ("+beyond+" OR "+beyond+")",
		change.WorkflowID, false, change.WorkflowID, false, Kept, true, change.WorkflowID, true, KeptPassing).Error
	if err != nil {
		return fmt.Errorf("forget old changes of the draft: %w", models.Kind(err))
	}
	return nil
}

// GoOn marks the newest change as one with which its person goes on.
func GoOn(ctx context.Context, tx *gorm.DB, change Change) error {
	err := tx.WithContext(ctx).Model(&Change{}).Where("workflow_id = ? AND revision = ?", change.WorkflowID, change.Revision).Update("passing", true).Error
	if err != nil {
		return fmt.Errorf("go on with a change of the draft: %w", models.Kind(err))
	}
	return nil
}

// At returns what a draft was at a revision; models.ErrNotFound when that is not known
// (any more).
func At(ctx context.Context, tx *gorm.DB, workflowID string, revision int64) (Change, error) {
	found, err := plain.Take[Change](ctx, tx.Where("workflow_id = ? AND revision = ?", workflowID, revision))
	if err != nil {
		return Change{}, fmt.Errorf("find what the draft was: %w", models.Kind(err))
	}
	return found, nil
}

// Way is where a draft can go from its present revision.
type Way struct {
	Present Change  // without its definition
	Undo    bool    // what Present tells can be undone
	Redo    *Change // what can be made again, without its definition; nil for nothing
}

// WayFrom tells where a draft can go from a revision. The zero Way is one that knows of no
// change.
func WayFrom(ctx context.Context, tx *gorm.DB, workflowID string, revision int64) (Way, error) {
	var way Way
	const of = ` FROM draft_changes WHERE workflow_id = ? AND revision = ?)`
	found, err := told(ctx, tx.Where("revision IN (?, (SELECT back"+of+", (SELECT ahead"+of+")", revision, workflowID, revision, workflowID, revision), workflowID)
	for _, change := range found {
		if change.Revision == revision {
			way.Present = change
		}
	}
	for i, change := range found {
		switch change.Revision {
		case revision:
		case way.Present.Back:
			way.Undo = true
		case way.Present.Ahead:
			way.Redo = &found[i]
		}
	}
	return way, err
}

// Tell returns the change that led to a revision, without its definition; false when none is
// known.
func Tell(ctx context.Context, tx *gorm.DB, workflowID string, revision int64) (Change, bool, error) {
	found, err := told(ctx, tx.Where("revision = ?", revision), workflowID)
	if err != nil || len(found) == 0 {
		return Change{}, false, err
	}
	return found[0], true, nil
}

// Since returns the changes that came after a revision, the newest first, without their
// definitions; at most Kept.
func Since(ctx context.Context, tx *gorm.DB, workflowID string, revision int64) ([]Change, error) {
	found, err := plain.Find[Change](ctx, tx.Omit("definition").Where("workflow_id = ? AND revision > ?", workflowID, revision).Order("revision DESC").Limit(Kept))
	if err != nil {
		return nil, fmt.Errorf("find changes of the draft: %w", models.Kind(err))
	}
	return found, nil
}

func told(ctx context.Context, query *gorm.DB, workflowID string) ([]Change, error) {
	found, err := plain.Find[Change](ctx, query.Omit("definition").Where("workflow_id = ?", workflowID))
	if err != nil {
		return nil, fmt.Errorf("find changes of the draft: %w", models.Kind(err))
	}
	return found, nil
}
