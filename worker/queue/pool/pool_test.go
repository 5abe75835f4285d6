package pool_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
)

func TestIdlePoolTakesARunAtOnce(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		w := startWorker(t, q, pool.Options{})
		awaitIdle(t, q)
		// Without the bell each would wait for the poll, two seconds after the one before. On a
		// busy machine any of them may be slow, and not all.
		quickest := time.Hour
		for range 10 {
			began := time.Now()
			id := ring(t, q)
			modelstest.Eventually(t, "the run is handled", func() bool { return w.count(id) == 1 })
			quickest = min(quickest, time.Since(began))
		}
		if quickest > time.Second {
			t.Errorf("nobody heard the bell: the quickest pick-up took %s", quickest)
		}
		modelstest.Eventually(t, "nothing stays in progress", func() bool {
			keys, _ := queuetest.Do(t, q, "KEYS", queuetest.Key(q, "jobs:*:inprogress")).([]any)
			return len(keys) == 0
		})
	})
}

func TestThePanicOfAHandlerIsLoggedAsTheErrorThatItIs(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		logged := make(chan any, 1)
		log := slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "panic" {
				logged <- a.Value.Any()
			}
			return a
		}}))
		broken := errors.New("broken")
		startWorker(t, q, pool.Options{Log: log, Handle: func(context.Context, string) error { panic(broken) }})
		ring(t, q)
		if got := <-logged; got != broken {
			t.Errorf("it is logged as %T %v", got, got)
		}
	})
}

func TestEveryRunOfABacklogIsHandled(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		hints := make([]queue.Hint, 1234)
		for i := range hints {
			hints[i].RunID = models.NewID()
		}
		if _, err := q.Ring(t.Context(), hints...); err != nil {
			t.Fatal(err)
		}
		if size := laneOf(stats(t, q), queue.DefaultLane).Size; size != 1234 {
			t.Fatalf("%d hints wait", size)
		}
		w := startWorker(t, q, pool.Options{Concurrency: 25})
		modelstest.Eventually(t, "all runs are handled", func() bool { return w.total() == len(hints) })
		for _, hint := range hints {
			if n := w.count(hint.RunID); n != 1 {
				t.Fatalf("a run was handled %d times", n)
			}
		}
	})
}

func TestPoolHandlesAsManyRunsAtOnceAsItMay(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		release := make(chan struct{})
		w := startWorker(t, q, pool.Options{Concurrency: 3, Handle: func(context.Context, string) error {
			<-release
			return nil
		}})
		for range 5 {
			ring(t, q)
		}
		modelstest.Eventually(t, "three runs are in work and two wait", func() bool {
			return w.total() == 3 && laneOf(stats(t, q), queue.DefaultLane).Size == 2
		})
		modelstest.Eventually(t, "the worker is shown busy", func() bool {
			workers := stats(t, q).Workers
			return len(workers) == 1 && workers[0].Busy == 3 && len(workers[0].Current) == 3 && workers[0].Concurrency == 3
		})
		close(release)
		modelstest.Eventually(t, "all are handled", func() bool { return w.total() == 5 })
	})
}

func TestPanicAndErrorInAHandlerCostNothing(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		w := startWorker(t, q, pool.Options{Concurrency: 1, Handle: func(_ context.Context, id string) error {
			if id[len(id)-1]%2 == 0 {
				panic("broken")
			}
			return errors.New("broken")
		}})
		for range 10 {
			ring(t, q)
		}
		modelstest.Eventually(t, "all are handled", func() bool { return w.total() == 10 })
		if s := stats(t, q); s.Retrying != 0 || s.Dead != 0 {
			t.Errorf("gocraft/work retries %d and buried %d", s.Retrying, s.Dead)
		}
	})
}

