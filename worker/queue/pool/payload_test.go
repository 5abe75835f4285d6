package pool_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
)

func TestBadJobsAreSetAsideAndTheNextGoodOneRuns(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		w := startWorker(t, q, pool.Options{Concurrency: 2})
		awaitIdle(t, q)
		bad := queuetest.BadJobs()
		for _, payload := range bad {
			queuetest.Do(t, q, "LPUSH", queuetest.Key(q, "jobs:default"), payload)
		}
		id := ring(t, q)
		modelstest.Eventually(t, "the good job runs", func() bool { return w.count(id) == 1 })
		modelstest.Eventually(t, "all bad ones are recorded", func() bool { return stats(t, q).SetAside == int64(len(bad)) })
		if w.total() != 1 {
			t.Errorf("%d runs were handled", w.total())
		}
		modelstest.Eventually(t, "nothing stays in progress", func() bool {
			keys, _ := queuetest.Do(t, q, "KEYS", queuetest.Key(q, "jobs:*:inprogress")).([]any)
			return len(keys) == 0
		})
		checkRecords(t, q)
		for range 5 { // no fetcher was lost
			id := ring(t, q)
			modelstest.Eventually(t, "the next good job runs", func() bool { return w.count(id) == 1 })
		}
	})
}

func checkRecords(t *testing.T, q *queue.Queue) {
	t.Helper()
	records, _ := queuetest.Do(t, q, "LRANGE", queuetest.Key(q, "set_aside"), 0, -1).([]any)
	for _, record := range records {
		var read struct {
			At      time.Time
			Reason  string
			From    string
			Bytes   int
			Payload string
		}
		data, _ := record.([]byte)
		if err := json.Unmarshal(data, &read); err != nil {
			t.Fatalf("a record cannot be read: %v", err)
		}
		if read.At.IsZero() || read.Reason == "" || read.From == "" || len(read.Payload) > 3<<10 {
			t.Errorf("a record is incomplete: %.200s", data)
		}
	}
}

func TestOnlyAHundredRecordsAreKept(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		for i := range 250 {
			queuetest.Do(t, q, "LPUSH", queuetest.Key(q, "jobs:default"), fmt.Sprint("bad ", i))
		}
		id := ring(t, q)
		w := startWorker(t, q, pool.Options{})
		modelstest.Eventually(t, "the good job runs", func() bool { return w.count(id) == 1 })
		if n := stats(t, q).SetAside; n != 100 {
			t.Errorf("%d records are kept", n)
		}
	})
}

func TestJobOfANewerVersionAndDoubledOnesAreAccepted(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		newer, doubled := models.NewID(), models.NewID()
		queuetest.Do(t, q, "LPUSH", queuetest.Key(q, "jobs:default"),
			`{"name":"default","id":"`+newer+`","t":1,"later":{"x":1},"args":{"run_id":"`+newer+`","priority":3}}`)
		for range 1000 {
			queuetest.Do(t, q, "LPUSH", queuetest.Key(q, "jobs:default"), queue.Hint{RunID: doubled}.Payload(time.Now()))
		}
		w := startWorker(t, q, pool.Options{})
		modelstest.Eventually(t, "all hints are handed on", func() bool { return w.count(newer) == 1 && w.count(doubled) == 1000 })
		if n := stats(t, q).SetAside; n != 0 {
			t.Errorf("%d were set aside", n)
		}
	})
}
