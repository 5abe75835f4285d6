package schedule_test

import (
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

func TestWhatIsPassedOverIsInTheLedgerAndNeverRuns(t *testing.T) {
	each(t, func(h *house) {
		often, rarely := h.publish(workflow.Trigger{Every: "1m"}), h.publish(workflow.Trigger{Every: "24h"})
		once := h.publish(workflow.Trigger{At: start.Add(3 * time.Minute).Format(time.RFC3339)})
		paused, foreign := h.publish(workflow.Trigger{Every: "1m"}), h.publish(workflow.Trigger{Every: "1m"})
		h.pause(paused.WorkflowID, catalog.Pause{By: "Ada"})
		h.writeRule(foreign, strings.Replace(string(foreign.Rule), `"every"`, `"every_moon"`, 1))

		now := start.Add(5*time.Minute + time.Second)
		h.clock.set(now)
		passed, err := schedule.AllUnaccounted(h.Context(), h.db, now)
		if err != nil {
			h.Fatal(err)
		}
		times := map[string]int{}
		for _, of := range passed {
			times[of.Schedule.ID] = of.Times
			if of.WorkflowName != "A" || of.More {
				h.Errorf("%+v", of)
			}
		}
		if len(times) != 2 || times[often.ID] != 5 || times[once.ID] != 1 {
			h.Fatalf("of %v", times)
		}
		for range 2 { // done again, it changes nothing
			if err := schedule.PassOver(h.Context(), h.db, now, "It may have run elsewhere."); err != nil {
				h.Fatal(err)
			}
		}
		if got := h.ledger(often); got != "12:01 missed, 12:02 missed, 12:03 missed, 12:04 missed, 12:05 missed" {
			h.Errorf("the ledger is %s", got)
		}
		if got := h.ledger(once); got != "12:03 missed" || h.schedule(once.WorkflowID).Status != models.ScheduleEnded {
			h.Errorf("the one of one time: %s", got)
		}
		if got := h.schedule(foreign.WorkflowID); got.Status != models.ScheduleActive || !got.AccountedUntil.Equal(foreign.AccountedUntil) {
			h.Errorf("what cannot be read was changed: %+v", got)
		}
		if got := h.schedule(rarely.WorkflowID); !got.NextAt.Equal(*rarely.NextAt) {
			h.Errorf("the next time moved from %s to %s", rarely.NextAt, got.NextAt)
		}
		h.tick()
		if got := h.ledger(often); strings.Contains(got, "ran") || strings.Contains(got, "caught_up") {
			h.Errorf("it is made up for: %s", got)
		}
		h.clock.set(start.Add(6 * time.Minute))
		h.tick()
		if got := h.ledger(often); !strings.HasSuffix(got, "12:06 ran") {
			h.Errorf("it does not go on: %s", got)
		}
	})
}