func TestSignalEndsTheHandlersContext(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		cause := make(chan error, 1)
		w := startWorker(t, q, pool.Options{Handle: func(ctx context.Context, _ string) error {
			<-ctx.Done()
			cause <- context.Cause(ctx)
			return nil
		}})
		awaitIdle(t, q)
		id := ring(t, q)
		modelstest.Eventually(t, "the run is in work", func() bool { return w.count(id) == 1 })
		if err := q.Signal(t.Context(), models.NewID()); err != nil { // somebody else's
			t.Fatal(err)
		}
		if err := q.Signal(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		modelstest.Eventually(t, "the handler ended", func() bool { return len(cause) == 1 })
		if err := <-cause; !errors.Is(err, queue.ErrSignalled) {
			t.Errorf("the cause was %v", err)
		}
	})
}

func TestStopGivesHandlersTheirGrace(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		cause := make(chan error, 1)
		w := startWorker(t, q, pool.Options{Grace: 300 * time.Millisecond, Handle: func(ctx context.Context, _ string) error {
			<-ctx.Done()
			cause <- context.Cause(ctx)
			return nil
		}})
		id := ring(t, q)
		modelstest.Eventually(t, "the run is in work", func() bool { return w.count(id) == 1 })
		began := time.Now()
		w.stopsWithin(t, 15*time.Second, "the pool stops after the grace that it was given, and not after the usual twenty seconds")
		if err := <-cause; !errors.Is(err, queue.ErrShutdown) {
			t.Errorf("the cause was %v", err)
		}
		if took := time.Since(began); took < 300*time.Millisecond {
			t.Errorf("the handler had %s of the grace", took)
		}
		if s := stats(t, q); len(s.Workers) != 0 {
			t.Errorf("%d workers are still shown", len(s.Workers))
		}
	})
}

func TestStopIsBoundedThoughAHandlerIgnoresIt(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		release, returned := make(chan struct{}), make(chan struct{})
		letGo := sync.OnceFunc(func() { close(release) })
		defer letGo()
		w := startWorker(t, q, pool.Options{Grace: 200 * time.Millisecond, Handle: func(context.Context, string) error {
			defer close(returned)
			<-release
			return nil
		}})
		awaitIdle(t, q)
		id := ring(t, q)
		modelstest.Eventually(t, "the run is in work", func() bool { return w.count(id) == 1 })
		w.stopsWithin(t, time.Minute, "the pool stops although a handler goes on for ever")
		modelstest.Eventually(t, "the worker is shown no more", func() bool { return len(stats(t, q).Workers) == 0 })
		letGo()
		within(t, time.Minute, "the handler returned", returned)
	})
}

func TestStopOfAnIdlePoolIsPrompt(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		w := startWorker(t, q, pool.Options{Concurrency: 25, Grace: time.Hour})
		awaitIdle(t, q)
		w.stopsWithin(t, time.Minute, "a pool that does nothing stops without its grace, which is an hour")
	})
}

func TestRunOfAStoppingWorkerGoesToAnother(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		busy := make(chan struct{})
		release := make(chan struct{})
		first := startWorker(t, q, pool.Options{Concurrency: 1, Handle: func(context.Context, string) error {
			close(busy)
			<-release
			return nil
		}})
		ring(t, q)
		within(t, time.Minute, "the first worker is busy", busy)
		first.end()
		id := ring(t, q)
		second := startWorker(t, q, pool.Options{Concurrency: 1})
		modelstest.Eventually(t, "the other worker handles it", func() bool { return second.count(id) == 1 })
		close(release)
		<-first.ended
		if first.count(id) != 0 {
			t.Error("the stopping worker took it")
		}
	})
}

// The process is stopping, and the handler knows it a moment before the pool does.
func TestARunThatIsMetWhileStoppingGoesBackToItsLane(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		var w *worker
		started := make(chan struct{})
		w = startWorker(t, q, pool.Options{Concurrency: 1, Handle: func(context.Context, string) error {
			<-started
			w.end() // so that nobody takes it again
			return queue.ErrStopping
		}})
		if _, err := q.Ring(t.Context(), queue.Hint{RunID: models.NewID(), Lane: queue.HighLane}); err != nil {
			t.Fatal(err)
		}
		close(started)
		<-w.ended
		if high, usual := laneOf(stats(t, q), queue.HighLane).Size, laneOf(stats(t, q), queue.DefaultLane).Size; high != 1 || usual != 0 {
			t.Errorf("%d hints wait in its lane, %d in the usual one", high, usual)
		}
	})
}
