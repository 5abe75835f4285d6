package board_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	miniserver "github.com/alicebob/miniredis/v2/server"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/board"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
)

func TestBoardSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q, server := queuetest.MiniServer(t)
		shown := board.New(q, db)
		expectNotice(t, shown, "No worker is connected. Runs wait until one is started: run `foreman start` (or `go run ./worker`).")
		alone := board.New(q, db)
		alone.Standalone = true
		expectNotice(t, alone, "The worker of this program is not at work. It begins by itself within some seconds")
		stop := startWorker(t, q, db)
		modelstest.Eventually(t, "nothing is wrong", func() bool { return len(shown.Snapshot(t.Context()).Notices()) == 0 })
		if err := models.PauseLane(t.Context(), db, queue.DefaultLane, "Ada", models.Now()); err != nil {
			t.Fatal(err)
		}
		expectNotice(t, shown, "The queue “default” is paused.")
		stop()
		expectNotice(t, shown, "No worker is connected since ")
		server.Close()
		expectNotice(t, shown, "Redis cannot be reached at "+q.Address()+".")
		if s := shown.Snapshot(t.Context()); s.NumbersAt.IsZero() || len(s.Lanes) != len(queue.Lanes()) || s.DatabaseError != "" {
			t.Errorf("the old numbers were lost: %+v", s)
		}
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		modelstest.Eventually(t, "the board recovers", func() bool { return shown.Snapshot(t.Context()).RedisError == "" })
		if err := models.Close(db); err != nil {
			t.Fatal(err)
		}
		expectNotice(t, shown, "The database cannot be reached at ")
	})
}

func TestNumbersOfRedisAreThoseOfOneReading(t *testing.T) {
	t.Parallel()
	q, server := queuetest.MiniServer(t)
	shown := board.New(q, modelstest.SQLite(t))
	first := shown.Snapshot(t.Context())
	if _, err := q.Ring(t.Context(), queue.Hint{RunID: models.NewID()}); err != nil {
		t.Fatal(err)
	}
	server.Server().SetPreHook(func(c *miniserver.Peer, command string, args ...string) bool {
		cut := command == "SMEMBERS" && args[0] == queuetest.Key(q, "states")
		if cut {
			c.Close()
		}
		return cut
	})
	modelstest.Eventually(t, "the outdated workers cannot be read", func() bool { return shown.Snapshot(t.Context()).RedisError != "" })
	if now := shown.Snapshot(t.Context()); !now.Stats.At.Equal(first.Stats.At) {
		t.Errorf("the lanes are of %s, the rest of %s", now.Stats.At, first.Stats.At)
	}
}

// startWorker runs a pool that executes nothing until stop is called or the test ends.
func startWorker(t *testing.T, q *queue.Queue, db *gorm.DB) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- pool.Run(ctx, q, pool.Options{DB: db, Handle: func(context.Context, string) error { return nil }})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func expectNotice(t *testing.T, shown *board.Board, text string) {
	t.Helper()
	modelstest.Eventually(t, text, func() bool {
		for _, notice := range shown.Snapshot(t.Context()).Notices() {
			if strings.HasPrefix(notice.Text, text) {
				return true
			}
		}
		return false
	})
}

func TestBoardAsksTheServersOnceForAllViewers(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	shown := board.New(q, modelstest.SQLite(t))
	shown.Snapshot(t.Context())
	before := server.CommandCount()
	var viewers sync.WaitGroup
	taken := make(chan time.Time, 200)
	for range 200 {
		viewers.Go(func() { taken <- shown.Snapshot(t.Context()).At })
	}
	viewers.Wait()
	close(taken)
	different := map[time.Time]bool{}
	for at := range taken {
		different[at] = true
	}
	if asked := server.CommandCount() - before; len(different) > 2 || asked > 80 {
		t.Errorf("200 viewers caused %d commands and saw %d snapshots", asked, len(different))
	}
}

func TestBoardWithoutRedisFromTheStartShowsTheQueues(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	server.Close()
	s := board.New(q, modelstest.SQLite(t)).Snapshot(t.Context())
	if len(s.Lanes) != len(queue.Lanes()) || len(s.History) != 60 || s.RedisError == "" || !s.NumbersAt.IsZero() {
		t.Errorf("the snapshot is %+v", s)
	}
}

func TestARestoredSystemIsToldAndNotThatItsWorkersAreMissing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q, _ := queuetest.MiniServer(t)
		made := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
		if err := models.MarkRestored(t.Context(), db, models.Restored{MadeAt: made, RestoredAt: models.Now()}); err != nil {
			t.Fatal(err)
		}
		notices := board.New(q, db).Snapshot(t.Context()).Notices()
		if len(notices) != 1 || notices[0].About != board.AboutRestored || !strings.Contains(notices[0].Text, "a backup of 29 November 2026, 03:00 UTC. Nothing starts until") {
			t.Errorf("the notices are %+v", notices)
		}
	})
}

func TestMaintenanceIsToldAndNotThatItsWorkersAreMissing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q, _ := queuetest.MiniServer(t)
		if err := models.BeginMaintenance(t.Context(), db, models.Maintenance{Since: time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC), By: "Ada", Why: " Back at\u202e 15:00. "}); err != nil {
			t.Fatal(err)
		}
		notices := board.New(q, db).Snapshot(t.Context()).Notices()
		if len(notices) != 1 || notices[0].About != board.AboutStopped ||
			notices[0].Text != "Work is stopped for maintenance since 29 November 2026, 03:00 UTC, by Ada: Back at 15:00. What is sent meanwhile is kept, and starts when it is over." {
			t.Errorf("the notices are %+v", notices)
		}
	})
}

func TestNoticesNameTheLateSchedules(t *testing.T) {
	s := board.Snapshot{LateSchedules: 3, Stats: board.Stats{Workers: []board.Worker{{}}}}
	if notices := s.Notices(); len(notices) != 1 || notices[0].Text != "3 schedules are late." || notices[0].About != board.AboutSchedules {
		t.Errorf("the notices are %+v", notices)
	}
}
