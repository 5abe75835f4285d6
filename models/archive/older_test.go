package archive_test

import (
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

// At schema 16 no schedule was marked for being read anew; migration 17 marks them.
func TestAnOlderBackupIsMigratedAsItsDatabaseWouldHaveBeen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		if err := models.MigrateTo(t.Context(), db, 16); err != nil {
			t.Fatal(err)
		}
		now := models.Now()
		w := models.Workflow{ID: models.NewID(), Name: "A", Status: "active", Draft: models.JSON(`{}`), DraftRevision: 1, CreatedAt: now, UpdatedAt: now}
		if err := db.Create(&w).Error; err != nil {
			t.Fatal(err)
		}
		err := db.Exec(`INSERT INTO schedules (id, workflow_id, trigger_id, rule, time_zone, status, accounted_until, anchor_at, created_at, updated_at)
			VALUES (?, ?, 'a', ?, 'UTC', 'active', ?, ?, ?, ?)`, models.NewID(), w.ID, models.JSON(`{"cron": "0 9 */2 * 1"}`), now, now, now, now).Error
		if err != nil {
			t.Fatal(err)
		}
		backup := write(t, db)
		all := both(t)
		all["without a table"] = unmigrated(t)
		for kind, into := range all {
			if err := restore(t, into, backup); err != nil {
				t.Fatalf("into %s: %v", kind, err)
			}
			var found models.Schedule
			if err := into.Take(&found).Error; err != nil || found.Reread != models.RereadCronDays {
				t.Errorf("into %s: %+v, %v", kind, found, err)
			}
			if ready, err := models.Migrated(t.Context(), into); err != nil || !ready {
				t.Errorf("into %s: migrated %v, %v", kind, ready, err)
			}
		}
	})
}

// An old backup can meet a database that the program has brought up to date already.
func TestAnEmptyDatabaseGoesToEverySchemaAndBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		newest, err := models.KnownSchema()
		if err != nil {
			t.Fatal(err)
		}
		for schema := newest - 1; schema > 0; schema-- {
			if err := models.MigrateTo(t.Context(), db, schema); err != nil {
				t.Fatalf("down to %d: %v", schema, err)
			}
		}
		source := modelstest.SQLite(t)
		fill(t, source, 3)
		backup := write(t, source)
		if err := restore(t, db, backup); err != nil {
			t.Fatal(err)
		}
		if got, want := lines(t, write(t, db)), lines(t, backup); len(got) != len(want) {
			t.Errorf("%d lines of %d", len(got), len(want))
		}
	})
}
