package pool_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/outage"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
)

func TestPoolSurvivesAnOutageAndSaysSoOnce(t *testing.T) {
	t.Parallel()
	_, server := queuetest.MiniServer(t)
	log := &logBuffer{}
	q := queuetest.OpenIn(t, "redis://"+server.Addr(), "outage", log.logger())
	w := startWorker(t, q, pool.Options{Concurrency: 25})
	awaitIdle(t, q)
	for range 2 {
		server.Close()
		modelstest.Eventually(t, "the log says that Redis is away", func() bool { return log.count("cannot be reached") > log.count("Redis is back") })
		_, err := q.Ring(t.Context(), queue.Hint{RunID: models.NewID()})
		if !errors.Is(err, models.ErrUnavailable) {
			t.Errorf("ringing ended with %v", err)
		}
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		awaitIdle(t, q)
		id := ring(t, q)
		modelstest.Eventually(t, "the run is handled after the outage", func() bool { return w.count(id) == 1 })
	}
	if gone, back := log.count("cannot be reached"), log.count("Redis is back"); gone != 2 || back != 2 {
		t.Errorf("the log says %d times that Redis is away and %d times that it is back", gone, back)
	}
}

func TestAcknowledgementsWaitForRedis(t *testing.T) {
	t.Parallel()
	q, server := queuetest.MiniServer(t)
	release := make(chan struct{})
	startWorker(t, q, pool.Options{Handle: waitFor(release)})
	awaitIdle(t, q)
	ring(t, q)
	modelstest.Eventually(t, "the run is in work", func() bool { return heldLists(t, q) == 1 })
	server.Close()
	close(release)
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	modelstest.Eventually(t, "nothing stays in progress", func() bool { return heldLists(t, q) == 0 })
}

// A script takes jobs and its answer is lost on the way: they are in progress in
// Redis, and in nobody's hand.
func TestJobsWhoseFetchWasLostAreFetchedAgain(t *testing.T) {
	t.Parallel()
	direct, server := queuetest.MiniServer(t)
	port, err := strconv.Atoi(server.Port())
	if err != nil {
		t.Fatal(err)
	}
	proxy := modelstest.StartProxy(t, port)
	q := queuetest.OpenIn(t, fmt.Sprintf("redis://127.0.0.1:%d", proxy.Port()), direct.Namespace(), slog.New(slog.DiscardHandler))
	w := startWorker(t, q, pool.Options{})
	awaitIdle(t, direct)
	for range 3 {
		hint := queue.Hint{RunID: models.NewID()}
		proxy.Lose(hint.RunID)
		if _, err := direct.Ring(t.Context(), hint); err != nil {
			t.Fatal(err)
		}
		modelstest.Eventually(t, "the run is handled", func() bool { return w.count(hint.RunID) == 1 })
		modelstest.Eventually(t, "nothing stays in progress", func() bool { return heldLists(t, direct) == 0 })
	}
}

// What Redis holds as this worker's after it came back may be of long ago.
func TestJobsThatNobodyHasInHandAreGivenBackAfterAnOutage(t *testing.T) {
	t.Parallel()
	q, server := queuetest.MiniServer(t)
	w := startWorker(t, q, pool.Options{})
	awaitIdle(t, q)
	hint := queue.Hint{RunID: models.NewID()}
	list := queuetest.Key(q, "jobs:default:"+stats(t, q).Workers[0].ID+":inprogress")
	if _, err := server.Lpush(list, string(hint.Payload(time.Now()))); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	modelstest.Eventually(t, "the run is handled", func() bool { return w.count(hint.RunID) == 1 })
	modelstest.Eventually(t, "nothing stays in progress", func() bool { return heldLists(t, q) == 0 })
}

func TestStopWhileRedisIsAwayIsBounded(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	w := startWorker(t, q, pool.Options{Concurrency: 25, Grace: time.Second})
	awaitIdle(t, q)
	server.Close()
	w.stopsWithin(t, time.Minute, "the pool stops although Redis is away")
}

func TestPoolStartsBeforeRedisDoes(t *testing.T) {
	t.Parallel()
	q, server := queuetest.MiniServer(t)
	server.Close()
	w := startWorker(t, q, pool.Options{})
	if err := q.Ping(t.Context()); !errors.Is(err, models.ErrUnavailable) || !strings.Contains(err.Error(), q.Address()) {
		t.Errorf("the ping ended with %v", err)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	awaitIdle(t, q)
	id := ring(t, q)
	modelstest.Eventually(t, "the run is handled", func() bool { return w.count(id) == 1 })
}

func TestIdlePoolSurvivesFlushAll(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		w := startWorker(t, q, pool.Options{})
		awaitIdle(t, q)
		queuetest.Forget(t, q)
		id := ring(t, q)
		modelstest.Eventually(t, "the run is handled", func() bool { return w.count(id) == 1 })
		modelstest.Eventually(t, "the worker is shown again", func() bool { return len(stats(t, q).Workers) == 1 })
	})
}

