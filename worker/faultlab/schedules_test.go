//go:build faultlab

package faultlab

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func minutely(id, missed string) object {
	return object{"triggers": []object{{"id": id, "type": "schedule", "cron": "* * * * *", "time_zone": "UTC", "missed": missed, "overlap": "allow"}}}
}

// untilSecond waits for this second of the minute.
func untilSecond(second int) {
	now := time.Now()
	at := now.Truncate(time.Minute).Add(time.Duration(second) * time.Second)
	if at.Before(now) {
		at = at.Add(time.Minute)
	}
	pauseFor(time.Until(at))
}

// Five workers whose clocks are up to three seconds apart, five thousand schedules
// of every minute, and two of the workers are killed as the minute turns: one
// between the ledger and the next times, one anywhere.
func TestFiveWorkersAndTenThousandPlannedTimes(t *testing.T) {
	l := newLab(t, wholly, options{skewed: true})
	if l == nil {
		return
	}
	const workflows, each = 250, 20
	triggers := make([]object, each)
	for i := range triggers {
		triggers[i] = object{"id": fmt.Sprintf("minute_%d", i), "type": "schedule", "cron": "* * * * *", "time_zone": "UTC", "missed": "all", "overlap": "allow"}
	}
	untilSecond(5) // all of them are published before the minute turns
	for range workflows {
		l.publish("Every minute", []object{note("end")}, object{"triggers": triggers})
	}
	for i, offset := range []int{-1, 2, 0, 1, -1} {
		env := []string{fmt.Sprintf("LAB_CLOCK_OFFSET=%d", offset)}
		if i == 0 {
			env = append(env, "FAILPOINTS=schedule.after_ledger=kill@2")
		}
		l.worker(env...)
	}
	untilSecond(0)
	pauseFor(100 * time.Millisecond)
	l.kill(l.workers[1])
	pauseFor(10 * time.Second)
	if l.workers[0].alive() {
		t.Error("the worker that was to be killed between ledger and commit lives")
	}
	l.workers[1].start()
	untilSecond(0)
	pauseFor(20 * time.Second)
	var rows, minutes, runs int
	_ = l.db.QueryRow(`SELECT count(*), count(DISTINCT planned_at), count(DISTINCT run_id) FROM planned_runs`).Scan(&rows, &minutes, &runs)
	if rows != workflows*each*minutes || minutes < 2 || runs != rows {
		t.Errorf("%d planned times with %d runs for %d schedules in %d minutes", rows, runs, workflows*each, minutes)
	}
	var late int
	_ = l.db.QueryRow(`SELECT max(late_ms) FROM planned_runs`).Scan(&late)
	l.note("%d planned times, %d runs, at most %d ms late", rows, runs, late)
	l.check(expected{takeUp: 20 * time.Second})
}

// All workers are gone for a while: each schedule follows its own rule.
func TestAllWorkersAway(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	workflows := map[string]string{}
	for _, missed := range []string{"latest", "skip", "all"} {
		workflows[missed] = l.publish("Missed: "+missed, []object{note("end")}, minutely("minute", missed))
	}
	calls := l.publish("Two calls", []object{l.target.get("one", ""), l.target.post("two", "")})
	l.worker()
	untilSecond(50)
	l.kill(l.workers[0])
	runs := l.startMany(calls, 5)
	pauseFor(95 * time.Second) // two minutes turn; the first is over a minute late then
	l.workers[0].start()
	l.awaitFinal(20*time.Second, runs...)
	for missed, want := range map[string]string{"latest": "missed caught_up", "skip": "missed ran", "all": "caught_up ran"} {
		var got string
		within(t, 10*time.Second, "the planned times are accounted for", func() bool {
			got = strings.Join(l.texts(`SELECT outcome FROM planned_runs WHERE workflow_id = '`+workflows[missed]+`' AND late_ms > 5000 ORDER BY planned_at`), " ")
			return got == want
		})
		if got != want {
			t.Errorf("with “%s” the two planned times came to: %s", missed, got)
		}
	}
	l.check(expected{takeUp: 3 * time.Minute})
}

// The clocks of two of three workers are two hours off.
func TestClocksTwoHoursOff(t *testing.T) {
	l := newLab(t, wholly, options{skewed: true})
	if l == nil {
		return
	}
	waits := l.publish("Waits", []object{
		l.target.get("one", ""), {"id": "pause", "type": "wait", "config": object{"for": "3s"}}, l.target.post("two", ""),
	})
	l.publish("Every minute", []object{note("end")}, minutely("minute", "all"))
	for _, offset := range []int{7200, -7200, 0} {
		l.worker(fmt.Sprintf("LAB_CLOCK_OFFSET=%d", offset))
	}
	began := time.Now()
	runs := l.startMany(waits, 30)
	l.awaitFinal(30*time.Second, runs...)
	l.note("30 runs with a wait of 3 s took %.1f s", time.Since(began).Seconds())
	for _, short := range l.texts(`SELECT id || ' took ' || finished_at - started_at FROM runs WHERE trigger_type = 'manual' AND (finished_at - started_at < interval '2.9 s' OR finished_at - started_at > interval '15 s') LIMIT 3`) {
		t.Error(short)
	}
	long := l.publish("Long", []object{l.target.get("long", "&hold=1")})
	held := l.startMany(long, 6)
	l.called("long", 6)
	for _, offset := range []int{0, 1} {
		l.kill(l.workers[offset])
		l.workers[offset].start()
	}
	pauseFor(20 * time.Second)
	l.target.release()
	l.awaitFinal(30*time.Second, held...)
	untilSecond(0)
	pauseFor(5 * time.Second)
	for _, wrong := range l.texts(`SELECT planned_at || ' ' || outcome || ' ' || late_ms || ' ' || reason FROM planned_runs WHERE planned_at > now() OR outcome <> 'ran' ORDER BY planned_at LIMIT 5`) {
		t.Errorf("planned run %s", wrong)
	}
	l.check(expected{takeUp: 20 * time.Second})
}
