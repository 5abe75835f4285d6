package process_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/models/sqlite"
	"workflows/worker/engine"
	"workflows/worker/process"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// start runs a worker; stop ends it and waits.
func start(t *testing.T, c process.Config) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- process.Run(ctx, c) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func publish(t *testing.T, db *gorm.DB, definition string) models.Workflow {
	t.Helper()
	now := models.Now()
	v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: models.NewID(), Number: 1, Name: "W", Definition: models.JSON(definition), CreatedAt: now}
	w := models.Workflow{ID: v.WorkflowID, Name: "W", Status: workflow.StatusActive, Draft: v.Definition, VersionID: &v.ID, Version: &v.Number, CreatedAt: now, UpdatedAt: now}
	if err := db.Create(&w).Error; err != nil {
		t.Fatal(err)
	}
	if err := db.Create(&v).Error; err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWorkerExecutesRunsAndStopsWithoutLeavingAnythingBehind(t *testing.T) {
	modelstest.InTurn(t, func(t *testing.T, db *gorm.DB) {
		queuetest.InTurn(t, func(t *testing.T, q *queue.Queue) {
			if err := models.Ping(t.Context(), db); err != nil { // its own goroutines begin with the first use
				t.Fatal(err)
			}
			before := goleak.IgnoreCurrent()
			types := steps.All(steps.Options{})
			stop := start(t, process.Config{DB: db, Queue: q, Types: types, Concurrency: 3, Grace: time.Second})
			w := publish(t, db, `{"format":1,"name":"W","steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}},{"id":"b","type":"wait","config":{"for":"50ms"}}]}`)
			e := engine.New(engine.Options{DB: db, Queue: q, Types: types})
			for range 5 {
				run, _, err := e.StartNow(t.Context(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
				if err != nil {
					t.Fatal(err)
				}
				modelstest.Eventually(t, "the run succeeds", func() bool {
					run, err := runs.Get(t.Context(), db, run.ID)
					return err == nil && run.Status == workflow.RunSucceeded
				})
			}
			stop()
			_ = q.Close()                // the embedded Redis keeps a goroutine for each connection
			goleak.VerifyNone(t, before, // and those of the test's own database
				goleak.IgnoreTopFunction("database/sql.(*DB).connectionCleaner"),
				goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgconn/internal/bgreader.(*BGReader).bgRead")) // reads on after a write that was slow
		})
	})
}

// lines is a log that tests read while it is written.
type lines struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(data)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.out.String(), text)
}

func TestWorkerWaitsForTheDatabaseAndSaysOnceWhereItLooksAndWhatToDo(t *testing.T) {
	db, err := models.Open(models.Source{URL: "postgres://user:canary@127.0.0.1:1/none"})
	if err != nil {
		t.Fatal(err)
	}
	log := &lines{}
	stop := start(t, process.Config{DB: db, Queue: queuetest.Mini(t), Log: slog.New(slog.NewTextHandler(log, nil))})
	modelstest.Eventually(t, "the worker says what it waits for", func() bool { return log.count("DATABASE_URL") > 0 })
	stop()
	if log.count("PostgreSQL cannot be reached") != 1 || log.count("127.0.0.1:1") == 0 || log.count("canary") > 0 || log.count("worker started") > 0 {
		t.Fatal(log.out.String())
	}
}

func TestWorkerWaitsForTheSchema(t *testing.T) {
	db, err := sqlite.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close(db)
	log := &lines{}
	start(t, process.Config{DB: db, Queue: queuetest.Mini(t), Grace: time.Second, Log: slog.New(slog.NewTextHandler(log, nil))})
	modelstest.Eventually(t, "the worker says what it waits for", func() bool { return log.count("go run ./app migrate") == 1 })
	if _, err := models.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	modelstest.Eventually(t, "the worker goes on by itself", func() bool { return log.count("worker started") == 1 })
}

func TestAWorkerOlderThanTheDatabaseTakesNothingAndSaysSoUntilItIsNot(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q, log, types := queuetest.Mini(t), &lines{}, steps.All(steps.Options{})
		start(t, process.Config{DB: db, Queue: q, Types: types, Concurrency: 3, Grace: time.Second, Log: slog.New(slog.NewTextHandler(log, nil))})
		w := publish(t, db, `{"format":1,"name":"W","steps":[{"id":"a","type":"wait","config":{"for":"1ms"}}]}`)
		e := engine.New(engine.Options{DB: db, Queue: q, Types: types})
		begin := func() string {
			run, _, err := e.StartNow(t.Context(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
			if err != nil {
				t.Fatal(err)
			}
			return run.ID
		}
		ends := func(id string) func() bool {
			return func() bool {
				run, err := runs.Get(t.Context(), db, id)
				return err == nil && run.Status == workflow.RunSucceeded
			}
		}
		modelstest.Eventually(t, "it works", ends(begin()))
		if err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, ?)", true).Error; err != nil {
			t.Fatal(err)
		}
		modelstest.Eventually(t, "it notices that the database is newer", func() bool {
			outdated, err := q.OutdatedWorkers(t.Context())
			return err == nil && len(outdated) == 1 && outdated[0].Database == 99999
		})
		later := begin()
		queuetest.Do(t, q, "DEL", queuetest.Key(q, "states"))
		modelstest.Eventually(t, "it looks again, and waits on", func() bool {
			outdated, err := q.OutdatedWorkers(t.Context())
			return err == nil && len(outdated) == 1
		})
		if run, err := runs.Get(t.Context(), db, later); err != nil || run.Status != workflow.RunQueued || run.Attempt != 0 {
			t.Errorf("it was taken: %+v, %v", run, err)
		}
		if log.count("newer than this program") == 0 {
			t.Error("it does not say why it stopped")
		}
		if err := db.Exec("DELETE FROM goose_db_version WHERE version_id = 99999").Error; err != nil {
			t.Fatal(err)
		}
		modelstest.Eventually(t, "it goes on by itself", ends(later))
	})
}

