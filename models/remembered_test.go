package models_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

// A commit that takes longer than the database is waited for is offered again and again.
// That is fifteen seconds; what took a minute once fails this on a busy machine too, and
// what takes one or two does not.
func TestManyItemsAreRememberedInTheTimeThatACommitHas(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		owner := models.Workflow{ID: models.NewID(), Name: "x", Draft: models.JSON(`{}`)}
		if err := db.Create(&owner).Error; err != nil {
			t.Fatal(err)
		}
		items := make([]string, 25_000)
		for i := range items {
			items[i] = fmt.Sprintf("%043d", i)
		}
		first := models.Memory{WorkflowID: owner.ID, StepID: "a", StepRunID: models.NewID(), At: models.Now(), Keep: len(items), New: items}
		again, other := first, first
		again.New, again.Again, again.StepRunID, again.At = nil, items, models.NewID(), first.At.Add(48*time.Hour)
		other.StepRunID = models.NewID()
		leave := func(m models.Memory) func() error {
			return func() error {
				ctx, done := context.WithTimeout(t.Context(), 40*time.Second)
				defer done()
				return db.WithContext(ctx).Transaction(func(tx *gorm.DB) error { return m.Leave(ctx, tx) })
			}
		}
		recall := func() error {
			ctx, done := context.WithTimeout(t.Context(), 40*time.Second)
			defer done()
			r, err := models.Recall(ctx, db, owner.ID, "a", "", append([]string{"unknown"}, items...))
			if err == nil && (r.Count != len(items) || len(r.Seen) != len(items) || !r.Seen[items[7]].Equal(first.At)) {
				err = fmt.Errorf("%d are remembered, and %d of them seen", r.Count, len(r.Seen))
			}
			return err
		}
		for _, c := range []struct {
			name string
			do   func() error
			want error
		}{
			{"new", leave(first), nil},
			{"looked for", recall, nil},
			{"of a commit whose answer was lost", leave(first), nil},
			{"of another run", leave(other), models.ErrRemembered},
			{"seen again", leave(again), nil},
		} {
			if err := c.do(); err != c.want {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		few, err := models.Recall(context.Background(), db, owner.ID, "a", "", items[:1])
		if err != nil || few.Count != len(items) || !few.Seen[items[0]].Equal(again.At) {
			t.Errorf("%d are remembered, the first seen at %v, %v", few.Count, few.Seen, err)
		}
	})
}

// A workflow that is paused for months keeps what it remembers, and is looked at once an
// hour.
func TestWhatAPausedWorkflowRemembersIsNotLookedForInItsDraftItemByItem(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		draft := `{"description":"` + strings.Repeat("long", 250_000) + `","steps":[{"id":"a"}]}`
		owner := models.Workflow{ID: models.NewID(), Name: "x", Draft: models.JSON(draft)}
		if err := db.Create(&owner).Error; err != nil {
			t.Fatal(err)
		}
		for step, items := range map[string]int{"a": 20_000, "gone": 1500} {
			m := models.Memory{WorkflowID: owner.ID, StepID: step, StepRunID: models.NewID(), At: models.Now(), Keep: items}
			for i := range items {
				m.New = append(m.New, fmt.Sprint(i))
			}
			if err := db.Transaction(func(tx *gorm.DB) error { return m.Leave(context.Background(), tx) }); err != nil {
				t.Fatal(err)
			}
		}
		// Item by item it would be a minute, of a machine that has nothing else to do.
		ctx, done := context.WithTimeout(t.Context(), 20*time.Second)
		defer done()
		for _, want := range []int64{1000, 501, 0} { // with the row of the memory itself
			if cleared, err := models.ClearRemembered(ctx, db, models.Now().Add(time.Hour), 1000); err != nil || cleared != want {
				t.Errorf("%d were cleared, not %d, %v", cleared, want, err)
			}
		}
	})
}
