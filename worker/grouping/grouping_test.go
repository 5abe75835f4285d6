package grouping

import (
	"context"
	"log/slog"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/modelstest"
)

// failed stores so many runs of a workflow that failed.
func failed(t *testing.T, db *gorm.DB, number int) {
	t.Helper()
	now := models.Now()
	w := models.Workflow{ID: models.NewID(), Name: "W", Status: "active", Draft: models.JSON("{}"), CreatedAt: now, UpdatedAt: now}
	if err := db.Create(&w).Error; err != nil {
		t.Fatal(err)
	}
	stored := make([]models.Run, number)
	for i := range stored {
		stored[i] = models.Run{
			ID: models.NewID(), WorkflowID: w.ID, VersionID: models.NewID(), WorkflowName: "W", Status: "failed", TriggerType: "manual", Trigger: models.JSON(`{}`),
			Error: models.JSON(`{"code":"timeout","message":"It took too long."}`), Queue: "default", QueuedAt: now, FinishedAt: &now,
		}
	}
	if err := db.CreateInBatches(stored, 200).Error; err != nil {
		t.Fatal(err)
	}
}

// counted is how many runs are counted in groups.
func counted(t *testing.T, db *gorm.DB) (n int64) {
	t.Helper()
	found, _, err := failures.List(t.Context(), db, failures.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		n += f.Count
	}
	return n
}

func TestFailedRunsAreGroupedBehindThemUntilTheEnd(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		failed(t, db, piece+10) // of before there was a worker
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		grouper := &Grouper{DB: db, Log: slog.New(slog.DiscardHandler)}
		go func() { ended <- grouper.Run(ctx) }()
		modelstest.Eventually(t, "all that failed before is counted", func() bool { return counted(t, db) == piece+10 })
		failed(t, db, 1)
		modelstest.Eventually(t, "what fails now is counted", func() bool { return counted(t, db) == piece+11 })
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	})
}

func TestALookThatFindsNothingIsOneStatementAndEachHasADeadline(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		failed(t, db, 2)
		statements := modelstest.Watch(db)
		grouper := &Grouper{DB: db, Log: slog.New(slog.DiscardHandler)}
		if err := grouper.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := statements.Count("")
		if err := grouper.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := statements.Count("") - before; n != 1 {
			t.Errorf("%d statements", n)
		}
		if unbounded := statements.Unbounded(); len(unbounded) > 0 {
			t.Error("without a deadline:", unbounded)
		}
		if n := counted(t, db); n != 2 {
			t.Errorf("%d are counted", n)
		}
	})
}
