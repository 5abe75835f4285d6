package explained_test

import (
	"net/http"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/worker/workflow"
)

func TestARunThatHasNotEndedSaysWhatItDoesNextAndWhyItStandsStill(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob, w := s.As(auth.Viewer), published(s, tryTwice)
		s.Shop.Fails.Store(true)
		run := s.Start(w, `{}`)
		at := "/runs/" + run.ID
		change := func(of any, values map[string]any) {
			t.Helper()
			s.Check(s.DB.Model(of).Where("id = ?", run.ID).Updates(values).Error)
		}
		sitetest.Shows(t, bob.Get(at, http.StatusOK), "Waits because no worker is connected.", "It begins with “Ask the shop”.")
		s.Execute(run.ID)
		sitetest.Shows(t, bob.Get(at, http.StatusOK), "failed and is tried again (attempt 2 of 3):", "Next: “Each”.")
		change(&models.Run{}, map[string]any{"due_at": models.Now().Add(-time.Minute)})
		sitetest.Shows(t, bob.Get(at, http.StatusOK), "Its time to go on has come. Waits because no worker is connected.")

		s.Shop.Fails.Store(false)
		change(&models.Run{}, map[string]any{"status": "queued", "waiting_for": "", "due_at": nil})
		s.Check(s.DB.Model(&models.StepRun{}).Where("run_id = ?", run.ID).Update("wake_at", models.Now().Add(-time.Minute)).Error)
		if waits := s.Execute(run.ID); waits.WaitingFor != workflow.WaitApproval {
			t.Fatal(waits.Status, waits.WaitingFor)
		}
		sitetest.Shows(t, bob.Get(at, http.StatusOK), "waits for an approval.", "After that it ends.", "!Next:")

		other := s.Start(w, `{}`)
		change(&models.Run{}, map[string]any{"status": "queued", "waiting_for": "", "started_at": nil, "held_back": true, "limited": true, "behind_id": other.ID})
		sitetest.Shows(t, bob.Get(at, http.StatusOK), "Waits for its turn: an earlier run has to end first.", "Waits for the end of", `href="/runs/`+other.ID+`#step"`)
	})
}

func TestErrorAndTriggerCanBeCopiedAndDownloaded(t *testing.T) {
	s := sitetest.OnSQLite(t)
	bob := s.As(auth.Viewer)
	s.Shop.Fails.Store(true)
	run := s.Execute(s.Start(s.Order(), `{"order_id": 7}`).ID)
	s.Check(s.DB.Model(&models.Run{}).Where("id = ?", run.ID).Update("trigger", models.JSON(`{"type":"webhook","headers":{"x-key":"abc"},"body":{"n":12345678901234567890}}`)).Error)
	at := "/runs/" + run.ID + "/values/"
	page := bob.Get("/runs/"+run.ID+"?step=", http.StatusOK)
	for _, value := range []string{"input", "trigger", "error"} {
		sitetest.Shows(t, page, `href="`+at+value+`" download`, `data-copy="run-`+value+`-raw"`)
	}
	if kept := bob.Get(at+"trigger", http.StatusOK); kept != `{"body":{"n":12345678901234567890},"type":"webhook"}` {
		t.Error(kept)
	}
	sitetest.Shows(t, bob.Get(at+"error", http.StatusOK), `"code":`)
	sitetest.Shows(t, bob.Get("/runs/"+run.ID+"?step=fetch", http.StatusOK), `.error" download`, `.output" download`, `.input" download`)
}
