package pool_test

import (
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
)

func TestLaterRingsAtItsTimeAndNotBefore(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		soon, much := models.NewID(), models.NewID()
		at := time.Now().Add(900 * time.Millisecond)
		if err := q.Later(t.Context(), at, false, queue.Hint{RunID: soon}); err != nil {
			t.Fatal(err)
		}
		if err := q.Later(t.Context(), at.Add(time.Hour), true, queue.Hint{RunID: much}); err != nil {
			t.Fatal(err)
		}
		if s := stats(t, q); s.Scheduled != 1 || s.Retrying != 1 {
			t.Fatalf("%d scheduled, %d retrying", s.Scheduled, s.Retrying)
		}
		w := startWorker(t, q, pool.Options{})
		modelstest.Eventually(t, "the run is rung", func() bool { return w.count(soon) == 1 })
		if early := time.Until(at); early > 0 {
			t.Errorf("rung %s too early", early)
		}
		if w.count(much) != 0 {
			t.Error("the later run was rung now")
		}
	})
}

func TestRetryIsRungToo(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		w := startWorker(t, q, pool.Options{})
		id := models.NewID()
		if err := q.Later(t.Context(), time.Now(), true, queue.Hint{RunID: id}); err != nil {
			t.Fatal(err)
		}
		modelstest.Eventually(t, "the retry is rung", func() bool { return w.count(id) == 1 })
	})
}

func TestUnreadableLaterJobDoesNotBlockTheNext(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		for _, bad := range []string{"not json", "[]", "7", `{"id":"x"}`, `{"name":"other","args":{}}`, `{"name":"default"}`, strings.Repeat("x", 1<<20)} {
			queuetest.Do(t, q, "ZADD", queuetest.Key(q, "scheduled"), 1, bad)
			queuetest.Do(t, q, "ZADD", queuetest.Key(q, "retry"), 1, bad)
		}
		good, goodRetry := models.NewID(), models.NewID()
		if err := q.Later(t.Context(), time.Now(), false, queue.Hint{RunID: good}); err != nil {
			t.Fatal(err)
		}
		if err := q.Later(t.Context(), time.Now(), true, queue.Hint{RunID: goodRetry}); err != nil {
			t.Fatal(err)
		}
		w := startWorker(t, q, pool.Options{})
		modelstest.Eventually(t, "the good ones are rung", func() bool { return w.count(good) == 1 && w.count(goodRetry) == 1 })
		if s := stats(t, q); s.Scheduled != 0 || s.Retrying != 0 || s.SetAside == 0 {
			t.Errorf("%d scheduled, %d retrying, %d set aside", s.Scheduled, s.Retrying, s.SetAside)
		}
	})
}
