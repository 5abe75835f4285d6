//go:build faultlab

package faultlab

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestKillLoop(t *testing.T)              { killLoop(t, wholly, 200, time.Minute) }
func TestKillLoopForAShortTime(t *testing.T) { killLoop(t, quickly, 60, 15*time.Second) }

// killLoop kills one of two workers every one to three seconds, while runs of five
// steps go on and more are started.
func killLoop(t *testing.T, quick bool, runs int, long time.Duration) {
	l := newLab(t, quick, options{})
	if l == nil {
		return
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("FAULTLAB_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	t.Logf("FAULTLAB_SEED=%d repeats this", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	workers := []*process{l.worker(), l.worker()}
	workflow := l.publish("Five steps", []object{
		l.target.get("one", "&ms=300"), note("two"), l.target.get("three", "&ms=1500"), l.target.get("four", "&ms=50"), note("five"),
	})
	ids := make([]string, 0, runs)
	ended := time.Now().Add(long)
	next, kills := time.Now().Add(time.Second), 0
	for i := 0; time.Now().Before(ended); {
		if due := int(float64(runs) * (1 - float64(time.Until(ended))/float64(long))); i <= due && i < runs {
			ids = append(ids, l.start(workflow))
			i++
		}
		if time.Now().After(next) {
			victim := workers[random.IntN(len(workers))]
			l.kill(victim)
			victim.start()
			kills++
			next = time.Now().Add(time.Second + time.Duration(random.Int64N(int64(2*time.Second))))
		}
		pauseFor(10 * time.Millisecond)
	}
	for len(ids) < runs {
		ids = append(ids, l.start(workflow))
	}
	counts := l.awaitFinal(90*time.Second, ids...)
	l.note("%d kills, %d runs met three of them at one step, seed %d", kills, counts["failed"], seed)
	if counts["succeeded"]+counts["failed"] != runs {
		t.Errorf("the runs ended as %v", counts)
	}
	if other := l.texts(`SELECT error::text FROM runs WHERE status = 'failed' AND NOT (recovered >= 3 AND error->>'code' = 'poison')`); len(other) > 0 {
		t.Errorf("runs failed for another reason than three lost workers at one step: %s", other)
	}
	l.check(expected{takeUp: 20 * time.Second}) // who takes over may be killed as well
}
