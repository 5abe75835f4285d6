//go:build faultlab

package faultlab

import (
	"context"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/failures"
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

// Workers die while they run failed runs again by a rule, before and after the commit.
func TestKilledWhileRunsAreRunAgainByARule(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	first := l.worker()
	workflow := l.publish("Fails", []object{note("one"), {"id": "give_up", "type": "stop", "config": object{"outcome": "failed", "message": "It is broken."}}})
	before := l.start(workflow)
	l.awaitFinal(30*time.Second, before)
	var groups []string
	within(t, 10*time.Second, "it is known why it has failed", func() bool {
		groups = l.texts(`SELECT id::text FROM failures`)
		return len(groups) == 1
	})
	l.rule(groups[0])
	const many = 120
	chosen := l.startMany(workflow, many)
	if counts := l.awaitFinal(60*time.Second, chosen...); counts["failed"] != many {
		t.Fatalf("the runs ended as %v", counts)
	}
	within(t, 10*time.Second, "each of them waits for its turn", func() bool { return len(l.texts(`SELECT run_id::text FROM rule_runs`)) == many })
	first.stop()
	if _, err := l.db.Exec(`UPDATE rule_runs SET due_at = now()`); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"rules.before_commit=kill", "rules.before_ring=kill"} {
		victim := l.workerUnawaited("FAILPOINTS=" + place)
		l.died(victim)
	}
	l.worker()
	within(t, 30*time.Second, "no turn is left", func() bool { return len(l.texts(`SELECT run_id::text FROM rule_runs`)) == 0 })
	again := l.texts(`SELECT id::text FROM runs WHERE retry_of IS NOT NULL`)
	if counts := l.awaitFinal(60*time.Second, again...); counts["failed"] != many || len(again) != many {
		t.Errorf("%d runs were run again, which ended as %v", len(again), counts)
	}
	for _, wrong := range l.texts(`SELECT retry_of::text FROM runs WHERE retry_of IS NOT NULL GROUP BY retry_of HAVING count(*) > 1`) {
		t.Errorf("%s was run again more than once", wrong)
	}
	if counted := l.texts(`SELECT retried::text FROM failure_rules`); len(counted) != 1 || counted[0] != "120" {
		t.Errorf("counted are %v", counted)
	}
	l.check(expected{takeUp: 20 * time.Second}) // nobody else was up
}

// rule has the runs of a group run again once, by themselves.
func (l *lab) rule(group string) {
	l.t.Helper()
	db, err := models.Open(models.Source{URL: l.postgres.url(l.database) + "&application_name=lab"})
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = models.Close(db) }()
	rule := failures.Rule{AfterSeconds: 24 * 3600, AtMost: 1, RetryFrom: "start", RetryVersion: "same"}
	if err := failures.SetRule(context.Background(), db, group, rule, failures.Deed{By: "the lab", Now: models.Now()}); err != nil {
		l.t.Fatal(err)
	}
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
