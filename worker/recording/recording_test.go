package recording_test

import (
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/machine"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
	"workflows/worker/recording"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(modelstest.AtOnce(m, 2)) }

func TestWhatQueuesAreLikeIsKeptByTheMinute(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q := queuetest.Mini(t)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		r := recording.Recorder{DB: db, Queue: q, Log: slog.New(slog.DiscardHandler), Name: "a"}
		_, err := q.Ring(t.Context(), queue.Hint{RunID: models.NewID()}, queue.Hint{RunID: models.NewID()})
		must(err)
		now := time.Now().Truncate(time.Minute).Add(2 * time.Minute)
		before := now.Add(-time.Minute)
		must(q.Count(t.Context(), before, map[string]queue.Turnover{"default": {Succeeded: 4, Started: 2, Waited: time.Second}}))
		must(q.Count(t.Context(), before.Add(-2*time.Minute), map[string]queue.Turnover{"high": {Failed: 1}}))
		must(q.Count(t.Context(), now, map[string]queue.Turnover{"default": {Succeeded: 100}})) // has only begun
		must(r.Record(t.Context(), now.Add(3*time.Second)))
		must(q.Count(t.Context(), before, map[string]queue.Turnover{"default": {Succeeded: 1}})) // told late
		must(r.Record(t.Context(), now.Add(3*time.Second)))
		kept, err := machine.History(t.Context(), db, "", before.Add(-2*time.Minute), time.Minute, 4)
		must(err)
		first, last := kept[0], kept[2]
		if first.Failed != 1 || first.Waiting != 0 || kept[1].Succeeded != 0 || kept[3].Succeeded != 0 {
			t.Errorf("%+v", kept)
		}
		if last.Succeeded != 5 || last.Started != 2 || last.WaitedMS != 1000 || last.Waiting != 2 || last.OldestMS < 1000 {
			t.Errorf("%+v", last)
		}
	})
}

func TestNothingIsKeptOfWhatRedisDoesNotSay(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	db := modelstest.SQLite(t)
	server.Close()
	r := recording.Recorder{DB: db, Queue: q, Log: slog.New(slog.DiscardHandler), Name: "a"}
	if err := r.Record(t.Context(), time.Now()); err == nil {
		t.Error("it could be read")
	}
	var kept int64
	if err := db.Table("queue_minutes").Count(&kept).Error; err != nil || kept != 0 {
		t.Errorf("%d minutes, %v", kept, err)
	}
}
