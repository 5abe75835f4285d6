//go:build faultlab

package faultlab

import (
	"testing"
	"time"
)

// Runs go through lists and start other runs; three times a worker is killed.
func TestKilledInTheMiddleOfListsAndChildren(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	child := l.publish("Child", []object{l.target.get("below", "&ms=1500"), note("end")})
	act := l.target.post("act", "&item={{ index }}&ms=100")
	act["on_unknown"] = "repeat"
	items := make([]int, 30)
	workflow := l.publish("List", []object{
		{"id": "each", "type": "for_each", "config": object{"list": items, "max_parallel": 3}, "do": []object{l.target.get("read", "&item={{ index }}&ms=200"), act}},
		{"id": "call", "type": "run_workflow", "config": object{"workflow": child, "input": object{}}},
		note("end"),
	})
	l.worker()
	l.worker()
	runs := l.startMany(workflow, 6)
	for i, pause := range []time.Duration{2 * time.Second, time.Second, 12 * time.Second} {
		pauseFor(pause)
		l.kill(l.workers[i%2])
		l.workers[i%2].start()
	}
	if counts := l.awaitFinal(90*time.Second, runs...); counts["succeeded"] != 6 {
		t.Errorf("the runs ended as %v", counts)
	}
	for _, wrong := range l.texts(`SELECT run_id || ' has ' || count(*) || ' results of items' FROM step_runs WHERE step_id IN ('read', 'act') AND status = 'succeeded' GROUP BY run_id HAVING count(*) <> 60`) {
		t.Error(wrong)
	}
	for _, wrong := range l.texts(`SELECT parent_id || ' has ' || count(*) || ' children' FROM runs WHERE parent_id IS NOT NULL GROUP BY parent_id HAVING count(*) <> 1`) {
		t.Error(wrong)
	}
	l.check(expected{takeUp: 20 * time.Second})
}
