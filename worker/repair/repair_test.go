package repair

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/queue"
)

func TestEachChosenRunIsRunAgainOnceByTwoWorkersTogether(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		var chosen []models.Run
		for range 250 {
			chosen = append(chosen, l.failed(w))
		}
		b := l.ask(bulk.Request{Action: bulk.Retry, Runs: ofWorkflow(w), PerSecond: 1000})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		for range cap(ended) {
			r := l.repairer()
			r.Now = nil
			go func() { ended <- r.Run(ctx) }()
		}
		modelstest.Eventually(t, "it is finished", func() bool { return l.whole(b.ID).State == bulk.Finished })
		stop()
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Fatal(err)
		}
		for _, run := range chosen {
			again, item := l.retries(run), l.item(b, run)
			if len(again) != 1 || item.State != bulk.ItemDone || *item.NewRunID != again[0].ID {
				t.Fatalf("%d runs repeat one, of which is noted %+v", len(again), item)
			}
			if trigger := string(again[0].Trigger); again[0].TriggerType != "retry" || !strings.Contains(trigger, `"by":"Anna"`) || !strings.Contains(trigger, `"via":"api"`) || !strings.Contains(trigger, `"order":7`) {
				t.Fatalf("it was started by %s", trigger)
			}
		}
		if done := l.whole(b.ID); done.Done != 250 || done.Failed != 0 {
			t.Errorf("%+v", done)
		}
		depths, err := l.q.Depths(t.Context())
		l.must(err)
		if hints := depths[queue.DefaultLane].Size + depths[queue.BacklogLane].Size; hints != 250 {
			t.Errorf("workers are told of %d", hints)
		}
		var acts []string
		l.must(l.db.Raw("SELECT action || ' by ' || actor_name FROM audit_events ORDER BY id").Scan(&acts).Error)
		if !slices.Equal(acts, []string{"bulk.retry by Anna", "bulk.finished by Anna"}) {
			t.Error(acts)
		}
	})
}

// What the database cannot do now is told, changes nothing, and is done later.
func TestTroubleOfTheDatabaseIsNoRunsFault(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	l := newLab(t, db)
	w := l.publish(twoSteps)
	run, other := l.failed(w), l.failed(w)
	b := l.ask(bulk.Request{Action: bulk.Retry, Runs: ofWorkflow(w), PerSecond: 400})
	for _, statement := range []string{
		`CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$`,
		`CREATE TRIGGER full_disk BEFORE UPDATE ON bulk_runs FOR EACH ROW EXECUTE FUNCTION is_full()`,
	} {
		l.must(db.Exec(statement).Error)
	}
	r := l.repairer()
	for range 2 { // of both, and run by run
		if wait, err := r.look(t.Context()); !models.Unreachable(err) || wait != every {
			t.Errorf("it is looked again after %v, and the trouble is %v", wait, err)
		}
	}
	if l.whole(b.ID).State != bulk.Running || len(l.retries(run)) != 0 || len(l.retries(other)) != 0 {
		t.Error("something has happened")
	}
	l.must(db.Exec("DROP TRIGGER full_disk ON bulk_runs").Error)
	if done := l.finish(b.ID); done.Done != 2 || len(l.retries(run)) != 1 {
		t.Errorf("%+v", done)
	}
}

// What happens to runs and what is noted of it is one: the last line is refused here.
func TestWhatCannotBeNotedHasNotHappened(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		run := l.failed(w)
		b := l.ask(bulk.Request{Action: bulk.Retry, Runs: ofWorkflow(w)})
		modelstest.RefuseAudit(t, l.db)
		if _, err := l.repairer().look(t.Context()); err == nil {
			t.Error("nobody is told")
		}
		if left := l.whole(b.ID); left.State != bulk.Running || left.Done != 0 || len(l.retries(run)) != 0 || l.item(b, run).State != bulk.ItemWaiting {
			t.Errorf("%d runs repeat it, and it is %+v", len(l.retries(run)), left)
		}
	})
}

// A worker has one of the runs in hand: nobody waits for it, and it is not forgotten.
func TestARunThatIsInHandComesLater(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	l := newLab(t, db)
	w := l.publish(twoSteps)
	held, free := l.failed(w), l.failed(w)
	b := l.ask(bulk.Request{Action: bulk.Retry, Runs: ofWorkflow(w), PerSecond: 400})
	r := l.repairer()
	l.must(db.Transaction(func(tx *gorm.DB) error {
		l.must(runs.Pin(t.Context(), tx, held.ID))
		_, err := r.look(t.Context())
		l.must(err)
		if len(l.retries(held)) != 0 || len(l.retries(free)) != 1 || l.whole(b.ID).Done != 1 {
			t.Errorf("%d and %d runs repeat them", len(l.retries(held)), len(l.retries(free)))
		}
		l.now = l.now.Add(time.Second)
		if wait, err := r.look(t.Context()); err != nil || wait != taken {
			t.Errorf("it is looked again after %v, %v", wait, err)
		}
		return nil
	}))
	if done := l.finish(b.ID); done.Done != 2 || len(l.retries(held)) != 1 {
		t.Errorf("%+v", done)
	}
}