func TestScriptsAreLoadedAnew(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		w := startWorker(t, q, pool.Options{})
		awaitIdle(t, q)
		queuetest.Do(t, q, "SCRIPT", "FLUSH")
		id := ring(t, q)
		modelstest.Eventually(t, "the run is handled", func() bool { return w.count(id) == 1 })
	})
}

func TestKeysOfAWrongTypeAreMovedOutOfTheWay(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		w := startWorker(t, q, pool.Options{})
		awaitIdle(t, q)
		for _, name := range []string{"jobs:default", "scheduled", "retry", "known_jobs"} {
			queuetest.Do(t, q, "DEL", queuetest.Key(q, name))
			queuetest.Do(t, q, "SET", queuetest.Key(q, name), "nonsense")
		}
		now, later := models.NewID(), models.NewID()
		modelstest.Eventually(t, "ringing works again", func() bool {
			_, err := q.Ring(t.Context(), queue.Hint{RunID: now})
			return err == nil && q.Later(t.Context(), time.Now(), true, queue.Hint{RunID: later}) == nil
		})
		modelstest.Eventually(t, "both are handled", func() bool { return w.count(now) >= 1 && w.count(later) >= 1 })
	})
}

func TestIdlePoolIsQuiet(t *testing.T) {
	if modelstest.Find("redis-server") == "" {
		modelstest.Missing(t, "Redis")
		t.Skip("it counts the commands of a real server")
	}
	url, err := queuetest.StartServer("")
	if err != nil {
		t.Fatal(err)
	}
	q := queuetest.Open(t, url)
	startWorker(t, q, pool.Options{Concurrency: 25})
	awaitIdle(t, q)
	// The measure is a rate: only time makes it. What runs now and then (heartbeats,
	// the janitor) may meet in one window on a busy machine; a pool that polls is
	// never quiet.
	least := math.Inf(1)
	for range 5 {
		before := commands(t, q)
		<-time.After(2 * time.Second)
		if least = min(least, float64(commands(t, q)-before)/2); least < 20 {
			t.Logf("an idle pool sends %.1f commands a second", least)
			return
		}
	}
	t.Errorf("an idle pool sends %.1f commands a second or more", least)
}

// silent is the address of a server that takes connections and answers nothing.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var held []net.Conn
		for {
			conn, err := listener.Accept()
			if err != nil {
				break
			}
			held = append(held, conn)
		}
		for _, conn := range held {
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-ended })
	return listener.Addr().String()
}

// To be stopped is no outage, whatever was being waited for.
func TestPoolThatIsStoppedWhileItReadsThePausesComplainsOfNothing(t *testing.T) {
	db, err := models.Open(models.Source{URL: "postgres://ann@" + silent(t) + "/none?sslmode=disable"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = models.Close(db) })
	_, server := queuetest.MiniServer(t)
	log := &logBuffer{}
	q := queuetest.OpenIn(t, "redis://"+server.Addr(), "stopped", log.logger())
	w := startWorker(t, q, pool.Options{DB: db, Database: outage.New(log.logger(), "the database is away", "the database is back"), Log: log.logger(), Grace: time.Second})
	awaitIdle(t, q)
	w.stop()
	if said := log.count("level=ERROR") + log.count("level=WARN"); said != 0 {
		t.Errorf("it complained:\n%s", log.text())
	}
}

func TestRedisThatRefusesToWorkIsToldOnce(t *testing.T) {
	_, server := queuetest.MiniServer(t)
	log := &logBuffer{}
	q := queuetest.OpenIn(t, "redis://"+server.Addr(), "full", log.logger())
	startWorker(t, q, pool.Options{Log: log.logger()})
	awaitIdle(t, q)
	server.SetError("OOM command not allowed when used memory > 'maxmemory'.")
	for range 5 {
		if _, err := q.Ring(t.Context(), queue.Hint{RunID: models.NewID()}); !errors.Is(err, models.ErrUnavailable) {
			t.Errorf("ringing ended with %v", err)
		}
	}
	modelstest.Eventually(t, "the pool has met it too", func() bool { return server.CommandCount() > 0 && log.count("refuses to work") == 1 })
	server.SetError("")
	modelstest.Eventually(t, "it works again", func() bool {
		_, err := q.Ring(t.Context(), queue.Hint{RunID: models.NewID()})
		return err == nil && log.count("Redis works again") == 1
	})
	if said := log.count("level=ERROR") + log.count("level=WARN"); said != 1 {
		t.Errorf("it said\n%s", log.text())
	}
}

func TestStopIsBoundedWhileRedisAnswersNothing(t *testing.T) {
	t.Parallel()
	q := queuetest.Open(t, "redis://"+silent(t))
	w := startWorker(t, q, pool.Options{Concurrency: 25, Grace: time.Second})
	w.stopsWithin(t, time.Minute, "the pool stops although Redis takes connections and answers nothing")
}
