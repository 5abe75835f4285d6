package catalog_test

import (
	"errors"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/catalog"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

func TestPauseAndResumeAreToldToRedisAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q := queuetest.Mini(t)
		c := &catalog.Catalog{DB: db, Queue: q}
		told := func() bool {
			return queuetest.Do(t, q, "EXISTS", queuetest.Key(q, "jobs:default:paused")) == int64(1)
		}
		for range 2 {
			if err := c.PauseLane(t.Context(), queue.DefaultLane, "Ada"); err != nil || !told() {
				t.Fatalf("told: %t, %v", told(), err)
			}
		}
		if err := c.ResumeLane(t.Context(), queue.DefaultLane); err != nil || told() {
			t.Errorf("still paused: %t, %v", told(), err)
		}
	})
}

func TestPauseHoldsThoughRedisIsAway(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	c := &catalog.Catalog{DB: modelstest.SQLite(t), Queue: q}
	server.Close()
	if err := c.PauseLane(t.Context(), queue.DefaultLane, "Ada"); err != nil {
		t.Fatal(err)
	}
	if paused, err := models.PausedLanes(t.Context(), c.DB); err != nil || len(paused) != 1 {
		t.Errorf("paused are %+v, %v", paused, err)
	}
}

func TestUnknownQueueCannotBePaused(t *testing.T) {
	c := &catalog.Catalog{DB: modelstest.SQLite(t), Queue: queuetest.Mini(t)}
	if err := c.PauseLane(t.Context(), "other", "Ada"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("pausing ended with %v", err)
	}
	if err := c.ResumeLane(t.Context(), "other"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("resuming ended with %v", err)
	}
}

func TestPauseThatCannotBeRecordedIsNone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c := &catalog.Catalog{DB: db, Queue: queuetest.Mini(t)}
		if err := c.PauseLane(t.Context(), queue.DefaultLane, "Ada"); err != nil {
			t.Fatal(err)
		}
		modelstest.RefuseAudit(t, db)
		if err := c.ResumeLane(t.Context(), queue.DefaultLane); err == nil {
			t.Error("it was resumed")
		}
		if err := c.PauseLane(t.Context(), queue.HighLane, "Ada"); err == nil {
			t.Error("another one was paused")
		}
		if paused, err := models.PausedLanes(t.Context(), db); err != nil || len(paused) != 1 || paused[0].Name != queue.DefaultLane {
			t.Errorf("paused are %+v, %v", paused, err)
		}
	})
}
