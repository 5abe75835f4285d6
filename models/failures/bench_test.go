package failures_test

import (
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// Of ten thousand failed runs of a hundred causes: what a page of the list costs, of the runs of
// a cause, and to group them all.
func BenchmarkTenThousandFailedRuns(b *testing.B) {
	postgres, _ := modelstest.Postgres(b)
	for kind, db := range map[string]*gorm.DB{"sqlite": modelstest.SQLite(b), "postgres": postgres} {
		now := models.Now()
		w := models.Workflow{ID: models.NewID(), Name: "W", Status: "active", Draft: models.JSON("{}"), CreatedAt: now, UpdatedAt: now}
		must := func(err error) {
			if err != nil {
				b.Fatal(err)
			}
		}
		must(db.Create(&w).Error)
		stored := make([]models.Run, 10_000)
		for i := range stored {
			at := now.Add(-time.Duration(i) * time.Second)
			failure := fmt.Sprintf(`{"code":"c%d","step_id":"s","message":"Order %d was not found."}`, i%100, i)
			stored[i] = models.Run{
				ID: modelstest.IDAt(at), WorkflowID: w.ID, VersionID: w.ID, Version: 1, WorkflowName: "W", Status: "failed", TriggerType: "manual", Trigger: models.JSON(`{}`),
				Error: models.JSON(failure), Queue: "default", QueuedAt: at, FinishedAt: &at,
			}
		}
		must(db.CreateInBatches(stored, 200).Error)
		began := time.Now()
		for n := 500; n == 500; {
			var err error
			n, err = failures.Group(b.Context(), db, now, 500, nil)
			must(err)
		}
		b.Logf("%s: grouped in %v", kind, time.Since(began))
		var id string
		b.Run(kind+"/list", func(b *testing.B) {
			for b.Loop() {
				_, err := failures.Counts(b.Context(), db, "", now)
				must(err)
				found, _, err := failures.List(b.Context(), db, failures.Filter{States: []string{failures.New, failures.CameBack, failures.Seen}, Now: now, Limit: 25})
				must(err)
				if id = found[0].ID; len(found) != 25 || found[0].Count != 100 {
					b.Fatal(len(found), found[0].Count)
				}
			}
		})
		b.Run(kind+"/runs", func(b *testing.B) {
			for b.Loop() {
				found, _, err := runs.List(b.Context(), db, runs.Filter{FailureID: id, Limit: 25})
				must(err)
				if len(found) != 25 {
					b.Fatal(len(found))
				}
			}
		})
	}
}
