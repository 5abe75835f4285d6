package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/queue/queuetest"
	"workflows/worker/schedule"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a time that the tests move.
type clock struct{ micro atomic.Int64 }

func (c *clock) now() time.Time       { return time.UnixMicro(c.micro.Load()).UTC() }
func (c *clock) set(t time.Time)      { c.micro.Store(t.UnixMicro()) }
func (c *clock) move(d time.Duration) { c.micro.Add(d.Microseconds()) }

// house is a catalog and a scheduler on one database and one clock.
type house struct {
	testing.TB
	db        *gorm.DB
	clock     *clock
	catalog   *catalog.Catalog
	engine    *engine.Engine
	scheduler *schedule.Scheduler
}

func each(t *testing.T, test func(h *house)) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) { test(newHouse(t, db)) })
}

func newHouse(t testing.TB, db *gorm.DB) *house {
	h := &house{TB: t, db: db, clock: &clock{}}
	h.clock.set(start)
	types := steps.All(steps.Options{})
	q := queuetest.Mini(t)
	h.catalog = &catalog.Catalog{DB: db, Now: h.clock.now, Checker: workflow.Checker{Types: types, Trigger: schedule.CheckTrigger}}
	h.engine = engine.New(engine.Options{DB: db, Queue: q, Types: types, Now: h.clock.now})
	h.scheduler = &schedule.Scheduler{DB: db, Queue: q, Engine: h.engine, Now: h.clock.now, Name: "test"}
	return h
}

// publish makes a workflow with one schedule and returns the schedule.
func (h *house) publish(trigger workflow.Trigger, inputs ...workflow.Input) models.Schedule {
	h.Helper()
	trigger.ID, trigger.Type = "times", "schedule"
	w, err := h.catalog.Create(h.Context(), workflow.Definition{
		Format: workflow.Format, Name: "A", Triggers: []workflow.Trigger{trigger}, Inputs: inputs,
		Steps: []workflow.Step{{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"done": true}}}},
	}, true, "Ada")
	if err != nil {
		h.Fatal(err)
	}
	return h.schedule(w.ID)
}

func (h *house) schedule(workflowID string) models.Schedule {
	h.Helper()
	found, err := schedules.Of(h.Context(), h.db, workflowID)
	if err != nil || len(found) != 1 {
		h.Fatalf("%d schedules, %v", len(found), err)
	}
	return found[0]
}

func (h *house) tick() {
	h.Helper()
	if err := h.scheduler.Tick(h.Context()); err != nil {
		h.Fatal(err)
	}
}

// ledger writes a schedule's planned times, oldest first: "12:01 ran, 12:02 skipped".
func (h *house) ledger(s models.Schedule) string {
	h.Helper()
	rows := h.rows(s)
	words := make([]string, len(rows))
	for i, row := range rows {
		words[len(rows)-1-i] = row.PlannedAt.UTC().Format("15:04") + " " + row.Outcome
	}
	return strings.Join(words, ", ")
}

func (h *house) rows(s models.Schedule) []models.PlannedRun {
	h.Helper()
	rows, err := schedules.Planned(h.Context(), h.db, s.ID, nil, nil, schedules.MaxPlanned)
	if err != nil {
		h.Fatal(err)
	}
	return rows
}

func (h *house) runs(s models.Schedule) []models.Run {
	h.Helper()
	found, _, err := runs.List(h.Context(), h.db, runs.Filter{WorkflowID: s.WorkflowID, Limit: 100})
	if err != nil {
		h.Fatal(err)
	}
	return found
}

// finish cancels the schedule's runs, so that nothing is in the way.
func (h *house) finish(s models.Schedule) {
	h.Helper()
	for _, run := range h.runs(s) {
		if workflow.Final(run.Status) {
			continue
		}
		if _, err := h.engine.Cancel(h.Context(), run.ID, "test"); err != nil {
			h.Fatal(err)
		}
	}
}

func TestDueScheduleStartsItsRunAndMovesOn(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"})
		h.tick()
		if h.ledger(s) != "" {
			h.Fatalf("fired early: %s", h.ledger(s))
		}
		h.clock.set(start.Add(time.Minute + 250*time.Millisecond))
		h.tick()
		h.tick()
		row, found, now := h.rows(s), h.runs(s), h.schedule(s.WorkflowID)
		if h.ledger(s) != "12:01 ran" || len(found) != 1 || *row[0].RunID != found[0].ID || row[0].LateMS != 250 {
			h.Fatalf("%s: %+v, %+v", h.ledger(s), row, found)
		}
		if found[0].TriggerType != "schedule" || !strings.Contains(string(found[0].Trigger), `"planned_at":"2026-11-23T12:01:00Z"`) {
			h.Fatalf("started as %s", found[0].Trigger)
		}
		if !now.NextFireAt.Equal(start.Add(2*time.Minute)) || !now.LastPlannedAt.Equal(start.Add(time.Minute)) {
			h.Fatalf("moved to %+v", now)
		}
	})
}

