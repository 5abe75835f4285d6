package pages_test

import (
	"net/url"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/workflow"
)

func TestARestoredSystemSaysOnEveryPageThatItWaitsAndAnAdministratorHasItGoOn(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, bob := s.As(auth.Administrator), s.As(auth.Viewer)
		if landed := ann.Send("GET", "/restored", nil, nil); landed.Status != 303 || landed.Location != "/" {
			t.Errorf("where nothing waits: %d %s", landed.Status, landed.Location)
		}
		w := s.Order()
		run := s.Start(w, `{"order_id": 1}`)
		now := models.Now()
		s.Check(models.MarkRestored(t.Context(), s.DB, models.Restored{MadeAt: now.AddDate(0, 0, -1), RestoredAt: now}))
		later := s.Start(w, `{"order_id": 2}`)
		s.Board.Invalidate()

		for _, path := range []string{"/", "/live/overview", "/workflows", "/runs", "/schedules", "/queue", "/settings"} {
			sitetest.Shows(t, bob.Get(path, 200), "brought back from a backup", `href="/restored"`, "!No worker is connected")
		}
		sitetest.Shows(t, bob.Get("/runs/"+run.ID, 200), "Waits because this system was brought back from a backup")
		sitetest.Shows(t, bob.Get("/restored", 200), "1 run: 1 not begun.", "/runs?workflow_id="+w.ID, "No planned time has passed.", "An administrator says how it goes on.", "!<form method=\"post\" action=\"/restored\"", "!See what waits", "!"+sitetest.Evil)
		bob.Post("/restored", url.Values{"how": {"end"}}, 403)

		sitetest.Shows(t, ann.Post("/restored", url.Values{"how": {"perhaps"}}, 422).Body, "Choose one of the two.")
		form := ann.Fill("/restored", "/restored", nil)
		if form.Get("how") != "end" {
			t.Errorf("chosen is %v, which may do things twice", form)
		}
		sitetest.Shows(t, ann.Get(ann.Post("/restored", form, 303).Location, 200), "The system goes on", "!brought back from a backup")
		for id, want := range map[string]string{run.ID: workflow.RunCancelled, later.ID: workflow.RunQueued} {
			if found, err := runs.Get(t.Context(), s.DB, id); err != nil || found.Status != want {
				t.Errorf("a run is %s, not %s; %v", found.Status, want, err)
			}
		}
		sitetest.Shows(t, ann.Get("/runs/"+run.ID, 200), "Ended by Ann: this run comes from a backup of", "run it again")
		ann.Post("/restored", form, 409)
	})
}
