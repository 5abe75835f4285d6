package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
	"workflows/worker/workflow"
)

// flush empties Redis as FLUSHALL would, for this lab.
func (l *lab) flush() {
	l.Helper()
	queuetest.Forget(l, l.q)
}

// perish claims the run as a worker that is gone at once; rows are the attempts
// that it had begun.
func (l *lab) perish(runID string, rows ...models.StepRun) {
	l.Helper()
	claimed, _, err := runs.Commit(l.Context(), l.db, runs.Batch{Owner: "gone", Claims: []string{runID}, Now: models.Now(), Lease: time.Millisecond})
	l.must(err)
	if len(claimed) != 1 {
		l.Fatal("the run could not be claimed")
	}
	if len(rows) == 0 {
		return
	}
	now := models.Now()
	for i := range rows {
		rows[i].ID, rows[i].RunID, rows[i].StartedAt = models.NewID(), runID, &now
	}
	counted, err := runs.CommitOne(l.Context(), l.db, runs.Advance{RunID: runID, Attempt: claimed[0].Attempt, Status: "running", Steps: rows})
	l.must(err)
	equal(l, "advanced", counted, true)
}

func TestRunOfAWorkerThatIsGoneGoesOnElsewhere(t *testing.T) {
	each(t, func(l *lab) {
		run := l.run(`{"name": "Lost", "steps": [{"id": "a", "type": "note"}, {"id": "b", "type": "note"}]}`)
		l.perish(run.ID,
			models.StepRun{StepID: "a", Type: "note", Attempt: 1, Status: "succeeded", Input: models.JSON(`{}`)},
			models.StepRun{StepID: "b", Type: "note", Attempt: 1, Status: "running", Input: models.JSON(`{}`)})
		l.worker(1, 0)
		ended := l.ended(run.ID)
		equal(l, "status", ended.Status, workflow.RunSucceeded)
		equal(l, "rows", summary(l.rows(run.ID)), []string{"a succeeded", "b failed worker_lost", "b succeeded"})
		equal(l, "steps executed anew", l.lit.called(), []string{"b"})
	})
}

// Whoever took the hint is gone before it claimed the run; its lists in Redis are
// removed, or stay: nobody asks them.
func TestRunWhoseHintWentWithItsWorkerIsRungAgain(t *testing.T) {
	each(t, func(l *lab) {
		run := l.run(`{"name": "Lost", "steps": [{"id": "a", "type": "note"}]}`)
		queuetest.Do(l, l.q, "RPOPLPUSH", l.lane("default"), l.lane("default")+":gone:inprogress")
		equal(l, "hints", l.depth(queue.DefaultLane), 0)
		l.worker(1, 0)
		equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
	})
}

// undecided starts a run whose worker is lost inside a step that may have acted,
// and waits until it asks for a decision.
func (l *lab) undecided(onUnknown string) models.Run {
	l.Helper()
	run := l.run(`{"name": "Lost", "steps": [
		{"id": "a", "type": "act", "name": "Tell sales", "on_error": "continue", "on_unknown": "` + onUnknown + `", "retry": {"max_attempts": 5}},
		{"id": "b", "type": "note", "config": {"told": "{{ steps.a }}"}}]}`)
	l.perish(run.ID, models.StepRun{StepID: "a", Name: "Tell sales", Type: "act", Attempt: 1, Status: "running", Input: models.JSON(`{}`)})
	l.worker(1, 0)
	return run
}

func TestUnknownOutcomeWaitsForADecision(t *testing.T) {
	each(t, func(l *lab) {
		run := l.until(l.undecided("wait").ID, workflow.RunWaiting)
		equal(l, "waits for", run.WaitingFor, workflow.WaitDecision)
		equal(l, "rows", summary(l.rows(run.ID)), []string{"a waiting unknown_outcome"})
		equal(l, "steps executed", l.lit.called(), []string{})
	})
}

