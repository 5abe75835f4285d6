package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/queue/board"
	"workflows/worker/workflow"
)

func TestRunExistsOnlyOnceItsTransactionCommits(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(`{"name": "Tx", "steps": [{"id": "n", "type": "note"}]}`)
		changed := errors.New("changed my mind")
		var run models.Run
		err := models.Tx(t.Context(), l.db, func(tx *gorm.DB) (err error) {
			if run, err = l.e.Start(t.Context(), tx, engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: "manual"}}); err != nil {
				return err
			}
			return changed
		})
		if !errors.Is(err, changed) {
			l.Fatal(err)
		}
		if _, err := runs.Get(t.Context(), l.db, run.ID); !errors.Is(err, models.ErrNotFound) {
			l.Fatal(err)
		}
	})
}

func TestStartSaysWhyItCannot(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(`{"name": "In", "inputs": [{"name": "n", "type": "number", "required": true}], "steps": [{"id": "n", "type": "note"}]}`)
		start := func(id string, input map[string]any) error {
			_, _, err := l.e.StartNow(t.Context(), engine.StartRequest{WorkflowID: id, Input: input, Trigger: engine.Trigger{Type: "manual"}})
			return err
		}
		var invalid *models.InvalidError
		if err := start(w.ID, map[string]any{"n": "x", "m": 1}); !errors.As(err, &invalid) || invalid.Code != "invalid_input" || len(invalid.Fields) != 2 {
			l.Fatal(err, invalid)
		}
		for _, id := range []string{models.NewID(), "", "nonsense"} {
			if err := start(id, nil); !errors.Is(err, models.ErrNotFound) {
				l.Fatal(id, err)
			}
		}
		l.must(l.db.Model(&models.Workflow{}).Where("id = ?", w.ID).Update("status", "paused").Error)
		l.must(start(w.ID, map[string]any{"n": json.Number("1")}))
		l.must(l.db.Model(&models.Workflow{}).Where("id = ?", w.ID).Updates(map[string]any{"version_id": nil, "version": nil}).Error)
		var conflict *models.ConflictError
		if err := start(w.ID, map[string]any{"n": json.Number("1")}); !errors.As(err, &conflict) || conflict.Code != "not_published" {
			l.Fatal(err)
		}
	})
}

func TestSameKeyIsTheSameRunAndAnotherBodyIsRefused(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(`{"name": "Key", "steps": [{"id": "n", "type": "note"}]}`)
		request := func(hash string) engine.StartRequest {
			return engine.StartRequest{WorkflowID: w.ID, IdempotencyKey: "k", RequestHash: hash, Trigger: engine.Trigger{Type: "manual"}}
		}
		var mu sync.Mutex
		ids := map[string]bool{}
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				run, _, err := l.e.StartNow(context.Background(), request("a"))
				if err != nil {
					l.Error(err)
				}
				mu.Lock()
				ids[run.ID] = true
				mu.Unlock()
			})
		}
		group.Wait()
		equal(l, "runs", len(ids), 1)
		if _, existing, err := l.e.StartNow(t.Context(), request("a")); !existing || err != nil {
			l.Fatal(existing, err)
		}
		var invalid *models.InvalidError
		if _, _, err := l.e.StartNow(t.Context(), request("b")); !errors.As(err, &invalid) || invalid.Code != "idempotency_mismatch" {
			l.Fatal(err)
		}
	})
}

func TestRetryFromTheStartIsANewRunWithTheSameData(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		w := l.publish(`{"name": "Again", "inputs": [{"name": "t", "type": "text"}], "steps": [{"id": "n", "type": "note", "config": {"t": "{{ input.t }}", "type": "{{ trigger.type }}"}}]}`)
		first := l.ended(l.start(w, map[string]any{"t": "x"}).ID)
		again, err := l.e.Retry(t.Context(), first.ID, engine.RetryRequest{By: "Ben", Via: "api"})
		l.must(err)
		ended := l.ended(again.ID)
		equal(l, "output", json.RawMessage(ended.Output), json.RawMessage(`{"t":"x","type":"retry"}`))
		if ended.ID == first.ID || *ended.RetryOf != first.ID || ended.TriggerType != engine.TriggerRetry {
			l.Fatalf("%+v", ended)
		}
	})
}

