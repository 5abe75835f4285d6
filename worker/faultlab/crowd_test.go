//go:build faultlab

package faultlab

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
)

// A workflow with very many queued runs neither floods Redis, nor grows the
// worker, nor keeps another workflow's run waiting.
func TestVeryManyQueued(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	many := 20_000
	if text := os.Getenv("FAULTLAB_QUEUED"); text != "" {
		many, _ = strconv.Atoi(text)
	}
	large := l.publish("Large", []object{note("one")})
	small := l.publish("Small", []object{l.target.get("small", "")})
	if _, err := l.db.Exec(`INSERT INTO runs (id, workflow_id, version_id, version, workflow_name, status, trigger_type, trigger, input, queue, rung_at, queued_at)
		SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 1000000), 12, '0') || '7000' || '8' || lpad(to_hex(i), 15, '0'))::uuid, w.id, w.version_id, w.version, w.name, 'queued', 'manual', '{"type":"manual"}', '{}', 'default',
		now() - interval '1 hour', now() - interval '1 hour' FROM workflows w, generate_series(1, $1) i WHERE w.id = $2`, many, large); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	w := l.worker()
	pauseFor(time.Second)
	before, most, hints := w.memory(), 0, 0
	asked := time.Now()
	run := l.start(small)
	for took := time.Duration(0); took == 0 || !l.drained(); pauseFor(50 * time.Millisecond) {
		most = max(most, w.memory())
		n := 0
		for _, lane := range []string{"high", "default", "low", "backlog"} {
			size, _ := redis.Int(l.redis.try("LLEN", namespace+":jobs:"+lane))
			n += size
		}
		hints = max(hints, n)
		if status, _ := l.status(run); final(status) && took == 0 {
			took = time.Since(asked)
			if took > 10*time.Second {
				t.Errorf("a small workflow's run took %v", took)
			}
			l.note("a small run took %.1f s", took.Seconds())
		}
		if time.Since(began) > 3*time.Minute {
			t.Error("the queue was not drained in 3 minutes")
			break
		}
	}
	l.note("drained at %.0f/s, memory %d MB then at most %d MB, at most %d hints", float64(many)/time.Since(began).Seconds(), before, most, hints)
	if hints > 12_000 {
		t.Errorf("%d hints stood in Redis at once", hints)
	}
	if most > before*3/2+20 {
		t.Errorf("the worker grew from %d MB to %d MB", before, most)
	}
	l.check(expected{})
}

// drained says that no run is queued any more.
func (l *lab) drained() bool {
	var queued bool
	err := l.db.QueryRow(`SELECT EXISTS (SELECT 1 FROM runs WHERE status = 'queued')`).Scan(&queued)
	return err == nil && !queued
}
