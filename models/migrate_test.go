package models_test

import (
	"context"
	"testing"

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
