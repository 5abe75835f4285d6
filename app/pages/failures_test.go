package pages_test

import (
	"html"
	"net/url"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/engine"
)

func TestOverviewIsNotWellWhileAFailedRunIsNeitherRepairedNorAcknowledged(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, bob := s.As(auth.Operator), s.As(auth.Viewer)
		w := s.Order()
		s.Shop.Fails.Store(true)
		first := s.Execute(s.Start(w, `{"order_id": 1}`).ID)
		second := s.Execute(s.Start(w, `{"order_id": 2}`).ID)
		long := models.Now().AddDate(-2, 0, 0)
		s.Check(s.DB.Model(&models.Run{}).Where("id = ?", first.ID).Update("finished_at", long).Error)
		s.Redis.FlushAll()
		s.Board.Invalidate()
		list := "/runs?status=failed_open&amp;workflow_id=" + w.ID
		acknowledge := "/workflows/" + w.ID + "/failures/acknowledge"
		sitetest.Shows(t, bob.Get("/", 200), "2 runs failed: first ", " and last ", "2 runs finished in the last hour, 2 of them failed.", "500", `href="/runs/`+second.ID+`#step"`, "Look", "!All is well", "!run again", "!"+acknowledge, "!"+sitetest.Evil)
		sitetest.Shows(t, bob.Get("/live/overview", 200), "2 runs failed", "!"+acknowledge)
		sitetest.Shows(t, ann.Get("/workflows/"+w.ID, 200), "Runs have failed that nobody has repaired or acknowledged yet. They can be run again.", list)
		all := "/bulk/new?action=retry&status=failed_open&workflow_id=" + w.ID
		sitetest.Shows(t, ann.Get("/", 200), "Run all again …", html.EscapeString(all), acknowledge)
		sitetest.Shows(t, ann.Get(all, 200), "Run 2 runs again?")
		sitetest.Shows(t, ann.Get("/runs?status=failed_open&workflow_id="+w.ID, 200), "/runs/"+first.ID+"/retry", "/runs/"+second.ID+"/retry")

		s.Shop.Fails.Store(false)
		again, err := s.Engine.Retry(t.Context(), second.ID, engine.RetryRequest{From: engine.FromFailedStep, By: "Ann", Via: "page"})
		s.Check(err)
		sitetest.Shows(t, ann.Get("/", 200), "2 runs failed") // nothing is repaired yet
		if s.Execute(again.ID).Status != "succeeded" {
			t.Fatal("the second try failed")
		}
		sitetest.Shows(t, ann.Get("/runs/"+second.ID, 200), "repaired by a later run", "/runs/"+again.ID)
		sitetest.Shows(t, ann.Get("/", 200), "1 run failed", "Run it again", "/runs/"+first.ID+"/retry", "!since")

		form := ann.Fill("/", acknowledge, nil)
		bob.Post(acknowledge, form, 403)
		ann.Post(acknowledge, url.Values{"until": {"now"}}, 422)
		sitetest.Shows(t, ann.Get(ann.Post(acknowledge, form, 303).Location, 200), "1 failed run is acknowledged.", "!1 run failed", "!Failed, and not repaired")
		sitetest.Shows(t, ann.Get("/", 200), "!is acknowledged.")
		sitetest.Shows(t, ann.Get("/workflows/"+w.ID, 200), "!Runs have failed")
		sitetest.Shows(t, ann.Get("/runs?status=failed_open", 200), "No failed run here waits")
		run, err := runs.Get(t.Context(), s.DB, first.ID)
		s.Check(err)
		if run.SettledBy != "Ann" {
			t.Errorf("acknowledged by %q", run.SettledBy)
		}
		sitetest.Shows(t, ann.Get("/runs/"+first.ID, 200), "Acknowledged", "by Ann")
		ann.Post("/workflows/"+models.NewID()+"/failures/acknowledge", form, 404)
	})
}
