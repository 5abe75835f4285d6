//go:build faultlab

package faultlab

import (
	"context"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/runs"
)

// Workers die within what they do with a piece of many runs, before and after its commit, and
// at a moment of no choice.
func TestKilledWhileManyRunsAreRunAgain(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	first := l.worker()
	workflow := l.publish("Fails", []object{note("one"), {"id": "give_up", "type": "stop", "config": object{"outcome": "failed", "message": "It is broken."}}})
	const many = 240
	chosen := l.startMany(workflow, many)
	if counts := l.awaitFinal(60*time.Second, chosen...); counts["failed"] != many {
		t.Fatalf("the runs ended as %v", counts)
	}
	first.stop()
	id := l.runAgain(workflow, 60)
	for _, place := range []string{"repair.before_note=kill@2", "repair.before_commit=kill@3", "repair.before_ring=kill@2"} {
		victim := l.workerUnawaited("FAILPOINTS=" + place)
		l.died(victim)
	}
	l.worker()
	last := l.worker()
	pauseFor(500 * time.Millisecond)
	l.kill(last)
	last.start()
	within(t, 30*time.Second, "all of them are run again", func() bool {
		return len(l.texts(`SELECT state FROM bulks WHERE id = '`+id+`' AND state = 'finished' AND done = total AND failed = 0`)) == 1
	})
	for _, wrong := range l.texts(`SELECT i.run_id || ' is ' || i.state || ' and was run again ' || count(r.id) || ' times' FROM bulk_runs i LEFT JOIN runs r ON r.retry_of = i.run_id
		WHERE i.bulk_id = '` + id + `' GROUP BY i.run_id, i.state HAVING count(r.id) <> 1 OR i.state <> 'done' LIMIT 5`) {
		t.Error(wrong)
	}
	if again := l.texts(`SELECT id::text FROM runs WHERE retry_of IS NOT NULL`); len(again) != many {
		t.Errorf("%d runs were run again %d times", many, len(again))
	} else if counts := l.awaitFinal(60*time.Second, again...); counts["failed"] != many {
		t.Errorf("the runs that repeat them ended as %v", counts)
	}
	l.check(expected{takeUp: 20 * time.Second}) // nobody else was up
}

// runAgain asks for all failed runs of a workflow to be run again.
func (l *lab) runAgain(workflow string, perSecond int) (id string) {
	l.t.Helper()
	db, err := models.Open(models.Source{URL: l.postgres.url(l.database) + "&application_name=lab"})
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = models.Close(db) }()
	asked, err := bulk.Create(context.Background(), db, bulk.Request{
		Action: bulk.Retry, Runs: runs.Filter{WorkflowID: workflow, Status: []string{"failed"}}, Asked: models.JSON(`{}`), PerSecond: perSecond, Via: "api",
	}, models.Now())
	if err != nil {
		l.t.Fatal(err)
	}
	return asked.ID
}