func TestOverlapSkipNamesTheRunInTheWay(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"})
		h.clock.move(time.Minute)
		h.tick()
		first := h.runs(s)[0]
		h.clock.move(time.Minute)
		h.tick()
		row := h.rows(s)[0]
		if h.ledger(s) != "12:01 ran, 12:02 skipped" || *row.RunID != first.ID || row.Reason == "" {
			h.Fatalf("%s: %+v", h.ledger(s), row)
		}
		h.finish(s)
		h.clock.move(time.Minute)
		h.tick()
		if h.ledger(s) != "12:01 ran, 12:02 skipped, 12:03 ran" {
			h.Fatal(h.ledger(s))
		}
	})
}

func TestARunByHandIsNotInTheWayOfASchedule(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"})
		if _, _, err := h.engine.StartNow(h.Context(), engine.StartRequest{WorkflowID: s.WorkflowID, Trigger: engine.Trigger{Type: engine.TriggerManual}}); err != nil {
			h.Fatal(err)
		}
		h.clock.move(time.Minute)
		h.tick()
		if h.ledger(s) != "12:01 ran" {
			h.Fatal(h.ledger(s))
		}
	})
}

func TestOverlapAllowAndReplace(t *testing.T) {
	for overlap, want := range map[string]string{"allow": "queued queued", "replace": "queued cancelled"} {
		t.Run(overlap, func(t *testing.T) {
			each(t, func(h *house) {
				s := h.publish(workflow.Trigger{Cron: "* * * * *", Overlap: overlap})
				for range 2 {
					h.clock.move(time.Minute)
					h.tick()
				}
				found := h.runs(s)
				if h.ledger(s) != "12:01 ran, 12:02 ran" || len(found) != 2 || found[0].Status+" "+found[1].Status != want {
					h.Fatalf("%s: %+v", h.ledger(s), found)
				}
				words := map[string]string{"allow": "As planned.", "replace": "It replaced the run of 2026-11-23 12:01:00 UTC, which was not finished."}[overlap]
				if got := schedule.LedgerWords(h.rows(s)[0]); got != words {
					h.Fatalf("the ledger says %q", got)
				}
			})
		})
	}
}

func TestEveryTimeOfAnOutageIsAccountedFor(t *testing.T) {
	for missed, want := range map[string]string{
		"latest": "12:01 missed, 12:02 missed, 12:03 missed, 12:04 caught_up",
		"skip":   "12:01 missed, 12:02 missed, 12:03 missed, 12:04 ran",
		"all":    "12:01 caught_up, 12:02 caught_up, 12:03 caught_up, 12:04 ran",
	} {
		t.Run(missed, func(t *testing.T) {
			each(t, func(h *house) {
				s := h.publish(workflow.Trigger{Cron: "* * * * *", Missed: missed})
				h.clock.set(start.Add(4*time.Minute + 30*time.Second))
				h.tick()
				if h.ledger(s) != want || len(h.runs(s)) != strings.Count(want, "caught_up")+strings.Count(want, "ran") {
					h.Fatalf("%s with %d runs", h.ledger(s), len(h.runs(s)))
				}
			})
		})
	}
}

func TestWhatFallsIntoHoursWithoutRunsIsNoRowOfTheLedger(t *testing.T) {
	h := newHouse(t, modelstest.SQLite(t))
	s := h.publish(workflow.Trigger{Cron: "*/20 * * * *", Missed: schedule.MissedAll, NotBetween: []string{"12:30-13:30"}})
	every := h.publish(workflow.Trigger{Every: "25m", Missed: schedule.MissedSkip, NotBetween: []string{"12:30-13:30"}})
	h.clock.set(start.Add(109 * time.Minute)) // 13:49
	h.tick()
	if got := h.ledger(s); got != "12:20 caught_up, 13:40 caught_up" {
		h.Error(got)
	}
	if got := h.ledger(every); got != "12:25 missed, 13:40 missed" { // it went on counting
		h.Error(got)
	}
	if next := h.schedule(every.WorkflowID).NextAt; next == nil || !next.Equal(start.Add(125*time.Minute)) {
		h.Errorf("the next one is at %s", next)
	}
}

