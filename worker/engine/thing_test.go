package engine

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// A thing is a kind of what steps leave behind that only tests know. It is all that
// a new kind takes: a model with its table, how it is stored, and an entry in
// Options.Leavers.

type storedThing struct {
	ID        string `gorm:"primaryKey"`
	RunID     string
	StepRunID string
	Text      string
}

func (storedThing) TableName() string { return "things" }

func (t storedThing) Leave(ctx context.Context, tx *gorm.DB) error {
	return models.LeaveRow(ctx, tx, &t)
}

// thing is what a step says.
type thing string

func (thing) LeftAs() string { return "thing" }

func leaveThing(l Leaving) (models.Left, error) {
	return storedThing{ID: models.NewID(), RunID: l.RunID, StepRunID: l.StepRunID, Text: string(l.What.(thing))}, nil
}

func makeThings(t testing.TB, db *gorm.DB) {
	t.Helper()
	if err := db.Exec("CREATE TABLE things (id char(36) PRIMARY KEY, run_id char(36) NOT NULL, step_run_id char(36) NOT NULL, text text NOT NULL)").Error; err != nil {
		t.Fatal(err)
	}
}

// checkThings holds what was left behind against the rows: one thing of each
// attempt that has succeeded, whatever became of commits, leases and workers on the
// way, and none of any other.
func (w *world) checkThings(rows []models.StepRun) {
	var left []storedThing
	w.must(w.db.Where("run_id = ?", w.run.ID).Find(&left).Error)
	things := map[string]int{}
	for _, t := range left {
		things[t.StepRunID]++
	}
	for _, row := range rows {
		want := 0
		if row.Type == "keep" && row.Status == workflow.StepSucceeded && row.Note == "" { // else a person took it as done
			want = 1
		}
		if things[row.ID] != want {
			w.Fatalf("%s@%s is %s and has left %d things", row.StepID, row.Iteration, row.Status, things[row.ID])
		}
	}
}

func TestWhatAStepLeavesBehindStandsOrFallsWithItsResult(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		makeThings(t, db)
		q, err := queue.Open(queue.Options{URL: "redis://127.0.0.1:1"}) // nobody is there
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			meanwhile string // what happens to the run while the step is at work
			output    any
			things    int64
		}{
			"nothing happens":           {"UPDATE runs SET rung_at = rung_at WHERE id = ?", "small", 1},
			"its output is large":       {"UPDATE runs SET rung_at = rung_at WHERE id = ?", large, 1},
			"its output is too large":   {"UPDATE runs SET rung_at = rung_at WHERE id = ?", strings.Repeat(large, 70), 0},
			"another worker has it":     {"UPDATE runs SET attempt = attempt + 1 WHERE id = ?", large, 0},
			"somebody has cancelled it": {"UPDATE runs SET status = 'cancelled' WHERE id = ?", "small", 0},
		} {
			keep := workflow.StepType{Name: "keep", Keeps: []string{"thing"}, Effects: func(map[string]any) bool { return false }}
			keep.Execute = func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
				return workflow.Outcome{Output: c.output, Leaves: []workflow.Left{thing("of " + call.WorkflowID)}}, db.Exec(c.meanwhile, call.RunID).Error
			}
			e := New(Options{DB: db, Queue: q, Types: workflow.Types{"keep": keep}, Leavers: map[string]Leaver{"thing": leaveThing}})
			run := startOne(t, e, workflow.Step{ID: "a", Type: "keep"})
			if err := e.Execute(t.Context(), run.ID); err != nil {
				t.Fatal(err)
			}
			modelstest.Eventually(t, "the run is let go", func() bool { return len(e.held.holds()) == 0 })
			var things int64
			if err := db.Table("things").Where("run_id = ? AND text = ?", run.ID, "of "+run.WorkflowID).Count(&things).Error; err != nil || things != c.things {
				t.Errorf("%s: %d things are left, %v; want %d", name, things, err, c.things)
			}
		}
	})
}

// startOne starts a run of a workflow with these steps.
func startOne(t *testing.T, e *Engine, steps ...workflow.Step) models.Run {
	t.Helper()
	d, now := workflow.Definition{Format: 1, Name: "One", Steps: steps}, models.Now()
	v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: models.NewID(), Number: 1, Name: d.Name, Definition: d.Marshal(), CreatedAt: now}
	w := models.Workflow{ID: v.WorkflowID, Name: d.Name, Status: workflow.StatusActive, Draft: v.Definition, VersionID: &v.ID, Version: &v.Number, CreatedAt: now, UpdatedAt: now}
	if err := errors.Join(e.db.Create(&w).Error, e.db.Create(&v).Error); err != nil {
		t.Fatal(err)
	}
	run, _, err := e.StartNow(t.Context(), StartRequest{WorkflowID: w.ID, Trigger: Trigger{Type: TriggerManual}})
	if err != nil {
		t.Fatal(err)
	}
	return run
}
