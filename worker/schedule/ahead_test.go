package schedule_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// publishAnew gives the workflow of a schedule another version.
func (h *house) publishAnew(s models.Schedule, change func(d *workflow.Definition)) {
	h.Helper()
	w, err := models.GetWorkflow(h.Context(), h.db, s.WorkflowID)
	if err != nil {
		h.Fatal(err)
	}
	d, err := workflow.Load(w.Draft)
	if err != nil {
		h.Fatal(err)
	}
	change(&d)
	if _, err := h.catalog.SaveDraft(h.Context(), w.ID, d, nil, "Ada"); err != nil {
		h.Fatal(err)
	}
	if _, err := h.catalog.Publish(h.Context(), w.ID, nil, "Ada"); err != nil {
		h.Fatal(err)
	}
}

// What two schedulers have made ready fires once, and what has changed meanwhile fires as
// it is now.
func TestWhatWasMadeReadyFiresOnceAndAsItIsThen(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	h := newHouse(t, db)
	other := &schedule.Scheduler{DB: db, Queue: h.scheduler.Queue, Engine: h.engine, Now: h.clock.now, Name: "other"}
	minutely := workflow.Trigger{Cron: "* * * * *"}
	cases := []struct {
		name    string
		trigger workflow.Trigger
		change  func(s models.Schedule)
		want    string // the ledger
		ready   bool   // it fires as it was made ready
		check   func(s models.Schedule, found []models.Run) bool
	}{
		{name: "nothing changes", trigger: minutely, want: "12:01 ran", ready: true},
		{name: "with others of its own", trigger: workflow.Trigger{Cron: "* * * * *", Overlap: "allow"}, want: "12:01 ran", ready: true},
		{
			name: "the last time", trigger: workflow.Trigger{At: "2026-11-23T12:01:00Z"}, want: "12:01 ran", ready: true,
			check: func(s models.Schedule, _ []models.Run) bool { return s.Status == models.ScheduleEnded },
		},
		{name: "paused", trigger: minutely, want: "12:01 paused", change: func(s models.Schedule) {
			if _, err := h.catalog.PauseSchedule(h.Context(), s.ID, catalog.Pause{By: "Ada"}); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "published anew with another time", trigger: minutely, want: "", change: func(s models.Schedule) {
			h.publishAnew(s, func(d *workflow.Definition) { d.Triggers[0].Cron = "0 * * * *" })
		}},
		{name: "published anew with other steps", trigger: minutely, want: "12:01 ran", change: func(s models.Schedule) {
			h.publishAnew(s, func(d *workflow.Definition) { d.Steps[0].Name = "Another" })
		}, check: func(_ models.Schedule, found []models.Run) bool { return found[0].Version == 2 }},
		{name: "started by hand", trigger: minutely, want: "12:01 ran", change: func(s models.Schedule) {
			if _, _, err := h.engine.StartNow(h.Context(), engine.StartRequest{WorkflowID: s.WorkflowID, Trigger: engine.Trigger{Type: engine.TriggerManual}}); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "deleted", trigger: minutely, want: "", change: func(s models.Schedule) {
			if err := h.catalog.Delete(h.Context(), s.WorkflowID); err != nil {
				t.Fatal(err)
			}
		}},
	}
	all := make([]models.Schedule, len(cases))
	for i, c := range cases {
		all[i] = h.publish(c.trigger)
	}
	for _, s := range []*schedule.Scheduler{h.scheduler, other} {
		if err := s.Foresee(h.Context(), start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range cases {
		if c.change != nil {
			c.change(all[i])
		}
	}
	h.tick() // it is not time yet
	h.clock.set(start.Add(time.Minute + 250*time.Millisecond))
	usual := withoutLooking(db)
	var group errgroup.Group
	for _, s := range []*schedule.Scheduler{h.scheduler, other} {
		group.Go(func() error { _ = s.Tick(h.Context()); return nil })
	}
	_ = group.Wait()
	for i, c := range cases {
		if got := h.ledger(all[i]); (got != "") != c.ready {
			t.Errorf("%s: of what was made ready has fired %q", c.name, got)
		}
	}
	usual()
	h.tick()
	for i, c := range cases {
		rows, found := h.rows(all[i]), h.runs(all[i])
		ran := 0
		for _, run := range found {
			if run.TriggerType == engine.TriggerSchedule {
				ran++
			}
		}
		if h.ledger(all[i]) != c.want || ran != strings.Count(c.want, "ran") || c.want != "" && rows[0].LateMS != 250 {
			t.Errorf("%s: %q, %d runs, %+v", c.name, h.ledger(all[i]), ran, rows)
			continue
		}
		if c.check != nil && !c.check(h.schedule(all[i].WorkflowID), found) {
			t.Errorf("%s: %+v", c.name, found)
		}
	}
}

// withoutLooking keeps schedulers from finding out what is due until usual is called.
func withoutLooking(db *gorm.DB) (usual func()) {
	const name = "without_looking"
	query := db.Callback().Query()
	_ = query.Before("gorm:query").Register(name, func(tx *gorm.DB) {
		if _, locks := tx.Statement.Clauses["FOR"]; locks && tx.Statement.Table == "schedules" {
			_ = tx.AddError(errors.New("not now"))
		}
	})
	return func() { _ = query.Remove(name) }
}

// Promise 6, for what was made ready: ledger, run and next time belong together.
func TestDeathWhileFiringWhatWasMadeReadyLeavesNothingHalf(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	h := newHouse(t, db)
	s := h.publish(workflow.Trigger{Cron: "* * * * *"})
	deaths := 0
	for statement := int64(1); h.ledger(s) == ""; statement++ {
		if statement > 40 {
			t.Fatal("it never fires")
		}
		h.clock.set(start)
		if err := h.scheduler.Foresee(t.Context(), start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		h.clock.set(start.Add(time.Minute))
		usual := withoutLooking(db)
		ctx, cancel := context.WithCancel(t.Context())
		died := dieAt(db, statement, cancel)
		_ = h.scheduler.Tick(ctx)
		cancel()
		if died() {
			deaths++
		}
		usual()
		ran, next := len(h.runs(s)), *h.schedule(s.WorkflowID).NextFireAt
		if ran != strings.Count(h.ledger(s), "ran") || !next.Equal(start.Add(time.Duration(1+ran)*time.Minute)) {
			t.Fatalf("after dying at statement %d: %q, %d runs, next at %s", statement, h.ledger(s), ran, next)
		}
	}
	if deaths < 2 {
		t.Fatalf("it died %d times", deaths)
	}
}
