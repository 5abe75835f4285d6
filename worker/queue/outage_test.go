package queue_test

import (
	"errors"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

func TestPoolSurvivesAnOutageAndSaysSoOnce(t *testing.T) {
	_, server := queuetest.MiniServer(t)
	log := &logBuffer{}
	q := queuetest.OpenIn(t, "redis://"+server.Addr(), "outage", log.logger())
	w := startWorker(t, q, queue.PoolOptions{Concurrency: 25})
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
	q, server := queuetest.MiniServer(t)
	release := make(chan struct{})
	startWorker(t, q, queue.PoolOptions{Handle: waitFor(release)})
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

func TestStopWhileRedisIsAwayIsBounded(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	w := startWorker(t, q, queue.PoolOptions{Concurrency: 25, Grace: time.Second})
	awaitIdle(t, q)
	server.Close()
	began := time.Now()
	w.stop()
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("the stop took %s", took)
	}
}

func TestPoolStartsBeforeRedisDoes(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	server.Close()
	w := startWorker(t, q, queue.PoolOptions{})
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
		w := startWorker(t, q, queue.PoolOptions{})
		awaitIdle(t, q)
		queuetest.Do(t, q, "FLUSHALL")
		id := ring(t, q)
		modelstest.Eventually(t, "the run is handled", func() bool { return w.count(id) == 1 })
		modelstest.Eventually(t, "the worker is shown again", func() bool { return len(stats(t, q).Workers) == 1 })
	})
}

func TestScriptsAreLoadedAnew(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		w := startWorker(t, q, queue.PoolOptions{})
		awaitIdle(t, q)
		queuetest.Do(t, q, "SCRIPT", "FLUSH")
		id := ring(t, q)
		modelstest.Eventually(t, "the run is handled", func() bool { return w.count(id) == 1 })
	})
}

func TestKeysOfAWrongTypeAreMovedOutOfTheWay(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		w := startWorker(t, q, queue.PoolOptions{})
		awaitIdle(t, q)
		for _, name := range []string{"jobs:default", "scheduled", "retry", "known_jobs"} {
			queuetest.Do(t, q, "DEL", queue.Key(q, name))
			queuetest.Do(t, q, "SET", queue.Key(q, name), "nonsense")
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
		return
	}
	url, err := queuetest.StartServer("")
	if err != nil {
		t.Fatal(err)
	}
	q := queuetest.Open(t, url)
	startWorker(t, q, queue.PoolOptions{Concurrency: 25})
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

func TestStopIsBoundedWhileRedisAnswersNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	silent := make(chan struct{})
	go func() {
		defer close(silent)
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
	defer func() { _ = listener.Close(); <-silent }()
	q := queuetest.Open(t, "redis://"+listener.Addr().String())
	w := startWorker(t, q, queue.PoolOptions{Concurrency: 25, Grace: time.Second})
	began := time.Now()
	w.stop()
	if took := time.Since(began); took > 4500*time.Millisecond {
		t.Errorf("the stop took %s", took)
	}
}
