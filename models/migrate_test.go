package models_test

import (
	"context"
	"os"
	"testing"

	"github.com/pressly/goose/v3"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

func TestMigrateTwiceAtOnceAppliesEachMigrationOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		var group errgroup.Group
		for range 2 {
			group.Go(func() error {
				_, err := models.Migrate(context.Background(), db)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if ready, err := models.Migrated(context.Background(), db); err != nil || !ready {
			t.Fatalf("Migrated() = %v, %v", ready, err)
		}
	})
}

// An upgrade of a database in which schedules stand.
func TestSchedulesWhoseDaysWereReadOtherwiseAreMarked(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		dialect, folder := goose.DialectSQLite3, "migrations/sqlite"
		if models.IsPostgres(db) {
			dialect, folder = goose.DialectPostgres, "migrations/postgres"
		}
		pool, err := db.DB()
		if err != nil {
			t.Fatal(err)
		}
		provider, err := goose.NewProvider(dialect, pool, os.DirFS(folder), goose.WithDisableGlobalRegistry(true))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provider.DownTo(t.Context(), 16); err != nil {
			t.Fatal(err)
		}
		now := models.Now()
		w := models.Workflow{ID: models.NewID(), Name: "A", Status: "active", Draft: models.JSON(`{}`), DraftRevision: 1, CreatedAt: now, UpdatedAt: now}
		if err := db.Create(&w).Error; err != nil {
			t.Fatal(err)
		}
		marked := map[string]bool{
			`{"cron": "0 9 */2 * 1"}`: true, `{"cron": "0 9 1,* * 1"}`: true, `{"cron": "0 9 * * *,1"}`: true,
			`{"cron": "0 9 * * 1"}`: false, `{"cron": "@daily"}`: false, `{"every": "5m"}`: false,
		}
		for rule := range marked {
			err := db.Exec(`INSERT INTO schedules (id, workflow_id, trigger_id, rule, time_zone, status, accounted_until, anchor_at, created_at, updated_at)
				VALUES (?, ?, ?, ?, 'UTC', 'active', ?, ?, ?, ?)`, models.NewID(), w.ID, rule, models.JSON(rule), now, now, now, now).Error
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := models.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		var found []models.Schedule
		if err := db.Find(&found).Error; err != nil || len(found) != len(marked) {
			t.Fatal(len(found), err)
		}
		for _, s := range found {
			if (s.Reread == models.RereadCronDays) != marked[s.TriggerID] || s.MovedAt != nil || s.MovedWhy != "" {
				t.Errorf("%s: %+v", s.TriggerID, s)
			}
		}
	})
}

func TestTimesAndDocumentsComeBackAsWritten(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		written := models.Workflow{
			ID: models.NewID(), Name: "A", Status: "draft", DraftRevision: 1,
			Draft: models.JSON(`{"b": 12345678901234567890.5, "a": 1}`), CreatedAt: now, UpdatedAt: now,
		}
		if err := db.Create(&written).Error; err != nil {
			t.Fatal(err)
		}
		var read models.Workflow
		if err := db.Where("updated_at <= ?", now).Take(&read, "id = ?", written.ID).Error; err != nil {
			t.Fatal(err)
		}
		if !read.UpdatedAt.Equal(now) || string(read.Draft) != string(written.Draft) || read.PausedUntil != nil {
			t.Fatalf("read %+v, wrote %+v", read, written)
		}
	})
}