func TestSameKeyIsTheSameRetry(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(`{"name": "Again", "steps": [{"id": "n", "type": "note"}]}`)
		first := l.start(w, nil)
		_, err := l.e.Cancel(t.Context(), first.ID, "Ann")
		l.must(err)
		ids := make(chan string, 8)
		var group sync.WaitGroup
		for range cap(ids) {
			group.Go(func() {
				again, err := l.e.Retry(context.Background(), first.ID, engine.RetryRequest{From: engine.FromStart, IdempotencyKey: "k"})
				if err != nil {
					l.Error(err)
				}
				ids <- again.ID
			})
		}
		group.Wait()
		same := <-ids
		for range cap(ids) - 1 {
			equal(l, "run", <-ids, same)
		}
		var invalid *models.InvalidError
		_, err = l.e.Retry(t.Context(), first.ID, engine.RetryRequest{From: engine.FromFailedStep, IdempotencyKey: "k"})
		if !errors.As(err, &invalid) || invalid.Code != "idempotency_mismatch" {
			l.Fatal(err)
		}
	})
}

func TestRetryFromTheFailedStepRepeatsNothingBeforeIt(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		const before = `{"id": "a", "type": "act", "config": {"v": 7}}, {"id": "c", "type": "condition", "config": {"match": "all", "conditions": [{"value": 1, "operator": "equals", "other": 1}]}, "then": [`
		w := l.publish(`{"name": "Again", "steps": [` + before + `{"id": "f", "type": "fail", "config": {"output": 1}}, {"id": "n", "type": "note", "config": {"v": "{{ steps.a.v }}"}}]}]}`)
		failed := l.ended(l.start(w, nil).ID)
		equal(l, "first", failed.Status, workflow.RunFailed)
		l.republish(w.ID, 2, `{"name": "Again", "steps": [`+before+`{"id": "f", "type": "note"}, {"id": "n", "type": "note", "config": {"v": "{{ steps.a.v }}"}}]}]}`)

		again, err := l.e.Retry(t.Context(), failed.ID, engine.RetryRequest{From: engine.FromFailedStep, Version: engine.VersionCurrent})
		l.must(err)
		ended := l.ended(again.ID)
		equal(l, "run", []any{ended.Status, ended.Version, ended.RetryFrom}, []any{workflow.RunSucceeded, 2, "f"})
		equal(l, "output", json.RawMessage(ended.Output), json.RawMessage(`{"v":7}`))
		equal(l, "calls", l.lit.called(), []string{"a", "f", "f", "n"})

		same, err := l.e.Retry(t.Context(), failed.ID, engine.RetryRequest{From: engine.FromFailedStep, Version: engine.VersionSame})
		l.must(err)
		equal(l, "the same version fails again", l.ended(same.ID).Status, workflow.RunFailed)

		var conflict *models.ConflictError
		if _, err := l.e.Retry(t.Context(), ended.ID, engine.RetryRequest{From: engine.FromFailedStep}); !errors.As(err, &conflict) || conflict.Code != "nothing_failed" {
			l.Fatal(err)
		}
		l.republish(w.ID, 3, `{"name": "Again", "steps": [{"id": "z", "type": "note"}]}`)
		if _, err := l.e.Retry(t.Context(), failed.ID, engine.RetryRequest{From: engine.FromFailedStep, Version: engine.VersionCurrent}); !errors.As(err, &conflict) || conflict.Code != "step_gone" {
			l.Fatal(err)
		}
	})
}

func TestOnlyFinalRunsAreRunAgain(t *testing.T) {
	each(t, func(l *lab) {
		run := l.run(`{"name": "Open", "steps": [{"id": "n", "type": "note"}]}`)
		var conflict *models.ConflictError
		if _, err := l.e.Retry(t.Context(), run.ID, engine.RetryRequest{}); !errors.As(err, &conflict) || conflict.Code != "run_not_final" {
			l.Fatal(err)
		}
		var invalid *models.InvalidError
		if _, err := l.e.Retry(t.Context(), run.ID, engine.RetryRequest{From: "middle"}); !errors.As(err, &invalid) || invalid.Fields[0].Path != "from" {
			l.Fatal(err)
		}
		if _, err := l.e.Retry(t.Context(), models.NewID(), engine.RetryRequest{}); !errors.Is(err, models.ErrNotFound) {
			l.Fatal(err)
		}
	})
}

func TestOutcomesAreCountedByMinute(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		l.ended(l.run(`{"name": "Good", "steps": [{"id": "n", "type": "note"}]}`).ID)
		l.ended(l.run(`{"name": "Bad", "steps": [{"id": "n", "type": "panic"}]}`).ID)
		modelstest.Eventually(l, "both outcomes are counted", func() bool {
			stats, err := board.ReadStats(t.Context(), l.q)
			succeeded, failed := 0, 0
			for _, minute := range stats.History {
				succeeded, failed = succeeded+minute.Succeeded, failed+minute.Failed
			}
			return err == nil && succeeded == 1 && failed == 1
		})
	})
}