func TestAWorkerTakesNothingOfARestoredDatabaseUntilAPersonSaysSo(t *testing.T) {
	takesNothing(t, "until an administrator says", func(ctx context.Context, db *gorm.DB) error {
		return models.MarkRestored(ctx, db, models.Restored{MadeAt: models.Now(), RestoredAt: models.Now()})
	}, func(ctx context.Context, db *gorm.DB) error {
		ended, err := models.EndRestored(ctx, db)
		if err == nil && !ended {
			err = errors.New("it did not wait")
		}
		return err
	})
}

func TestAWorkerTakesNothingWhileWorkIsStoppedForMaintenance(t *testing.T) {
	takesNothing(t, "stopped all work for maintenance", func(ctx context.Context, db *gorm.DB) error {
		return models.BeginMaintenance(ctx, db, models.Maintenance{Since: models.Now(), By: "Ada", Why: "An update"})
	}, models.EndMaintenance)
}

// takesNothing has a worker begin, and be at work, while a standstill is marked.
func takesNothing(t *testing.T, said string, stop, goesOn func(ctx context.Context, db *gorm.DB) error) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q, log, types := queuetest.Mini(t), &lines{}, steps.All(steps.Options{})
		w := publish(t, db, `{"format":1,"name":"W","steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`)
		e := engine.New(engine.Options{DB: db, Queue: q, Types: types})
		begin := func() string {
			run, _, err := e.StartNow(t.Context(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
			if err != nil {
				t.Fatal(err)
			}
			return run.ID
		}
		status := func(id string) string {
			run, err := runs.Get(t.Context(), db, id)
			if err != nil {
				t.Fatal(err)
			}
			return run.Status
		}
		mark := func() {
			if err := stop(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		goOn := func() {
			if err := goesOn(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		before := begin()
		mark()
		start(t, process.Config{DB: db, Queue: q, Types: types, Concurrency: 3, Grace: time.Second, Log: slog.New(slog.NewTextHandler(log, nil))})
		modelstest.Eventually(t, "the worker says what it waits for", func() bool { return log.count(said) == 1 })
		if log.count("worker started") != 0 || status(before) != workflow.RunQueued {
			t.Fatalf("it works: %s", status(before))
		}
		goOn()
		modelstest.Eventually(t, "what waited goes on", func() bool { return status(before) == workflow.RunSucceeded })

		mark() // under a worker that is at work
		modelstest.Eventually(t, "it stops", func() bool { return log.count(said) == 2 })
		after := begin()
		if log.count("worker stopped") != 1 || status(after) != workflow.RunQueued {
			t.Errorf("it works on: %s", status(after))
		}
		goOn()
		modelstest.Eventually(t, "it goes on again", func() bool { return status(after) == workflow.RunSucceeded })
	})
}
