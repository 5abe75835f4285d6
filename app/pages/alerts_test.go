package pages_test

import (
	"net/url"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/models"
)

const watched = `{"format": 1, "name": "Backup", "settings": {"must_succeed_by": [{"time": "07:00", "days": [1, 2, 3, 4, 5], "time_zone": "Europe/Berlin"}]}, "steps": [{"id": "a", "type": "set_values", "config": {"values": {"x": 1}}}]}`

// raise stores an alert of a workflow.
func (s *runSite) raise(w models.Workflow, kind, message string, times int64) {
	s.t.Helper()
	now := models.Now()
	s.check(models.OpenAlerts(s.t.Context(), s.db, models.Alert{Kind: kind, Subject: models.NewID(), WorkflowID: w.ID, Message: message, OpenedAt: now, HappenedAt: now, Times: times}))
}

func TestAlertsAreShownWhereTheyConcernAndAcknowledgedByOperators(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann, bob := s.as(auth.Operator), s.as(auth.Viewer)
		shows(t, bob.get("/alerts", 200), "No alert is open.", "Show all alerts")
		w := s.define(watched)
		s.raise(w, models.AlertOverdue, "No run had succeeded by then. "+evil, 3)
		s.raise(w, models.AlertSlow, "A run takes longer than it should.", 1)
		s.board.Expire()
		shows(t, bob.get("/", 200), "1 deadline has passed without a run that succeeded.", "1 run takes longer than it should.", "/alerts?kind=overdue", "!All is well")
		shows(t, bob.get("/workflows/"+w.ID, 200), "Alert when none has succeeded by", "07:00 on Monday to Friday (Europe/Berlin)", "No run had succeeded by then.", "Show the alert", "!"+evil)
		shows(t, bob.get("/alerts?kind=overdue", 200), "Overdue", "It has happened 3 times.", "Backup", "!Takes too long", "!Acknowledge<", "!"+evil)
		bob.get("/alerts?state=broken", 404)

		found, _, err := models.ListAlerts(t.Context(), s.db, models.AlertFilter{Kind: models.AlertOverdue})
		s.check(err)
		acknowledge := "/alerts/" + found[0].ID + "/acknowledge?kind=overdue"
		bob.post(acknowledge, nil, 403)
		shows(t, ann.get("/alerts?kind=overdue", 200), "Acknowledge", "acknowledge?kind=overdue")
		back := ann.post(acknowledge, nil, 303)
		shows(t, ann.get(back.location, 200), "No alert matches this filter.")
		shows(t, ann.get("/alerts?state=acknowledged", 200), "Seen by Ann")
		s.board.Expire()
		shows(t, ann.get("/", 200), "!1 deadline has passed")
		shows(t, ann.get("/workflows/"+w.ID, 200), "Seen by Ann")

		s.check(models.CloseAlert(t.Context(), s.db, models.AlertOverdue, found[0].Subject, "A run has succeeded since.", models.Now().Add(time.Second)))
		shows(t, ann.get("/alerts?state=closed", 200), "Over", "A run has succeeded since.")
		ann.post("/alerts/"+models.NewID()+"/acknowledge", nil, 404)
	})
}

func TestDeadlinesAreSetByForms(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		address, eve := s.keep(watched), s.as(auth.Editor)
		page := address + "/edit/details"
		shows(t, eve.get(page, 200), "A run must have succeeded by", `value="07:00"`, "And by", "But for the free days of")
		wrong := url.Values{"settings.must_succeed_by[1].time": {"8"}, "settings.must_succeed_by[1].time_zone": {"Berlin"}}
		shows(t, eve.submit(page, wrong, 422).body, "such as 07:00", "There is no time zone of this name")
		eve.submit(page, url.Values{"settings.must_succeed_by[1].time": {"20:30"}, "settings.must_succeed_by[1].time_zone": {"UTC"}, "settings.max_duration": {"45m"}}, 303)
		_, d := s.stored(address)
		if len(d.Settings.MustSucceedBy) != 2 || d.Settings.MustSucceedBy[1].Time != "20:30" || d.Settings.MaxDuration != "45m" {
			t.Fatalf("stored %+v", d.Settings)
		}
		shows(t, eve.get(address+"/edit", 200), "20:30 every day (UTC)", "45 minutes")
		eve.submit(page, url.Values{"settings.must_succeed_by[0].time": {""}}, 303)
		if _, d = s.stored(address); len(d.Settings.MustSucceedBy) != 1 || d.Settings.MustSucceedBy[0].Time != "20:30" {
			t.Fatalf("stored %+v", d.Settings)
		}
	})
}
