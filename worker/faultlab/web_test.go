//go:build faultlab

package faultlab

import (
	"strconv"
	"testing"
	"time"
)

// The caller got no answer, asks again with its key, and has one run.
func TestWebKilledBetweenInsertAndCommit(t *testing.T) {
	webKilled(t, "start.before_commit=kill@3")
}

// The run is stored, but nobody was told: neither the caller nor the workers.
func TestWebKilledAfterCommitBeforeRing(t *testing.T) {
	webKilled(t, "start.before_ring=kill@3")
}

func webKilled(t *testing.T, failpoint string) {
	l := newLab(t, wholly, options{web: func(*lab) []string { return []string{"FAILPOINTS=" + failpoint} }})
	if l == nil {
		return
	}
	l.worker()
	workflow := l.publish("Writes", []object{l.target.post("order", ""), note("end")})
	// Those that come up while one is stored are stored together.
	const keys = 60
	done := make(chan string)
	for n := range keys {
		go func() { done <- l.persist(workflow, strconv.Itoa(n), 30*time.Second) }()
	}
	runs, died := map[string]bool{}, 0
	for answered := 0; answered < keys; {
		select {
		case id := <-done:
			answered++
			runs[id] = id != ""
		case <-time.After(20 * time.Millisecond):
			if !l.web.alive() {
				died++
				l.web.start("FAILPOINTS=")
			}
		}
	}
	delete(runs, "")
	if len(runs) != keys || died != 1 {
		t.Errorf("%d keys have %d runs; the web process died %d times", keys, len(runs), died)
	}
	l.check(expected{})
	if calls := l.target.of("", "order"); calls != keys {
		t.Errorf("%d accepted runs made %d calls", keys, calls)
	}
	l.note("web was killed")
}
