package engine

import (
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/workflow"
)

// Where not even what is next can be told, no step is to blame; the run ends all
// the same.
func TestARunThatPanickedTooOftenFails(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		w := models.Workflow{ID: models.NewID(), Name: "A", Status: workflow.StatusActive, Draft: models.JSON("{}"), CreatedAt: now, UpdatedAt: now}
		run := models.Run{
			ID: models.NewID(), WorkflowID: w.ID, VersionID: models.NewID(), Version: 1, WorkflowName: "A", Status: workflow.RunQueued, TriggerType: TriggerManual,
			Trigger: models.JSON(`{}`), Input: models.JSON(`{}`), Queue: "default", QueuedAt: now, RungAt: &now, Recoveries: maxRecoveries,
		}
		if err := db.Create(&w).Error; err != nil {
			t.Fatal(err)
		}
		if err := runs.Insert(t.Context(), db, &run); err != nil {
			t.Fatal(err)
		}
		claimed, _, err := runs.Commit(t.Context(), db, runs.Batch{Owner: "me", Claims: []string{run.ID}, Now: now, Lease: time.Minute})
		if err != nil || len(claimed) != 1 {
			t.Fatal(claimed, err)
		}
		e := New(Options{DB: db})
		x := e.newExecution(t.Context(), claimed[0], time.Now())
		if err := x.guard(func() (bool, error) { panic("a defect") }); err != nil {
			t.Fatal(err)
		}
		if run, err = runs.Get(t.Context(), db, run.ID); err != nil || run.Status != workflow.RunFailed || !strings.Contains(string(run.Error), workflow.CodePanic) {
			t.Errorf("the run is %s with %s, %v", run.Status, run.Error, err)
		}
		if held := e.held.holds(); len(held) > 0 {
			t.Errorf("still held: %v", held)
		}
	})
}
