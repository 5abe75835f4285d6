//go:build faultlab

package faultlab

import (
	"syscall"
	"testing"
	"time"
)

func TestStoppedDuringAShortStep(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	first := l.worker()
	workflow := l.publish("Short", []object{l.target.post("short", "&ms=5000"), l.target.get("after", "")})
	run := l.start(workflow)
	l.called("short", 1)
	l.worker()
	took := first.stop()
	if took > 10*time.Second {
		t.Errorf("a worker with a step of 5 s took %v to stop", took)
	}
	l.note("stop took %.1f s", took.Seconds())
	l.awaitFinal(10*time.Second, run)
	if status, _ := l.status(run); status != "succeeded" || l.target.of(run, "short") != 1 || l.target.of(run, "after") != 1 {
		t.Errorf("the run is %s after %d and %d calls", status, l.target.of(run, "short"), l.target.of(run, "after"))
	}
	l.check(expected{})
}

// A step longer than the grace is cut off, and its run goes on elsewhere within 5 s.
func TestStoppedDuringALongStep(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	first := l.worker()
	reads := l.publish("Long read", []object{l.target.get("read", "&ms=45000"), note("end")}) // and the time limit is 60 s
	writes := l.publish("Long write", []object{l.target.post("write", "&ms=45000"), note("end")})
	read, write := l.start(reads), l.start(writes)
	l.called("read", 1)
	l.called("write", 1)
	l.worker()
	took := first.stop()
	stopped := time.Now()
	if took < 19*time.Second {
		t.Errorf("the steps had %v of the 20 s that they may still take", took)
	}
	l.called("read", 2)
	gap := time.Since(stopped)
	if gap > 5*time.Second {
		t.Errorf("the run went on %v after the stop", gap)
	}
	l.note("stop took %.1f s, went on after %.1f s", took.Seconds(), gap.Seconds())
	if l.decide(write, object{"step_id": "write", "action": "succeed"}) {
		l.awaitFinal(20*time.Second, write)
	}
	if calls := l.target.of(write, "write"); calls != 1 {
		t.Errorf("what may have acted was called %d times", calls)
	}
	l.awaitFinal(80*time.Second, read)
	l.check(expected{})
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	first := l.worker()
	workflow := l.publish("Long", []object{l.target.get("read", "&hold=1"), note("end")})
	run := l.start(workflow)
	l.called("read", 1)
	pid := first.pid()
	first.signal(syscall.SIGTERM)
	pauseFor(time.Second)
	if !first.alive() {
		t.Fatal("the worker ended although its step had time")
	}
	began := time.Now()
	first.signal(syscall.SIGTERM)
	_ = first.await(10 * time.Second)
	if took := time.Since(began); took > time.Second {
		t.Errorf("the second signal took %v", took)
	}
	l.kills[pid] = began
	l.target.release()
	l.worker()
	if counts := l.awaitFinal(20*time.Second, run); counts["succeeded"] != 1 {
		t.Errorf("the run ended as %v", counts)
	}
	l.check(expected{takeUp: 20 * time.Second}) // nobody else was up at first
}
