package machine_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/machine"
	"workflows/models/modelstest"
)

func TestAWorkerIsDrainedUntilItIsReleased(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		now := models.Now()
		must(machine.Drain(t.Context(), db, machine.DrainedWorker{WorkerID: "gone", DrainedAt: now.AddDate(-2, 0, 0), DrainedBy: "Ada"}))
		must(machine.Drain(t.Context(), db, machine.DrainedWorker{WorkerID: "a", DrainedAt: now, DrainedBy: "Ada"}))
		must(machine.Drain(t.Context(), db, machine.DrainedWorker{WorkerID: "a", DrainedAt: now.Add(time.Minute), DrainedBy: "Bob"}))
		must(machine.Drain(t.Context(), db, machine.DrainedWorker{WorkerID: "b", DrainedAt: now, DrainedBy: "Bob"}))
		drained, err := machine.Drained(t.Context(), db)
		must(err)
		if len(drained) != 2 || drained["a"].DrainedBy != "Ada" || !drained["a"].DrainedAt.Equal(now) {
			t.Errorf("drained are %+v", drained)
		}
		for range 2 {
			must(machine.Release(t.Context(), db, "a"))
		}
		if drained, err = machine.Drained(t.Context(), db); err != nil || len(drained) != 1 || drained["b"].DrainedBy != "Bob" {
			t.Errorf("drained are %+v, %v", drained, err)
		}
	})
}
