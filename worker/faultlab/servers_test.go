//go:build faultlab

package faultlab

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	_ "github.com/jackc/pgx/v5/stdlib"

	"workflows/models"
	"workflows/models/modelstest"
)

// supervised starts a server again when it ends, unless a file "down" forbids it.
// When this shell is killed, the server gets its signal to end.
const supervised = `while :; do
  while [ -e "$1/down" ]; do sleep 0.05; done
  setpriv --pdeathsig INT %s &
  pid=$!; echo $pid >"$1/pid"; wait $pid
done`

// server is a throw-away server that can be killed and comes back by itself.
type server struct {
	folder string
	port   int
}

func startServer(name, prepare, command string) (*server, error) {
	folder, port, err := modelstest.Supervise(name, prepare+"\n"+fmt.Sprintf(supervised, command))
	if err != nil {
		return nil, err
	}
	return &server{folder: folder, port: port}, nil
}

// pid is the running server's process, 0 while there is none.
func (s *server) pid() int {
	text, err := os.ReadFile(filepath.Join(s.folder, "pid"))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

func (s *server) signal(signal syscall.Signal) { _ = syscall.Kill(s.pid(), signal) }

// hold keeps the server from coming back until release.
func (s *server) hold() error {
	return os.WriteFile(filepath.Join(s.folder, "down"), nil, 0o644)
}

func (s *server) release() { _ = os.Remove(filepath.Join(s.folder, "down")) }

// postgres is one PostgreSQL server. What it has said to be committed survives
// its kill, though not a power cut.
type postgres struct{ *server }

func startPostgres() (*postgres, error) {
	initdb, program := modelstest.Find("initdb"), modelstest.Find("postgres")
	if initdb == "" || program == "" {
		return nil, fmt.Errorf("PostgreSQL is not installed")
	}
	s, err := startServer("postgres", initdb+` -D "$1/data" -U test -A trust --no-sync -E UTF8 --locale=C >/dev/null`,
		program+` -D "$1/data" -p "$2" -k "$1" -c listen_addresses=127.0.0.1 -c max_connections=250 -c shared_buffers=64MB -c fsync=off`)
	if err != nil {
		return nil, err
	}
	p := &postgres{s}
	if err := p.await(time.Minute); err != nil {
		return nil, err
	}
	return p, p.makeTemplate()
}

func (p *postgres) url(database string) string {
	return fmt.Sprintf("postgres://test:%s@127.0.0.1:%d/%s?sslmode=disable", databaseCanary, p.port, database)
}

func (p *postgres) await(limit time.Duration) error {
	for deadline := time.Now().Add(limit); ; {
		err := p.exec("postgres", "SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(p.folder, "log"))
			return fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, log)
		}
		time.Sleep(20 * time.Millisecond) // a server's start has no signal to wait for
	}
}

func (p *postgres) exec(database, statement string) error {
	db, err := sql.Open("pgx", p.url(database))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// restart is an immediate shutdown: no goodbye to anybody, recovery at the start.
func (p *postgres) restart(t *testing.T) {
	t.Helper()
	p.signal(syscall.SIGQUIT)
	if err := p.await(time.Minute); err != nil {
		t.Error(err)
	}
}

// makeTemplate prepares a database that every scenario copies: migrated, with a
// trigger that keeps every change of a run's state.
func (p *postgres) makeTemplate() error {
	if err := p.exec("postgres", `CREATE DATABASE lab`); err != nil {
		return err
	}
	db, err := models.Open(models.Source{URL: p.url("lab")})
	if err != nil {
		return err
	}
	if _, err := models.Migrate(context.Background(), db); err != nil {
		return err
	}
	if err := models.Close(db); err != nil {
		return err
	}
	return p.exec("lab", historySchema)
}

var databases atomic.Int64

func (p *postgres) newDatabase() (string, error) {
	p.copying().Lock()
	defer p.copying().Unlock()
	name := fmt.Sprintf("lab%d", databases.Add(1))
	return name, p.exec("postgres", fmt.Sprintf("CREATE DATABASE %s TEMPLATE lab", name))
}

// copying keeps two copies of the template from being made at once, which
// PostgreSQL refuses.
func (p *postgres) copying() *sync.Mutex { return &templateMutex }

var templateMutex sync.Mutex

// sharedPostgres serves the scenarios that leave PostgreSQL alone.
var sharedPostgres = sync.OnceValues(startPostgres)

// redisServer is one Redis; it keeps nothing when it ends.
type redisServer struct{ *server }

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	program := modelstest.Find("redis-server")
	if program == "" {
		t.Fatal("redis-server is not installed")
	}
	s, err := startServer("redis", ":", program+` --port "$2" --bind 127.0.0.1 --dir "$1" --save "" --appendonly no --maxmemory-policy noeviction --requirepass `+redisCanary)
	if err != nil {
		t.Fatal(err)
	}
	r := &redisServer{s}
	t.Cleanup(func() { _ = r.hold(); r.signal(syscall.SIGKILL) })
	within(t, 20*time.Second, "Redis answers", func() bool { _, err := r.try("PING"); return err == nil })
	return r
}

func (r *redisServer) url() string {
	return fmt.Sprintf("redis://:%s@127.0.0.1:%d", redisCanary, r.port)
}

func (r *redisServer) try(name string, args ...any) (any, error) {
	conn, err := redis.DialURL(r.url(), redis.DialConnectTimeout(time.Second), redis.DialReadTimeout(10*time.Second))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.Do(name, args...)
}

func (r *redisServer) do(t *testing.T, name string, args ...any) any {
	t.Helper()
	reply, err := r.try(name, args...)
	if err != nil {
		t.Errorf("Redis %s: %v", name, err)
	}
	return reply
}

func within(t *testing.T, limit time.Duration, sentence string, done func() bool) bool {
	t.Helper()
	for deadline := time.Now().Add(limit); !done(); time.Sleep(50 * time.Millisecond) { // polls, bounded
		if time.Now().After(deadline) {
			t.Errorf("waited %v in vain: %s", limit, sentence)
			return false
		}
	}
	return true
}
