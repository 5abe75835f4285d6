package schedule_test

import (
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

// planAs writes a next time that an older program has reckoned, and what the migration
// notes.
func (h *house) planAs(s models.Schedule, next time.Time) {
	h.Helper()
	err := h.db.Model(&models.Schedule{}).Where("id = ?", s.ID).Updates(map[string]any{"next_at": next, "next_fire_at": next, "reread": models.RereadCronDays}).Error
	if err != nil {
		h.Fatal(err)
	}
}

func TestANextTimeThatWasReadOtherwiseMovesAndIsTold(t *testing.T) {
	each(t, func(h *house) { // from Monday, 23 November 2026, 12:00
		day := func(date int) time.Time { return time.Date(2026, 11, date, 9, 0, 0, 0, time.UTC) }
		both := h.publish(workflow.Trigger{Cron: "0 9 */2 * 1"})
		either := h.publish(workflow.Trigger{Cron: "0 9 24,*/9 * 1"})
		same := h.publish(workflow.Trigger{Cron: "*/5 * * * *"})
		unread := h.publish(workflow.Trigger{Cron: "0 9 */2 * 1"})
		h.writeRule(unread, `{"type":"schedule","cron":"0 9 */2 * 1","moon":"full"}`)
		h.planAs(both, day(25)) // the 25th is odd, and a Wednesday
		h.planAs(either, day(30))
		h.planAs(same, *same.NextAt)
		h.planAs(unread, day(25))
		for range 2 {
			if all, err := h.scheduler.Reread(h.Context(), h.clock.now()); err != nil || !all {
				t.Fatal(all, err)
			}
		}
		got := h.schedule(both.WorkflowID)
		if want := time.Date(2026, 12, 7, 9, 0, 0, 0, time.UTC); !got.NextAt.Equal(want) || !got.NextFireAt.Equal(want) || got.Reread != "" ||
			!got.MovedAt.Equal(h.clock.now()) || !strings.HasPrefix(got.MovedWhy, "Its next run moves from Wednesday, 25 November 2026 at 09:00 to Monday, 7 December 2026 at 09:00. The days") || !strings.Contains(got.MovedWhy, "must both match") {
			t.Errorf("both: %+v", got)
		}
		if got := h.schedule(either.WorkflowID); !got.NextAt.Equal(day(24)) || !strings.Contains(got.MovedWhy, "is enough, since neither") {
			t.Errorf("either: %+v", got)
		}
		if got := h.schedule(same.WorkflowID); got.MovedWhy != "" || got.MovedAt != nil || got.Reread != "" || !got.NextAt.Equal(*same.NextAt) {
			t.Errorf("same: %+v", got)
		}
		if got := h.schedule(unread.WorkflowID); got.Reread == "" || !got.NextAt.Equal(day(25)) {
			t.Errorf("what cannot be read was changed: %+v", got)
		}
		events, _, err := models.ListAuditEvents(h.Context(), h.db, models.AuditFilter{Action: "schedule.moved", Limit: 10})
		if err != nil || len(events) != 2 || events[1].ObjectID != both.ID || events[1].ObjectName != "A" || !strings.Contains(string(events[1].After), "2026-12-07T09:00:00Z") {
			t.Errorf("the audit log says %+v, %v", events, err)
		}
		h.clock.set(day(25))
		h.tick()
		if got := h.ledger(both); got != "" {
			t.Errorf("it fired at what was planned before: %s", got)
		}
	})
}

// By the day of month alone, or that of the week, the rule before had more days.
func TestTimesThatAreOthersBehindANextRunThatStaysAreTold(t *testing.T) {
	each(t, func(h *house) {
		h.clock.set(time.Date(2026, 12, 6, 12, 0, 0, 0, time.UTC))
		s := h.publish(workflow.Trigger{Cron: "0 9 */2 * 1"})
		more := h.publish(workflow.Trigger{Cron: "0 9 7,* * 1-6"})
		same := h.publish(workflow.Trigger{Cron: "0 9 */1 * 1"})
		monday := time.Date(2026, 12, 7, 9, 0, 0, 0, time.UTC)
		for _, one := range []models.Schedule{s, more, same} {
			h.planAs(one, monday)
		}
		if all, err := h.scheduler.Reread(h.Context(), h.clock.now()); err != nil || !all {
			t.Fatal(all, err)
		}
		for one, words := range map[string]string{
			s.WorkflowID:    "Its next run stays, but none is planned any more for Wednesday, 9 December 2026 at 09:00. The days of its cron line are now read as crontabs read them: day of month and day of week must both match",
			more.WorkflowID: "Its next run stays, and one more is planned for Sunday, 13 December 2026 at 09:00. The days",
			same.WorkflowID: "",
		} {
			got := h.schedule(one)
			if !got.NextAt.Equal(monday) || got.Reread != "" || !strings.HasPrefix(got.MovedWhy, words) || (words == "") != (got.MovedWhy == "") {
				t.Errorf("%q: %+v", words, got)
			}
		}
		if found, _, err := models.ListAlerts(h.Context(), h.db, models.AlertFilter{Kind: models.AlertMoved, Limit: 10}); err != nil || len(found) != 2 {
			t.Errorf("the alerts are %+v, %v", found, err)
		}
	})
}
