package schedule_test

import (
	"testing"
	"time"

	"gorm.io/gorm"
	"pgregory.net/rapid"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// bookkeeping is what somebody knows who writes down all that is planned, beside
// a schedule to which anything may happen.
type bookkeeping struct {
	*house
	workflow string
	trigger  workflow.Trigger
	from     time.Time // up to here it is written down
	planned  map[time.Time]bool
}

func (b *bookkeeping) writeDown(t *rapid.T) {
	rule, problems := schedule.Parse(b.trigger)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	now := b.clock.now()
	for at, ok := rule.Next(b.from); ok && !at.After(now); at, ok = rule.Next(at) {
		b.planned[at] = true
	}
	b.from = now
}

func (b *bookkeeping) publishAnother(t *rapid.T, line string) {
	w, err := models.GetWorkflow(b.Context(), b.db, b.workflow)
	if err != nil {
		t.Fatal(err)
	}
	d, err := workflow.Load(w.Draft)
	if err != nil {
		t.Fatal(err)
	}
	b.trigger.Cron = line
	d.Triggers[0].Cron = line
	if _, err := b.catalog.SaveDraft(b.Context(), w.ID, d, nil, "Ada"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.catalog.Publish(b.Context(), w.ID, nil, "Ada"); err != nil {
		t.Fatal(err)
	}
}

// Promise 7: whatever happens to a schedule, each of its planned times is in the
// ledger once, and a run there is for those that ran and for no others.
func TestWhateverHappensEveryPlannedTimeIsInTheLedgerOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		h := newHouse(t, db)
		rapid.Check(t, func(t *rapid.T) { h.anything(t) })
	})
}

func (h *house) anything(t *rapid.T) {
	lines := []string{"* * * * *", "*/2 * * * *", "*/5 * * * *", "0 * * * *"}
	missed := rapid.SampledFrom([]string{schedule.MissedLatest, schedule.MissedSkip, schedule.MissedAll}).Draw(t, "missed")
	overlap := rapid.SampledFrom([]string{schedule.OverlapSkip, schedule.OverlapQueue, schedule.OverlapAllow, schedule.OverlapReplace}).Draw(t, "overlap")
	first := rapid.SampledFrom(lines).Draw(t, "line")
	s := h.publish(workflow.Trigger{Cron: first, Missed: missed, Overlap: overlap})
	b := &bookkeeping{
		house: h, workflow: s.WorkflowID, from: h.clock.now(), planned: map[time.Time]bool{},
		trigger: workflow.Trigger{Cron: first},
	}
	must := func(_ any, err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	pause := func() catalog.Pause {
		p := catalog.Pause{By: "Ada"}
		if minutes := rapid.IntRange(0, 10).Draw(t, "until"); minutes > 0 {
			until := h.clock.now().Add(time.Duration(minutes)*time.Minute - time.Second)
			p.Until = &until
		}
		return p
	}
	change := func(event int) {
		switch event {
		case 0:
			must(h.catalog.Pause(h.Context(), b.workflow, pause()))
		case 1:
			must(h.catalog.Resume(h.Context(), b.workflow, "Ada"))
		case 2:
			must(h.catalog.PauseSchedule(h.Context(), s.ID, pause()))
		case 3:
			must(h.catalog.ResumeSchedule(h.Context(), s.ID))
		case 4:
			b.publishAnother(t, rapid.SampledFrom(lines).Draw(t, "line"))
		}
	}
	for range rapid.IntRange(1, 30).Draw(t, "events") {
		switch event := rapid.IntRange(0, 11).Draw(t, "event"); event {
		case 5, 6, 7:
			h.clock.move(time.Duration(rapid.IntRange(1, 400).Draw(t, "seconds")) * time.Second)
			b.writeDown(t)
		case 8, 9:
			must(nil, h.scheduler.ResumeDue(h.Context(), h.clock.now()))
			h.tick()
		case 10, 11: // it is made ready, may change, and its time comes
			next := h.schedule(b.workflow).NextFireAt
			if next == nil || !next.After(h.clock.now()) {
				continue
			}
			must(nil, h.scheduler.Foresee(h.Context(), *next))
			change(rapid.IntRange(0, 9).Draw(t, "change"))
			h.clock.set(next.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "late")) * time.Second))
			b.writeDown(t)
			h.tick()
		default:
			change(event)
		}
	}
	must(h.catalog.Resume(h.Context(), b.workflow, "Ada"))
	must(h.catalog.ResumeSchedule(h.Context(), s.ID))
	h.tick()
	b.check(t, s)
	must(h.catalog.Pause(h.Context(), b.workflow, catalog.Pause{})) // out of the way of the next one
}

func (b *bookkeeping) check(t *rapid.T, s models.Schedule) {
	rows := b.rows(s)
	ran := map[string]bool{}
	for _, row := range rows {
		if !b.planned[row.PlannedAt.UTC()] {
			t.Fatalf("%s is in the ledger and was not planned", row.PlannedAt)
		}
		if row.Outcome == workflow.OutcomeRan || row.Outcome == workflow.OutcomeCaughtUp {
			ran[*row.RunID] = true
		} else if row.Reason == "" {
			t.Fatalf("the ledger does not say why: %+v", row)
		}
		if schedule.LedgerWords(row) == "" {
			t.Fatalf("the ledger does not say which rule decided: %+v", row)
		}
	}
	if len(rows) != len(b.planned) {
		t.Fatalf("%d times are in the ledger, %d were planned: %s", len(rows), len(b.planned), b.ledger(s))
	}
	runs := b.runs(s)
	for _, run := range runs {
		if !ran[run.ID] {
			t.Fatalf("run %s is not in the ledger", run.ID)
		}
	}
	if len(runs) != min(len(ran), 100) {
		t.Fatalf("%d runs for %d times that ran", len(runs), len(ran))
	}
}
