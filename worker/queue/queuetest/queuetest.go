// Package queuetest gives tests a Redis: an embedded one always, and a throw-away
// real server where it is installed. Each test has a namespace of its own.
package queuetest

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/gomodule/redigo/redis"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
)

// Each runs the test once per kind of Redis: "miniredis" always, "redis" where
// redis-server is installed. Both run beside one another and beside the package's
// other tests. A test that looks at what its whole process shares uses InTurn.
func Each(t *testing.T, test func(t *testing.T, q *queue.Queue)) {
	t.Helper()
	t.Parallel()
	each(t, func(t *testing.T, open func(testing.TB) *queue.Queue) {
		t.Parallel()
		test(t, open(t))
	})
}

// InTurn is Each for a test beside which no other of its package may run.
func InTurn(t *testing.T, test func(t *testing.T, q *queue.Queue)) {
	t.Helper()
	each(t, func(t *testing.T, open func(testing.TB) *queue.Queue) { test(t, open(t)) })
}

func each(t *testing.T, run func(t *testing.T, open func(testing.TB) *queue.Queue)) {
	t.Helper()
	t.Run("miniredis", func(t *testing.T) { run(t, Mini) })
	if modelstest.Find("redis-server") == "" {
		modelstest.Missing(t, "Redis")
		return
	}
	t.Run("redis", func(t *testing.T) {
		run(t, func(t testing.TB) *queue.Queue {
			q, _ := Server(t)
			return q
		})
	})
}

// Mini opens a queue on an embedded Redis that only this test uses.
func Mini(t testing.TB) *queue.Queue {
	t.Helper()
	q, _ := MiniServer(t)
	return q
}

// MiniServer is Mini with the server itself, for tests that break it.
func MiniServer(t testing.TB) (*queue.Queue, *miniredis.Miniredis) {
	t.Helper()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return Open(t, "redis://"+server.Addr()), server
}

// Server opens a queue on the real Redis that all tests of this process share,
// and returns its URL too. Where no redis-server is installed it skips the test, unless
// REQUIRE_SERVICES=1.
func Server(t testing.TB) (*queue.Queue, string) {
	t.Helper()
	if modelstest.Find("redis-server") == "" {
		modelstest.Missing(t, "redis-server")
		t.Skip("redis-server is not installed")
	}
	url, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return Open(t, url), url
}

// Open opens a queue in a namespace of the test's own, without a log.
func Open(t testing.TB, url string) *queue.Queue {
	t.Helper()
	return OpenIn(t, url, "t"+strings.ReplaceAll(models.NewID(), "-", ""), slog.New(slog.DiscardHandler))
}

// OpenIn opens a queue in the given namespace, with the given log.
func OpenIn(t testing.TB, url, namespace string, log *slog.Logger) *queue.Queue {
	t.Helper()
	q, err := queue.Open(queue.Options{URL: url, Namespace: namespace, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	return q
}

// Key spells a key of the queue's namespace.
func Key(q *queue.Queue, name string) string { return q.Keys.Prefix() + name }

// Do sends one command to a queue's server, past the queue: for arranging what
// the queue must cope with, and for looking at keys.
func Do(t testing.TB, q *queue.Queue, name string, args ...any) any {
	t.Helper()
	conn, err := redis.DialURL(q.Address(), redis.DialConnectTimeout(10*time.Second), redis.DialReadTimeout(30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	reply, err := conn.Do(name, args...)
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return reply
}

// Fill puts so many hints into a lane, past the queue, which takes long for very many on a
// busy machine.
func Fill(t testing.TB, q *queue.Queue, lane string, n int) {
	t.Helper()
	hints := []any{Key(q, "jobs:"+lane)}
	for range n {
		hints = append(hints, queue.Hint{RunID: models.NewID(), Lane: lane}.Payload(time.Now()))
	}
	Do(t, q, "RPUSH", hints...)
}

// Beat has a worker show itself, as one does that is connected.
func Beat(t testing.TB, q *queue.Queue, id, host string, pid int) {
	t.Helper()
	now := time.Now().Unix()
	Do(t, q, "SADD", Key(q, "worker_pools"), id)
	Do(t, q, "HMSET", Key(q, "worker_pools:"+id), "host", host, "pid", pid, "concurrency", 25, "started_at", now, "heartbeat_at", now)
}

// Forget empties a queue's Redis as FLUSHALL would. Tests share a server: only
// what this one's namespace holds goes.
func Forget(t testing.TB, q *queue.Queue) {
	t.Helper()
	const forget = `for _, key in ipairs(redis.call("KEYS", ARGV[1] .. ":*")) do redis.call("DEL", key) end return redis.status_reply("OK")`
	Do(t, q, "EVAL", forget, 0, q.Namespace())
}

var shared = sync.OnceValues(func() (string, error) { return StartServer("") })

// StartServer starts a throw-away real Redis that ends with this process, and
// returns its URL. flags go to the server's command line.
func StartServer(flags string) (string, error) {
	server := modelstest.Find("redis-server")
	if server == "" {
		return "", errors.New("no redis-server is installed")
	}
	_, port, err := modelstest.Supervise("redis", "exec "+server+` --port "$2" --bind 127.0.0.1 --dir "$1" --save "" --appendonly no `+flags)
	if err != nil {
		return "", err
	}
	url := fmt.Sprintf("redis://127.0.0.1:%d", port)
	for deadline := time.Now().Add(20 * time.Second); ; {
		conn, err := redis.DialURL(url, redis.DialConnectTimeout(time.Second))
		if err == nil {
			_ = conn.Close()
			return url, nil
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("start Redis: %w", err)
		}
		time.Sleep(10 * time.Millisecond) // a server's start has no signal to wait for
	}
}
