//go:build faultlab

package faultlab

import (
	"database/sql"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"workflows/models/modelstest"
)

// Secrets that must be found nowhere but where they belong.
const (
	tokenCanary    = "canary-token-cccccccccccccccccccccccccccc"
	databaseCanary = "canary-database-password"
	redisCanary    = "canary-redis-password"
	secretCanary   = "canary of a stored secret" // every call sends it, and gets it back
	keyCanary      = "MDEyMzQ1Njc4OWNhbmFyeWFiY2RlZjAxMjM0NTY3ODk="
	namespace      = "lab"
)

// lab is one installation that a scenario breaks: web, workers, servers, target.
type lab struct {
	t        *testing.T
	base     string // of the web process
	postgres *postgres
	database string
	redis    *redisServer
	target   *target
	db       *sql.DB // past any proxy
	dir      string
	programs string

	web     *process
	workers []*process

	mu       sync.Mutex
	accepted map[string]bool // runs that were answered with 202
	answers  map[int]int     // other answers to starts
	kills    map[int]time.Time
	longest  time.Duration // from a worker's loss until a run of it was running again
	began    time.Time
	notes    []string
}

// quickly and wholly say whether a scenario belongs to the quick selection.
const (
	quickly = true
	wholly  = false
)

// options are what a scenario wants otherwise.
type options struct {
	ownPostgres bool // because the scenario hurts the server
	skewed      bool // programs whose clock LAB_CLOCK_OFFSET sets
	web         func(l *lab) []string
}

// newLab prepares servers and starts the web process. It returns nil when the
// scenario is not part of what was asked for.
func newLab(t *testing.T, quick bool, o options) *lab {
	t.Helper()
	if testing.Short() && !quick {
		return nil
	}
	t.Parallel()
	l := &lab{
		t: t, dir: t.TempDir(), accepted: map[string]bool{}, answers: map[int]int{}, kills: map[int]time.Time{},
	}
	var err error
	build := programs
	if o.skewed {
		build = skewedPrograms
	}
	if l.programs, err = build(); err != nil {
		t.Fatal(err)
	}
	server := sharedPostgres
	if o.ownPostgres {
		server = startPostgres
	}
	if l.postgres, err = server(); err != nil {
		t.Fatal(err)
	}
	if o.ownPostgres {
		t.Cleanup(func() { _ = l.postgres.hold(); l.postgres.signal(2) })
	}
	if l.database, err = l.postgres.newDatabase(); err != nil {
		t.Fatal(err)
	}
	if l.db, err = sql.Open("pgx", l.postgres.url(l.database)+"&application_name=lab"); err != nil {
		t.Fatal(err)
	}
	l.db.SetMaxOpenConns(4)
	t.Cleanup(func() { _ = l.db.Close() })
	l.redis = startRedis(t)
	l.target = newTarget(t)
	l.startWeb(o)
	l.began = time.Now()
	return l
}

func (l *lab) startWeb(o options) {
	l.t.Helper()
	port, err := modelstest.FreePort()
	if err != nil {
		l.t.Fatal(err)
	}
	l.base = fmt.Sprintf("http://127.0.0.1:%d", port)
	env := append(l.env(), fmt.Sprintf("PORT=%d", port), "ADMIN_TOKEN="+tokenCanary, "API_RATE_PER_MINUTE=0")
	if o.web != nil {
		env = append(env, o.web(l)...)
	}
	l.web = launch(l.t, l.programs, "app", l.dir, env)
	l.awaitWeb()
	l.call("POST", "/secrets", object{"name": "LAB_KEY", "value": secretCanary}, 201)
}

func (l *lab) awaitWeb() {
	l.t.Helper()
	within(l.t, 30*time.Second, "the web process answers /readyz", func() bool {
		answer, err := client.Get(l.base + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// env is what web and workers are told; what is said later wins.
func (l *lab) env() []string {
	return []string{
		"BASE_URL=" + l.base, "DATABASE_URL=" + l.postgres.url(l.database), "REDIS_URL=" + l.redis.url(), "REDIS_NAMESPACE=" + namespace,
		"OUTBOUND_ALLOW=127.0.0.0/8", "SECRET_KEYS=k1:" + keyCanary,
	}
}

// worker starts a worker and returns once it says that it works.
func (l *lab) worker(env ...string) *process {
	l.t.Helper()
	w := l.workerUnawaited(env...)
	l.awaitWorker(w)
	return w
}

func (l *lab) workerUnawaited(env ...string) *process {
	l.t.Helper()
	w := launch(l.t, l.programs, "worker", l.dir, append(l.env(), env...))
	l.workers = append(l.workers, w)
	return w
}

func (l *lab) awaitWorker(w *process) {
	l.t.Helper()
	within(l.t, 30*time.Second, "the worker has started", func() bool { return w.log.has("worker started") || !w.alive() })
}

// kill is kill -9 of a worker, and remembers when.
func (l *lab) kill(w *process) time.Time {
	pid, at := w.pid(), time.Now()
	w.kill()
	l.mu.Lock()
	l.kills[pid] = at
	l.mu.Unlock()
	return at
}

// holder waits until some worker executes the run and returns that one.
func (l *lab) holder(run string) *process {
	l.t.Helper()
	var found *process
	within(l.t, 20*time.Second, "a worker executes the run", func() bool {
		var owner string
		_ = l.db.QueryRow(`SELECT lease_owner FROM runs WHERE id = $1 AND status = 'running'`, run).Scan(&owner)
		for _, w := range l.workers {
			if owner != "" && (change{wasOwner: owner}).pid() == w.pid() {
				found = w
			}
		}
		return found != nil
	})
	if found == nil {
		l.t.FailNow()
	}
	return found
}

// note adds a figure to the scenario's line.
func (l *lab) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}

func pauseFor(d time.Duration) { time.Sleep(d) } // a fault lasts a time of the real clock
