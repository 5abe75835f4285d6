package models_test

import (
	"errors"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

func TestAProgramRefusesADatabaseThatIsNewer(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		if err := models.RefuseNewer(t.Context(), db); err != nil {
			t.Fatalf("of the same age: %v", err)
		}
		if err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, ?)", true).Error; err != nil {
			t.Fatal(err)
		}
		_, migrating := models.Migrate(t.Context(), db)
		_, asking := models.Migrated(t.Context(), db)
		for _, err := range []error{models.RefuseNewer(t.Context(), db), migrating, asking} {
			newer := new(models.NewerSchemaError)
			if !errors.As(err, &newer) || newer.Database != 99999 || !strings.Contains(err.Error(), "newer than this program") {
				t.Errorf("it is worked on: %v", err)
			}
		}
	})
}

func TestADatabaseThatIsOlderIsNotMigrated(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		newest, err := models.KnownSchema()
		if err != nil {
			t.Fatal(err)
		}
		if err := models.MigrateTo(t.Context(), db, newest-1); err != nil {
			t.Fatal(err)
		}
		if ready, err := models.Migrated(t.Context(), db); ready || err != nil {
			t.Errorf("Migrated() = %v, %v", ready, err)
		}
		if err := models.RefuseNewer(t.Context(), db); err != nil {
			t.Error(err)
		}
		if err := db.Exec("DROP TABLE goose_db_version").Error; err != nil {
			t.Fatal(err)
		}
		if ready, err := models.Migrated(t.Context(), db); ready || err != nil {
			t.Errorf("where nobody has migrated yet, Migrated() = %v, %v", ready, err)
		}
	})
}
