package pool_test

import (
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
)

// pause pauses or resumes the default lane as the catalog does: the row, then the
// copy in Redis, which may be away.
func pause(t *testing.T, q *queue.Queue, db *gorm.DB, paused bool) {
	t.Helper()
	err := models.ResumeLane(t.Context(), db, queue.DefaultLane)
	if paused {
		err = models.PauseLane(t.Context(), db, queue.DefaultLane, "Ada", models.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = q.SetPaused(t.Context(), queue.DefaultLane, paused)
}

func TestPausedQueueHandsOutNothingUntilResumed(t *testing.T) {
	modelstest.InTurn(t, func(t *testing.T, db *gorm.DB) {
		queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
			w := startWorker(t, q, pool.Options{DB: db})
			awaitIdle(t, q)
			for range 2 {
				pause(t, q, db, true)
			}
			id := ring(t, q)
			if lane := laneOf(stats(t, q), queue.DefaultLane); !lane.Paused || lane.Size != 1 {
				t.Errorf("the lane is shown as %+v", lane)
			}
			if w.count(id) != 0 {
				t.Error("a run was handled")
			}
			pause(t, q, db, false)
			modelstest.Eventually(t, "the run is handled", func() bool { return w.count(id) == 1 })
		})
	})
}

func TestPauseSurvivesFlushAll(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		db := modelstest.SQLite(t)
		startWorker(t, q, pool.Options{DB: db})
		awaitIdle(t, q)
		pause(t, q, db, true)
		queuetest.Forget(t, q)
		modelstest.Eventually(t, "the queue is paused again", func() bool { return laneOf(stats(t, q), queue.DefaultLane).Paused })
	})
}

func TestPauseHoldsThoughRedisIsAway(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	db := modelstest.SQLite(t)
	server.Close()
	pause(t, q, db, true)
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	startWorker(t, q, pool.Options{DB: db})
	modelstest.Eventually(t, "the queue is paused", func() bool { return laneOf(stats(t, q), queue.DefaultLane).Paused })
}
