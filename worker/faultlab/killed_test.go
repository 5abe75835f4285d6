//go:build faultlab

package faultlab

import (
	"testing"
	"time"
)

func TestKilledInAGetStep(t *testing.T) {
	l := newLab(t, quickly, options{})
	if l == nil {
		return
	}
	l.worker()
	workflow := l.publish("Reads", []object{l.target.get("read", "&hold=1"), note("end")})
	runs := l.startMany(workflow, 5)
	l.called("read", 5)
	l.worker()
	l.kill(l.holder(runs[0]))
	l.called("read", 10)
	l.target.release()
	if counts := l.awaitFinal(20*time.Second, runs...); counts["succeeded"] != 5 {
		t.Errorf("the runs ended as %v", counts)
	}
	l.check(expected{})
}

func TestKilledInAPostStep(t *testing.T) {
	l := newLab(t, quickly, options{})
	if l == nil {
		return
	}
	l.worker()
	workflow := l.publish("Orders", []object{note("begin"), l.target.post("order", "&hold=1"), note("end")})
	runs := l.startMany(workflow, 3)
	l.called("order", 3)
	l.worker()
	l.kill(l.holder(runs[0]))
	l.target.release()
	decided := l.decide(runs[0], object{"step_id": "order", "action": "repeat"}) &&
		l.decide(runs[1], object{"step_id": "order", "action": "succeed", "output": object{"status": 201}}) &&
		l.decide(runs[2], object{"step_id": "order", "action": "fail"})
	l.awaitFinal(20*time.Second, runs...)
	want := []string{"succeeded", "succeeded", "failed"}
	for i, id := range runs {
		status, _ := l.status(id)
		if calls := l.target.of(id, "order"); decided && (status != want[i] || calls != 1+map[bool]int{true: 1}[i == 0]) {
			t.Errorf("run %d is %s after %d calls", i, status, calls)
		} else if !decided && (status != "failed" || calls != 1 || l.errorCode(id) != "unknown_outcome") {
			t.Errorf("run %d is %s (%s) after %d calls", i, status, l.errorCode(id), calls)
		}
	}
	l.check(expected{})
}

// The run's end is stored, but gocraft/work's job is still in progress.
func TestKilledBetweenCommitAndAcknowledgement(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	victim := l.worker("FAILPOINTS=queue.before_ack=sleep:1s,kill@1")
	workflow := l.publish("Writes", []object{l.target.post("order", ""), note("end")})
	run := l.start(workflow)
	if err := victim.await(20 * time.Second); exitCode(err) != -1 {
		t.Fatalf("the worker ended with %v", err)
	}
	if status, _ := l.status(run); status != "succeeded" {
		t.Fatalf("before its acknowledgement the run is %s", status)
	}
	l.worker()
	l.check(expected{})
	if calls := l.target.of(run, "order"); calls != 1 {
		t.Errorf("the step was called %d times", calls)
	}
}

func TestKilledBetweenClaimAndFirstAction(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	victim := l.worker("FAILPOINTS=engine.after_claim=kill@1")
	workflow := l.publish("Writes", []object{l.target.post("order", ""), note("end")})
	run := l.start(workflow)
	l.died(victim)
	l.worker()
	if counts := l.awaitFinal(20*time.Second, run); counts["succeeded"] != 1 {
		t.Errorf("the run ended as %v", counts)
	}
	if calls := l.target.of(run, "order"); calls != 1 {
		t.Errorf("the step was called %d times", calls)
	}
	l.check(expected{takeUp: 20 * time.Second}) // nobody else was up
}

// The attempt is on record, the call was not made: nobody can know that.
func TestKilledBeforeAnEffect(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	victim := l.worker("FAILPOINTS=engine.before_effect=kill@1")
	workflow := l.publish("Writes", []object{l.target.post("order", ""), note("end")})
	run := l.start(workflow)
	l.died(victim)
	l.worker()
	if l.decide(run, object{"step_id": "order", "action": "repeat"}) {
		l.awaitFinal(20*time.Second, run)
		if status, _ := l.status(run); status != "succeeded" || l.target.of(run, "order") != 1 {
			t.Errorf("the run is %s after %d calls", status, l.target.of(run, "order"))
		}
	}
	l.check(expected{takeUp: 20 * time.Second})
}

// called waits until a step was called n times.
func (l *lab) called(step string, n int) {
	l.t.Helper()
	if !within(l.t, 25*time.Second, "the target was called", func() bool { return l.target.of("", step) >= n }) {
		l.t.Fatalf("%s was called %d times, not %d", step, l.target.of("", step), n)
	}
}

// died waits until a failpoint has ended the worker, and notes when.
func (l *lab) died(w *process) {
	l.t.Helper()
	pid := w.pid()
	if err := w.await(20 * time.Second); err == nil || exitCode(err) != -1 {
		l.t.Fatalf("the worker was to be killed; it ended with %v", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kills[pid] = time.Now()
}

// decide waits until the run asks for a decision and makes it. It reports false
// when the run has failed as unknown instead.
func (l *lab) decide(run string, decision object) bool {
	l.t.Helper()
	var status, waitingFor string
	within(l.t, 25*time.Second, "the run waits for a decision", func() bool {
		status, waitingFor = l.status(run)
		return final(status) || waitingFor == "decision"
	})
	if final(status) {
		return false
	}
	l.call("POST", "/runs/"+run+"/decisions", decision, 200)
	return true
}
