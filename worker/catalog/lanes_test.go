package catalog_test

import (
	"errors"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/machine"
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

func TestADrainedWorkerIsRecorded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c := &catalog.Catalog{DB: db, Queue: queuetest.Mini(t)}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(c.DrainWorker(t.Context(), "a", "host, process 1", "Ada"))
		must(c.DrainWorker(t.Context(), "b", "host, process 2", "Ada"))
		must(c.ReleaseWorker(t.Context(), "a", "host, process 1"))
		audit := modelstest.Everything(t, db)["audit_events"]
		if strings.Count(audit, "action=worker.drained") != 2 || !strings.Contains(audit, "action=worker.released") || !strings.Contains(audit, "host, process 2") {
			t.Error("the audit log has", audit)
		}
		modelstest.RefuseAudit(t, db)
		if c.DrainWorker(t.Context(), "a", "host, process 1", "Ada") == nil || c.ReleaseWorker(t.Context(), "b", "host, process 2") == nil {
			t.Error("something was done without its line")
		}
		drained, err := machine.Drained(t.Context(), db)
		if must(err); len(drained) != 1 || drained["b"].DrainedBy != "Ada" {
			t.Errorf("drained are %+v", drained)
		}
	})
}

func TestWhatWasSetAsideIsForgotten(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	c := &catalog.Catalog{DB: modelstest.SQLite(t), Queue: q}
	queuetest.Do(t, q, "LPUSH", queuetest.Key(q, "set_aside"), "{}")
	queuetest.Do(t, q, "ZADD", queuetest.Key(q, "dead"), 1, "x")
	if err := c.ClearAside(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := queuetest.Do(t, q, "EXISTS", queuetest.Key(q, "set_aside"), queuetest.Key(q, "dead")); left != int64(0) {
		t.Errorf("%v are left", left)
	}
	server.Close()
	if c.ClearAside(t.Context()) == nil {
		t.Error("it is said to be forgotten without Redis")
	}
	if audit := modelstest.Everything(t, c.DB)["audit_events"]; strings.Count(audit, "action=queue.aside_cleared") != 1 {
		t.Error("the audit log has", audit)
	}
}
