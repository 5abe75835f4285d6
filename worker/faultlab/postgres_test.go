//go:build faultlab

package faultlab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"workflows/models/modelstest"
)

func TestPostgresRestartsThreeTimes(t *testing.T) {
	l := newLab(t, quickly, options{ownPostgres: true})
	if l == nil {
		return
	}
	l.worker()
	l.worker()
	workflow := l.publish("Two calls", []object{l.target.get("one", "&ms=200"), l.target.post("two", "&ms=300"), note("end")})
	stop := l.load(workflow, 8)
	for range 3 {
		pauseFor(3 * time.Second)
		l.postgres.restart(t)
	}
	pauseFor(3 * time.Second)
	l.note("%d runs started meanwhile", stop())
	l.decideAll("succeed", 5*time.Second)
	l.check(expected{})
}

// PostgreSQL is away for 20 s.
func TestPostgresAway(t *testing.T) {
	l := newLab(t, wholly, options{ownPostgres: true})
	if l == nil {
		return
	}
	l.worker()
	workflow := l.publish("Two calls", []object{l.target.get("one", "&ms=200"), l.target.post("two", "&ms=300"), note("end")})
	stop := l.load(workflow, 5)
	pauseFor(2 * time.Second)
	if err := l.postgres.hold(); err != nil {
		t.Fatal(err)
	}
	l.postgres.signal(3)
	pauseFor(20 * time.Second)
	l.postgres.release()
	if err := l.postgres.await(time.Minute); err != nil {
		t.Fatal(err)
	}
	pauseFor(3 * time.Second)
	l.note("%d runs started meanwhile", stop())
	l.decideAll("succeed", 15*time.Second)
	l.check(expected{})
}

// The way to PostgreSQL is half open for 20 s for the only worker.
func TestPostgresHalfOpen(t *testing.T) {
	l := newLab(t, wholly, options{})
	if l == nil {
		return
	}
	way := modelstest.StartProxy(t, l.postgres.port)
	l.worker(fmt.Sprintf("DATABASE_URL=postgres://test:%s@127.0.0.1:%d/%s?sslmode=disable", databaseCanary, way.Port(), l.database))
	workflow := l.publish("Two calls", []object{l.target.get("one", "&ms=200"), l.target.post("two", "&ms=300"), note("end")})
	stop := l.load(workflow, 5)
	pauseFor(2 * time.Second)
	way.HalfOpen()
	pauseFor(20 * time.Second)
	way.Pass()
	pauseFor(3 * time.Second)
	l.note("%d runs started meanwhile", stop())
	l.decideAll("succeed", 20*time.Second)
	l.check(expected{})
}

// For 20 s PostgreSQL takes no writes, as after a failover to a copy.
func TestPostgresReadOnly(t *testing.T) {
	l := newLab(t, wholly, options{ownPostgres: true})
	if l == nil {
		return
	}
	l.worker()
	workflow := l.publish("Two calls", []object{l.target.get("one", "&ms=200"), l.target.post("two", "&ms=300"), note("end")})
	stop := l.load(workflow, 5)
	pauseFor(2 * time.Second)
	l.readOnly(true)
	pauseFor(20 * time.Second)
	l.readOnly(false)
	pauseFor(3 * time.Second)
	l.note("%d runs started meanwhile", stop())
	l.decideAll("succeed", 15*time.Second)
	l.check(expected{})
}

func (l *lab) readOnly(on bool) {
	l.t.Helper()
	for _, statement := range []string{
		fmt.Sprintf("ALTER DATABASE %s SET default_transaction_read_only = %t", l.database, on),
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + l.database + "' AND application_name <> 'lab'",
	} {
		if err := l.postgres.exec("postgres", statement); err != nil {
			l.t.Fatal(err)
		}
	}
}

