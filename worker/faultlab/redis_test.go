//go:build faultlab

package faultlab

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/models/modelstest"
)

func TestFlushAllAtHalfOf100Runs(t *testing.T) {
	l := newLab(t, quickly, options{})
	if l == nil {
		return
	}
	l.worker("WORKER_CONCURRENCY=5")
	workflow := l.publish("Two calls", []object{l.target.get("one", "&ms=200"), l.target.post("two", "&ms=100")})
	runs := l.startMany(workflow, 100)
	l.called("two", 50)
	l.redis.do(t, "FLUSHALL")
	flushed := time.Now()
	l.awaitFinal(30*time.Second, runs...)
	l.note("all final %.1f s after FLUSHALL", time.Since(flushed).Seconds())
	l.check(expected{})
	if one, two := l.target.of("", "one"), l.target.of("", "two"); one != 100 || two != 100 {
		t.Errorf("100 runs made %d and %d calls", one, two)
	}
}

// Redis ends and comes back empty 30 s later, with nothing to do meanwhile.
func TestRedisDownAtRest(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	w := l.worker()
	workflow := l.publish("Two calls", []object{l.target.get("one", ""), l.target.post("two", "")})
	l.awaitFinal(10*time.Second, l.startMany(workflow, 3)...)
	l.redis.away(t, 30*time.Second)
	back := time.Now()
	run := l.start(workflow)
	l.awaitFinal(15*time.Second, run)
	l.note("a run was final %.1f s after Redis came back", time.Since(back).Seconds())
	if lines := strings.Count(w.log.String(), "\n"); lines > 60 {
		t.Errorf("the worker wrote %d lines about it", lines)
	}
	l.check(expected{})
}

// Redis ends and comes back empty 30 s later, while runs are started and executed.
func TestRedisDownUnderLoad(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	l.worker()
	workflow := l.publish("Two calls", []object{l.target.get("one", "&ms=200"), l.target.post("two", "&ms=300")})
	stop := l.load(workflow, 5)
	pauseFor(2 * time.Second)
	l.redis.away(t, 30*time.Second)
	pauseFor(3 * time.Second)
	l.note("%d runs started meanwhile", stop())
	l.check(expected{})
}

func TestRedisAnswersLate(t *testing.T) {
	l, way := proxied(t)
	if l == nil {
		return
	}
	workflow := l.publish("Two calls", []object{l.target.get("one", ""), l.target.post("two", "")})
	way.Slow(500 * time.Millisecond)
	pauseFor(2 * time.Second)
	began := time.Now()
	runs := l.startMany(workflow, 30)
	l.awaitFinal(40*time.Second, runs...)
	l.note("30 runs took %.1f s", time.Since(began).Seconds())
	way.Pass()
	l.check(expected{})
}

// Nothing passes for 30 s, but nobody says so; then what was held up arrives.
func TestRedisHalfOpen(t *testing.T) {
	l, way := proxied(t)
	if l == nil {
		return
	}
	workflow := l.publish("Two calls", []object{l.target.get("one", "&ms=200"), l.target.post("two", "&ms=300")})
	stop := l.load(workflow, 3)
	pauseFor(2 * time.Second)
	way.HalfOpen()
	pauseFor(30 * time.Second)
	way.Pass()
	pauseFor(2 * time.Second)
	l.note("%d runs started meanwhile", stop())
	l.check(expected{})
}

func TestRedisOutOfMemory(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	l.worker()
	workflow := l.publish("Two calls", []object{l.target.get("one", "&ms=200"), l.target.post("two", "&ms=300")})
	stop := l.load(workflow, 5)
	pauseFor(2 * time.Second)
	l.redis.do(t, "CONFIG", "SET", "maxmemory", "1mb")
	if _, err := l.redis.try("SET", "x", "y"); err == nil {
		t.Error("Redis still takes writes")
	}
	pauseFor(15 * time.Second)
	l.redis.do(t, "CONFIG", "SET", "maxmemory", "0")
	pauseFor(2 * time.Second)
	l.note("%d runs started meanwhile", stop())
	l.check(expected{})
}

// Somebody writes values of other types over the queue's keys.
func TestRedisKeysOfAWrongType(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	l.worker()
	workflow := l.publish("Two calls", []object{l.target.get("one", ""), l.target.post("two", "")})
	for _, key := range []string{"jobs:default", "known_jobs", "scheduled", "retry", "worker_pools", "set_aside", "jobs:default:lock", "jobs:default:lock_info"} {
		l.redis.do(t, "DEL", namespace+":"+key)
		if kind := map[bool]string{true: "ZADD", false: "SET"}[strings.HasSuffix(key, ":lock")]; kind == "ZADD" {
			l.redis.do(t, "ZADD", namespace+":"+key, 1, "nonsense")
		} else {
			l.redis.do(t, "SET", namespace+":"+key, "nonsense")
		}
		run := l.start(workflow)
		began := time.Now()
		l.awaitFinal(20*time.Second, run)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("with a bad %s a run took %v", key, took)
		}
	}
	l.check(expected{})
}