func TestADecisionHasTheRunGoOn(t *testing.T) {
	for action, want := range map[string]struct {
		rows   []string
		output string
	}{
		engine.DecideRepeat:  {[]string{"a failed unknown_outcome", "a succeeded", "b succeeded"}, `{"told":{}}`},
		engine.DecideSucceed: {[]string{"a succeeded", "b succeeded"}, `{"told":{"number":12345678901234567890}}`},
		engine.DecideFail:    {[]string{"a failed unknown_outcome", "b succeeded"}, `{"told":{"error":{"code":"unknown_outcome","message":"It is not known whether this step acted, and Anna decided that it failed."}}}`},
	} {
		t.Run(action, func(t *testing.T) {
			each(t, func(l *lab) {
				run := l.until(l.undecided("wait").ID, workflow.RunWaiting)
				decision := engine.Decision{StepID: "a", Action: action, By: "Anna"}
				if action == engine.DecideSucceed {
					decision.Output = map[string]any{"number": json.Number("12345678901234567890")}
				}
				_, err := l.e.Decide(l.Context(), run.ID, decision)
				l.must(err)
				ended := l.ended(run.ID)
				equal(l, "rows", summary(l.rows(run.ID)), want.rows)
				equal(l, "output", string(ended.Output), want.output)
				if note := l.rows(run.ID)[0].Note; !strings.HasPrefix(note, "Anna ") {
					l.Fatal("nobody is said to have decided:", note)
				}
				var conflict *models.ConflictError
				if _, err := l.e.Decide(l.Context(), run.ID, decision); !errors.As(err, &conflict) || conflict.Code != "no_decision_wanted" {
					l.Fatal("decided twice:", err)
				}
			})
		})
	}
}

func TestAStepSaysItselfWhatBecomesOfAnUnknownOutcome(t *testing.T) {
	for rule, want := range map[string][]string{
		"repeat": {"a failed worker_lost", "a succeeded", "b succeeded"},
		"fail":   {"a failed unknown_outcome", "b succeeded"},
	} {
		t.Run(rule, func(t *testing.T) {
			each(t, func(l *lab) {
				run := l.ended(l.undecided(rule).ID)
				equal(l, "rows", summary(l.rows(run.ID)), want)
			})
		})
	}
}

func TestThreeLossesAtOneStepFailTheRun(t *testing.T) {
	each(t, func(l *lab) {
		run := l.run(`{"name": "Poison", "steps": [{"id": "a", "type": "note"}]}`)
		stop := func() {}
		for range 3 {
			stop()
			l.perish(run.ID)
			stop = l.sweeper()
			l.until(run.ID, workflow.RunQueued)
		}
		stop()
		l.worker(1, 0)
		ended := l.ended(run.ID)
		equal(l, "code", code(ended.Error), "poison")
		equal(l, "steps executed", l.lit.called(), []string{})
	})
}

// sweeper runs an engine that has no worker pool.
func (l *lab) sweeper() (stop func()) {
	e := engine.New(l.options())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	return func() { cancel(); <-done }
}

func TestLateWorkerChangesNothing(t *testing.T) {
	each(t, func(l *lab) {
		run := l.run(`{"name": "Late", "steps": [{"id": "h", "type": "hold_act"}]}`)
		late := engine.New(l.options()) // without a keeper, as after a long pause of its process
		done := make(chan error, 1)
		go func() { done <- late.Execute(context.Background(), run.ID) }()
		<-l.lit.begun
		l.must(l.db.Exec("UPDATE runs SET lease_until = ? WHERE id = ?", models.Now().Add(-time.Minute), run.ID).Error)
		l.worker(1, 0)
		l.until(run.ID, workflow.RunWaiting)
		close(l.lit.open)
		l.must(<-done)
		after := l.get(run.ID)
		equal(l, "run after the late answer", []any{after.Status, after.WaitingFor, after.Attempt}, []any{"waiting", "decision", 2})
		equal(l, "rows", summary(l.rows(run.ID)), []string{"h waiting unknown_outcome"})
	})
}

func TestWorkerThatHasLostItsLeaseStopsTheStep(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Taken", "steps": [{"id": "h", "type": "hold"}]}`)
		<-l.lit.begun
		l.must(l.db.Exec("UPDATE runs SET attempt = attempt + 1, lease_owner = 'other' WHERE id = ?", run.ID).Error)
		if cause := <-l.lit.ended; !errors.Is(cause, engine.ErrLeaseLost) {
			l.Fatal(cause)
		}
	})
}

