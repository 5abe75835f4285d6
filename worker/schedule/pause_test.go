package schedule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/worker/catalog"
	"workflows/worker/workflow"
)

func (h *house) pause(id string, p catalog.Pause) {
	h.Helper()
	if _, err := h.catalog.Pause(h.Context(), id, p); err != nil {
		h.Fatal(err)
	}
}

func (h *house) resume(id string) {
	h.Helper()
	if _, err := h.catalog.Resume(h.Context(), id, "Ada"); err != nil {
		h.Fatal(err)
	}
}

func (h *house) pauseSchedule(id string, p catalog.Pause) models.Schedule {
	h.Helper()
	s, err := h.catalog.PauseSchedule(h.Context(), id, p)
	if err != nil {
		h.Fatal(err)
	}
	return s
}

func (h *house) resumeSchedule(id string) models.Schedule {
	h.Helper()
	s, err := h.catalog.ResumeSchedule(h.Context(), id)
	if err != nil {
		h.Fatal(err)
	}
	return s
}

func TestPausedTimesAreInTheLedgerWithByWhomAndWhy(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"})
		h.pause(s.WorkflowID, catalog.Pause{By: "Ada", Reason: "Stocktaking"})
		h.clock.set(start.Add(90 * time.Second))
		h.tick() // the time is noted as it passes
		if row := h.rows(s)[0]; h.ledger(s) != "12:01 paused" || row.Reason != "The workflow was paused by Ada: Stocktaking" || row.RunID != nil {
			h.Fatalf("%s: %+v", h.ledger(s), row)
		}
		h.clock.set(start.Add(3*time.Minute + 30*time.Second))
		h.resume(s.WorkflowID) // while no worker was there
		h.clock.set(start.Add(4 * time.Minute))
		h.tick()
		if h.ledger(s) != "12:01 paused, 12:02 paused, 12:03 paused, 12:04 ran" || len(h.runs(s)) != 1 {
			h.Fatal(h.ledger(s))
		}
	})
}

func TestWhatWasDueBeforeThePauseIsNotCalledPaused(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"})
		h.clock.set(start.Add(time.Minute + time.Second)) // due, and nobody has fired it
		h.pause(s.WorkflowID, catalog.Pause{By: "Ada"})
		h.clock.move(time.Minute)
		h.tick()
		if rows := h.rows(s); h.ledger(s) != "12:01 missed, 12:02 paused" || !strings.Contains(rows[1].Reason, "when it was paused") {
			h.Fatalf("%s: %+v", h.ledger(s), rows)
		}
	})
}

func TestPauseToggledTenTimesRunsNothingOfThePastAndLosesNoTime(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *", Missed: "all", Overlap: "allow"})
		var want []string
		minute := 0
		for range 10 {
			h.pause(s.WorkflowID, catalog.Pause{By: "Ada"})
			minute++
			want = append(want, fmt.Sprintf("12:%02d paused", minute))
			h.clock.set(start.Add(time.Duration(minute)*time.Minute + 20*time.Second))
			h.resume(s.WorkflowID)
			minute++
			want = append(want, fmt.Sprintf("12:%02d ran", minute))
			h.clock.set(start.Add(time.Duration(minute)*time.Minute + 20*time.Second))
			h.tick()
		}
		if got := h.ledger(s); got != strings.Join(want, ", ") || len(h.runs(s)) != 10 {
			h.Fatalf("%s with %d runs", got, len(h.runs(s)))
		}
	})
}

func TestAScheduleIsPausedByItself(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"})
		until := start.Add(150 * time.Second)
		paused := h.pauseSchedule(s.ID, catalog.Pause{By: "Ada", Reason: "Noise", Until: &until})
		if paused.Status != models.SchedulePaused || paused.NextAt != nil || paused.PausedAt == nil {
			h.Fatalf("%+v", paused)
		}
		h.clock.set(start.Add(3 * time.Minute))
		if err := h.scheduler.ResumeDue(h.Context(), h.clock.now()); err != nil {
			h.Fatal(err)
		}
		h.tick()
		rows := h.rows(s)
		if h.ledger(s) != "12:01 paused, 12:02 paused, 12:03 ran" || rows[2].Reason != "The schedule was paused by Ada: Noise" {
			h.Fatalf("%s: %+v", h.ledger(s), rows)
		}
	})
}

