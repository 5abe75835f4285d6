package catalog_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/drafts"
	"workflows/models/modelstest"
)

func TestWhoeverGoesOnTypingAfterAWhileMakesAnotherChange(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c, clock := newCatalog(db)
		w := must[models.Workflow](t)(c.Create(t.Context(), definition("A"), false, "Ada"))
		types := func(name, person string) {
			t.Helper()
			ctx := models.WithActor(t.Context(), models.Actor{Kind: models.ActorPerson, ID: person})
			next := definition(name)
			_, now, err := c.SaveTyped(ctx, w.ID, next, next, w.DraftRevision, w.DraftRevision, person)
			w = must[models.Workflow](t)(models.GetWorkflow(t.Context(), db, w.ID))
			if err != nil || now != w.DraftRevision {
				t.Fatalf("typing %s: %v, it shows %d of %d", name, err, now, w.DraftRevision)
			}
		}
		types("An", "ada")
		clock.now = clock.now.Add(4 * time.Minute)
		types("Ann", "ada")
		clock.now = clock.now.Add(6 * time.Minute)
		types("Anna", "ada")
		types("Annab", "bob")
		for _, want := range []struct{ undone, left string }{
			{"The workflow is now called “Annab” instead of “Anna”.", "Anna"}, {"The workflow is now called “Anna” instead of “Ann”.", "Ann"}, {"The workflow is now called “Ann” instead of “A”.", "A"},
		} {
			var change drafts.Change
			var err error
			w, change, err = c.Undo(t.Context(), w.ID, w.DraftRevision, "Ada")
			if err != nil || w.Name != want.left || change.Sentence != want.undone {
				t.Fatalf("%v: %q is undone, left is %s", err, change.Sentence, w.Name)
			}
		}
		if _, _, err := c.Undo(t.Context(), w.ID, w.DraftRevision, "Ada"); conflictCode(err) != "nothing_to_undo" {
			t.Errorf("before the beginning: %v", err)
		}
		if _, _, err := c.Redo(t.Context(), w.ID, w.DraftRevision-1, "Ada"); conflictCode(err) != "conflict" {
			t.Errorf("from a revision that is not the draft's: %v", err)
		}
	})
}
