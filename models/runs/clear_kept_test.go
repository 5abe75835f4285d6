package runs_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// clearsAll removes old runs piece by piece, as for ten days ago where workflows say nothing,
// and returns how many and in how many pieces.
func clearsAll(t *testing.T, db *gorm.DB, limit int) (removed int64, pieces int) {
	t.Helper()
	now := models.Now()
	for _, clear := range []func(context.Context, string) (int64, string, error){
		func(ctx context.Context, from string) (int64, string, error) {
			return runs.Clear(ctx, db, now.AddDate(0, 0, -10), from, limit)
		},
		func(ctx context.Context, from string) (int64, string, error) {
			return runs.ClearKept(ctx, db, now, 10, from, limit)
		},
	} {
		from := ""
		for {
			some, next, err := clear(t.Context(), from)
			if err != nil {
				t.Fatal(err)
			}
			if removed += some; some > int64(limit) {
				t.Fatalf("a piece has removed %d, more than %d", some, limit)
			}
			if pieces++; next == "" {
				break
			}
			if next == from {
				t.Fatal("it does not go on from", from)
			}
			from = next
		}
	}
	return removed, pieces
}

// keeps stores runs, some days old, of a workflow that says how long they are kept.
func keeps(t *testing.T, db *gorm.DB, k models.Keep, days int, states ...string) (string, []models.Run) {
	t.Helper()
	id, _ := workflowWithRuns(t, db, "W")
	if err := models.SetKeep(t.Context(), db, id, k); err != nil {
		t.Fatal(err)
	}
	return id, endedRuns(t, db, id, days, states...)
}

func TestTheRunsOfEachWorkflowAreKeptAsLongAsItSays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		states := []string{"succeeded", "failed", "succeeded", "failed", "cancelled", "cancelled", "waiting"}
		tests := []struct {
			says string
			keep models.Keep
			days int // how old its runs are
			stay []int
		}{
			{"nothing, and they are older", models.Keep{}, 15, []int{2, 3, 5, 6}},
			{"nothing, and they are younger", models.Keep{}, 5, []int{0, 1, 2, 3, 4, 5, 6}},
			{"longer", models.Keep{Days: new(20)}, 15, []int{0, 1, 2, 3, 4, 5, 6}},
			{"shorter", models.Keep{Days: new(3)}, 5, []int{2, 3, 5, 6}},
			{"failed ones longer", models.Keep{Days: new(3), FailedDays: new(20)}, 15, []int{1, 2, 3, 5, 6}},
			{"failed ones shorter, others as everywhere", models.Keep{FailedDays: new(3)}, 5, []int{0, 2, 3, 4, 5, 6}},
			{"the last 4 whatever their age", models.Keep{Last: new(4)}, 15, []int{2, 3, 4, 5, 6}},
			{"more than there are", models.Keep{Last: new(7)}, 15, []int{0, 1, 2, 3, 4, 5, 6}},
			{"the last is no ceiling", models.Keep{Days: new(20), Last: new(1)}, 15, []int{0, 1, 2, 3, 4, 5, 6}},
		}
		stored := make([][]models.Run, len(tests))
		for i, test := range tests {
			_, stored[i] = keeps(t, db, test.keep, test.days, states...)
		}
		clearsAll(t, db, 2)
		for i, test := range tests {
			if left := remain(t, db, stored[i]); !slices.Equal(left, test.stay) {
				t.Errorf("a workflow that says %s has left %v, want %v", test.says, left, test.stay)
			}
		}
	})
}

func TestWhatIsPublishedWhileOldRunsAreRemovedCountsAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, now := t.Context(), models.Now()
		id, stored := keeps(t, db, models.Keep{Days: new(3)}, 15, "succeeded", "succeeded", "succeeded", "succeeded")
		other, others := keeps(t, db, models.Keep{}, 15, "failed", "failed", "failed", "failed")
		removed, next, err := runs.ClearKept(ctx, db, now, 10, "", 1)
		if err != nil || removed != 1 || next == "" {
			t.Fatal(removed, next, err)
		}
		_, from, err := runs.Clear(ctx, db, now.AddDate(0, 0, -10), "", 1)
		if err != nil || from == "" {
			t.Fatal(from, err)
		}
		for _, workflow := range []string{id, other} {
			if err := models.SetKeep(ctx, db, workflow, models.Keep{Days: new(3650)}); err != nil {
				t.Fatal(err)
			}
		}
		for next != "" {
			if removed, next, err = runs.ClearKept(ctx, db, now, 10, next, 1); err != nil || removed != 0 {
				t.Fatal(removed, err)
			}
		}
		for from != "" {
			if removed, from, err = runs.Clear(ctx, db, now.AddDate(0, 0, -10), from, 1); err != nil || removed != 0 {
				t.Fatal(removed, err)
			}
		}
		if len(remain(t, db, stored)) != 3 || len(remain(t, db, others)) < 3 {
			t.Error(remain(t, db, stored), remain(t, db, others))
		}
	})
}

// What stays of a workflow must not be read again for each piece of the others.
func TestWhatStaysIsReadOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		long := slices.Repeat([]string{"succeeded"}, 30)
		_, stay := keeps(t, db, models.Keep{Days: new(3650)}, 20, long...)
		keeps(t, db, models.Keep{}, 15, long...)
		if removed, pieces := clearsAll(t, db, 10); removed != 29 || pieces != 6+2 {
			t.Errorf("%d were removed in %d pieces: 60 old runs should be looked at once, and one workflow of its own in none", removed, pieces)
		}
		if len(remain(t, db, stay)) != len(long) {
			t.Error("what should stay is gone")
		}
	})
}

func TestOldRunsAreFoundByTheirIndex(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	for _, k := range []models.Keep{{}, {Days: new(3), Last: new(10)}} {
		id, _ := workflowWithRuns(t, db, "W")
		if err := models.SetKeep(t.Context(), db, id, k); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{
		`INSERT INTO runs (id, workflow_id, version_id, version, workflow_name, status, trigger_type, "trigger", queue, queued_at, finished_at)
			SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 1728000000 + i), 12, '0') || '7000' || '8000' || lpad(to_hex(i), 12, '0'))::uuid,
				w.id, w.id, 1, w.name, 'succeeded', 'manual', '{}', 'default', now() - interval '20 days', now() - interval '20 days' FROM generate_series(1, 5000) AS i JOIN workflows w ON (w.keep_last IS NULL) = (i % 2 = 0)`,
		"ANALYZE",
	} {
		if err := db.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	plans := modelstest.Plans(t, db)
	now := models.Now()
	removed, _, err := runs.Clear(t.Context(), db, now.AddDate(0, 0, -10), "", 100)
	if err != nil || removed != 50 {
		t.Fatal(removed, err)
	}
	removed, _, err = runs.ClearKept(t.Context(), db, now, 10, "", 100)
	if err != nil || removed != 100 || len(*plans) != 5 {
		t.Fatal(removed, err, len(*plans))
	}
	for _, plan := range *plans {
		if strings.Contains(plan, "Seq Scan on runs") {
			t.Errorf("it is planned so:\n%s", plan)
		}
	}
}
