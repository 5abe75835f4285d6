package retention_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/retention"
)

func TestWhatIsTooOldGoesAndTheRestStays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		w := models.Workflow{ID: models.NewID(), Name: "W", Status: "active", Draft: models.JSON("{}"), CreatedAt: now, UpdatedAt: now}
		if err := db.Create(&w).Error; err != nil {
			t.Fatal(err)
		}
		own := w
		own.ID = models.NewID()
		if err := errors.Join(db.Create(&own).Error, models.SetKeep(t.Context(), db, own.ID, models.Keep{Days: new(3)})); err != nil {
			t.Fatal(err)
		}
		var stored []models.Run
		for i := range 2500 { // more than two pieces, of which one is not full
			at := now.AddDate(0, 0, -10).Add(time.Duration(i) * time.Second)
			stored = append(stored, models.Run{
				ID: modelstest.IDAt(at), WorkflowID: w.ID, VersionID: models.NewID(), WorkflowName: "W", Status: "succeeded",
				TriggerType: "manual", Trigger: models.JSON(`{}`), Queue: "default", QueuedAt: at, FinishedAt: &at,
			})
		}
		for range 3 { // young by what holds elsewhere
			at := now.AddDate(0, 0, -5)
			stored = append(stored, models.Run{
				ID: modelstest.IDAt(at), WorkflowID: own.ID, VersionID: models.NewID(), WorkflowName: "W", Status: "succeeded",
				TriggerType: "manual", Trigger: models.JSON(`{}`), Queue: "default", QueuedAt: at, FinishedAt: &at,
			})
		}
		alerts := []models.Alert{{ID: models.NewID(), Kind: models.AlertSlow, Subject: "a", WorkflowID: w.ID, OpenedAt: now.AddDate(0, 0, -9), HappenedAt: now, Message: "Slow."}}
		alerts[0].ClosedAt = &alerts[0].OpenedAt
		if err := db.CreateInBatches(stored, 500).Error; err != nil {
			t.Fatal(err)
		}
		if err := db.Create(&alerts).Error; err != nil {
			t.Fatal(err)
		}
		done := bulk.Bulk{ID: models.NewID(), Action: bulk.Delete, Asked: models.JSON("{}"), PerSecond: 1, State: bulk.Finished, CreatedAt: now, NextAt: now, FinishedAt: &alerts[0].OpenedAt}
		if err := errors.Join(db.Create(&done).Error, db.Create(&bulk.Item{BulkID: done.ID, RunID: models.NewID(), State: bulk.ItemDone}).Error); err != nil {
			t.Fatal(err)
		}
		anna := models.User{ID: models.NewID(), Name: "Anna", Email: "anna@example.com", PasswordHash: "-", Role: "viewer", TimeZone: "UTC", CreatedAt: now}
		links := make([]runs.RunLink, 1001) // more than two pieces, to the run that stays
		for i := range links {
			links[i] = runs.RunLink{ID: models.NewID(), RunID: stored[2499].ID, Hash: models.NewID(), MadeByID: anna.ID, MadeBy: "Anna", CreatedAt: now, ExpiresAt: now.Add(-time.Minute)}
		}
		links[0].ExpiresAt = now.Add(time.Hour)
		if err := errors.Join(db.Create(&anna).Error, db.CreateInBatches(links, 100).Error); err != nil {
			t.Fatal(err)
		}
		count := func(model any) (n int64) {
			if err := db.Model(model).Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		ctx, stop := context.WithCancel(t.Context())
		var out bytes.Buffer
		ended := make(chan error, 1)
		clearing := &retention.Clearing{DB: db, Log: slog.New(slog.NewTextHandler(&out, nil)), Name: "test", Days: 8}
		go func() { ended <- clearing.Run(ctx) }()
		modelstest.Eventually(t, "all that is old is removed but the newest run of each workflow", func() bool {
			return count(&models.Run{}) == 2 && count(&models.Alert{}) == 0 && count(&bulk.Bulk{})+count(&bulk.Item{}) == 0 && count(&runs.RunLink{}) == 1
		})
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if _, err := runs.Get(t.Context(), db, stored[2499].ID); err != nil {
			t.Error("the newest run is gone:", err)
		}
		if !strings.Contains(out.String(), "what=runs count=2499") || !strings.Contains(out.String(), `what="runs of workflows with a time of their own" count=2`) {
			t.Error("nobody is told:", out.String())
		}
	})
}

func TestAStopWhileTheDatabaseIsAwayIsNoFailure(t *testing.T) {
	if modelstest.Find("postgres") == "" {
		modelstest.Missing(t, "PostgreSQL")
		t.Skip("the embedded database does not go away")
	}
	db, _ := modelstest.Postgres(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	clearing := &retention.Clearing{DB: db, Log: slog.New(slog.DiscardHandler), Name: "test", Days: 1}
	go func() { ended <- clearing.Run(ctx) }()
	modelstest.Eventually(t, "it has the duty", func() bool {
		var held int64
		return db.Table("duties").Where("name = ?", "retention").Count(&held).Error == nil && held == 1
	})
	if err := models.Close(db); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestEachKindIsNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range retention.Kinds {
		if kind.Name == "" || kind.Clear == nil || seen[kind.Name] {
			t.Errorf("%+v", kind)
		}
		seen[kind.Name] = true
	}
}