// Jobs that no worker can use are set aside; the next good one runs at once.
func TestNonsenseInTheQueue(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	l.worker("WORKER_CONCURRENCY=2")
	workflow := l.publish("Two calls", []object{l.target.get("one", ""), l.target.post("two", "")})
	lane := namespace + ":jobs:default"
	for _, job := range []string{
		"nonsense", "", "[]", "null", "\x00\xff", `{"name":"default"}`, `{"name":"default","args":{"run_id":7}}`, `{"name":"default","args":{"run_id":"x"}}`,
		`{"name":"from_a_newer_version","id":"1","t":1,"args":{}}`, `{"name":"default","id":"1","t":1,"args":{"run_id":"01a20ade-0000-7000-8000-000000000000"}}`,
		`{"name":"default","id":"` + strings.Repeat("x", 10<<20) + `"}`,
	} {
		l.redis.do(t, "LPUSH", lane, job)
		l.redis.do(t, "ZADD", namespace+":scheduled", 1, job)
		l.redis.do(t, "ZADD", namespace+":retry", 1, job)
	}
	began := time.Now()
	run := l.start(workflow)
	l.awaitFinal(20*time.Second, run)
	l.note("the next good job took %.1f s", time.Since(began).Seconds())
	within(t, 30*time.Second, "nothing unreadable is left", func() bool {
		left := 0
		for _, key := range []string{"scheduled", "retry"} {
			n, _ := redis.Int(l.redis.try("ZCARD", namespace+":"+key))
			left += n
		}
		return left == 0
	})
	l.check(expected{})
}

// The same run is rung for a thousand times, before, while and after it runs.
func TestTheSameHintAThousandTimes(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	l.worker()
	l.worker()
	workflow := l.publish("Two calls", []object{l.target.get("one", "&ms=300"), l.target.post("two", "&ms=300")})
	runs := l.startMany(workflow, 2)
	for i := range 1000 {
		for _, run := range runs {
			l.redis.do(t, "LPUSH", namespace+":jobs:default", fmt.Sprintf(`{"name":"default","id":"%s","t":%d,"args":{"run_id":"%s"}}`, run, i, run))
		}
		if i%100 == 0 {
			l.redis.do(t, "PUBLISH", namespace+":bell", 200)
		}
	}
	l.awaitFinal(20*time.Second, runs...)
	l.check(expected{})
	if one, two := l.target.of("", "one"), l.target.of("", "two"); one != 2 || two != 2 {
		t.Errorf("2 runs made %d and %d calls", one, two)
	}
}

// proxied is a lab whose way to Redis can be made bad, with one worker.
func proxied(t *testing.T) (*lab, *modelstest.Proxy) {
	t.Helper()
	var way *modelstest.Proxy
	through := func(l *lab) []string {
		if way == nil {
			way = modelstest.StartProxy(t, l.redis.port)
		}
		return []string{fmt.Sprintf("REDIS_URL=redis://:%s@127.0.0.1:%d", redisCanary, way.Port())}
	}
	l := newLab(t, wholly, options{web: through})
	if l == nil {
		return nil, nil
	}
	l.worker(through(l)...)
	return l, way
}

// away ends the server; it comes back empty.
func (r *redisServer) away(t *testing.T, long time.Duration) {
	t.Helper()
	if err := r.hold(); err != nil {
		t.Fatal(err)
	}
	r.signal(syscall.SIGKILL)
	pauseFor(long)
	r.release()
	within(t, 20*time.Second, "Redis answers again", func() bool { _, err := r.try("PING"); return err == nil })
}

// load starts so many runs a second until stop, asking again for each until it is
// accepted; stop waits for that and returns how many there were.
func (l *lab) load(workflow string, perSecond int) (stop func() int) {
	quit := make(chan struct{})
	var starts sync.WaitGroup
	started := 0
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		ticker := time.NewTicker(time.Second / time.Duration(perSecond))
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
				started++
				key := fmt.Sprintf("load-%s-%d", workflow, started)
				starts.Go(func() { l.persist(workflow, key, 60*time.Second) })
			}
		}
	}()
	return func() int {
		close(quit)
		<-finished
		starts.Wait()
		return started
	}
}
