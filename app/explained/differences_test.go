package explained_test

import (
	"net/http"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/worker/workflow"
)

func TestAFailedRunSaysWhatDiffersFromTheLastThatSucceeded(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob, w := s.As(auth.Viewer), s.Order()
		first := s.Execute(s.Start(w, `{"order_id": 7, "note": "short"}`).ID)
		sitetest.Shows(t, bob.Get("/runs/"+first.ID+"/differences", http.StatusOK), "No run of this workflow had succeeded before this one.", "!Compared with")

		s.Shop.Fails.Store(true)
		failed := s.Execute(s.Start(w, `{"order_id": 9, "note": "`+strings.Repeat("long ", 100)+sitetest.Evil+`"}`).ID)
		if first.Status != workflow.RunSucceeded || failed.Status != workflow.RunFailed {
			t.Fatal(first.Status, failed.Status)
		}
		sitetest.Shows(t, bob.Get("/runs/"+failed.ID, http.StatusOK), "What differs from the last run that succeeded", `hx-get="/runs/`+failed.ID+`/differences"`, `href="/runs/`+failed.ID+`/timeline"`)
		page := bob.Get("/runs/"+failed.ID+"/differences", http.StatusOK)
		sitetest.Shows(t, page, `href="/runs/`+first.ID+`#step"`, `id="differences-shown"`, "What it was given", "“Order &lt;script&gt;", ": 9 instead of 7.", "“note” is another one.", "<p class=\"muted\">Before</p>", "short",
			"in all)", "What its steps came to", "“Send the order” failed; the other time it succeeded.", "“answer code”: 500 instead of 200.",
			"All that this run was given", "/runs/"+first.ID+"/values/input?show=all", "!/compare?", "!"+sitetest.Evil)

		_, d := s.Stored("/workflows/" + w.ID)
		d.Description = "Another one."
		_, err := s.Catalog.SaveDraft(t.Context(), w.ID, d, nil, "Ann")
		s.Check(err)
		_, err = s.Catalog.Publish(t.Context(), w.ID, nil, "Ann")
		s.Check(err)
		later := s.Execute(s.Start(w, `{"order_id": 7, "note": "short"}`).ID)
		sitetest.Shows(t, bob.Get("/runs/"+later.ID+"/differences", http.StatusOK), "It ran on version 2 of the workflow; the other one on version 1.", "/workflows/"+w.ID+"/compare?from=1&amp;to=2", "!What it was given")
		bob.Get("/runs/"+models.NewID()+"/differences", http.StatusNotFound)
		bob.Get("/runs/x/differences", http.StatusNotFound)
	})
}

func TestARunThatIsTheSameSaysSo(t *testing.T) {
	s := sitetest.OnSQLite(t)
	bob, w := s.As(auth.Viewer), s.Order()
	s.Execute(s.Start(w, `{"order_id": 7}`).ID)
	again := s.Execute(s.Start(w, `{"order_id": 7}`).ID)
	sitetest.Shows(t, bob.Get("/runs/"+again.ID+"/differences", http.StatusOK), "Nothing that can be seen here differs", "!What it was given")
}
