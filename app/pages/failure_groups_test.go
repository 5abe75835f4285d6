package pages_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/failures"
	"workflows/worker/moment"
)

// gathered puts failed runs into their groups, as a worker does, and returns the groups.
func gathered(t *testing.T, s *sitetest.Site) []failures.Listed {
	t.Helper()
	_, err := failures.Group(t.Context(), s.DB, models.Now(), 100, nil)
	s.Check(err)
	found, _, err := failures.List(t.Context(), s.DB, failures.Filter{Limit: 100})
	s.Check(err)
	return found
}

func TestFailuresAreShownByTheirReasonAndSeenTo(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, bob := s.As(auth.Operator), s.As(auth.Viewer)
		sitetest.Shows(t, bob.Get("/failures", 200), "No failure asks for somebody.")
		w := s.Order()
		s.Shop.Fails.Store(true)
		first := s.Execute(s.Start(w, `{"order_id": 1}`).ID)
		second := s.Execute(s.Start(w, `{"order_id": 2}`).ID)
		groups := gathered(t, s)
		if len(groups) != 1 {
			t.Fatalf("%+v", groups)
		}
		group := "/failures/" + groups[0].ID
		its := "/runs?failure_id=" + groups[0].ID
		sitetest.Shows(t, bob.Get("/failures", 200), "1 reason for which runs have failed, 1 new.", "2 runs failed ", "“Send the order” of ", "version 1", "Internal Server Error", "New", group, its, "/runs/"+second.ID+"#step", "!Acknowledge", "!>Snooze<", "!"+sitetest.Evil)
		sitetest.Shows(t, bob.Get(group, 200), "2 runs failed", "/runs/"+first.ID+"#step", "/runs/"+second.ID+"#step", "Details", "!Snooze it", "!Acknowledge")
		sitetest.Shows(t, bob.Get("/runs/"+first.ID, 200), "2 runs failed for this reason", group)
		sitetest.Shows(t, bob.Get(its, 200), "Only runs that failed for one reason", group, "/runs/"+first.ID, `name="failure_id"`)
		sitetest.Shows(t, bob.Get("/", 200), `href="/failures"`, "Show failures by their reason")
		sitetest.Shows(t, bob.Get("/failures?state=solved", 200), "No failure matches this filter.")
		sitetest.Shows(t, bob.Get("/failures?workflow_id="+w.ID, 200), group)
		sitetest.Shows(t, bob.Get("/failures?workflow_id="+models.NewID(), 200), "No failure matches this filter.")
		bob.Get("/failures?state=lost", 404)
		bob.Get("/failures/"+models.NewID(), 404)
		for _, deed := range []string{"/acknowledge", "/snooze", "/solve"} {
			bob.Post(group+deed, url.Values{"for": {"day"}}, 403)
			ann.Post("/failures/"+models.NewID()+deed, url.Values{"for": {"day"}}, 404)
		}

		list := "/failures?state=all"
		led := ann.Post(group+"/acknowledge", ann.Fill(list, group+"/acknowledge", nil), 303).Location
		if led != list {
			t.Error("led to", led)
		}
		sitetest.Shows(t, ann.Get(led, 200), "You have seen to it. 2 failed runs are acknowledged.", "Seen by Ann", "!/acknowledge")
		sitetest.Shows(t, ann.Get("/", 200), "!2 runs failed:")

		led = ann.Post(group+"/snooze", url.Values{"for": {"week"}, "back": {"group"}}, 303).Location
		zone, err := moment.LoadZone("Europe/Berlin") // Ann's
		s.Check(err)
		week := models.Now().In(zone).AddDate(0, 0, 7)
		sitetest.Shows(t, ann.Get(led, 200), "It is snoozed until "+week.Format("Mon 2 Jan 2006"), "Snoozed by Ann until", "Snoozed")
		sitetest.Shows(t, ann.Get("/failures", 200), "No failure asks for somebody.")
		found, err := failures.Get(t.Context(), s.DB, groups[0].ID)
		s.Check(err)
		if want := time.Date(week.Year(), week.Month(), week.Day(), 0, 0, 0, 0, zone); !found.SnoozedUntil.Equal(want) {
			t.Errorf("it is snoozed until %v, not %v", found.SnoozedUntil, want)
		}

		wrong := ann.Post(group+"/snooze", url.Values{"until": {"soon"}, "note": {"Otto asks them."}}, 422)
		if led != group {
			t.Error("led to", led)
		}
		sitetest.Shows(t, wrong.Body, "Enter a date, such as", "soon", "Otto asks them.")
		sitetest.Shows(t, ann.Post(group+"/snooze", nil, 422).Body, "Enter until when")
		sitetest.Shows(t, ann.Post(group+"/snooze", url.Values{"until": {"2020-01-01"}}, 422).Body, "Choose a time that is still to come.")
		sitetest.Shows(t, ann.Post(group+"/snooze", url.Values{"for": {"day"}, "note": {strings.Repeat("x", 2001)}}, 422).Body, "Write at most 2,000 characters.")
		led = ann.Post(group+"/snooze", url.Values{"until": {week.Format(time.DateOnly)}, "note": {"Otto asks them."}, "back": {"//evil.example/%zz"}}, 303).Location
		sitetest.Shows(t, ann.Get(led+"?state=snoozed", 200), "Note: Otto asks them.")

		led = ann.Post(group+"/solve", nil, 303).Location
		sitetest.Shows(t, ann.Get(led, 200), "It is noted as solved.")
		sitetest.Shows(t, ann.Get(group, 200), "Solved by version 1, says Ann", "!Snooze it", "!/solve")
		sitetest.Shows(t, ann.Post(group+"/snooze", url.Values{"for": {"day"}}, 409).Body, "It comes back by itself")
		s.Execute(s.Start(w, `{"order_id": 3}`).ID)
		gathered(t, s)
		sitetest.Shows(t, ann.Get("/failures", 200), "1 reason for which runs have failed, 1 that came back.", "Came back", "It was solved by version 1 and came back", "3 runs failed")

		s.Check(s.DB.Exec("DELETE FROM runs").Error)
		sitetest.Shows(t, ann.Get("/failures", 200), "3 runs failed", "!Newest run")
		sitetest.Shows(t, ann.Get(group, 200), "Its runs are removed")
		sitetest.Shows(t, ann.Get("/runs?failure_id="+models.NewID(), 200), "No run matches this filter.", "It is not kept any more.")
	})
}

