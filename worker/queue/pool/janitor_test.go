package pool_test

import (
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
)

func TestTracesOfADeadWorkerAreRemoved(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		held := queuetest.Key(q, "jobs:default:dead1:inprogress")
		for _, payload := range []any{"bad", queue.Hint{RunID: models.NewID()}.Payload(time.Now()), "worse"} {
			queuetest.Do(t, q, "LPUSH", held, payload)
		}
		queuetest.Do(t, q, "LPUSH", queuetest.Key(q, "jobs:default:dead2:inprogress"), queue.Hint{RunID: models.NewID()}.Payload(time.Now()))
		queuetest.Do(t, q, "SET", queuetest.Key(q, "jobs:default:dead3:inprogress"), "not a list")
		queuetest.Do(t, q, "SADD", queuetest.Key(q, "worker_pools"), "dead1")
		queuetest.Do(t, q, "HMSET", queuetest.Key(q, "worker_pools:dead1"), "heartbeat_at", time.Now().Add(2*time.Hour).Unix(), "worker_ids", "w1")
		queuetest.Do(t, q, "HMSET", queuetest.Key(q, "worker:w1"), "job_id", models.NewID())
		left := func() (left int) {
			for _, pattern := range []string{"jobs:*:inprogress", "worker:*", "worker_pools*"} {
				keys, _ := queuetest.Do(t, q, "KEYS", queuetest.Key(q, pattern)).([]any)
				left += len(keys)
			}
			return left
		}

		janitor, now := pool.NewJanitor(q), time.Now()
		janitor.Round(t.Context(), now)
		if n := left(); n != 6 {
			t.Fatalf("at the first sight %d of its keys are left", n)
		}
		janitor.Round(t.Context(), now.Add(queue.Silence))
		if n := left(); n != 0 {
			t.Errorf("%d of its keys are left", n)
		}
	})
}

func TestJobsOfALiveWorkerStayWithItWhateverItsClockSays(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		queuetest.Do(t, q, "LPUSH", queuetest.Key(q, "jobs:default:alive:inprogress"), queue.Hint{RunID: models.NewID()}.Payload(time.Now()))
		queuetest.Do(t, q, "SADD", queuetest.Key(q, "worker_pools"), "alive")
		janitor, now, clock := pool.NewJanitor(q), time.Now(), time.Now().Add(-2*time.Hour)
		for i := range 4 {
			step := time.Duration(i) * queue.Silence
			queuetest.Do(t, q, "HSET", queuetest.Key(q, "worker_pools:alive"), "heartbeat_at", clock.Add(step).Unix())
			janitor.Round(t.Context(), now.Add(step))
		}
		if n := heldLists(t, q); n != 1 {
			t.Error("its jobs were taken from a live worker")
		}
	})
}
