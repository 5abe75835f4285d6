package repair

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
	"workflows/worker/steps"
)

func TestMain(m *testing.M) { os.Exit(modelstest.AtOnce(m, 4).Run()) }

// lab is a database, a queue and an engine, with a clock that only the test moves.
type lab struct {
	testing.TB
	db  *gorm.DB
	q   *queue.Queue
	e   *engine.Engine
	now time.Time
}

func each(t *testing.T, test func(l *lab)) {
	t.Helper()
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) { test(newLab(t, db)) })
}

func newLab(t testing.TB, db *gorm.DB) *lab {
	l := &lab{TB: t, db: db, q: queuetest.Mini(t), now: models.Now()}
	l.e = engine.New(engine.Options{DB: db, Queue: l.q, Types: steps.All(steps.Options{}), Log: slog.New(slog.DiscardHandler)})
	return l
}

func (l *lab) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *lab) repairer() *Repairer {
	return &Repairer{DB: l.db, Engine: l.e, Log: slog.New(slog.DiscardHandler), Now: func(context.Context, *gorm.DB) (time.Time, error) { return l.now, nil }}
}

// twoSteps give a value each.
const twoSteps = `"steps":[{"id":"a","type":"set_values","config":{"values":{"n":1}}},{"id":"b","type":"set_values","config":{"values":{"n":2}}}]`

// publish stores a workflow that is published so.
func (l *lab) publish(parts string) models.Workflow {
	l.Helper()
	return l.published(models.Workflow{ID: models.NewID(), Name: "Orders", Status: "active", Draft: models.JSON("{}"), CreatedAt: l.now, UpdatedAt: l.now}, 1, parts)
}

func (l *lab) published(w models.Workflow, number int, parts string) models.Workflow {
	l.Helper()
	definition := models.JSON(`{"format":1,"name":"Orders",` + parts + `}`)
	v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: w.ID, Number: number, Name: "Orders", Definition: definition, CreatedAt: l.now}
	w.VersionID, w.Version = &v.ID, &v.Number
	if number == 1 {
		l.must(l.db.Create(&w).Error)
	} else {
		l.must(l.db.Model(&models.Workflow{}).Where("id = ?", w.ID).Updates(map[string]any{"version_id": v.ID, "version": number}).Error)
	}
	l.must(l.db.Create(&v).Error)
	return w
}

// failed stores a run of the workflow that failed at its step b.
func (l *lab) failed(w models.Workflow, change ...func(r *models.Run)) models.Run {
	l.Helper()
	run := models.Run{
		ID: models.NewID(), WorkflowID: w.ID, VersionID: *w.VersionID, Version: *w.Version, WorkflowName: "Orders", Status: "failed", TriggerType: "manual",
		Trigger: models.JSON(`{"type":"manual","by":"Ben","body":{"order":7}}`), Input: models.JSON(`{}`), Error: models.JSON(`{"code":"timeout","message":"It took too long.","step_id":"b"}`),
		Queue: "default", QueuedAt: l.now, FinishedAt: &l.now,
	}
	for _, c := range change {
		c(&run)
	}
	l.must(runs.Insert(l.Context(), l.db, &run))
	rows := []models.StepRun{
		{ID: models.NewID(), RunID: run.ID, StepID: "a", Name: "A", Type: "set_values", Attempt: 1, Status: "succeeded", Output: models.JSON(`{"n":1}`), StartedAt: &l.now, FinishedAt: &l.now},
		{ID: models.NewID(), RunID: run.ID, StepID: "b", Name: "B", Type: "set_values", Attempt: 1, Status: "failed", Error: run.Error, StartedAt: &l.now, FinishedAt: &l.now},
	}
	l.must(l.db.Create(&rows).Error)
	return run
}

// ask is create of runs that somebody has started.
func (l *lab) ask(r bulk.Request) bulk.Bulk {
	l.Helper()
	if r.Runs.IDs == nil {
		r.Runs.TriggerType = "manual"
	}
	return l.create(r)
}

// create stores what Anna asks for.
func (l *lab) create(r bulk.Request) bulk.Bulk {
	l.Helper()
	r.Asked, r.Via = models.JSON(`{}`), "api"
	b, err := bulk.Create(models.WithActor(l.Context(), models.Actor{Kind: models.ActorPerson, ID: "anna", Name: "Anna"}), l.db, r, l.now)
	l.must(err)
	return b
}

// finish has a worker do all that waits; the clock goes on as it waits.
func (l *lab) finish(id string) bulk.Bulk {
	l.Helper()
	r := l.repairer()
	for range 1000 {
		wait, err := r.look(l.Context())
		l.must(err)
		if b := l.whole(id); b.State != bulk.Running {
			return b
		}
		l.now = l.now.Add(wait)
	}
	l.Fatal("it is never finished")
	return bulk.Bulk{}
}

// whole is one, of which the numbers must be right.
func (l *lab) whole(id string) bulk.Bulk {
	l.Helper()
	var b bulk.Bulk
	var waiting int64
	l.must(l.db.Transaction(func(tx *gorm.DB) (err error) {
		if models.IsPostgres(tx) {
			l.must(tx.Exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").Error)
		}
		if b, err = bulk.Get(l.Context(), tx, id); err != nil {
			return err
		}
		return tx.Raw("SELECT count(*) FROM bulk_runs WHERE bulk_id = ? AND state = 'waiting'", id).Scan(&waiting).Error
	}))
	if b.Done+b.Failed+waiting != b.Total {
		l.Errorf("%d done, %d failed and %d waiting are not %d", b.Done, b.Failed, waiting, b.Total)
	}
	return b
}

// item is what has come of a run.
func (l *lab) item(b bulk.Bulk, run models.Run) (item bulk.Item) {
	l.Helper()
	l.must(l.db.Where("bulk_id = ? AND run_id = ?", b.ID, run.ID).Take(&item).Error)
	return item
}

func (l *lab) get(id string) models.Run {
	l.Helper()
	run, err := runs.Get(l.Context(), l.db, id)
	l.must(err)
	return run
}

// retries are the runs that repeat one.
func (l *lab) retries(of models.Run) (found []models.Run) {
	l.Helper()
	l.must(l.db.Where("retry_of = ?", of.ID).Find(&found).Error)
	return found
}

func ofWorkflow(w models.Workflow) runs.Filter { return runs.Filter{WorkflowID: w.ID} }

func idsOf(all ...models.Run) (ids []string) {
	for _, run := range all {
		ids = append(ids, run.ID)
	}
	return ids
}