func TestAScheduleGoesOnWhenNeitherItNorItsWorkflowIsPaused(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *"})
		h.pauseSchedule(s.ID, catalog.Pause{By: "Ben"})
		h.pause(s.WorkflowID, catalog.Pause{By: "Ada"})
		h.resume(s.WorkflowID)
		if now := h.schedule(s.WorkflowID); now.Status != models.SchedulePaused {
			h.Fatalf("the workflow's end of pause ended that of the schedule: %+v", now)
		}
		h.pause(s.WorkflowID, catalog.Pause{By: "Ada"})
		if now := h.resumeSchedule(s.ID); now.Status != models.SchedulePaused || now.PausedAt != nil {
			h.Fatalf("the schedule goes on although its workflow is paused: %+v", now)
		}
		h.resume(s.WorkflowID)
		if now := h.schedule(s.WorkflowID); now.Status != models.ScheduleActive || !now.NextAt.Equal(start.Add(time.Minute)) {
			h.Fatalf("%+v", now)
		}
	})
}

func TestASwitchedOffScheduleIsNotPlanned(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *", Disabled: true})
		h.clock.move(5 * time.Minute)
		h.tick()
		if s.Status != models.ScheduleOff || s.NextAt != nil || h.ledger(s) != "" {
			h.Fatalf("%s: %+v", h.ledger(s), s)
		}
		var conflict *models.ConflictError
		if _, err := h.catalog.PauseSchedule(h.Context(), s.ID, catalog.Pause{}); !errors.As(err, &conflict) {
			h.Fatal(err)
		}
	})
}

func TestOneRunWaitsForTheRunBefore(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *", Overlap: "queue"})
		for range 3 {
			h.clock.move(time.Minute)
			h.tick()
		}
		rows, found := h.rows(s), h.runs(s)
		if h.ledger(s) != "12:01 ran, 12:02 ran, 12:03 skipped" || len(found) != 2 || *rows[0].RunID != found[0].ID || !strings.Contains(rows[0].Reason, "was waiting already") {
			h.Fatalf("%s: %+v", h.ledger(s), rows)
		}
		second, err := runs.Get(h.Context(), h.db, found[0].ID)
		if err != nil {
			h.Fatal(err)
		}
		if first := found[1]; first.HeldBack || !second.HeldBack || *second.BehindID != first.ID || !strings.Contains(rows[1].Reason, "waits for the run") {
			h.Fatalf("%+v", found)
		}
		if n, err := h.engine.Admit(h.Context(), s.WorkflowID); n != 0 || err != nil {
			h.Fatal("it began before the other one had ended", n, err)
		}
		if _, err := h.engine.Cancel(h.Context(), found[1].ID, "test"); err != nil {
			h.Fatal(err)
		}
		if n, err := h.engine.Admit(h.Context(), s.WorkflowID); err != nil || (n != 1 && h.runs(s)[0].HeldBack) {
			h.Fatal("it does not begin now that the other one has ended", n, err)
		}
		h.clock.move(time.Minute)
		h.tick()
		if h.ledger(s) != "12:01 ran, 12:02 ran, 12:03 skipped, 12:04 ran" || !h.runs(s)[0].HeldBack {
			h.Fatal(h.ledger(s))
		}
	})
}

func TestOfMissedTimesThatAreMadeUpForOneWaits(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "* * * * *", Overlap: "queue", Missed: "all"})
		h.clock.set(start.Add(4*time.Minute + 30*time.Second))
		h.tick()
		if h.ledger(s) != "12:01 caught_up, 12:02 caught_up, 12:03 skipped, 12:04 skipped" || len(h.runs(s)) != 2 {
			h.Fatalf("%s with %d runs", h.ledger(s), len(h.runs(s)))
		}
	})
}

