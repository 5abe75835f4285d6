package schedule_test

import (
	"strings"
	"testing"
	"time"

	"workflows/worker/engine"
	"workflows/worker/workflow"
)

func TestPlannedTimeAtTheLimitIsSkippedAndTheLedgerSaysWhy(t *testing.T) {
	for _, onLimit := range []string{"skip", "reject", "queue"} {
		t.Run(onLimit, func(t *testing.T) {
			each(t, func(h *house) {
				w, err := h.catalog.Create(h.Context(), workflow.Definition{
					Format: workflow.Format, Name: "A", Triggers: []workflow.Trigger{{ID: "times", Type: "schedule", Cron: "* * * * *"}},
					Settings: workflow.Settings{MaxRunning: 1, OnLimit: onLimit},
					Steps:    []workflow.Step{{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"done": true}}}},
				}, true, "Ada")
				if err != nil {
					h.Fatal(err)
				}
				if _, _, err := h.engine.StartNow(h.Context(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: engine.TriggerManual}}); err != nil {
					h.Fatal(err)
				}
				s := h.schedule(w.ID)
				h.clock.move(time.Minute)
				h.tick()
				row := h.rows(s)[0]
				if onLimit == "queue" {
					if h.ledger(s) != "12:01 ran" || !h.runs(s)[0].HeldBack || row.Reason != "It waits for its turn, since only so many runs of this workflow go on at once." {
						h.Fatalf("%s: %+v", h.ledger(s), h.runs(s)[0])
					}
					return
				}
				if h.ledger(s) != "12:01 skipped" || !strings.Contains(row.Reason, "runs one at a time") || (row.RunID != nil) != (onLimit == "skip") {
					h.Fatalf("%s: %+v", h.ledger(s), row)
				}
			})
		})
	}
}
