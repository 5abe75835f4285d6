package explained_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/worker/workflow"
)

const tryTwice = `{"format": 1, "name": "Tries", "steps": [
	{"id": "fetch", "type": "http_request", "name": "Ask the shop", "config": {"method": "GET", "url": "URL"}, "retry": {"max_attempts": 3, "delay": "1h"}},
	{"id": "each", "type": "for_each", "name": "Each", "config": {"list": [1, 2]}, "do": [{"id": "one", "type": "set_values", "name": "One", "config": {"values": {"a": 1}}}]},
	{"id": "ask", "type": "approval", "name": "Ask Ann", "config": {"question": "May we?"}}
]}`

func published(s *sitetest.Site, definition string) models.Workflow {
	s.T.Helper()
	d, problems, err := workflow.Parse([]byte(strings.ReplaceAll(definition, "URL", s.Shop.URL)))
	s.Check(err)
	if len(problems) > 0 {
		s.T.Fatal(problems)
	}
	return s.Publish(d)
}

func TestTheTimelineTellsAttemptsWaitingAndWorkApart(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob, w := s.As(auth.Viewer), published(s, tryTwice)
		s.Shop.Fails.Store(true)
		run := s.Start(w, `{}`)
		at := "/runs/" + run.ID + "/timeline"
		sitetest.Shows(t, bob.Get(at, http.StatusOK), "Waits for a worker", "since", "data-live")
		s.Execute(run.ID)
		page := bob.Get(at, http.StatusOK)
		sitetest.Shows(t, page, "Worked, and failed", "Waits to be tried again", "until", "Ask the shop", "Work that failed", `href="/runs/`+run.ID+`?step=fetch&amp;attempt=1#detail"`, "Before it started", "So far", "!Waiting for a person")

		// The attempt was long ago, and its time has come.
		long, wake := models.Now().Add(-3*time.Hour), models.Now().Add(-2*time.Hour)
		s.Check(s.DB.Model(&models.StepRun{}).Where("run_id = ?", run.ID).Updates(map[string]any{"started_at": long, "finished_at": long.Add(time.Minute), "wake_at": wake}).Error)
		s.Check(s.DB.Model(&models.Run{}).Where("id = ?", run.ID).Updates(map[string]any{"status": "queued", "waiting_for": "", "due_at": nil, "queued_at": long, "started_at": long}).Error)
		s.Shop.Fails.Store(false)
		if waits := s.Execute(run.ID); waits.WaitingFor != workflow.WaitApproval {
			t.Fatal(waits.Status, waits.WaitingFor, string(waits.Error))
		}
		page = bob.Get(at, http.StatusOK)
		sitetest.Shows(t, page, "Waited to be tried again", "59 min", "Waited for a worker", "2 h", "Attempt 2: Worked", "Waits for a person", "Went through its items", "One, item 2", "At work", "1 min", `fill="url(#stretch-hatch)"`, `id="stretch-dots"`)

		live := "/live" + at
		one := bob.Send(http.MethodGet, live, nil, nil)
		same := bob.Send(http.MethodGet, live, nil, http.Header{"If-None-Match": {one.Tag}})
		if one.Status != http.StatusOK || one.Tag == "" || same.Status != http.StatusNotModified {
			t.Errorf("%d %q, then %d", one.Status, one.Tag, same.Status)
		}
		_, err := s.Engine.Cancel(t.Context(), run.ID, "Ann")
		s.Check(err)
		page = bob.Get(at, http.StatusOK)
		sitetest.Shows(t, page, "In all", "Waited for a person", "!data-live", "!since")
		bob.Get("/runs/"+models.NewID()+"/timeline", http.StatusNotFound)
	})
}

func TestWhatIsNotKeptOfTheTimeIsSaidAndTheRestIsBounded(t *testing.T) {
	s := sitetest.OnSQLite(t)
	bob := s.As(auth.Viewer)
	w := published(s, `{"format": 1, "name": "Many", "inputs": [{"name": "list", "type": "json"}], "steps": [
		{"id": "each", "type": "for_each", "name": "Each", "config": {"list": "{{ input.list }}"}, "do": [{"id": "one", "type": "set_values", "name": "One", "config": {"values": {"a": 1}}}]}]}`)
	run := s.Execute(s.Start(w, `{"list": [`+strings.TrimSuffix(strings.Repeat("1,", 300), ",")+`]}`).ID)
	page := bob.Get("/runs/"+run.ID+"/timeline", http.StatusOK)
	sitetest.Shows(t, page, "This run has more attempts than are shown here, the first 200.", "One, item 150", "!One, item 250")

	s.Check(s.DB.Model(&models.StepRun{}).Where("run_id = ? AND iteration = '0'", run.ID).Updates(map[string]any{"status": "failed", "error": models.JSON(`{"code":"worker_lost","message":"Lost."}`)}).Error)
	s.Check(s.DB.Model(&models.StepRun{}).Where("run_id = ? AND iteration = '1'", run.ID).Updates(map[string]any{"note": "Ann decided."}).Error)
	before := run.QueuedAt.Add(-time.Hour)
	s.Check(s.DB.Model(&models.StepRun{}).Where("run_id = ? AND iteration = '2'", run.ID).Updates(map[string]any{"started_at": before, "finished_at": before}).Error)
	s.Check(s.DB.Model(&models.Run{}).Where("id = ?", run.ID).Update("retry_of", models.NewID()).Error)
	page = bob.Get("/runs/"+run.ID+"/timeline", http.StatusOK)
	sitetest.Shows(t, page, "When a worker was lost is not known", "When a step stopped working that was waiting for a decision is not kept", "Results that were taken over from the run before took no time here", "!One, item 3<")
}