func TestWhatWasTakenOverIsThereInEachOfManyRunsFromTheFailedStep(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		var chosen []models.Run
		for range 5 {
			run := l.failed(w, func(r *models.Run) { r.Input = models.JSON(`{"text":"` + strings.Repeat("x", 1<<20) + `"}`) }) // of which not all are held at once
			chosen = append(chosen, run)
		}
		b := l.ask(bulk.Request{Action: bulk.Retry, Runs: ofWorkflow(w), RetryFrom: engine.FromFailedStep, PerSecond: 400})
		if done := l.finish(b.ID); done.Done != 5 {
			t.Fatalf("%+v", done)
		}
		for _, run := range chosen {
			again := l.retries(run)
			rows, err := runs.Steps(t.Context(), l.db, again[0].ID)
			if l.must(err); len(again) != 1 || again[0].RetryFrom != "b" || len(rows) != 1 || rows[0].StepID != "a" || string(rows[0].Output) != `{"n":1}` {
				t.Errorf("%d runs repeat it, from %q, with %d results", len(again), again[0].RetryFrom, len(rows))
			}
		}
	})
}

func TestManyRunsAreCancelledByWhoAskedAndWhatTheyHaveStartedToo(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		open := func(r *models.Run) { r.Status, r.FinishedAt, r.Error = "waiting", nil, nil }
		parent, ended := l.failed(w, open), l.failed(w, open)
		child := l.failed(w, open, func(r *models.Run) { r.ParentID, r.TriggerType = &parent.ID, "workflow" })
		l.must(l.db.Exec("UPDATE step_runs SET status = 'waiting', child_id = ?, finished_at = NULL WHERE run_id = ? AND step_id = 'b'", child.ID, parent.ID).Error)
		b := l.ask(bulk.Request{Action: bulk.Cancel, Runs: ofWorkflow(w)})
		l.must(l.db.Exec("UPDATE runs SET status = 'succeeded', finished_at = ? WHERE id = ?", l.now, ended.ID).Error)
		if done := l.finish(b.ID); done.Total != 2 || done.Done != 1 || done.Failed != 1 {
			t.Errorf("%+v", done)
		}
		if run := l.get(parent.ID); run.Status != "cancelled" || !strings.Contains(string(run.Error), "Cancelled by Anna.") {
			t.Errorf("the run is %s: %s", run.Status, run.Error)
		}
		if item := l.item(b, ended); item.Code != "run_final" || item.Message != "This run has already succeeded, so it cannot be cancelled." {
			t.Errorf("%+v", item)
		}
		if run := l.get(child.ID); run.Status != "cancelled" {
			t.Errorf("the run that it had started is %s", run.Status)
		}
	})
}

func TestManyRunsAreDeletedAndWhatTheyHadRepairedIsSettled(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		broken := l.failed(w, func(r *models.Run) { r.TriggerType = "schedule" })
		repair := l.failed(w, func(r *models.Run) { r.Status, r.RetryOf = "succeeded", &broken.ID })
		working := l.failed(w, func(r *models.Run) { r.Status, r.FinishedAt, r.TriggerType = "waiting", nil, "schedule" })
		needed := l.failed(w, func(r *models.Run) { r.ParentID = &working.ID })
		b := l.ask(bulk.Request{Action: bulk.Delete, Runs: ofWorkflow(w)})
		if done := l.finish(b.ID); done.Done != 1 || done.Failed != 1 {
			t.Errorf("%+v", done)
		}
		if _, err := runs.Get(t.Context(), l.db, repair.ID); !errors.Is(err, models.ErrNotFound) {
			t.Error("it is still there:", err)
		}
		if run := l.get(broken.ID); run.SettledAt == nil || run.SettledBy != "Anna" {
			t.Errorf("what it had repaired is settled at %v by %q", run.SettledAt, run.SettledBy)
		}
		if item := l.item(b, needed); item.Code != "run_needed" || l.get(needed.ID).Status != "failed" {
			t.Errorf("%+v", item)
		}
	})
}

func TestTheWorkerSleepsUntilThePaceAllowsMore(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		for range 30 {
			l.failed(w)
		}
		b := l.ask(bulk.Request{Action: bulk.Retry, Runs: ofWorkflow(w), PerSecond: 20})
		r, began := l.repairer(), l.now
		var waits []time.Duration
		for l.whole(b.ID).State == bulk.Running {
			wait, err := r.look(t.Context())
			l.must(err)
			if l.now = l.now.Add(wait); wait > 0 {
				waits = append(waits, wait)
			}
		}
		if len(waits) != 5 || slices.ContainsFunc(waits, func(d time.Duration) bool { return d != 250*time.Millisecond }) {
			t.Errorf("30 at 20 a second took %v: %v", l.now.Sub(began), waits)
		}
		if wait, err := r.look(t.Context()); err != nil || wait != every {
			t.Errorf("with nothing to do it is looked again after %v, %v", wait, err)
		}
	})
}

func TestALookThatFindsNothingIsOneStatementAndEachHasADeadline(t *testing.T) {
	each(t, func(l *lab) {
		w := l.publish(twoSteps)
		l.failed(w)
		b := l.ask(bulk.Request{Action: bulk.Retry, Runs: ofWorkflow(w)})
		statements := modelstest.Watch(l.db)
		r := l.repairer()
		r.Now = nil
		_, err := r.look(t.Context())
		l.must(err)
		unbounded := statements.Unbounded()
		if l.whole(b.ID).State != bulk.Finished || len(unbounded) > 0 {
			t.Errorf("without a deadline: %v", unbounded)
		}
		before := statements.Count("")
		_, err = r.look(t.Context())
		l.must(err)
		if n := statements.Count("") - before; n != 1 {
			t.Errorf("%d statements", n)
		}
	})
}
