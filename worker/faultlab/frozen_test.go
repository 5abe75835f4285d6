//go:build faultlab

package faultlab

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

func TestFrozenAndBack(t *testing.T)       { frozen(t, wholly, 45*time.Second) }
func TestFrozenForAShortTime(t *testing.T) { frozen(t, quickly, 20*time.Second) }

// frozen stops a worker in the midst of its work, for longer than its leases last,
// and lets it go on: what it then brings changes nothing.
func frozen(t *testing.T, quick bool, long time.Duration) {
	l := newLab(t, quick, options{})
	if l == nil {
		return
	}
	zombie := l.worker()
	reads := l.publish("Reads", []object{l.target.get("first", ""), l.target.get("read", "&ms=3000"), l.target.post("act", ""), note("end")})
	writes := l.publish("Writes", []object{l.target.post("write", "&ms=3000"), l.target.get("last", "")})
	runs := append(l.startMany(reads, 10), l.startMany(writes, 2)...)
	l.called("read", 10)
	l.called("write", 2)
	frozenAt, pid := time.Now(), zombie.pid()
	zombie.signal(syscall.SIGSTOP)
	l.kills[pid] = frozenAt
	l.worker()
	for _, run := range runs[10:] { // nobody knows whether the calls counted
		l.decide(run, object{"step_id": "write", "action": "succeed", "output": object{"by": "a person"}})
	}
	l.awaitFinal(long, runs...)
	pauseFor(time.Until(frozenAt.Add(long)))
	before := l.results()
	acts := l.target.of("", "act")
	zombie.signal(syscall.SIGCONT)
	pauseFor(5 * time.Second)
	if after := l.results(); !slices.Equal(before, after) {
		t.Errorf("what the zombie brought has changed results:\n%v\n%v", before, after)
	}
	if late := l.target.of("", "act") - acts; late > 0 || acts != 10 {
		t.Errorf("of 10 acts %d were done, and the zombie did %d more", acts, late)
	}
	next := l.startMany(reads, 3) // it is of use again
	l.awaitFinal(30*time.Second, next...)
	l.check(expected{})
}

func (l *lab) results() []string {
	l.t.Helper()
	return l.texts(`SELECT r.id || r.status || COALESCE(r.output::text, '') || r.attempt || COALESCE(string_agg(s.id || s.status || COALESCE(s.output::text, '') || COALESCE(s.error::text, ''), ' ' ORDER BY s.id), '')
		FROM runs r LEFT JOIN step_runs s ON s.run_id = r.id GROUP BY r.id ORDER BY r.id`)
}