func TestTheListOfFailuresHasPages(t *testing.T) {
	s := sitetest.OnSQLite(t)
	w := s.Order()
	for i := range 30 {
		at := models.Now().Add(-time.Duration(i) * time.Minute)
		run := models.Run{
			ID: models.NewID(), WorkflowID: w.ID, VersionID: *w.VersionID, Version: 1, WorkflowName: "Orders", Status: "failed", TriggerType: "manual", Trigger: models.JSON(`{"type":"manual"}`),
			Error: models.JSON(`{"code":"x","message":"` + strings.Repeat("x", i+1) + `"}`), Queue: "default", QueuedAt: at, FinishedAt: &at,
		}
		s.Check(s.DB.Create(&run).Error)
	}
	gathered(t, s)
	bob := s.As(auth.Viewer)
	first := bob.Get("/failures", 200)
	next, there := sitetest.LinkTo(t, first, "next")
	if !there || strings.Count(first, `id="failure-`) != 25 {
		t.Fatal("the first page has", strings.Count(first, `id="failure-`), next)
	}
	sitetest.Shows(t, bob.Get(next, 200), "Back to the newest")
	if n := strings.Count(bob.Get(next, 200), `id="failure-`); n != 5 {
		t.Error("the second page has", n)
	}
}

func TestWhatFailsAgainAfterItWasSeenCanBeSeenToAgain(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Operator)
		w := s.Order()
		s.Shop.Fails.Store(true)
		s.Execute(s.Start(w, `{"order_id": 1}`).ID)
		group := "/failures/" + gathered(t, s)[0].ID
		ann.Post(group+"/acknowledge", nil, 303)
		sitetest.Shows(t, ann.Get("/failures", 200), "1 run failed", "!"+group+"/acknowledge")
		s.Execute(s.Start(w, `{"order_id": 2}`).ID)
		gathered(t, s)
		sitetest.Shows(t, ann.Get("/failures", 200), "2 runs failed", group+"/acknowledge")
	})
}
