package engine_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/workflow"
)

func TestWaitingRunHoldsNoWorkerAndGoesOnInTime(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		waiting := l.run(`{"name": "Wait", "steps": [{"id": "w", "type": "wait", "config": {"for": "1s"}}, {"id": "after", "type": "note", "config": {"v": "{{ steps.w.until }}"}}]}`)
		run := l.until(waiting.ID, workflow.RunWaiting)
		equal(l, "waits for", run.WaitingFor, workflow.WaitTime)
		equal(l, "row", summary(l.rows(run.ID)), []string{"w waiting"})
		other := l.ended(l.run(`{"name": "Other", "steps": [{"id": "n", "type": "note"}]}`).ID)
		equal(l, "another run meanwhile, with one worker", other.Status, workflow.RunSucceeded)
		equal(l, "still waiting", l.get(waiting.ID).Status, workflow.RunWaiting)
		run = l.ended(waiting.ID)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		if took := run.FinishedAt.Sub(*run.StartedAt); took < 900*time.Millisecond {
			l.Fatalf("waited %v", took)
		}
	})
}

func TestWorkerWhoseHintForLaterIsLostWakesTheRunAllTheSame(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Nap", "steps": [{"id": "n", "type": "nap"}]}`)
		l.until(run.ID, workflow.RunWaiting)
		l.flush()
		equal(l, "output", json.RawMessage(l.ended(run.ID).Output), json.RawMessage(`{"napped":true}`))
	})
}

func TestStepTimeoutEndsTheCall(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.ended(l.run(`{"name": "Slow", "steps": [{"id": "h", "type": "hold", "timeout": "50ms"}]}`).ID)
		equal(l, "code", code(run.Error), "timeout")
		if cause := <-l.lit.ended; cause == nil {
			l.Fatal("the step's context did not end")
		}
	})
}

func TestStepThatIgnoresItsContextIsAbandoned(t *testing.T) {
	each(t, func(l *lab) {
		defer close(l.lit.open)
		l.worker(1, 0)
		run := l.ended(l.run(`{"name": "Deaf", "steps": [{"id": "d", "type": "deaf", "timeout": "50ms"}]}`).ID)
		equal(l, "code", code(run.Error), "timeout")
		equal(l, "the worker goes on", l.ended(l.run(`{"name": "Other", "steps": [{"id": "n", "type": "note"}]}`).ID).Status, workflow.RunSucceeded)
	})
}

func TestRunTimeoutEndsARunningStep(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.timedOut(`"steps": [{"id": "h", "type": "hold", "retry": {"max_attempts": 5, "delay": "1ms"}}]`)
		equal(l, "code", code(run.Error), "timeout")
		equal(l, "rows", summary(l.rows(run.ID)), []string{"h failed timeout"})
	})
}

func TestRunTimeoutEndsAWaitingRun(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.timedOut(`"steps": [{"id": "w", "type": "wait", "config": {"for": "3d"}}]`)
		equal(l, "status", run.Status, workflow.RunFailed)
		equal(l, "code", code(run.Error), "timeout")
		equal(l, "rows", summary(l.rows(run.ID)), []string{"w cancelled"})
	})
}

// timedOut is the end of a run of these steps that ran out of time within them; on
// a busy machine a short time may be over before they begin.
func (l *lab) timedOut(steps string) models.Run {
	l.Helper()
	for _, timeout := range []string{"100ms", "1s", "10s"} {
		run := l.ended(l.run(`{"name": "Long", "settings": {"timeout": "` + timeout + `"}, ` + steps + `}`).ID)
		if len(l.rows(run.ID)) > 0 {
			return run
		}
	}
	l.Fatal("no step began within ten seconds")
	return models.Run{}
}

func TestSlowStepIsShownWhileItRuns(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Slow", "steps": [{"id": "n", "type": "note"}, {"id": "h", "type": "hold"}]}`)
		modelstest.Eventually(l, "the step is shown as running", func() bool { return len(l.rows(run.ID)) == 2 })
		equal(l, "rows", summary(l.rows(run.ID)), []string{"n succeeded", "h running"})
		close(l.lit.open)
		l.ended(run.ID)
		equal(l, "rows", summary(l.rows(run.ID)), []string{"n succeeded", "h succeeded"})
	})
}

func TestARunThatWaitsForATimeOrATryGoesOnWhenSomebodySaysSo(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		waits := l.run(`{"name": "Wait", "steps": [{"id": "w", "type": "wait", "config": {"for": "2h"}}, {"id": "after", "type": "note"}]}`)
		tries := l.run(`{"name": "Try", "steps": [{"id": "f", "type": "fail", "retry": {"max_attempts": 3, "delay": "1h"}}]}`)
		l.until(waits.ID, workflow.RunWaiting)
		l.until(tries.ID, workflow.RunWaiting)
		for _, id := range []string{waits.ID, tries.ID} {
			if _, err := l.e.GoOnNow(l.Context(), id); err != nil {
				l.Fatal(err)
			}
		}
		equal(l, "the one that waited", l.ended(waits.ID).Status, workflow.RunSucceeded)
		modelstest.Eventually(l, "it is tried once more", func() bool {
			return l.get(tries.ID).WaitingFor == workflow.WaitRetry && len(l.rows(tries.ID)) == 2
		})
		for _, id := range []string{waits.ID, models.NewID(), "x"} {
			_, err := l.e.GoOnNow(l.Context(), id)
			if conflict := new(models.ConflictError); !errors.Is(err, models.ErrNotFound) && (!errors.As(err, &conflict) || conflict.Code != "not_waiting") {
				l.Errorf("%s: %v", id, err)
			}
		}
		equal(l, "lines in the audit log", strings.Count(modelstest.Everything(l, l.db)["audit_events"], "action=run.hurried"), 2)
	})
}

func TestWhatWaitsForAPersonIsNotHurried(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Ask", "steps": [{"id": "a", "type": "approval", "timeout": "24h", "config": {"message": "Well?", "approvers": ["ann@example.com"]}}]}`)
		l.until(run.ID, workflow.RunWaiting)
		before := l.rows(run.ID)
		if _, err := l.e.GoOnNow(l.Context(), run.ID); !errors.Is(err, models.ErrConflict) {
			l.Errorf("hurried: %v", err)
		}
		equal(l, "its row", l.rows(run.ID), before)
	})
}
