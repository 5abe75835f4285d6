package schedule_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/catalog"
	"workflows/worker/workflow"
)

// lines is a log that is written and read at the same time.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

func (l *lines) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

func TestAPauseThatCannotEndHoldsNoOtherScheduleUp(t *testing.T) {
	each(t, func(h *house) {
		log := &lines{}
		h.scheduler.Log = slog.New(slog.NewTextHandler(log, nil))
		until := start.Add(30 * time.Second)
		// The first two cannot be read here, as if a newer program had written them.
		alone, inWorkflow := h.publish(workflow.Trigger{Every: "1m"}), h.publish(workflow.Trigger{Every: "1m"})
		h.pauseSchedule(alone.ID, catalog.Pause{By: "Ada", Until: &until})
		h.pause(inWorkflow.WorkflowID, catalog.Pause{By: "Ada", Until: &until})
		for _, s := range []models.Schedule{alone, inWorkflow} {
			h.writeRule(s, strings.Replace(string(s.Rule), `"every"`, `"every_moon"`, 1))
		}
		later := until.Add(time.Second)
		other, behind, behindAlone := h.publish(workflow.Trigger{Every: "1m"}), h.publish(workflow.Trigger{Every: "1m"}), h.publish(workflow.Trigger{Every: "1m"})
		h.pause(behind.WorkflowID, catalog.Pause{By: "Ada", Until: &later})
		h.pauseSchedule(behindAlone.ID, catalog.Pause{By: "Ada", Until: &later})

		h.clock.set(start.Add(time.Minute))
		ctx, stop := context.WithCancel(h.Context())
		done := make(chan error, 1)
		go func() { done <- h.scheduler.Run(ctx) }()
		defer func() {
			stop()
			if err := <-done; err != nil {
				h.Error(err)
			}
		}()
		for _, s := range []models.Schedule{other, behind, behindAlone} {
			modelstest.Eventually(h, "the others fire", func() bool { return h.ledger(s) == "12:01 ran" })
		}
		h.clock.set(start.Add(2 * time.Minute))
		modelstest.Eventually(h, "they fire again", func() bool { return strings.HasPrefix(h.ledger(other), "12:01 ran, 12:02") })
		if n := log.count("a pause cannot end"); n != 2 {
			h.Errorf("of the two that stay paused it said %d times that they do", n)
		}
		if n := log.count("schedules do not fire"); n != 0 {
			h.Error("it says that schedules do not fire")
		}
		if now := h.schedule(alone.WorkflowID); now.Status != models.SchedulePaused {
			h.Errorf("what cannot be read was changed: %+v", now)
		}
		h.writeRule(alone, string(alone.Rule))
		h.clock.set(start.Add(3 * time.Minute))
		modelstest.Eventually(h, "it goes on once it can be read", func() bool { return h.schedule(alone.WorkflowID).Status == models.ScheduleActive })
	})
}
