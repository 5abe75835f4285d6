package restored_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/models/told"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/queue/queuetest"
	"workflows/worker/restored"
	"workflows/worker/schedule"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// house is an installation that was brought back two hours after its backup was made:
// with a run that waits, and a schedule of every hour.
type house struct {
	*testing.T
	db       *gorm.DB
	engine   *engine.Engine
	workflow models.Workflow
	run      models.Run
}

func each(t *testing.T, test func(h *house)) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		then := models.Now().Add(-2*time.Hour - time.Minute)
		types := steps.All(steps.Options{})
		c := &catalog.Catalog{DB: db, Now: func() time.Time { return then }, Checker: workflow.Checker{Types: types, Trigger: schedule.CheckTrigger}}
		h := &house{T: t, db: db, engine: engine.New(engine.Options{DB: db, Queue: queuetest.Mini(t), Types: types})}
		w, err := c.Create(t.Context(), workflow.Definition{
			Format: workflow.Format, Name: "Hourly", Triggers: []workflow.Trigger{{ID: "times", Type: "schedule", Every: "1h"}},
			Steps: []workflow.Step{{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"done": true}}}},
		}, true, "Ada")
		h.must(err)
		h.workflow, h.run = w, h.begin(w)
		h.must(models.MarkRestored(t.Context(), db, models.Restored{MadeAt: then, RestoredAt: models.Now()}))
		test(h)
	})
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) begin(w models.Workflow) models.Run {
	h.Helper()
	run, _, err := h.engine.StartNow(h.Context(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}})
	h.must(err)
	return run
}

func (h *house) get(id string) models.Run {
	h.Helper()
	run, err := runs.Get(h.Context(), h.db, id)
	h.must(err)
	return run
}

func (h *house) planned() []models.PlannedRun {
	h.Helper()
	of, err := schedules.Of(h.Context(), h.db, h.workflow.ID)
	h.must(err)
	rows, err := schedules.Planned(h.Context(), h.db, of[0].ID, nil, nil, 100)
	h.must(err)
	return rows
}

func TestWhatWaitsIsSaidBefore(t *testing.T) {
	each(t, func(h *house) {
		h.begin(h.workflow) // accepted after the restore
		standing, err := restored.Look(h.Context(), h.db)
		h.must(err)
		if standing.Queued != 1 || standing.Unfinished() != 1 || len(standing.Runs) != 1 || standing.Runs[0].WorkflowName != "Hourly" {
			h.Errorf("runs: %+v", standing)
		}
		if standing.Times != 2 || len(standing.Passed) != 1 || standing.More {
			h.Errorf("times: %+v", standing)
		}
	})
}

func TestWhereTheOtherMayHaveWorkedOnNothingIsDoneTwice(t *testing.T) {
	each(t, func(h *house) {
		later := h.begin(h.workflow)
		then, due := models.Now().Add(-time.Hour), models.Now().Add(-time.Minute)
		incident := told.Incident{ID: models.NewID(), WorkflowID: h.workflow.ID, Event: "failed", Cause: "c", Number: 3, FirstAt: then, LastAt: then, LookAt: &due}
		message := told.Message{ID: models.NewID(), IncidentID: &incident.ID, WorkflowID: &h.workflow.ID, Event: "failed", Channel: told.Email, Recipient: "a@example.com", CreatedAt: then, DueAt: &due}
		deadline := models.Deadline{ID: models.NewID(), WorkflowID: h.workflow.ID, Rule: models.JSON(`{"time":"09:00"}`), NextAt: then}
		for _, row := range []any{&incident, &message, &deadline} {
			h.must(h.db.Create(row).Error)
		}
		h.must(restored.GoOn(h.Context(), h.db, restored.End, "Ada"))
		incident, message, deadline = told.Incident{}, told.Message{}, models.Deadline{}
		h.must(h.db.Take(&incident).Error)
		h.must(h.db.Take(&message).Error)
		h.must(h.db.Take(&deadline).Error)
		if incident.LookAt != nil || incident.Settled != 3 || message.DueAt != nil || !strings.Contains(message.Problem, "backup") || !deadline.NextAt.After(models.Now()) {
			h.Errorf("people are told once more: %+v %+v %+v", incident, message, deadline)
		}
		ended := h.get(h.run.ID)
		if ended.Status != workflow.RunCancelled || !strings.Contains(workflow.ReadFailure(ended.Error).Message, "Ended by Ada: this run comes from a backup of ") {
			h.Errorf("the run of the backup: %s %s", ended.Status, ended.Error)
		}
		if now := h.get(later.ID).Status; now != workflow.RunQueued {
			h.Errorf("what was accepted since is %s", now)
		}
		rows := h.planned()
		if len(rows) != 2 || rows[0].Outcome != workflow.OutcomeMissed || !strings.Contains(rows[0].Reason, "backup") {
			h.Errorf("the ledger: %+v", rows)
		}
		if standing, err := restored.Look(h.Context(), h.db); err != nil || standing != nil {
			h.Errorf("it waits still: %+v, %v", standing, err)
		}
		again, err := h.engine.Retry(h.Context(), h.run.ID, engine.RetryRequest{})
		if err != nil || again.Status != workflow.RunQueued {
			h.Errorf("it cannot be run again: %+v, %v", again.Status, err)
		}
		h.audited(`"how":"end"`)
	})
}

func TestWhereTheOtherHasNotWorkedOnEverythingStandsAsItWas(t *testing.T) {
	each(t, func(h *house) {
		h.must(restored.GoOn(h.Context(), h.db, restored.Continue, "Ada"))
		if now := h.get(h.run.ID).Status; now != workflow.RunQueued {
			h.Errorf("the run of the backup is %s", now)
		}
		if rows := h.planned(); len(rows) != 0 {
			h.Errorf("the ledger: %+v", rows)
		}
		h.audited(`"how":"continue"`)
	})
}

func TestOnlyOneSaysHowItGoesOn(t *testing.T) {
	each(t, func(h *house) {
		var all sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			all.Go(func() { errs[i] = restored.GoOn(h.Context(), h.db, restored.Continue, "Ada") })
		}
		all.Wait()
		first := 0
		for _, err := range errs {
			if err == nil {
				first++
			} else if !errors.Is(err, models.ErrConflict) {
				h.Error(err)
			}
		}
		if first != 1 {
			h.Errorf("%d have said it: %v", first, errs)
		}
		if err := restored.GoOn(h.Context(), h.db, "perhaps", "Ada"); err == nil || errors.Is(err, models.ErrConflict) {
			h.Errorf("no answer: %v", err)
		}
	})
}

func (h *house) audited(words string) {
	h.Helper()
	events, _, err := models.ListAuditEvents(h.Context(), h.db, models.AuditFilter{Action: "backup.went_on", Limit: 10})
	h.must(err)
	if len(events) != 1 || !strings.Contains(string(events[0].After), words) {
		h.Errorf("the audit log has %+v", events)
	}
}
