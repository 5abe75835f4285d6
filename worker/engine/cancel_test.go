package engine_test

import (
	"errors"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue/board"
	"workflows/worker/queue/queuetest"
	"workflows/worker/workflow"
)

func TestCancelledRunStartsNoFurtherStep(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Cancel", "steps": [{"id": "h", "type": "hold_act", "retry": {"max_attempts": 5, "delay": "1ms"}}, {"id": "n", "type": "note"}]}`)
		<-l.lit.begun
		cancelled, err := l.e.Cancel(t.Context(), run.ID, "Anna")
		l.must(err)
		equal(l, "status", cancelled.Status, workflow.RunCancelled)
		if cause := <-l.lit.ended; cause == nil {
			l.Fatal("the call was not cut off")
		}
		// The next run goes through the same worker, so the first has left it.
		l.ended(l.run(`{"name": "Other", "steps": [{"id": "other", "type": "note"}]}`).ID)
		equal(l, "calls", l.lit.called(), []string{"h", "other"})
		after := l.get(run.ID)
		equal(l, "after", []any{after.Status, code(after.Error), summary(l.rows(run.ID))}, []any{workflow.RunCancelled, "cancelled", []string{"h cancelled"}})
	})
}

func TestCancelIsFinal(t *testing.T) {
	each(t, func(l *lab) {
		run := l.run(`{"name": "Cancel", "steps": [{"id": "n", "type": "note"}]}`)
		_, err := l.e.Cancel(t.Context(), run.ID, "Anna")
		l.must(err)
		l.e.Announce(t.Context(), run)
		l.worker(1, 0)
		var conflict *models.ConflictError
		if _, err := l.e.Cancel(t.Context(), run.ID, "Ben"); !errors.As(err, &conflict) || conflict.Code != "run_final" {
			l.Fatal(err)
		}
		if _, err := l.e.Cancel(t.Context(), models.NewID(), "Ben"); !errors.Is(err, models.ErrNotFound) {
			l.Fatal(err)
		}
		if _, err := l.e.Cancel(t.Context(), "nonsense", "Ben"); !errors.Is(err, models.ErrNotFound) {
			l.Fatal(err)
		}
		l.ended(l.run(`{"name": "Other", "steps": [{"id": "other", "type": "note"}]}`).ID)
		equal(l, "calls", l.lit.called(), []string{"other"})
		equal(l, "status", l.get(run.ID).Status, workflow.RunCancelled)
	})
}

func TestWaitingRunCanBeCancelled(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Wait", "steps": [{"id": "w", "type": "wait", "config": {"for": "1d"}}]}`)
		l.until(run.ID, workflow.RunWaiting)
		modelstest.Eventually(l, "the hint for later is in Redis", func() bool {
			stats, err := board.ReadStats(t.Context(), l.q)
			return err == nil && stats.Scheduled == 1
		})
		_, err := l.e.Cancel(t.Context(), run.ID, "")
		l.must(err)
		equal(l, "rows", summary(l.rows(run.ID)), []string{"w cancelled"})
		stats, err := board.ReadStats(t.Context(), l.q)
		l.must(err)
		equal(l, "hints left for later", stats.Scheduled, 0)
	})
}

func TestRunsAreAcceptedAndCancelledWhileRedisIsAway(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q, server := queuetest.MiniServer(t)
		l := newLab(t, db, q)
		l.worker(2, 0)
		l.ended(l.run(`{"name": "Before", "steps": [{"id": "n", "type": "note"}]}`).ID)
		address := server.Addr()
		server.Close()
		run, kept := l.run(`{"name": "Kept", "steps": [{"id": "n", "type": "note"}]}`), l.run(`{"name": "Cancelled", "steps": [{"id": "n", "type": "note"}]}`)
		_, err := l.e.Cancel(t.Context(), kept.ID, "Anna")
		l.must(err)
		equal(l, "accepted", l.get(run.ID).Status, workflow.RunQueued)
		l.must(server.StartAddr(address))
		equal(l, "once Redis is back", l.ended(run.ID).Status, workflow.RunSucceeded)
		equal(l, "cancelled", l.get(kept.ID).Status, workflow.RunCancelled)
	})
}
