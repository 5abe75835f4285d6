package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

func limited(limit int, onLimit, step string) string {
	return fmt.Sprintf(`{"name": "Limited", "settings": {"max_running": %d, "on_limit": %q}, "steps": [{"id": "s", "type": %q}]}`, limit, onLimit, step)
}

// startEach starts n runs at once.
func (l *lab) startEach(w models.Workflow, n int) []models.Run {
	l.Helper()
	started := make([]models.Run, n)
	var group sync.WaitGroup
	for i := range started {
		group.Go(func() {
			run, _, err := l.e.StartNow(context.Background(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
			if err != nil {
				l.Error(err)
			}
			started[i] = run
		})
	}
	group.Wait()
	return started
}

// withPlace counts the unfinished runs of a workflow that are not held back.
func (l *lab) withPlace(workflowID string) int {
	l.Helper()
	var n int64
	l.must(l.db.Model(&models.Run{}).Where("workflow_id = ? AND NOT held_back AND status IN ('queued', 'running', 'waiting')", workflowID).Count(&n).Error)
	return int(n)
}

func TestNeverMoreRunsThanTheLimitAreAdmitted(t *testing.T) {
	alone(t, func(l *lab) {
		w := l.publish(limited(3, "queue", "note"))
		started := l.startEach(w, 200)
		equal(l, "admitted of 200 concurrent starts", l.withPlace(w.ID), 3)
		if run := l.get(started[199].ID); run.Status != workflow.RunQueued || !run.Limited {
			l.Fatalf("%+v", run)
		}
		l.worker(8, 0)
		most := 0
		modelstest.Eventually(l, "all 200 runs end", func() bool {
			most = max(most, l.withPlace(w.ID))
			left, _, err := runs.List(l.Context(), l.db, runs.Filter{WorkflowID: w.ID, Status: []string{"queued", "running", "waiting"}, Limit: 1})
			return err == nil && len(left) == 0
		})
		if most > 3 {
			l.Errorf("%d runs were admitted at once", most)
		}
		equal(l, "each was executed once", len(l.lit.called()), 200)
	})
}

func TestHeldBackRunsGetTheirPlacesInOrder(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(limited(1, "", "hold"))
		first, second, third := l.start(w, nil), l.start(w, nil), l.start(w, nil)
		equal(l, "held back", []bool{first.HeldBack, second.HeldBack, third.HeldBack}, []bool{false, true, true})
		l.worker(4, 0)
		<-l.lit.begun
		equal(l, "claimed by hand", l.get(second.ID).Status, workflow.RunQueued)
		_, err := l.e.Cancel(l.Context(), second.ID, "Anna") // whoever waits may be cancelled, and takes no place
		l.must(err)
		if run := l.get(second.ID); run.HeldBack || run.Status != workflow.RunCancelled {
			l.Fatalf("%+v", run)
		}
		_, err = l.e.Cancel(l.Context(), first.ID, "Anna")
		l.must(err)
		<-l.lit.begun
		equal(l, "the third has the place", l.get(third.ID).Status, workflow.RunRunning)
		close(l.lit.open)
		equal(l, "third", l.ended(third.ID).Status, workflow.RunSucceeded)
	})
}

func TestHeldBackRunIsNotClaimed(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(limited(1, "queue", "note"))
		l.start(w, nil)
		held := l.start(w, nil)
		claimed, _, err := runs.Commit(l.Context(), l.db, runs.Batch{Owner: "me", Claims: []string{held.ID}, Now: models.Now(), Lease: time.Minute})
		if err != nil || len(claimed) != 0 {
			l.Fatal(claimed, err)
		}
	})
}

func TestAStepSaysThatItsRunWasSkippedByTheOthersLimit(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(limited(1, "skip", "note"))
		l.start(w, nil) // is never taken up, and in the way
		l.must(l.db.Exec("UPDATE runs SET status = 'waiting', waiting_for = 'time'").Error)
		l.worker(1, 0)
		run := l.ended(l.run(`{"name": "Caller", "steps": [{"id": "c", "type": "call", "config": {"workflow": "` + w.ID + `"}}]}`).ID)
		if want := "The run of “Limited” that it started was skipped, because this workflow runs one at a time and one is not finished."; !strings.Contains(string(run.Error), want) {
			l.Errorf("it says %s", run.Error)
		}
	})
}

func TestOverTheLimitARunIsSkippedOrRefusedAsTheSettingsSay(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(limited(1, "skip", "note"))
		l.start(w, nil)
		skipped := l.start(w, nil)
		stored := l.get(skipped.ID)
		equal(l, "skipped", []any{stored.Status, code(stored.Error), stored.FinishedAt != nil}, []any{workflow.RunCancelled, "skipped_limit", true})
		if engine.Skipped(skipped) != "Skipped, because this workflow runs one at a time and one is not finished." {
			l.Error(engine.Skipped(skipped))
		}
		w = l.publish(limited(2, "reject", "note"))
		l.start(w, nil)
		l.start(w, nil)
		_, _, err := l.e.StartNow(l.Context(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
		var limit *models.LimitError
		if !errors.As(err, &limit) || limit.Code != "limit_reached" || limit.RetryAfter <= 0 {
			l.Fatal(err)
		}
		equal(l, "stored", l.withPlace(w.ID), 2)
	})
}

func TestWaitingRunKeepsItsPlaceAndARetryNeedsOne(t *testing.T) {
	each(t, func(l *lab) {
		stop := l.worker(2, 0)
		w := l.publish(`{"name": "Limited", "settings": {"max_running": 1}, "steps": [{"id": "w", "type": "wait", "config": {"for": "1d"}}]}`)
		first := l.start(w, nil)
		l.until(first.ID, workflow.RunWaiting)
		cancelled := l.start(w, nil)
		equal(l, "held back while the first waits", cancelled.HeldBack, true)
		_, err := l.e.Cancel(l.Context(), cancelled.ID, "")
		l.must(err)
		again, err := l.e.Retry(l.Context(), cancelled.ID, engine.RetryRequest{})
		l.must(err)
		equal(l, "the retry is held back", again.HeldBack, true)
		stop()
	})
}

func TestPlaceOfALostRunIsNotLost(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(limited(1, "queue", "note"))
		first, second := l.start(w, nil), l.start(w, nil)
		l.perish(first.ID) // its worker dies; the place stays its own until it has ended elsewhere
		l.worker(2, 0)
		equal(l, "first", l.ended(first.ID).Status, workflow.RunSucceeded)
		equal(l, "second", l.ended(second.ID).Status, workflow.RunSucceeded)
	})
}

func TestChangedLimitHoldsForRunsThatWait(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(limited(1, "queue", "hold"))
		for range 4 {
			l.start(w, nil)
		}
		l.republish(w.ID, 2, limited(3, "queue", "hold"))
		l.sweeperUntil("three have places", func() bool { return l.withPlace(w.ID) == 3 })
		l.republish(w.ID, 3, `{"name": "Free", "steps": [{"id": "s", "type": "hold"}]}`)
		l.sweeperUntil("all have places", func() bool { return l.withPlace(w.ID) == 4 })
		l.republish(w.ID, 4, limited(2, "queue", "hold"))
		equal(l, "started before there was a limit counts too", l.start(w, nil).HeldBack, true)
	})
}

func (l *lab) sweeperUntil(sentence string, done func() bool) {
	l.Helper()
	stop := l.sweeper()
	defer stop()
	modelstest.Eventually(l, sentence, done)
}
