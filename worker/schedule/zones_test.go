package schedule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/catalog"
	"workflows/worker/moment"
	"workflows/worker/workflow"
)

// rereadAll has everything reckoned anew that is marked.
func (h *house) rereadAll() {
	h.Helper()
	if all, err := h.scheduler.Reread(h.Context(), h.clock.now()); err != nil || !all {
		h.Fatal(all, err)
	}
}

// heed says of which version the time-zone data is.
func (h *house) heed(version string) {
	h.Helper()
	if all, err := h.scheduler.HeedZones(h.Context(), version, h.clock.now()); err != nil || !all {
		h.Fatal(all, err)
	}
}

// zoneData is the newest version that a program has had here.
func (h *house) zoneData() string {
	h.Helper()
	version, err := models.GetSetting(h.Context(), h.db, models.SettingZoneData)
	if err != nil {
		h.Fatal(err)
	}
	return version
}

// What was planned by tzdata 2025b, and by 2026f: the clocks of these places changed in
// between (those of Moldova at the hours of a change alone).
func TestNextTimesMoveWithNewerTimeZoneData(t *testing.T) {
	each(t, func(h *house) {
		december := func(hour int) time.Time { return time.Date(2026, 12, 1, hour, 0, 0, 0, time.UTC) }
		type place struct {
			zone, cron    string
			before, after time.Time
			words         string
		}
		places := []place{{
			"Europe/Chisinau", "30 2 28 3 *", time.Date(2027, 3, 28, 0, 0, 0, 0, time.UTC), time.Date(2027, 3, 28, 0, 30, 0, 0, time.UTC),
			"Its next run moves from Sunday, 28 March 2027 at 00:00 to 00:30 UTC, which is 02:30 there.",
		}}
		for zone, hours := range map[string][2]int{
			"America/Edmonton": {16, 15}, "America/Yellowknife": {16, 15}, "America/Vancouver": {17, 16}, "America/Winnipeg": {15, 14},
			"America/Havana": {14, 13}, "Africa/Casablanca": {8, 9}, "Europe/Berlin": {8, 8}, "UTC": {9, 9},
		} {
			words := ""
			if hours[0] != hours[1] {
				words = "Its next run moves from Tuesday, 1 December 2026 at " + december(hours[0]).Format("15:04") + " to " + december(hours[1]).Format("15:04") + " UTC, which is 09:00 there."
			}
			places = append(places, place{zone, "0 9 1 12 *", december(hours[0]), december(hours[1]), words})
		}
		stored := make([]models.Schedule, len(places))
		for i, p := range places {
			stored[i] = h.publish(workflow.Trigger{Cron: p.cron, TimeZone: p.zone})
			if !stored[i].NextAt.Equal(p.after) {
				t.Errorf("%s plans %s", p.zone, stored[i].NextAt)
			}
		}
		for _, version := range []string{"2025b", "2025b", "2025a"} {
			h.heed(version)
		}
		h.rereadAll()
		for i, p := range places {
			if err := h.db.Model(&models.Schedule{}).Where("id = ?", stored[i].ID).Updates(map[string]any{"next_at": p.before, "next_fire_at": p.before}).Error; err != nil {
				t.Fatal(err)
			}
		}
		h.rereadAll()
		if got := h.schedule(stored[1].WorkflowID); got.MovedWhy != "" {
			t.Fatalf("it moved without newer data: %+v", got)
		}
		h.heed("2026f")
		h.rereadAll()
		alerts, _, err := models.ListAlerts(h.Context(), h.db, models.AlertFilter{Kind: models.AlertMoved, Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]models.ListedAlert{}
		for _, alert := range alerts {
			told[*alert.ScheduleID] = alert
		}
		events, _, err := models.ListAuditEvents(h.Context(), h.db, models.AuditFilter{Action: "schedule.moved", Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		audited := map[string]string{}
		for _, event := range events {
			audited[event.ObjectID] += string(event.Before) + string(event.After)
		}
		for i, p := range places {
			got := h.schedule(stored[i].WorkflowID)
			if !got.NextFireAt.Equal(p.after) || !got.NextAt.Equal(p.after) || got.Reread != "" || !strings.HasSuffix(got.MovedWhy, p.words) || (p.words == "") != (got.MovedWhy == "") {
				t.Errorf("%s: %+v", p.zone, got)
			}
			if p.words == "" {
				if told[got.ID].ID != "" {
					t.Errorf("%s: an alert says %s", p.zone, told[got.ID].Message)
				}
				continue
			}
			if !strings.HasPrefix(got.MovedWhy, "The clocks of "+p.zone+" have changed, and this system has learned of it. ") || told[got.ID].Message != got.MovedWhy || told[got.ID].State() != models.AlertOpen {
				t.Errorf("%s: the alert is %+v", p.zone, told[got.ID])
			}
			for _, at := range []time.Time{p.before, p.after} {
				if !strings.Contains(audited[got.ID], at.Format(time.RFC3339)) {
					t.Errorf("%s: the audit log says %s", p.zone, audited[got.ID])
				}
			}
		}
		// Whoever watches is told until they have seen it and the time has come.
		edmonton := stored[slices.IndexFunc(places, func(p place) bool { return p.zone == "America/Edmonton" })]
		state := func() string {
			if err := models.CloseEnded(h.Context(), h.db, h.clock.now()); err != nil {
				t.Fatal(err)
			}
			found, _, err := models.ListAlerts(h.Context(), h.db, models.AlertFilter{Kind: models.AlertMoved, Limit: 20})
			if err != nil {
				t.Fatal(err)
			}
			for _, alert := range found {
				if *alert.ScheduleID == edmonton.ID {
					return alert.State()
				}
			}
			return "gone"
		}
		h.clock.set(time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC))
		h.tick()
		if got := state(); got != models.AlertOpen {
			t.Errorf("an alert that nobody has seen is %s", got)
		}
		if _, err := models.AcknowledgeAlert(h.Context(), h.db, told[edmonton.ID].ID, "Ann", h.clock.now()); err != nil {
			t.Fatal(err)
		}
		if got := state(); got != models.AlertClosed {
			t.Errorf("an alert that was seen, and whose time has come, is %s", got)
		}
	})
}

func TestWhoHasOlderTimeZoneDataPlansNothing(t *testing.T) {
	each(t, func(h *house) {
		edmonton := workflow.Trigger{Cron: "0 6 * * *", TimeZone: "America/Edmonton"} // 12:00 UTC
		s := h.publish(edmonton)
		h.publish(workflow.Trigger{Cron: "0 12 * * *"})
		h.heed("2099a") // another process, with data newer than ours
		if got := h.schedule(s.WorkflowID); got.Reread != models.RereadZones {
			t.Fatalf("what the other has to reckon anew: %+v", got)
		}
		h.heed(moment.FindZoneData().Version)
		if got := h.zoneData(); got != "2099a" {
			t.Fatalf("the newest data is said to be %s", got)
		}

		h.rereadAll()
		h.clock.set(*s.NextAt)
		err := h.scheduler.Tick(h.Context())
		if err == nil || !strings.Contains(err.Error(), "by 2099a; update this program or the machine's tzdata") {
			t.Errorf("it fires: %v", err)
		}
		if err := h.scheduler.Foresee(h.Context(), h.clock.now().Add(24*time.Hour)); models.IsPostgres(h.db) && err == nil {
			t.Error("it makes ready what is due next")
		}
		if got := h.schedule(s.WorkflowID); got.Reread != models.RereadZones || !got.NextFireAt.Equal(*s.NextFireAt) || h.ledger(s) != "" {
			t.Errorf("it planned: %+v, %s", got, h.ledger(s))
		}

		// What people do is planned, and the other looks at it again.
		marked := func(what, workflowID string) {
			t.Helper()
			if got := h.schedule(workflowID); got.Reread != models.RereadZones {
				t.Errorf("%s: %+v", what, got)
			}
			if err := schedules.NoteReread(h.Context(), h.db, []string{h.schedule(workflowID).ID}, "", h.clock.now()); err != nil {
				t.Fatal(err)
			}
		}
		marked("before", s.WorkflowID)
		fresh := h.publish(edmonton)
		marked("published", fresh.WorkflowID)
		h.pause(fresh.WorkflowID, catalog.Pause{By: "Ada"})
		marked("paused", fresh.WorkflowID)
		h.resume(fresh.WorkflowID)
		marked("resumed", fresh.WorkflowID)
		if utc := h.publish(workflow.Trigger{Cron: "0 9 * * *"}); utc.Reread != "" {
			t.Errorf("UTC has no clocks that change: %+v", utc)
		}

		// The other is at work for a while, and then no more.
		h.clock.move(4 * time.Minute)
		h.heed("2099a")
		h.clock.move(4 * time.Minute)
		h.heed(moment.FindZoneData().Version)
		if err := h.scheduler.Tick(h.Context()); err == nil {
			t.Error("it fires beside one that was there four minutes ago")
		}
		h.clock.move(2 * time.Minute)
		if _, err := h.scheduler.HeedZones(h.Context(), moment.FindZoneData().Version, h.clock.now()); err != nil {
			t.Fatal(err)
		}
		h.tick()
		if got := h.ledger(s); got != "12:00 caught_up" {
			t.Errorf("once no other is there: %s", got)
		}
		h.heed(moment.FindZoneData().Version)
		h.rereadAll()
		h.heed("2099a") // it comes back
		if got := h.schedule(s.WorkflowID); got.Reread != models.RereadZones {
			t.Errorf("what was planned by older data meanwhile is left: %+v", got)
		}
	})
}
