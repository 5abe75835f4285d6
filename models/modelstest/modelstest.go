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
// where it is installed. Each run has a migrated database of its own, so they run
// beside one another and beside the package's other tests. A test that looks at
// what its whole process shares, its goroutines say, uses InTurn.
func Each(t *testing.T, test func(t *testing.T, db *gorm.DB)) {
	t.Helper()
	t.Parallel()
	each(t, func(t *testing.T, open func(testing.TB) *gorm.DB) {
		t.Parallel()
		test(t, open(t))
	})
}

// InTurn is Each for a test beside which no other of its package may run.
func InTurn(t *testing.T, test func(t *testing.T, db *gorm.DB)) {
	t.Helper()
	each(t, func(t *testing.T, open func(testing.TB) *gorm.DB) { test(t, open(t)) })
}

func each(t *testing.T, run func(t *testing.T, open func(testing.TB) *gorm.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, SQLite) })
	if Find("postgres") == "" {
		Missing(t, "PostgreSQL")
		return
	}
	t.Run("postgres", func(t *testing.T) {
		run(t, func(t testing.TB) *gorm.DB {
			db, _ := Postgres(t)
			return db
		})
	})
}

// Postgres opens a migrated PostgreSQL database that only this test uses, and
// returns its URL too. Where no PostgreSQL is installed it skips the test, unless
// REQUIRE_SERVICES=1.
func Postgres(t testing.TB) (*gorm.DB, string) {
	t.Helper()
	if Find("postgres") == "" {
		Missing(t, "PostgreSQL")
		t.Skip("PostgreSQL is not installed")
	}
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
// it does not within half a minute: on a busy machine little happens in ten seconds.
func Eventually(t testing.TB, sentence string, done func() bool) {
	t.Helper()
	Within(t, 30*time.Second, sentence, done)
}

// Within is Eventually with another limit.
func Within(t testing.TB, limit time.Duration, sentence string, done func() bool) {
	t.Helper()
	for begun := time.Now(); !done(); {
		waited := time.Since(begun)
		if waited > limit {
			t.Fatalf("waited %v in vain: %s", limit, sentence)
		}
		time.Sleep(Pause(waited)) // the state under test is polled, bounded by the deadline
	}
}

// Pause is how long to leave what is waited for alone, before it is asked again: a tenth of what
// has been waited. Tests that wait at once otherwise keep each other from getting on.
func Pause(waited time.Duration) time.Duration {
	return min(max(waited/10, 5*time.Millisecond), 200*time.Millisecond)
}
