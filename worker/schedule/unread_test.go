package schedule_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/catalog"
	"workflows/worker/workflow"
)

// writeRule stores a schedule's rule as if another program had.
func (h *house) writeRule(s models.Schedule, rule string) {
	h.Helper()
	if err := h.db.Model(&models.Schedule{}).Where("id = ?", s.ID).Update("rule", models.JSON(rule)).Error; err != nil {
		h.Fatal(err)
	}
}

// A rule that a newer program wrote, or whose zone is gone, is left as it is.
func TestAScheduleThatCannotBeReadStandsStillAndFiresAgainOnceItCan(t *testing.T) {
	for name, change := range map[string]func(rule string) string{
		"an unknown way": func(rule string) string { return strings.Replace(rule, `"every"`, `"every_moon"`, 1) },
		"an unknown restriction": func(rule string) string {
			return strings.Replace(rule, `"every"`, `"not_on_leap_days":true,"every"`, 1)
		},
		"an unknown overlap": func(rule string) string { return strings.Replace(rule, `"every"`, `"overlap":"merge","every"`, 1) },
		"an unknown zone": func(rule string) string {
			return strings.Replace(rule, `"every"`, `"time_zone":"Mars/Olympus","every"`, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(h *house) {
				s := h.publish(workflow.Trigger{Every: "1m", Missed: "all"})
				other := h.publish(workflow.Trigger{Every: "1m"})
				good := string(s.Rule)
				h.writeRule(s, change(good))
				for range 3 {
					h.clock.move(time.Minute)
					h.tick()
				}
				now := h.schedule(s.WorkflowID)
				if now.Status != models.ScheduleActive || !now.NextFireAt.Equal(*s.NextFireAt) || h.ledger(s) != "" {
					h.Fatalf("it was not left as it is: %+v, ledger %q", now, h.ledger(s))
				}
				if h.ledger(other) != "12:01 ran, 12:02 skipped, 12:03 skipped" && h.ledger(other) != "12:01 ran, 12:02 ran, 12:03 ran" {
					h.Errorf("another schedule: %q", h.ledger(other))
				}
				open := func() []models.Alert {
					found, err := models.OpenAlertsOf(h.Context(), h.db, models.AlertUnreadable, "", 10)
					if err != nil {
						h.Fatal(err)
					}
					return found
				}
				if found := open(); len(found) != 1 || found[0].Times != 1 || !strings.Contains(found[0].Message, "fires again once a worker can read it") {
					h.Errorf("the alerts are %+v", found)
				}
				h.writeRule(s, good)
				h.tick()
				if h.ledger(s) == "" {
					h.Error("it does not fire again")
				}
				if err := models.CloseEnded(h.Context(), h.db, h.clock.now()); err != nil {
					h.Fatal(err)
				}
				if found := open(); len(found) > 0 {
					h.Errorf("its alert is still open: %+v", found)
				}
			})
		})
	}
}

// A published version of a newer kind cannot even be decoded here.
func TestAScheduleWhoseVersionOnlyANewerProgramCanReadStandsStillAndHoldsNoOtherUp(t *testing.T) {
	each(t, func(h *house) {
		s, other := h.publish(workflow.Trigger{Every: "1m", Missed: "all", Overlap: "allow"}), h.publish(workflow.Trigger{Every: "1m", Overlap: "allow"})
		write := func(definition models.JSON) {
			h.Helper()
			if err := h.db.Model(&models.WorkflowVersion{}).Where("workflow_id = ?", s.WorkflowID).Update("definition", definition).Error; err != nil {
				h.Fatal(err)
			}
		}
		w, err := models.GetWorkflow(h.Context(), h.db, s.WorkflowID)
		if err != nil {
			h.Fatal(err)
		}
		write(models.JSON(`{"format":1,"name":"N","inputs":{"all":"of them"},"steps":[]}`))
		log := &lines{}
		h.scheduler.Log = slog.New(slog.NewTextHandler(log, nil))
		for range 3 {
			h.clock.move(time.Minute)
			h.tick()
		}
		if now := h.schedule(s.WorkflowID); now.Status != models.ScheduleActive || !now.NextFireAt.Equal(*s.NextFireAt) || h.ledger(s) != "" {
			h.Errorf("it was not left as it is: %+v, ledger %q", now, h.ledger(s))
		}
		if h.ledger(other) != "12:01 ran, 12:02 ran, 12:03 ran" {
			h.Errorf("another schedule: %q", h.ledger(other))
		}
		found, err := models.OpenAlertsOf(h.Context(), h.db, models.AlertUnreadable, "", 10)
		if err != nil || len(found) != 1 || found[0].Times != 1 || !strings.Contains(found[0].Message, "newer program") {
			h.Errorf("the alerts are %+v, %v", found, err)
		}
		if n := log.count("level=ERROR"); n != 1 {
			h.Errorf("the log has %d errors", n)
		}
		write(w.Draft)
		h.tick()
		if h.ledger(s) != "12:01 caught_up, 12:02 ran, 12:03 ran" {
			h.Errorf("once it can be read: %q", h.ledger(s))
		}
	})
}

func TestTheAlertAboutAPausedScheduleThatCannotBeReadStaysOpenUntilItCan(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Every: "1m"})
		h.pauseSchedule(s.ID, catalog.Pause{By: "Ada"})
		h.writeRule(s, strings.Replace(string(s.Rule), `"every"`, `"every_moon"`, 1))
		h.clock.move(time.Minute)
		h.tick()
		open := func() int {
			h.Helper()
			if err := models.CloseEnded(h.Context(), h.db, h.clock.now()); err != nil {
				h.Fatal(err)
			}
			found, err := models.OpenAlertsOf(h.Context(), h.db, models.AlertUnreadable, "", 10)
			if err != nil {
				h.Fatal(err)
			}
			return len(found)
		}
		if n := open(); n != 1 {
			h.Errorf("%d alerts say that it cannot be read", n)
		}
		h.writeRule(s, string(s.Rule))
		h.tick()
		if n := open(); n != 0 || h.ledger(s) != "12:01 paused" {
			h.Errorf("once it could be read %d alerts are open, the ledger is %q", n, h.ledger(s))
		}
	})
}
