//go:build faultlab

package faultlab

import (
	"fmt"
	"testing"
	"time"
)

// Six runs at once look through the same lists, which overlap; workers are killed in the
// middle of looking and after it. Each item is new to exactly one of them.
func TestKilledWhileItRemembers(t *testing.T) {
	l := newLab(t, quickly, options{})
	if l == nil {
		return
	}
	const lists, items = 12, 20
	var batches [][]int
	for i := range lists {
		var batch []int
		for n := range items {
			batch = append(batch, i*items/2+n)
		}
		batches = append(batches, batch)
	}
	workflow := l.publish("Watches", []object{
		{"id": "each", "type": "for_each", "config": object{"list": batches, "max_parallel": 3}, "do": []object{
			{"id": "new", "type": "remember", "config": object{"list": "{{ item }}"}}, l.target.get("read", "&item={{ index }}&ms=50"),
		}},
		note("end"),
	})
	first := l.worker("FAILPOINTS=engine.in_step.new=kill@8")
	second := l.worker()
	runs := l.startMany(workflow, 6)
	l.died(first)
	l.worker()
	pauseFor(time.Second)
	l.kill(second)
	if counts := l.awaitFinal(60*time.Second, runs...); counts["succeeded"] != 6 {
		t.Errorf("the runs ended as %v", counts)
	}
	const given = `SELECT v FROM step_runs, json_array_elements_text(output->'items') AS v WHERE step_id = 'new' AND status = 'succeeded'`
	for _, wrong := range l.texts(`SELECT v || ' was new ' || count(*) || ' times' FROM (` + given + `) AS given GROUP BY v HAVING count(*) <> 1`) {
		t.Error(wrong)
	}
	want := fmt.Sprint((lists + 1) * items / 2)
	for what, statement := range map[string]string{"given": `SELECT count(*)::text FROM (` + given + `) AS given`, "remembered": `SELECT count(*)::text FROM remembered_items WHERE item <> ''`} {
		if got := l.texts(statement); len(got) != 1 || got[0] != want {
			t.Errorf("%v were %s, not %s", got, what, want)
		}
	}
	l.check(expected{takeUp: 20 * time.Second})
}
