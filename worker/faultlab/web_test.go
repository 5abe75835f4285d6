//go:build faultlab

package faultlab

import (
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
	keys := []string{"a", "b", "c", "d", "e"}
	runs := map[string]bool{}
	for _, key := range keys {
		done := make(chan string)
		go func() { done <- l.persist(workflow, key, 30*time.Second) }()
		for id := ""; id == ""; {
			select {
			case id = <-done:
				runs[id] = true
			case <-time.After(20 * time.Millisecond):
				if !l.web.alive() {
					l.web.start("FAILPOINTS=")
				}
			}
		}
	}
	if len(runs) != 5 {
		t.Errorf("5 keys have %d runs", len(runs))
	}
	l.check(expected{})
	if calls := l.target.of("", "order"); calls != 5 {
		t.Errorf("5 accepted runs made %d calls", calls)
	}
	l.note("web was killed")
}
