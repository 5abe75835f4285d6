package queue_test

import (
	"errors"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

func TestPausedQueueHandsOutNothingUntilResumed(t *testing.T) {
	modelstest.InTurn(t, func(t *testing.T, db *gorm.DB) {
		queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
			w := startWorker(t, q, queue.PoolOptions{DB: db})
			awaitIdle(t, q)
			for range 2 {
				if err := q.Pause(t.Context(), db, queue.DefaultLane, "Ada", models.Now()); err != nil {
					t.Fatal(err)
				}
			}
			id := ring(t, q)
			if lane := laneOf(stats(t, q), queue.DefaultLane); !lane.Paused || lane.Size != 1 {
				t.Errorf("the lane is shown as %+v", lane)
			}
			if w.count(id) != 0 {
				t.Error("a run was handled")
			}
			if err := q.Resume(t.Context(), db, queue.DefaultLane); err != nil {
				t.Fatal(err)
			}
			modelstest.Eventually(t, "the run is handled", func() bool { return w.count(id) == 1 })
		})
	})
}

func TestPauseSurvivesFlushAll(t *testing.T) {
	queuetest.Each(t, func(t *testing.T, q *queue.Queue) {
		db := modelstest.SQLite(t)
		startWorker(t, q, queue.PoolOptions{DB: db})
		awaitIdle(t, q)
		if err := q.Pause(t.Context(), db, queue.DefaultLane, "Ada", models.Now()); err != nil {
			t.Fatal(err)
		}
		queuetest.Forget(t, q)
		modelstest.Eventually(t, "the queue is paused again", func() bool { return laneOf(stats(t, q), queue.DefaultLane).Paused })
	})
}

func TestPauseHoldsThoughRedisIsAway(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	db := modelstest.SQLite(t)
	server.Close()
	if err := q.Pause(t.Context(), db, queue.DefaultLane, "Ada", models.Now()); err != nil {
		t.Fatal(err)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	startWorker(t, q, queue.PoolOptions{DB: db})
	modelstest.Eventually(t, "the queue is paused", func() bool { return laneOf(stats(t, q), queue.DefaultLane).Paused })
}

func TestUnknownQueueCannotBePaused(t *testing.T) {
	q, db := queuetest.Mini(t), modelstest.SQLite(t)
	if err := q.Pause(t.Context(), db, "other", "Ada", models.Now()); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("pausing ended with %v", err)
	}
	if err := q.Resume(t.Context(), db, "other"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("resuming ended with %v", err)
	}
}

func TestPauseThatCannotBeRecordedIsNone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q, _ := queuetest.MiniServer(t)
		if err := q.Pause(t.Context(), db, queue.DefaultLane, "Ada", models.Now()); err != nil {
			t.Fatal(err)
		}
		modelstest.RefuseAudit(t, db)
		if err := q.Resume(t.Context(), db, queue.DefaultLane); err == nil {
			t.Error("it was resumed")
		}
		if err := q.Pause(t.Context(), db, queue.HighLane, "Ada", models.Now()); err == nil {
			t.Error("another one was paused")
		}
		if paused, err := models.PausedLanes(t.Context(), db); err != nil || len(paused) != 1 || paused[0].Name != queue.DefaultLane {
			t.Errorf("paused are %+v, %v", paused, err)
		}
	})
}
