package board_test

import (
	"strconv"
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/queue/board"
	"workflows/worker/queue/queuetest"
)

func stats(t *testing.T, q *queue.Queue) board.Stats {
	t.Helper()
	s, err := board.ReadStats(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// laneOf is the lane of this name among the numbers.
func laneOf(s board.Stats, name string) board.Lane {
	for _, lane := range s.Lanes {
		if lane.Name == name {
			return lane
		}
	}
	return board.Lane{}
}

func minuteNumber(at time.Time) string { return strconv.FormatInt(at.Unix()/60, 10) }

func TestStatsCountWhatWaitsAndHowLong(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		queuetest.Do(t, q, "LPUSH", queuetest.Key(q, "jobs:default"), queue.Hint{RunID: models.NewID()}.Payload(time.Now().Add(-90*time.Second)))
		if _, err := q.Ring(t.Context(), queue.Hint{RunID: models.NewID()}); err != nil {
			t.Fatal(err)
		}
		s := stats(t, q)
		lane := laneOf(s, queue.DefaultLane)
		if lane.Name != "default" || lane.Size != 2 || lane.Latency < 89*time.Second || lane.Latency > 2*time.Minute {
			t.Errorf("the lane is %+v", lane)
		}
		if len(s.Workers) != 0 {
			t.Errorf("%d workers", len(s.Workers))
		}
	})
}

func TestHistoryShowsSixtyMinutesWithTheEmptyOnes(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		now := time.Now()
		for range 2 {
			if err := q.Count(t.Context(), now, map[string]queue.Turnover{"default": {Succeeded: 3, Started: 2, Waited: 1500 * time.Millisecond}, "high": {Failed: 1}}); err != nil {
				t.Fatal(err)
			}
		}
		for _, ago := range []time.Duration{10 * time.Minute, 2 * time.Hour} {
			if err := q.Count(t.Context(), now.Add(-ago), map[string]queue.Turnover{"low": {Succeeded: 5}}); err != nil {
				t.Fatal(err)
			}
		}
		if s := stats(t, q); s.Succeeded != 16 || s.Failed != 2 {
			t.Errorf("of all time %d and %d", s.Succeeded, s.Failed)
		}
		counted, err := q.Counted(t.Context(), now, now.Add(-time.Minute), now.Add(-2*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		none := queue.Turnover{}
		if got := counted[0]; got["default"] != (queue.Turnover{Succeeded: 6, Started: 4, Waited: 3 * time.Second}) || got["high"] != (queue.Turnover{Failed: 2}) || got["low"] != none {
			t.Errorf("by lane %+v", got)
		}
		if counted[1]["default"] != none || counted[2]["low"] != (queue.Turnover{Succeeded: 5}) {
			t.Errorf("of earlier minutes %+v", counted[1:])
		}
		history := stats(t, q).History
		if len(history) != 60 {
			t.Fatalf("%d minutes", len(history))
		}
		succeeded, failed := 0, 0
		for i, minute := range history {
			succeeded, failed = succeeded+minute.Succeeded, failed+minute.Failed
			if i > 0 && minute.At.Sub(history[i-1].At) != time.Minute {
				t.Errorf("%s follows %s", minute.At, history[i-1].At)
			}
		}
		if succeeded != 11 || failed != 2 {
			t.Errorf("%d succeeded, %d failed", succeeded, failed)
		}
		if ttl, _ := queuetest.Do(t, q, "TTL", queuetest.Key(q, "minute:")+minuteNumber(now)).(int64); ttl < 71*3600 || ttl > 72*3600 {
			t.Errorf("the counters are kept for %d s", ttl)
		}
	})
}

func TestKeysOfAWrongTypeCountAsNothing(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		for _, name := range []string{"known_jobs", "jobs:default", "scheduled", "retry", "dead", "set_aside", "worker_pools", "minute:" + minuteNumber(time.Now())} {
			queuetest.Do(t, q, "SET", queuetest.Key(q, name), "nonsense")
		}
		if s := stats(t, q); s.Scheduled+s.Retrying+s.Dead+s.SetAside+laneOf(s, queue.DefaultLane).Size != 0 || len(s.History) != 60 {
			t.Errorf("the numbers are %+v", s)
		}
	})
}

func TestOldAndBrokenHeartbeatsAreNotConnectedWorkers(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		now := time.Now().Unix()
		beats := map[string]int64{"old": now - 16, "fresh": now - 1}
		for id, at := range beats {
			queuetest.Do(t, q, "SADD", queuetest.Key(q, "worker_pools"), id)
			queuetest.Do(t, q, "HMSET", queuetest.Key(q, "worker_pools:"+id), "heartbeat_at", at, "started_at", now-60,
				"concurrency", 25, "host", "one", "pid", 7, "worker_ids", "a,b")
		}
		queuetest.Do(t, q, "SADD", queuetest.Key(q, "worker_pools"), "empty", "broken", "text")
		queuetest.Do(t, q, "HMSET", queuetest.Key(q, "worker_pools:broken"), "heartbeat_at", "yesterday")
		queuetest.Do(t, q, "SET", queuetest.Key(q, "worker_pools:text"), "nonsense")
		queuetest.Do(t, q, "SET", queuetest.Key(q, "worker:a"), "nonsense")
		queuetest.Do(t, q, "HMSET", queuetest.Key(q, "worker:b"), "job_id", "run")
		workers := stats(t, q).Workers
		if len(workers) != 1 || workers[0].ID != "fresh" {
			t.Fatalf("connected are %+v", workers)
		}
		w := workers[0]
		if w.Host != "one" || w.PID != 7 || w.Concurrency != 25 || w.Busy != 1 || w.Current[0] != "run" || w.StartedAt.Unix() != now-60 {
			t.Errorf("the worker is %+v", w)
		}
	})
}