func TestWorkflowThatCannotStartSaysWhyInTheLedger(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"}, workflow.Input{Name: "order_id", Type: "number", Required: true})
		h.clock.move(time.Minute)
		h.tick()
		if row := h.rows(s); h.ledger(s) != "12:01 missed" || !strings.Contains(row[0].Reason, "order_id") {
			h.Fatalf("%s: %+v", h.ledger(s), row)
		}
	})
}

func TestAtFiresOnceAndEnds(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{At: "2026-11-23T12:05:00Z"})
		h.clock.set(start.Add(5 * time.Minute))
		h.tick()
		if now := h.schedule(s.WorkflowID); h.ledger(s) != "12:05 ran" || now.Status != models.ScheduleEnded || now.NextFireAt != nil {
			h.Fatalf("%s: %+v", h.ledger(s), now)
		}
	})
}

func TestPauseWithAnEndResumesByItself(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"})
		until := start.Add(5 * time.Minute)
		if _, err := h.catalog.Pause(h.Context(), s.WorkflowID, catalog.Pause{Until: &until, By: "Ada"}); err != nil {
			h.Fatal(err)
		}
		for _, after := range []time.Duration{4 * time.Minute, 5*time.Minute + 2*time.Second} {
			h.clock.set(start.Add(after))
			if err := h.scheduler.ResumeDue(h.Context(), h.clock.now()); err != nil {
				h.Fatal(err)
			}
			h.tick()
		}
		w, _ := models.GetWorkflow(h.Context(), h.db, s.WorkflowID)
		if h.ledger(s) != "12:01 paused, 12:02 paused, 12:03 paused, 12:04 paused, 12:05 ran" || w.Status != workflow.StatusActive || w.PausedUntil != nil {
			h.Fatalf("%s: %+v", h.ledger(s), w)
		}
	})
}

// Promise 6: never two runs for one planned time, with any number of schedulers
// and skewed clocks.
func TestFiveSchedulersWithSkewedClocksStartNothingTwiceAndMissNothing(t *testing.T) {
	each(t, func(h *house) {
		const schedules, minutes = 200, 10
		for range schedules {
			h.publish(workflow.Trigger{Cron: "* * * * *", Overlap: "allow"})
		}
		var all []*schedule.Scheduler
		for i := range 5 {
			ahead := time.Duration(i-2) * 1500 * time.Millisecond
			all = append(all, &schedule.Scheduler{
				DB: h.db, Queue: h.scheduler.Queue, Engine: h.engine, Name: fmt.Sprintf("skewed-%d", i),
				Now: func() time.Time { return h.clock.now().Add(ahead) },
			})
		}
		// Before each minute only those that are ahead see it, then all of them, at the
		// same time; the last two minutes are seen by all together.
		var moments []time.Duration
		for minute := 1; minute <= minutes-2; minute++ {
			full := time.Duration(minute) * time.Minute
			moments = append(moments, full-time.Second, full+time.Second)
		}
		moments = append(moments, minutes*time.Minute+30*time.Second)
		for _, at := range moments {
			h.clock.set(start.Add(at))
			var group errgroup.Group
			for _, s := range all {
				group.Go(func() error { return s.Tick(h.Context()) })
			}
			if err := group.Wait(); err != nil {
				h.Fatal(err)
			}
		}
		h.tick() // what somebody else was at when the others looked
		var planned, found, distinct int64
		h.db.Model(&models.PlannedRun{}).Count(&planned)
		h.db.Model(&models.PlannedRun{}).Distinct("run_id").Where("run_id IS NOT NULL").Count(&distinct)
		h.db.Model(&models.Run{}).Count(&found)
		// The last but one minute is missed for the last one.
		if planned != schedules*minutes || distinct != schedules*(minutes-1) || found != distinct {
			h.Fatalf("%d planned times have %d runs, and there are %d", planned, distinct, found)
		}
	})
}

// On PostgreSQL no foreign key holds the ledger to its schedules.
func TestLedgerGoesWithItsWorkflow(t *testing.T) {
	each(t, func(h *house) {
		stays, goes := h.publish(workflow.Trigger{Cron: "* * * * *"}), h.publish(workflow.Trigger{Cron: "* * * * *"})
		h.clock.move(time.Minute)
		h.tick()
		h.finish(goes)
		if err := h.catalog.Delete(h.Context(), goes.WorkflowID); err != nil {
			h.Fatal(err)
		}
		if h.ledger(stays) != "12:01 ran" || h.ledger(goes) != "" {
			h.Fatalf("%q and %q", h.ledger(stays), h.ledger(goes))
		}
	})
}

