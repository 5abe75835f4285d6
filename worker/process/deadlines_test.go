package process_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/process"
	"workflows/worker/queue/queuetest"
	"workflows/worker/schedule"
	"workflows/worker/secrets"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// A statement without a deadline, on a way on which nothing passes, holds its loop
// for ever. Here a worker does everything that it ever does.
func TestNothingInAWorkerWaitsForTheDatabaseWithoutADeadline(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // ours are statements too
		defer cancel()
		vault, err := secrets.Open(secrets.NewKey("k1"))
		must(t, err)
		vault.DB, vault.Log = db, slog.New(slog.DiscardHandler)
		_, err = vault.Put(ctx, "KEY", "a secret value", "Ada")
		must(t, err)
		q, types, held := queuetest.Mini(t), steps.All(steps.Options{}), make(chan struct{})
		types["hold"] = workflow.StepType{Name: "hold", Effects: func(map[string]any) bool { return true }, Execute: func(ctx context.Context, _ workflow.Call) (workflow.Outcome, error) {
			close(held)
			<-ctx.Done()
			return workflow.Outcome{}, ctx.Err()
		}}
		child := publish(t, db, `{"format":1,"name":"W","steps":[{"id":"w","type":"wait","config":{"for":"50ms"}}]}`)
		all := publish(t, db, `{"format":1,"name":"W","settings":{"max_running":1},"steps":[
			{"id":"s","type":"set_values","config":{"values":{"x":"{{ secrets.KEY }}"}}},
			{"id":"e","type":"for_each","config":{"list":[1,2]},"do":[{"id":"i","type":"wait","config":{"for":"20ms"}}]},
			{"id":"r","type":"run_workflow","config":{"workflow":"`+child.ID+`","wait":true}},
			{"id":"a","type":"approval","config":{"question":"May we?"}}]}`)
		endless := publish(t, db, `{"format":1,"name":"W","steps":[{"id":"h","type":"hold"}]}`)
		scheduled(ctx, t, db, types)

		seen := modelstest.Watch(db)
		stop := start(t, process.Config{DB: db, Queue: q, Types: types, Secrets: vault, Concurrency: 3, Grace: time.Second})
		e := engine.New(engine.Options{DB: db, Queue: q, Types: types})
		begin := func(w models.Workflow) models.Run {
			run, _, err := e.StartNow(ctx, engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
			must(t, err)
			return run
		}
		asked, second, cut := begin(all), begin(all), begin(endless) // the second waits for the first one's place
		approve(ctx, t, db, e, asked)
		approve(ctx, t, db, e, second)
		<-held
		_, err = e.Cancel(ctx, cut.ID, "Ada")
		must(t, err)
		// Each loop has one of these.
		for _, word := range []string{"FROM secrets", "paused_at", "paused_until", "planned_runs", "deliveries", "alerts", "lease_until", "run_texts"} {
			modelstest.Eventually(t, "the worker asks for "+word, func() bool { return seen.Holds(word) })
		}
		stop()
		for _, statement := range seen.Unbounded() {
			t.Errorf("no deadline: %s", statement)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// scheduled publishes two workflows whose schedules are due, and one whose pause is
// about to end.
func scheduled(ctx context.Context, t *testing.T, db *gorm.DB, types workflow.Types) {
	t.Helper()
	c := &catalog.Catalog{DB: db, Checker: workflow.Checker{Types: types, Trigger: schedule.CheckTrigger}}
	var planned []models.Workflow
	for range 3 {
		w, err := c.Create(ctx, workflow.Definition{
			Format: workflow.Format, Name: "S", Triggers: []workflow.Trigger{{ID: "times", Type: "schedule", Every: "1h"}},
			Steps: []workflow.Step{{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"done": true}}}},
		}, true, "Ada")
		must(t, err)
		planned = append(planned, w)
	}
	must(t, db.WithContext(ctx).Exec("UPDATE schedules SET next_fire_at = ?", models.Now().Add(-time.Second)).Error)
	until := models.Now().Add(time.Second)
	_, err := c.Pause(ctx, planned[0].ID, catalog.Pause{By: "Ada", Until: &until})
	must(t, err)
}

// approve answers the question of a run and waits for its end.
func approve(ctx context.Context, t *testing.T, db *gorm.DB, e *engine.Engine, run models.Run) {
	t.Helper()
	modelstest.Eventually(t, "the run asks", func() bool {
		found, err := runs.Get(ctx, db, run.ID)
		return err == nil && found.WaitingFor == workflow.WaitApproval
	})
	var approval models.Approval
	must(t, db.WithContext(ctx).Where("run_id = ?", run.ID).Take(&approval).Error)
	_, err := e.AnswerApproval(ctx, approval.ID, engine.Answer{Decision: models.ApprovalApproved, Who: engine.Decider{Name: "Ada", Administrator: true}})
	must(t, err)
	modelstest.Eventually(t, "the run succeeds", func() bool {
		found, err := runs.Get(ctx, db, run.ID)
		return err == nil && found.Status == workflow.RunSucceeded
	})
}