func TestLeaseOutlastsALongStep(t *testing.T) {
	each(t, func(l *lab) {
		l.lease = 3 * time.Second
		l.worker(1, 0)
		defer l.sweeper()()
		run := l.run(`{"name": "Long", "steps": [{"id": "h", "type": "hold"}]}`)
		<-l.lit.begun
		first := *l.get(run.ID).LeaseUntil
		modelstest.Eventually(l, "the lease is prolonged well beyond its first length", func() bool {
			until := l.get(run.ID).LeaseUntil
			return until != nil && until.Sub(first) > l.lease
		})
		close(l.lit.open)
		ended := l.ended(run.ID)
		equal(l, "attempt", ended.Attempt, 1)
	})
}

func TestShutdownHandsRunsBackAndAnotherWorkerGoesOnAtOnce(t *testing.T) {
	each(t, func(l *lab) {
		stop := l.worker(1, 200*time.Millisecond)
		run := l.run(`{"name": "Hand over", "steps": [{"id": "n", "type": "note"}, {"id": "h", "type": "hold", "retry": {"max_attempts": 1}}]}`)
		l.until(run.ID, workflow.RunRunning)
		<-l.lit.begun
		stop()
		if cause := <-l.lit.ended; !errors.Is(cause, queue.ErrShutdown) {
			l.Fatal(cause)
		}
		back := l.get(run.ID)
		equal(l, "handed back", []any{back.Status, back.LeaseOwner, back.Recoveries}, []any{workflow.RunQueued, "", 0})
		close(l.lit.open)
		l.worker(1, 0)
		equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
		equal(l, "rows", summary(l.rows(run.ID)), []string{"n succeeded", "h failed interrupted", "h succeeded"})
	})
}

func TestAnActThatAShutdownCutsOffIsToldAsSuch(t *testing.T) {
	each(t, func(l *lab) {
		stop := l.worker(1, 200*time.Millisecond)
		run := l.run(`{"name": "Stopped", "steps": [{"id": "h", "type": "hold_act", "name": "Tell sales"}]}`)
		<-l.lit.begun
		stop()
		l.worker(1, 0)
		l.until(run.ID, workflow.RunWaiting)
		row := l.rows(run.ID)[0]
		if want := "The worker was stopped while “Tell sales” was running, so it is not known whether it acted."; !strings.Contains(string(row.Error), want) {
			l.Errorf("it says %s", row.Error)
		}
	})
}

func TestShutdownLetsAStepEndWithinTheGrace(t *testing.T) {
	each(t, func(l *lab) {
		l.lease = 3 * time.Second
		stop := l.worker(1, 20*time.Second)
		run := l.run(`{"name": "Grace", "steps": [{"id": "h", "type": "hold_act"}, {"id": "n", "type": "note"}]}`)
		<-l.lit.begun
		stopped := make(chan struct{})
		go func() { stop(); close(stopped) }()
		// Longer than the lease: it is kept while the step may still end.
		timer := time.NewTimer(l.lease + time.Second/2)
		<-timer.C
		close(l.lit.open)
		<-stopped
		back := l.get(run.ID)
		equal(l, "rows", summary(l.rows(run.ID)), []string{"h succeeded"})
		equal(l, "handed back before the next step", []any{back.Status, back.Recoveries}, []any{workflow.RunQueued, 0})
		l.worker(1, 0)
		equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
		equal(l, "calls", l.lit.called(), []string{"h", "n"})
	})
}

func TestDoubledHintsExecuteARunOnce(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(`{"name": "Once", "steps": [{"id": "a", "type": "act"}, {"id": "b", "type": "note"}]}`)
		var started []models.Run
		for range 20 {
			started = append(started, l.start(w, nil))
		}
		for range 5 {
			l.e.Announce(l.Context(), started...)
		}
		l.worker(8, 0)
		for _, run := range started {
			ended := l.ended(run.ID)
			equal(l, "run", []any{ended.Status, ended.Attempt, len(l.rows(run.ID))}, []any{workflow.RunSucceeded, 1, 2})
		}
		equal(l, "calls", len(l.lit.called()), 40)
	})
}

func TestRunsGoOnAfterRedisForgotEverything(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(`{"name": "Flush", "steps": [{"id": "n", "type": "note"}]}`)
		var started []models.Run
		for range 10 {
			started = append(started, l.start(w, nil))
		}
		l.flush()
		l.worker(4, 0)
		for _, run := range started { // rung again after five seconds
			equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
		}
	})
}