// A worker looks every second, whatever there is.
func TestNothingDueIsFoundOutWithoutATransaction(t *testing.T) {
	each(t, func(h *house) {
		h.publish(workflow.Trigger{Cron: "* * * * *"})
		statements := modelstest.Watch(h.db)
		h.tick()
		if statements.Holds("BEGIN") || !statements.Holds("schedules") {
			h.Fatal("a transaction was opened, or nothing was looked at")
		}
		h.clock.move(time.Minute)
		if h.tick(); !statements.Holds("BEGIN") {
			h.Fatal("no transaction is seen")
		}
	})
}

// Promise 6: whatever a crash leaves, ledger, run and next time belong together.
func TestDeathBetweenAnyTwoStatementsLeavesNothingHalf(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"})
		h.clock.move(time.Minute)
		statement := int64(1)
		for tries := 0; ; statement++ {
			if tries++; tries > 2000 || statement > 40 {
				h.Fatal("the transaction has more statements than anybody thinks")
			}
			ctx, cancel := context.WithCancel(h.Context())
			died := dieAt(h.db, statement, cancel)
			_ = h.scheduler.Tick(ctx)
			cancel()
			if !died() && h.ledger(s) == "" {
				statement-- // the server still holds the lock of the transaction that died: skipped, as it must be
				continue
			}
			if !died() || h.ledger(s) == "12:01 ran" {
				break // it got through to the end: what died, if anything did, was the other scheduler's look for more
			}
			if h.ledger(s) != "" || len(h.runs(s)) != 0 || !h.schedule(s.WorkflowID).NextFireAt.Equal(start.Add(time.Minute)) {
				h.Fatalf("after dying at statement %d: %s, %d runs", statement, h.ledger(s), len(h.runs(s)))
			}
		}
		if statement <= 6 {
			h.Fatalf("only %d statements were seen", statement-1)
		}
		if h.ledger(s) != "12:01 ran" || len(h.runs(s)) != 1 || !h.schedule(s.WorkflowID).NextFireAt.Equal(start.Add(2*time.Minute)) {
			h.Fatalf("in the end: %s, %d runs", h.ledger(s), len(h.runs(s)))
		}
	})
}

// dieAt ends the context before the n-th statement from now on, once.
func dieAt(db *gorm.DB, n int64, die func()) (died func() bool) {
	var seen atomic.Int64
	name := fmt.Sprintf("die:%d", n)
	hook := func(tx *gorm.DB) {
		if seen.Add(1) == n {
			die()
			_ = tx.AddError(errors.New("dead"))
		}
	}
	callbacks := db.Callback()
	_ = callbacks.Create().Before("gorm:create").Register(name, hook)
	_ = callbacks.Query().Before("gorm:query").Register(name, hook)
	_ = callbacks.Update().Before("gorm:update").Register(name, hook)
	_ = callbacks.Raw().Before("gorm:raw").Register(name, hook)
	_ = callbacks.Row().Before("gorm:row").Register(name, hook)
	var once sync.Once
	return func() bool {
		once.Do(func() {
			_ = callbacks.Create().Remove(name)
			_ = callbacks.Query().Remove(name)
			_ = callbacks.Update().Remove(name)
			_ = callbacks.Raw().Remove(name)
			_ = callbacks.Row().Remove(name)
		})
		return seen.Load() >= n
	}
}

func TestRunFiresOnTimeAndShowsItsStateUntilItsContextEnds(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"})
		ctx, stop := context.WithCancel(h.Context())
		done := make(chan error, 1)
		go func() { done <- h.scheduler.Run(ctx) }()
		modelstest.Eventually(h, "the state is shown", func() bool {
			states, err := schedule.Heartbeats(h.Context(), h.scheduler.Queue)
			return err == nil && len(states) == 1 && states[0].Name == "test" && states[0].Next != nil && states[0].Next.Equal(*s.NextFireAt)
		})
		h.clock.move(time.Minute)
		modelstest.Eventually(h, "the schedule has fired", func() bool { return h.ledger(s) == "12:01 ran" })
		stop()
		if err := <-done; err != nil {
			h.Fatal(err)
		}
	})
}
