package queue_test

import (
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

func TestJobsOfADeadWorkerAreGivenBack(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		id, forgotten := models.NewID(), models.NewID()
		held := queue.Key(q, "jobs:default:dead1:inprogress")
		for _, payload := range []any{"bad", queue.Payload(queue.Hint{RunID: id}, time.Now()), "worse"} {
			queuetest.Do(t, q, "LPUSH", held, payload)
		}
		queuetest.Do(t, q, "LPUSH", queue.Key(q, "jobs:default:dead2:inprogress"), queue.Payload(queue.Hint{RunID: forgotten}, time.Now()))
		queuetest.Do(t, q, "SET", queue.Key(q, "jobs:default:dead3:inprogress"), "not a list")
		queuetest.Do(t, q, "SADD", queue.Key(q, "worker_pools"), "dead1")
		queuetest.Do(t, q, "HMSET", queue.Key(q, "worker_pools:dead1"), "heartbeat_at", time.Now().Add(2*time.Hour).Unix(), "worker_ids", "w1")
		queuetest.Do(t, q, "HMSET", queue.Key(q, "worker:w1"), "job_id", id)

		janitor, now := queue.NewJanitor(q), time.Now()
		janitor.Round(t.Context(), now)
		if size := laneOf(stats(t, q), queue.DefaultLane).Size; size != 0 {
			t.Fatalf("%d jobs were given back at the first sight", size)
		}
		janitor.Round(t.Context(), now.Add(queue.Silence))
		if s := stats(t, q); laneOf(s, queue.DefaultLane).Size != 2 || s.SetAside != 2 {
			t.Errorf("%d jobs were given back, %d set aside", laneOf(s, queue.DefaultLane).Size, s.SetAside)
		}
		for _, pattern := range []string{"jobs:*:inprogress", "worker:*", "worker_pools*"} {
			if keys, _ := queuetest.Do(t, q, "KEYS", queue.Key(q, pattern)).([]any); len(keys) != 0 {
				t.Errorf("left behind: %s", keys)
			}
		}
		w := startWorker(t, q, queue.PoolOptions{})
		modelstest.Eventually(t, "both runs are handled", func() bool { return w.count(id) == 1 && w.count(forgotten) == 1 })
	})
}

func TestJobsOfALiveWorkerStayWithItWhateverItsClockSays(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		queuetest.Do(t, q, "LPUSH", queue.Key(q, "jobs:default:alive:inprogress"), queue.Payload(queue.Hint{RunID: models.NewID()}, time.Now()))
		queuetest.Do(t, q, "SADD", queue.Key(q, "worker_pools"), "alive")
		janitor, now, clock := queue.NewJanitor(q), time.Now(), time.Now().Add(-2*time.Hour)
		for i := range 4 {
			step := time.Duration(i) * queue.Silence
			queuetest.Do(t, q, "HSET", queue.Key(q, "worker_pools:alive"), "heartbeat_at", clock.Add(step).Unix())
			janitor.Round(t.Context(), now.Add(step))
		}
		if size := laneOf(stats(t, q), queue.DefaultLane).Size; size != 0 {
			t.Errorf("%d jobs were taken from a live worker", size)
		}
	})
}
