package pages_test

import (
	"net/url"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
)

const watched = `{"format": 1, "name": "Backup", "settings": {"must_succeed_by": [{"time": "07:00", "days": [1, 2, 3, 4, 5], "time_zone": "Europe/Berlin"}]}, "steps": [{"id": "a", "type": "set_values", "config": {"values": {"x": 1}}}]}`

// raise stores an alert of a workflow.
func raise(s *sitetest.Site, w models.Workflow, kind, message string, times int64) {
	s.T.Helper()
	now := models.Now()
	s.Check(models.OpenAlerts(s.T.Context(), s.DB, models.Alert{Kind: kind, Subject: models.NewID(), WorkflowID: w.ID, Message: message, OpenedAt: now, HappenedAt: now, Times: times}))
}

func TestAlertsAreShownWhereTheyConcernAndAcknowledgedByOperators(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, bob := s.As(auth.Operator), s.As(auth.Viewer)
		sitetest.Shows(t, bob.Get("/alerts", 200), "No alert is open.", "Show all alerts")
		w := define(s, watched)
		raise(s, w, models.AlertOverdue, "No run had succeeded by then. "+sitetest.Evil, 3)
		raise(s, w, models.AlertSlow, "A run takes longer than it should.", 1)
		s.Board.Invalidate()
		sitetest.Shows(t, bob.Get("/", 200), "1 deadline has passed without a run that succeeded.", "1 run takes longer than it should.", "/alerts?kind=overdue", "!All is well")
		sitetest.Shows(t, bob.Get("/workflows/"+w.ID, 200), "Alert when none has succeeded by", "07:00 on Monday to Friday (Europe/Berlin)", "No run had succeeded by then.", "Show the alert", "!"+sitetest.Evil)
		sitetest.Shows(t, bob.Get("/alerts?kind=overdue", 200), "Overdue", "It has happened 3 times.", "Backup", "!Takes too long", "!Acknowledge<", "!"+sitetest.Evil)
		bob.Get("/alerts?state=broken", 404)

		found, _, err := models.ListAlerts(t.Context(), s.DB, models.AlertFilter{Kind: models.AlertOverdue})
		s.Check(err)
		acknowledge := "/alerts/" + found[0].ID + "/acknowledge?kind=overdue"
		bob.Post(acknowledge, nil, 403)
		sitetest.Shows(t, ann.Get("/alerts?kind=overdue", 200), "Acknowledge", "acknowledge?kind=overdue")
		back := ann.Post(acknowledge, nil, 303)
		sitetest.Shows(t, ann.Get(back.Location, 200), "No alert matches this filter.")
		sitetest.Shows(t, ann.Get("/alerts?state=acknowledged", 200), "Seen by Ann")
		s.Board.Invalidate()
		sitetest.Shows(t, ann.Get("/", 200), "!1 deadline has passed")
		sitetest.Shows(t, ann.Get("/workflows/"+w.ID, 200), "Seen by Ann")

		s.Check(models.CloseAlert(t.Context(), s.DB, models.AlertOverdue, found[0].Subject, "A run has succeeded since.", models.Now().Add(time.Second)))
		sitetest.Shows(t, ann.Get("/alerts?state=closed", 200), "Over", "A run has succeeded since.")
		ann.Post("/alerts/"+models.NewID()+"/acknowledge", nil, 404)
	})
}

func TestDeadlinesAreSetByForms(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		address, eve := s.Keep(watched), s.As(auth.Editor)
		page := address + "/edit/details"
		sitetest.Shows(t, eve.Get(page, 200), "A run must have succeeded by", `value="07:00"`, "And by", "But for the free days of")
		wrong := url.Values{"settings.must_succeed_by[1].time": {"8"}, "settings.must_succeed_by[1].time_zone": {"Berlin"}}
		sitetest.Shows(t, eve.Submit(page, wrong, 422).Body, "such as 07:00", "There is no time zone of this name")
		noTime := url.Values{"settings.must_succeed_by[1].time": {""}, "settings.must_succeed_by[1].time_zone": {"Mars/Base"}}
		sitetest.Shows(t, eve.Submit(page, noTime, 422).Body, "There is no time zone of this name", `value="Mars/Base"`)
		eve.Submit(page, url.Values{"settings.must_succeed_by[1].time": {"20:30"}, "settings.must_succeed_by[1].time_zone": {"UTC"}, "settings.max_duration": {"45m"}}, 303)
		_, d := s.Stored(address)
		if len(d.Settings.MustSucceedBy) != 2 || d.Settings.MustSucceedBy[1].Time != "20:30" || d.Settings.MaxDuration != "45m" {
			t.Fatalf("stored %+v", d.Settings)
		}
		sitetest.Shows(t, eve.Get(address+"/edit", 200), "20:30 every day (UTC)", "45 minutes")
		eve.Submit(page, url.Values{"settings.must_succeed_by[0].time": {""}}, 303)
		if _, d = s.Stored(address); len(d.Settings.MustSucceedBy) != 1 || d.Settings.MustSucceedBy[0].Time != "20:30" {
			t.Fatalf("stored %+v", d.Settings)
		}
	})
}
