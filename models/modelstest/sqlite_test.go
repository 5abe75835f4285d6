package modelstest_test

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/sqlite"
)

// What tests are given must be what a new installation has.
func TestACopiedDatabaseIsAMigratedOne(t *testing.T) {
	made, err := sqlite.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close(made)
	if _, err := models.Migrate(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	copied := modelstest.SQLite(t)
	if up, err := models.Migrated(t.Context(), copied); err != nil || !up {
		t.Errorf("the copy is up to date: %v, %v", up, err)
	}
	for _, question := range []string{
		"SELECT group_concat(type || name || coalesce(sql, ''), char(10)) FROM (SELECT * FROM sqlite_master ORDER BY type, name)",
		"PRAGMA journal_mode", "PRAGMA integrity_check",
	} {
		if got, want := one(t, copied, question), one(t, made, question); got != want {
			t.Errorf("%s answers %s instead of %s", question, got, want)
		}
	}
	for db, want := range map[*gorm.DB]string{made: "2", copied: "0"} { // FULL: every commit survives a power cut; OFF
		if got := one(t, db, "PRAGMA synchronous"); got != want {
			t.Errorf("the database waits for its disk as %s says, and not %s", got, want)
		}
	}
}

func TestCopiedDatabasesShareNothing(t *testing.T) {
	first, second := modelstest.SQLite(t), modelstest.SQLite(t)
	if err := models.CreateUser(context.Background(), first, &models.User{ID: models.NewID(), Email: "ann@example.com", Name: "Ann", PasswordHash: "-", Role: "viewer", TimeZone: "UTC", CreatedAt: models.Now()}); err != nil {
		t.Fatal(err)
	}
	for db, want := range map[*gorm.DB]string{first: "1", second: "0"} {
		if got := one(t, db, "SELECT count(*) FROM users"); got != want {
			t.Errorf("%s users instead of %s", got, want)
		}
	}
}

func one(t *testing.T, db *gorm.DB, question string) string {
	t.Helper()
	var answer string
	if err := db.Raw(question).Row().Scan(&answer); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	return answer
}
