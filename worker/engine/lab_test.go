package engine_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/queue/queuetest"
	"workflows/worker/workflow"
)

// lab is a database and a Redis of its own, an engine that starts runs, and step
// types that tests control.
type lab struct {
	*testing.T
	db  *gorm.DB
	q   *queue.Queue
	e   *engine.Engine
	lit *stage
	// lease of the workers that are started from then on.
	lease time.Duration
	// memory of these workers; see engine.Options.
	memory int
}

// each runs the test on the embedded servers, and on real ones where they are
// installed.
func each(t *testing.T, test func(l *lab)) {
	t.Helper()
	modelstest.Each(t, onServers(test))
}

// alone is each for a test that keeps the processors busy: others beside it would
// wait for what they expect soon.
func alone(t *testing.T, test func(l *lab)) {
	t.Helper()
	modelstest.InTurn(t, onServers(test))
}

func onServers(test func(l *lab)) func(t *testing.T, db *gorm.DB) {
	return func(t *testing.T, db *gorm.DB) {
		q := queuetest.Mini(t)
		if models.IsPostgres(db) && modelstest.Find("redis-server") != "" {
			q, _ = queuetest.Server(t)
		}
		test(newLab(t, db, q))
	}
}

func newLab(t *testing.T, db *gorm.DB, q *queue.Queue) *lab {
	l := &lab{T: t, db: db, q: q, lit: newStage(), lease: time.Minute} // a busy machine makes no run look lost
	l.e = engine.New(l.options())
	return l
}

func (l *lab) options() engine.Options {
	return engine.Options{DB: l.db, Queue: l.q, Types: l.lit.types(), Lease: l.lease, Memory: l.memory, Log: slog.New(slog.DiscardHandler)}
}

// worker starts a worker as a process would; stop ends it and waits.
func (l *lab) worker(concurrency int, grace time.Duration) (stop func()) {
	l.Helper()
	e := engine.New(l.options())
	ctx, cancel := context.WithCancel(context.Background())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.Run(ctx) })
	group.Go(func() error {
		return pool.Run(ctx, l.q, pool.Options{Concurrency: concurrency, Handle: e.Execute, Grace: grace, DB: l.db})
	})
	stop = sync.OnceFunc(func() {
		cancel()
		if err := group.Wait(); err != nil {
			l.Errorf("worker: %v", err)
		}
	})
	l.Cleanup(stop)
	return stop
}

// publish stores a workflow with this definition as its published version.
func (l *lab) publish(definition string) models.Workflow {
	l.Helper()
	return l.republish(models.NewID(), 1, definition)
}

func (l *lab) republish(id string, number int, definition string) models.Workflow {
	l.Helper()
	d, problems, err := workflow.Parse([]byte(definition))
	if err != nil || len(problems) > 0 {
		l.Fatal(err, problems)
	}
	now := models.Now()
	v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: id, Number: number, Name: d.Name, Definition: d.Marshal(), CreatedAt: now}
	w := models.Workflow{
		ID: id, Name: d.Name, Status: workflow.StatusActive, Draft: d.Marshal(), DraftRevision: 1,
		VersionID: &v.ID, Version: &v.Number, CreatedAt: now, UpdatedAt: now,
	}
	if number == 1 {
		l.must(l.db.Create(&w).Error)
	} else {
		l.must(l.db.Model(&models.Workflow{}).Where("id = ?", id).Updates(map[string]any{"version_id": v.ID, "version": number}).Error)
	}
	l.must(l.db.Create(&v).Error)
	return w
}

func (l *lab) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// start starts a run of the workflow by hand.
func (l *lab) start(w models.Workflow, input map[string]any) models.Run {
	l.Helper()
	run, _, err := l.e.StartNow(context.Background(), engine.StartRequest{
		WorkflowID: w.ID, Input: input, Trigger: engine.Trigger{Type: engine.TriggerManual, By: "Anna", Via: "page"},
	})
	l.must(err)
	return run
}

// run publishes and starts.
func (l *lab) run(definition string) models.Run {
	l.Helper()
	return l.start(l.publish(definition), nil)
}

func (l *lab) get(id string) models.Run {
	l.Helper()
	run, err := runs.Get(context.Background(), l.db, id)
	l.must(err)
	return run
}

func (l *lab) rows(id string) []models.StepRun {
	l.Helper()
	rows, err := runs.Steps(context.Background(), l.db, id)
	l.must(err)
	return rows
}

// until waits for a state of the run.
func (l *lab) until(id string, status ...string) models.Run {
	l.Helper()
	var run models.Run
	modelstest.Eventually(l, "run becomes "+status[0]+" (it is "+l.get(id).Status+")", func() bool {
		run = l.get(id)
		return slices.Contains(status, run.Status)
	})
	return run
}

func (l *lab) ended(id string) models.Run {
	l.Helper()
	return l.until(id, workflow.RunSucceeded, workflow.RunFailed, workflow.RunCancelled)
}

// code is the code of a stored error.
func code(stored models.JSON) string {
	var failure struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(stored, &failure)
	return failure.Code
}

// summary is what became of each attempt: "fetch#1 failed".
func summary(rows []models.StepRun) []string {
	var lines []string
	for _, row := range rows {
		line := row.StepID + " " + row.Status
		if c := code(row.Error); c != "" {
			line += " " + c
		}
		lines = append(lines, line)
	}
	return lines
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if string(g) != string(w) {
		t.Fatalf("%s: got %s, want %s", what, g, w)
	}
}

// stage holds the step types that tests control: what they were called with, and
// when those that hold may go on.
type stage struct {
	mu    sync.Mutex
	calls []workflow.Call
	begun chan string   // ids of steps that hold
	open  chan struct{} // closed: steps that hold go on
	ended chan error    // why the context of a held step ended
	more  []workflow.StepType
}
