package pool_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/gocraft/work"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

// Whoever rings does not carry gocraft/work, so it must be proven that what is
// written and read there is gocraft/work's own.
func TestHintsAreWrittenAsGocraftWritesJobs(t *testing.T) {
	id, now := models.NewID(), time.Now()
	job := work.Job{Name: queue.HighLane, ID: id, EnqueuedAt: now.Unix(), Args: map[string]any{"run_id": id}}
	want, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	if got := (queue.Hint{RunID: id, Lane: queue.HighLane}).Payload(now); string(got) != string(want) {
		t.Errorf("a hint is written as %s, a job as %s", got, want)
	}
}

func FuzzReadPayload(f *testing.F) {
	id := models.NewID()
	f.Add(queue.Hint{RunID: id}.Payload(time.Now()))
	f.Add([]byte(`{"name":"default","id":"1","t":1,"unique":1,"args":{"run_id":"` + id + `"}}`))
	f.Add([]byte(`{"name":"default","id":"1","t":1,"failed_at":"x","args":{"run_id":"` + id + `"}}`))
	f.Add([]byte(`{"name":"default","id":"1","t":1,"err":7,"args":{"run_id":"` + id + `"}}`))
	for _, payload := range queuetest.BadJobs() {
		f.Add([]byte(payload[:min(len(payload), 1000)]))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		hint, err := queue.ReadHint(data)
		if err != nil {
			return
		}
		if !models.ValidID(hint.RunID) {
			t.Errorf("accepted %q", hint.RunID)
		}
		var job work.Job
		if err := json.Unmarshal(data, &job); err != nil || job.Name != hint.Lane || job.ArgString("run_id") != hint.RunID {
			t.Errorf("gocraft/work reads %q as %+v, %v", data, job, err)
		}
		if at := queue.PushedAt(data); at.IsZero() != (job.EnqueuedAt <= 0) || !at.IsZero() && at.Unix() != job.EnqueuedAt {
			t.Errorf("pushed at %s, by gocraft/work at %d", at, job.EnqueuedAt)
		}
	})
}
