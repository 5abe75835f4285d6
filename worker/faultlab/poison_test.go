//go:build faultlab

package faultlab

import (
	"testing"
	"time"
)

func TestAStepThatEndsEveryWorker(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	innocent := l.publish("Innocent", []object{l.target.get("good", "&ms=200"), note("end")})
	poison := l.publish("Poison", []object{l.target.get("good", ""), note("boom")})
	w := l.worker("FAILPOINTS=engine.in_step.boom=kill")
	run := l.start(poison)
	others := l.startMany(innocent, 5)
	ends := 0
	for began := time.Now(); time.Since(began) < 90*time.Second; pauseFor(100 * time.Millisecond) {
		if status, _ := l.status(run); final(status) {
			break
		}
		if !w.alive() {
			ends++
			w.start()
		}
	}
	l.awaitFinal(30*time.Second, append(others, run)...)
	l.note("%d workers ended", ends)
	if status, _ := l.status(run); status != "failed" || l.errorCode(run) != "poison" || ends != 3 {
		t.Errorf("after %d ends of a worker the run is %s (%s)", ends, status, l.errorCode(run))
	}
	bystanders := 0
	for _, other := range others { // they were lost as often, which may look the same
		if status, _ := l.status(other); status != "succeeded" {
			bystanders++
		}
	}
	l.note("%d of 5 bystanders were ended too", bystanders)
	l.check(expected{})
}

func TestPanicInAStep(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	l.worker("FAILPOINTS=engine.in_step.boom=panic")
	run := l.start(l.publish("Panics", []object{note("boom")}))
	other := l.start(l.publish("Does not", []object{note("fine")}))
	l.awaitFinal(20*time.Second, run, other)
	if status, _ := l.status(run); status != "failed" || l.errorCode(run) != "panic" {
		t.Errorf("the run is %s (%s)", status, l.errorCode(run))
	}
	if status, _ := l.status(other); status != "succeeded" || !l.workers[0].alive() {
		t.Errorf("the other run is %s", status)
	}
	l.check(expected{})
}