func TestAWorkflowsLimitIsKeptByManyStartsAtOnce(t *testing.T) {
	each(t, func(h *house) {
		var triggers []workflow.Trigger
		for i := range 5 {
			triggers = append(triggers, workflow.Trigger{ID: fmt.Sprintf("t%d", i), Type: "schedule", Cron: "* * * * *"})
		}
		w, err := h.catalog.Create(h.Context(), workflow.Definition{
			Format: workflow.Format, Name: "A", Triggers: triggers, Settings: workflow.Settings{MaxRunning: 2, OnLimit: "queue"},
			Steps: []workflow.Step{{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"done": true}}}},
		}, true, "Ada")
		if err != nil {
			h.Fatal(err)
		}
		h.clock.move(time.Minute)
		h.tick()
		found, _, err := runs.List(h.Context(), h.db, runs.Filter{WorkflowID: w.ID, Limit: 100})
		held := 0
		for _, run := range found {
			if run.HeldBack {
				held++
			}
		}
		if err != nil || len(found) != 5 || held != 3 {
			h.Fatalf("%d of %d runs wait for a place, %v", held, len(found), err)
		}
	})
}

func TestEditingMovesTheNextTimeAtOnceAndLosesNone(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "*/10 * * * *"})
		h.clock.set(start.Add(10*time.Minute + time.Second)) // due, and nobody has fired it
		w, err := models.GetWorkflow(h.Context(), h.db, s.WorkflowID)
		if err != nil {
			h.Fatal(err)
		}
		d, err := workflow.Load(w.Draft)
		if err != nil {
			h.Fatal(err)
		}
		d.Triggers[0].Cron = "15 * * * *"
		if _, err := h.catalog.SaveDraft(h.Context(), w.ID, d, nil, "Ada"); err != nil {
			h.Fatal(err)
		}
		if _, err := h.catalog.Publish(h.Context(), w.ID, nil, "Ada"); err != nil {
			h.Fatal(err)
		}
		if now := h.schedule(w.ID); !now.NextAt.Equal(start.Add(15*time.Minute)) || h.ledger(s) != "12:10 missed" {
			h.Fatalf("%s: %+v", h.ledger(s), now)
		}
	})
}

func TestTheLedgerKeepsWhatIsYoungAndTheNewestOfEachSchedule(t *testing.T) {
	each(t, func(h *house) {
		often, seldom := h.publish(workflow.Trigger{Cron: "0 * * * *"}), h.publish(workflow.Trigger{Cron: "0 0 1 * *"})
		var rows []models.PlannedRun
		for n := range 200 {
			rows = append(rows, models.PlannedRun{ID: models.NewID(), ScheduleID: often.ID, WorkflowID: often.WorkflowID, PlannedAt: start.Add(-time.Duration(n) * time.Hour), Outcome: "ran", CreatedAt: start})
			if n < 10 {
				rows = append(rows, models.PlannedRun{ID: models.NewID(), ScheduleID: seldom.ID, WorkflowID: seldom.WorkflowID, PlannedAt: start.AddDate(0, -n, 0), Outcome: "ran", CreatedAt: start})
			}
		}
		if _, err := schedules.InsertPlanned(h.Context(), h.db, rows); err != nil {
			h.Fatal(err)
		}
		if cleared, err := schedules.ClearPlanned(h.Context(), h.db, start.AddDate(0, 0, -5), 1000); err != nil || cleared != 79 || len(h.rows(often)) != 121 || len(h.rows(seldom)) != 10 {
			h.Fatal(cleared, err, len(h.rows(often)), len(h.rows(seldom)))
		}
		if _, err := schedules.ClearPlanned(h.Context(), h.db, start.AddDate(0, 0, -1), 1000); err != nil || len(h.rows(often)) != schedules.KeptPlanned || len(h.rows(seldom)) != 10 {
			h.Fatal(err, len(h.rows(often)), len(h.rows(seldom)))
		}
	})
}
