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

// Alberta changed its clocks in 2026: the next run of 09:00 in Edmonton was planned for
// 16:00 UTC by data of before.
func TestNextTimesMoveWithNewerTimeZoneData(t *testing.T) {
	each(t, func(h *house) {
		s := h.publish(workflow.Trigger{Cron: "0 9 * * *", TimeZone: "America/Edmonton"})
		utc := h.publish(workflow.Trigger{Cron: "0 9 * * *"})
		right := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
		if !s.NextAt.Equal(right) {
			t.Fatalf("09:00 in Edmonton is %s", s.NextAt)
		}
		wrong := right.Add(time.Hour)
		if err := h.db.Model(&models.Schedule{}).Where("id = ?", s.ID).Updates(map[string]any{"next_at": wrong, "next_fire_at": wrong}).Error; err != nil {
			t.Fatal(err)
		}
		for _, version := range []string{"2025b", "2025b", "2025a", "2026f"} {
			if _, err := h.scheduler.HeedZones(h.Context(), version, h.clock.now()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.scheduler.Reread(h.Context(), h.clock.now()); err != nil {
			t.Fatal(err)
		}
		got := h.schedule(s.WorkflowID)
		if !got.NextFireAt.Equal(right) || got.Reread != "" || !strings.Contains(got.MovedWhy, "moves from Monday, 23 November 2026 at 10:00 to Monday, 23 November 2026 at 09:00. The clocks of America/Edmonton have changed") {
			t.Errorf("%+v", got)
		}
		if got := h.schedule(utc.WorkflowID); got.MovedWhy != "" {
			t.Errorf("%+v", got)
		}
		// Whoever watches is told until they have seen it and the time has come.
		states := func() (states []string) {
			found, _, err := models.ListAlerts(h.Context(), h.db, models.AlertFilter{Kind: models.AlertMoved, Limit: 10})
			if err != nil || len(found) != 1 || *found[0].ScheduleID != s.ID || found[0].Message != got.MovedWhy {
				t.Fatalf("the alerts are %+v, %v", found, err)
			}
			return []string{found[0].State(), found[0].ID}
		}
		open := states()
		after := func() string {
			if err := models.CloseEnded(h.Context(), h.db, h.clock.now()); err != nil {
				t.Fatal(err)
			}
			return states()[0]
		}
		h.clock.set(right.Add(24 * time.Hour))
		h.tick()
		if state := after(); open[0] != models.AlertOpen || state != models.AlertOpen {
			t.Errorf("an alert that nobody has seen is %s, then %s", open[0], state)
		}
		if _, err := models.AcknowledgeAlert(h.Context(), h.db, open[1], "Ann", h.clock.now()); err != nil {
			t.Fatal(err)
		}
		if state := after(); state != models.AlertClosed {
			t.Errorf("an alert that was seen, and whose time has come, is %s", state)
		}
		if version, err := models.GetSetting(h.Context(), h.db, models.SettingZoneData); err != nil || version != "2026f" {
			t.Errorf("%s, %v", version, err)
		}
		for _, older := range []string{"2026f", "2025b"} { // of another process
			if _, err := h.scheduler.HeedZones(h.Context(), older, h.clock.now()); err != nil {
				t.Fatal(err)
			}
			if got := h.schedule(s.WorkflowID); got.Reread != "" {
				t.Errorf("data %s has it reckoned anew", older)
			}
		}
	})
}
