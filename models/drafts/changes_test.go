package drafts_test

import (
	"errors"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/drafts"
	"workflows/models/modelstest"
)

func TestTheNewestChangesOfADraftAreKeptAndGoWithItsWorkflow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx := t.Context()
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		packed, err := drafts.Pack([]byte(`{"name":"Grüße"}`))
		check(err)
		keep := models.Workflow{ID: models.NewID(), Name: "A", Status: "draft", Draft: models.JSON(`{}`), DraftRevision: 1, CreatedAt: models.Now(), UpdatedAt: models.Now()}
		other := keep
		other.ID = models.NewID()
		for _, w := range []*models.Workflow{&keep, &other} {
			check(models.InsertWorkflow(ctx, db, w))
			check(drafts.Insert(ctx, db, drafts.Change{WorkflowID: w.ID, Revision: 1, Definition: packed, MadeAt: models.Now()}))
		}
		check(db.Transaction(func(tx *gorm.DB) error {
			for revision := int64(2); revision <= drafts.Kept+3; revision++ {
				if err := drafts.Insert(ctx, tx, drafts.Change{WorkflowID: keep.ID, Revision: revision, Definition: packed, Back: revision - 1, MadeAt: models.Now()}); err != nil {
					return err
				}
			}
			return nil
		}))
		count := func(id string) (n int64) {
			check(db.Model(&drafts.Change{}).Where("workflow_id = ?", id).Count(&n).Error)
			return n
		}
		if count(keep.ID) != drafts.Kept || count(other.ID) != 1 {
			t.Errorf("%d and %d are kept", count(keep.ID), count(other.ID))
		}
		passing := make([]drafts.Change, drafts.KeptPassing+2)
		for i := range passing {
			passing[i] = drafts.Change{WorkflowID: other.ID, Revision: int64(i) + 2, Definition: packed, Passing: true, MadeAt: models.Now()}
		}
		check(db.Create(&passing).Error)
		check(drafts.Insert(ctx, db, drafts.Change{WorkflowID: other.ID, Revision: 1000, Definition: packed, MadeAt: models.Now()}))
		if count(other.ID) != drafts.KeptPassing+2 || count(keep.ID) != drafts.Kept {
			t.Errorf("%d with those in between are kept, and %d", count(other.ID), count(keep.ID))
		}
		if _, err := drafts.At(ctx, db, keep.ID, 3); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the oldest is found: %v", err)
		}
		oldest, err := drafts.At(ctx, db, keep.ID, 4)
		check(err)
		if text, err := oldest.Unpacked(); string(text) != `{"name":"Grüße"}` || err != nil {
			t.Errorf("it reads %s, %v", text, err)
		}
		way, err := drafts.WayFrom(ctx, db, keep.ID, 4)
		check(err)
		if way.Undo || way.Redo != nil || way.Present.Revision != 4 {
			t.Errorf("from the oldest it goes to what is forgotten: %+v", way)
		}
		_, err = models.DeleteWorkflow(ctx, db, keep.ID)
		check(err)
		if count(keep.ID) != 0 || count(other.ID) == 0 {
			t.Error("they do not go with their workflow, or others do")
		}
	})
}
