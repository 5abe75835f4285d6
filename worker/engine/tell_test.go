package engine_test

import (
	"context"
	"testing"
	"time"

	"workflows/models/modelstest"
	"workflows/models/told"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

const tells = `"settings": {"notify": [{"on": ["failed", "waiting"], "email": ["anna@example.com"]}]}`

func (l *lab) incidents() []told.Incident {
	l.Helper()
	var found []told.Incident
	l.must(l.db.Order("id").Find(&found).Error)
	return found
}

func TestLateWorkerTellsNobodyOfAnEndThatDoesNotCount(t *testing.T) {
	each(t, func(l *lab) {
		flow := l.publish(`{"name": "Late", ` + tells + `, "steps": [{"id": "h", "type": "hold"}, {"id": "s", "name": "Give up", "type": "fail", "config": {"permanent": true, "output": 1}}]}`)
		late := engine.New(l.options()) // without a keeper, as after a long pause of its process
		execute := func(id string) chan error {
			done := make(chan error, 1)
			go func() { done <- late.Execute(context.Background(), id) }()
			<-l.lit.begun
			modelstest.Eventually(l, "the step is shown, so that the next write is the run's end", func() bool { return len(l.rows(id)) == 1 })
			return done
		}
		lost, kept := l.start(flow, nil), l.start(flow, nil)
		first := execute(lost.ID)
		l.must(l.db.Exec("UPDATE runs SET attempt = attempt + 1, lease_owner = 'other' WHERE id = ?", lost.ID).Error)
		second := execute(kept.ID)
		close(l.lit.open)
		l.must(<-first)
		l.must(<-second)
		equal(l, "the run that counts", l.ended(kept.ID).Status, workflow.RunFailed)
		equal(l, "the run that is another's", l.get(lost.ID).Status, workflow.RunRunning)
		found := l.incidents()
		if len(found) != 1 || found[0].Number != 1 || *found[0].RunID != kept.ID || found[0].Event != "failed" || found[0].Cause != "s broken" || found[0].StepName != "Give up" || found[0].Sentence != "It is broken. Mend it." || found[0].LookAt == nil {
			l.Errorf("%+v", found)
		}
	})
}

func TestARunThatEndsEveryWorkerIsToldToo(t *testing.T) {
	each(t, func(l *lab) {
		l.lease = 400 * time.Millisecond
		l.worker(1, 0)
		run := l.run(`{"name": "Cursed", ` + tells + `, "steps": [{"id": "c", "type": "cursed"}]}`)
		equal(l, "run", code(l.ended(run.ID).Error), "poison")
		if found := l.incidents(); len(found) != 1 || found[0].Cause != "c poison" || found[0].Number != 1 {
			l.Errorf("%+v", found)
		}
	})
}

func TestDecisionThatAPersonHasToMakeIsTold(t *testing.T) {
	each(t, func(l *lab) {
		l.lease = 400 * time.Millisecond
		run := l.run(`{"name": "Unknown", ` + tells + `, "steps": [{"id": "h", "name": "Pay", "type": "hold_act"}]}`)
		lost := engine.New(l.options())
		go func() { _ = lost.Execute(context.Background(), run.ID) }()
		<-l.lit.begun
		l.worker(1, 0)
		l.until(run.ID, workflow.RunWaiting)
		if found := l.incidents(); len(found) != 1 || found[0].Event != "waiting" || found[0].Number != 1 || found[0].StepName != "Pay" {
			l.Errorf("%+v", found)
		}
		close(l.lit.open)
	})
}