// 200 requests at once where PostgreSQL gives web and worker three connections
// each: all is answered, some with “try again”, and no lease is lost for it.
func TestConnectionsRunOut(t *testing.T) {
	l := newLab(t, wholly, options{ownPostgres: true, web: func(l *lab) []string { return []string{"DATABASE_URL=" + l.limited("web3")} }})
	if l == nil {
		return
	}
	l.worker("DATABASE_URL=" + l.limited("worker3"))
	workflow := l.publish("Takes long", []object{l.target.get("one", "&ms=15000"), l.target.post("two", "&ms=300"), note("end")})
	counts := map[int]int{}
	var mu sync.Mutex
	parallel(200, 200, func(int) {
		_, status, answer := l.tryStart(workflow, "")
		mu.Lock()
		defer mu.Unlock()
		counts[status]++
		if status != 202 && status != 503 {
			t.Errorf("a start was answered with %d: %v", status, answer)
		}
	})
	l.note("answers %v", counts)
	var stored int
	_ = l.db.QueryRow(`SELECT count(*) FROM runs`).Scan(&stored)
	if stored != counts[202] {
		t.Errorf("%d runs are stored of %d that were accepted", stored, counts[202])
	}
	l.check(expected{within: 200 * time.Second})
	changes, err := history(l.db)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if c.lost() {
			t.Fatalf("run %s lost its lease for want of a connection", c.run)
		}
	}
}

// limited is the address for a user who may have three connections.
func (l *lab) limited(user string) string {
	l.t.Helper()
	for _, statement := range []string{
		"CREATE ROLE " + user + " LOGIN CONNECTION LIMIT 3",
		"GRANT test TO " + user,
		"ALTER ROLE " + user + " SET role = test",
	} {
		if err := l.postgres.exec(l.database, statement); err != nil {
			l.t.Fatal(err)
		}
	}
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable", user, databaseCanary, l.postgres.port, l.database)
}

// Somebody else locks runs in an order of their own, so that PostgreSQL must
// break deadlocks.
func TestDeadlocks(t *testing.T) {
	l := newLab(t, wholly, options{ownPostgres: true})
	if l == nil {
		return
	}
	if err := l.postgres.exec("postgres", "ALTER SYSTEM SET deadlock_timeout = '50ms'"); err != nil {
		t.Fatal(err)
	}
	if err := l.postgres.exec("postgres", "SELECT pg_reload_conf()"); err != nil {
		t.Fatal(err)
	}
	l.worker()
	l.worker()
	workflow := l.publish("Two calls", []object{l.target.get("one", "&ms=200"), l.target.post("two", "&ms=200"), note("end")})
	stop := l.load(workflow, 20)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	var deadlocks atomic.Int64
	var lockers sync.WaitGroup
	for range 3 {
		lockers.Go(func() {
			for ctx.Err() == nil {
				deadlocks.Add(l.lockSome())
			}
		})
	}
	lockers.Wait()
	l.note("%d runs started meanwhile, %d deadlocks hit us", stop(), deadlocks.Load())
	var broken int
	_ = l.db.QueryRow(`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&broken)
	l.note("%d in all", broken)
	l.check(expected{})
}

// lockSome locks a few runs in any order for a moment.
func (l *lab) lockSome() (deadlocks int64) {
	tx, err := l.db.Begin()
	if err != nil {
		return 0
	}
	defer tx.Rollback() // nothing was changed
	ids := l.texts(`SELECT id::text FROM runs WHERE status IN ('queued', 'running') ORDER BY random() LIMIT 4`)
	for _, id := range ids {
		if _, err := tx.Exec(`SELECT 1 FROM runs WHERE id = $1 FOR UPDATE`, id); err != nil {
			return 1
		}
		time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond) // holds its locks for a while
	}
	return 0
}

// decideAll decides every run that asks for it, until all are final or none has
// asked for a while. It returns how many there were.
func (l *lab) decideAll(action string, long time.Duration) (decided int) {
	l.t.Helper()
	quiet := time.Now()
	for began := time.Now(); time.Since(quiet) < long && time.Since(began) < time.Minute && !l.t.Failed(); pauseFor(200 * time.Millisecond) {
		for _, text := range l.texts(`SELECT s.run_id || ' ' || s.step_id FROM runs r JOIN step_runs s ON s.run_id = r.id
			WHERE r.status = 'waiting' AND r.waiting_for = 'decision' AND s.status = 'waiting'`) {
			run, step, _ := strings.Cut(text, " ")
			l.call("POST", "/runs/"+run+"/decisions", object{"step_id": step, "action": action, "output": object{"by": "a person"}}, 200)
			decided, quiet = decided+1, time.Now()
		}
		if l.open() == 0 {
			break
		}
	}
	if decided > 0 {
		l.note("%d decided by a person", decided)
	}
	return decided
}
