package modelstest

import (
	"context"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Each runs the test once per kind of database: "sqlite" always, "postgres"
// where it is installed. Each run has a migrated database of its own.
func Each(t *testing.T, test func(t *testing.T, db *gorm.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	if Find("postgres") == "" {
		Missing(t, "PostgreSQL")
		return
	}
	t.Run("postgres", func(t *testing.T) {
		db, _ := Postgres(t)
		test(t, db)
	})
}

// Postgres opens a migrated PostgreSQL database that only this test uses, and
// returns its URL too. Call it only where Find("postgres") finds one.
func Postgres(t testing.TB) (*gorm.DB, string) {
	t.Helper()
	base, err := server()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name := "t" + strings.ReplaceAll(models.NewID(), "-", "")
	if err := createDatabase(ctx, base, name, "template"); err != nil {
		t.Fatal(err)
	}
	url := base + name + "?sslmode=disable"
	db, err := models.Open(models.Source{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = models.Close(db)
		dropDatabase(base, name)
	})
	return db, url
}

// Eventually waits until done holds, and fails the test with the sentence when
// it does not within ten seconds.
func Eventually(t testing.TB, sentence string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited 10 s in vain: %s", sentence)
		}
		time.Sleep(5 * time.Millisecond) // the state under test is polled, bounded by the deadline
	}
}
