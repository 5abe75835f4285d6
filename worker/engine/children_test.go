package engine_test

import (
	"strings"
	"testing"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/workflow"
)

func (l *lab) childOf(id string) models.Run {
	l.Helper()
	var child models.Run
	modelstest.Eventually(l, "the step has started a run", func() bool {
		for _, row := range l.rows(id) {
			if row.ChildID != nil {
				child = l.get(*row.ChildID)
				return true
			}
		}
		return false
	})
	return child
}

// calls publishes a workflow with these steps and one that has it run.
func (l *lab) calls(steps, more string) models.Run {
	l.Helper()
	called := l.publish(`{"name": "Called", "inputs": [{"name": "n", "type": "number"}], "steps": [` + steps + `]}`)
	return l.run(`{"name": "Calling", "steps": [{"id": "c", "type": "call", "config": {"workflow": "` + called.ID + `", "input": {"n": 7}` + more + `}}, {"id": "z", "type": "note", "config": {"got": "{{ steps.c }}"}}]}`)
}

func TestARunWaitsForTheOneItStartsAndHoldsNoWorker(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0) // one worker: were it held, the other run could never begin
		run := l.ended(l.calls(`{"id": "a", "type": "note", "config": {"n": "{{ input.n }}"}}`, "").ID)
		child := l.childOf(run.ID)
		equal(l, "output", string(run.Output), `{"got":{"output":{"n":7},"run_id":"`+child.ID+`"}}`)
		equal(l, "child", []any{*child.ParentID, child.Depth, child.TriggerType}, []any{run.ID, 1, "workflow"})
	})
}

func TestARunGoesOnAtOnceAfterOneThatItDoesNotWaitFor(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.ended(l.calls(`{"id": "h", "type": "hold"}`, `, "wait": false`).ID)
		child := l.childOf(run.ID)
		equal(l, "output", string(run.Output), `{"got":{"output":null,"run_id":"`+child.ID+`"}}`)
		<-l.lit.begun
		close(l.lit.open)
		equal(l, "child", l.ended(child.ID).Status, workflow.RunSucceeded)
	})
}

func TestTheFailureOfAStartedRunFailsItsStep(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.ended(l.calls(`{"id": "f", "type": "fail", "config": {"permanent": true}}`, "").ID)
		equal(l, "code", code(run.Error), "workflow_failed")
		if !strings.Contains(string(run.Error), "“Called”") || !strings.Contains(string(run.Error), "It is broken.") {
			l.Fatal(string(run.Error))
		}
	})
}

func TestCancellingARunCancelsTheOnesItWaitsFor(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.calls(`{"id": "h", "type": "hold"}`, "")
		<-l.lit.begun
		l.until(run.ID, workflow.RunWaiting)
		_, err := l.e.Cancel(l.Context(), run.ID, "Anna")
		l.must(err)
		equal(l, "child", l.ended(l.childOf(run.ID).ID).Status, workflow.RunCancelled)
	})
}

func TestCancellingAStartedRunFailsItsStep(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.calls(`{"id": "h", "type": "hold"}`, "")
		<-l.lit.begun
		_, err := l.e.Cancel(l.Context(), l.childOf(run.ID).ID, "Anna")
		l.must(err)
		equal(l, "code", code(l.ended(run.ID).Error), "workflow_failed")
	})
}

// The worker of the child is lost after the child's end was written and before
// the run that waits for it was told.
func TestTheSweeperTellsARunOfAnEndThatNobodyTold(t *testing.T) {
	each(t, func(l *lab) {
		stop := l.worker(1, 0)
		run := l.calls(`{"id": "h", "type": "hold"}`, "")
		<-l.lit.begun
		l.until(run.ID, workflow.RunWaiting)
		child := l.childOf(run.ID)
		l.must(l.db.Exec("UPDATE runs SET status = 'succeeded', attempt = attempt + 1, output = ? WHERE id = ?", models.JSON(`"by hand"`), child.ID).Error)
		stop()
		l.worker(1, 0)
		equal(l, "output", string(l.ended(run.ID).Output), `{"got":{"output":"by hand","run_id":"`+child.ID+`"}}`)
	})
}

func TestWorkflowsThatStartOneAnotherEndAtTheTenth(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		id := models.NewID()
		w := l.republish(id, 1, `{"name": "Circle", "steps": [{"id": "c", "type": "call", "config": {"workflow": "`+id+`"}}]}`)
		run := l.ended(l.start(w, nil).ID)
		equal(l, "status", run.Status, workflow.RunFailed)
		var runs int64
		l.must(l.db.Model(&models.Run{}).Where("workflow_id = ?", id).Count(&runs).Error)
		equal(l, "runs", runs, 11)
	})
}

func TestAStepsTimeLimitBoundsTheRunItWaitsFor(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		called := l.publish(`{"name": "Called", "steps": [{"id": "h", "type": "hold"}]}`)
		run := l.ended(l.run(`{"name": "Calling", "steps": [{"id": "c", "type": "call", "timeout": "300ms", "config": {"workflow": "` + called.ID + `"}}]}`).ID)
		equal(l, "code", code(run.Error), "timeout")
		equal(l, "child", l.ended(l.childOf(run.ID).ID).Status, workflow.RunCancelled)
	})
}

func TestARunThatCannotBeStartedFailsItsStep(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		gone := l.ended(l.run(`{"name": "Calling", "steps": [{"id": "c", "type": "call", "config": {"workflow": "` + models.NewID() + `"}}]}`).ID)
		equal(l, "code", code(gone.Error), "workflow_gone")
	})
}

// What the step is to start may be of a newer kind than this worker can read.
func TestAStepWaitsWhoseWorkflowOnlyANewerProgramCanRead(t *testing.T) {
	each(t, func(l *lab) {
		called := l.publish(`{"name": "Called", "steps": [{"id": "a", "type": "note"}]}`)
		good := called.Draft
		write := func(definition models.JSON) {
			l.must(l.db.Model(&models.WorkflowVersion{}).Where("workflow_id = ?", called.ID).Update("definition", definition).Error)
		}
		write(models.JSON(`{"format": 1, "name": "N", "inputs": {"all": "of them"}, "steps": []}`))
		l.worker(1, 0)
		run := l.run(`{"name": "Calling", "steps": [{"id": "c", "type": "call", "config": {"workflow": "` + called.ID + `"}}]}`)
		run = l.until(run.ID, workflow.RunWaiting)
		rows := l.rows(run.ID)
		if len(rows) != 1 || !strings.Contains(string(rows[0].Error), "newer program") || run.Attempt != 1 || run.DueAt == nil {
			l.Fatalf("attempt %d, due %v: %+v", run.Attempt, run.DueAt, rows)
		}
		write(good)
		l.must(l.db.Exec("UPDATE step_runs SET wake_at = started_at WHERE run_id = ?", run.ID).Error)
		l.must(l.db.Exec("UPDATE runs SET due_at = queued_at WHERE id = ?", run.ID).Error)
		defer l.sweeper()()
		equal(l, "once it can be read the run has", l.ended(run.ID).Status, workflow.RunSucceeded)
	})
}
