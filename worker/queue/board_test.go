package queue_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

func TestBoardSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q, server := queuetest.MiniServer(t)
		board := queue.NewBoard(q, db)
		expectNotice(t, board, "No worker is connected. Runs wait until one is started: run `foreman start` (or `go run ./worker`).")
		w := startWorker(t, q, queue.PoolOptions{DB: db})
		modelstest.Eventually(t, "nothing is wrong", func() bool { return len(board.Snapshot(t.Context()).Notices()) == 0 })
		if err := q.Pause(t.Context(), db, queue.DefaultLane, "Ada", models.Now()); err != nil {
			t.Fatal(err)
		}
		expectNotice(t, board, "The queue “default” is paused.")
		w.stop()
		expectNotice(t, board, "No worker is connected since ")
		server.Close()
		expectNotice(t, board, "Redis cannot be reached at "+q.Address()+".")
		if s := board.Snapshot(t.Context()); s.NumbersAt.IsZero() || len(s.Lanes) != len(queue.Lanes()) || s.DatabaseError != "" {
			t.Errorf("the old numbers were lost: %+v", s)
		}
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		modelstest.Eventually(t, "the board recovers", func() bool { return board.Snapshot(t.Context()).RedisError == "" })
		if err := models.Close(db); err != nil {
			t.Fatal(err)
		}
		expectNotice(t, board, "The database cannot be reached at ")
	})
}

func expectNotice(t *testing.T, board *queue.Board, text string) {
	t.Helper()
	modelstest.Eventually(t, text, func() bool {
		for _, notice := range board.Snapshot(t.Context()).Notices() {
			if strings.HasPrefix(notice.Text, text) {
				return true
			}
		}
		return false
	})
}

func TestBoardAsksTheServersOnceForAllViewers(t *testing.T) {
	q, server := queuetest.MiniServer(t)
	board := queue.NewBoard(q, modelstest.SQLite(t))
	board.Snapshot(t.Context())
	before := server.CommandCount()
	var viewers sync.WaitGroup
	taken := make(chan time.Time, 200)
	for range 200 {
		viewers.Go(func() { taken <- board.Snapshot(t.Context()).At })
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
	s := queue.NewBoard(q, modelstest.SQLite(t)).Snapshot(t.Context())
	if len(s.Lanes) != len(queue.Lanes()) || len(s.History) != 60 || s.RedisError == "" || !s.NumbersAt.IsZero() {
		t.Errorf("the snapshot is %+v", s)
	}
}

func TestNoticesNameTheLateSchedules(t *testing.T) {
	s := queue.Snapshot{LateSchedules: 3, Stats: queue.Stats{Workers: []queue.Worker{{}}}}
	if notices := s.Notices(); len(notices) != 1 || notices[0].Text != "3 schedules are late." || notices[0].ActionURL != "/schedules" {
		t.Errorf("the notices are %+v", notices)
	}
}
