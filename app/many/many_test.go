package many_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/failures"
	"workflows/models/modelstest"
	"workflows/worker/workflow"
)

// run stores a run that was accepted some time ago.
func run(s *sitetest.Site, w models.Workflow, status string, ago time.Duration, change ...func(r *models.Run)) models.Run {
	s.T.Helper()
	at := models.Now().Add(-ago)
	r := models.Run{
		ID: models.NewID(), WorkflowID: w.ID, VersionID: *w.VersionID, Version: *w.Version, WorkflowName: w.Name, Status: status, TriggerType: "manual",
		Trigger: models.JSON(`{"type":"manual"}`), Input: models.JSON(`{"order_id":1}`), Queue: "default", QueuedAt: at,
	}
	switch status {
	case "failed":
		r.Error, r.FinishedAt = models.JSON(`{"code":"http_status","message":"The shop is closed.","step_id":"fetch"}`), &at
	case "succeeded", "cancelled":
		r.FinishedAt = &at
	}
	for _, c := range change {
		c(&r)
	}
	s.Check(s.DB.Create(&r).Error)
	return r
}

func bulks(s *sitetest.Site) []bulk.Bulk {
	s.T.Helper()
	found, err := bulk.Newest(s.T.Context(), s.DB)
	s.Check(err)
	return found
}

// items are the runs of what was begun, by what has come of them.
func items(s *sitetest.Site, id string) map[string]string {
	s.T.Helper()
	var rows []bulk.Item
	s.Check(s.DB.Where("bulk_id = ?", id).Find(&rows).Error)
	found := map[string]string{}
	for _, row := range rows {
		found[row.RunID] = row.State
	}
	return found
}

func TestAllRunsThatMatchAreAskedForAndBegunOnce(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Editor)
		w := s.Order()
		first, second := run(s, w, "failed", 3*time.Hour), run(s, w, "failed", 2*time.Hour)
		run(s, w, "succeeded", time.Hour)
		again := run(s, w, "failed", time.Hour)
		run(s, w, "failed", time.Minute, func(r *models.Run) { r.RetryOf = &again.ID }) // stands for it
		list := ann.Get("/runs?status=failed&q=&cursor="+models.NewID(), 200)
		sitetest.Shows(t, list, "With all that match:", `href="/bulk/new?action=retry&amp;status=failed"`, `href="/bulk/new?action=delete&amp;status=failed"`, "!action=cancel", `href="/bulk"`)

		ask := "/bulk/new?action=retry&status=failed"
		page := ann.Get(ask, 200)
		sitetest.Shows(t, page, "<h1>Run 3 runs again?</h1>", "Run 3 runs again</span>", "For each a new run is made", "Failed", "“Send the order” (Call a web address)", "!Remember", "Runs a second", "With 10 a second it takes less than a minute.",
			"They run on the version that they ran on", "The oldest", "Left out are runs that have not ended", `href="/runs?status=failed"`, "!"+sitetest.Evil)
		form := ann.Fill(ask, "/bulk", nil)
		if form.Get("begin") != "failed_step" || form.Get("version") != "same" || form.Get("per_second") != "10" || form.Get("shown") != "3" || form.Get("status") != "failed" {
			t.Fatalf("%v", form)
		}
		run(s, w, "failed", -time.Minute) // accepted after it was asked
		form.Set("per_second", "1,000")
		led := ann.Post("/bulk", form, 303).Location
		if twice := ann.Post("/bulk", form, 303).Location; twice != led {
			t.Errorf("sent twice it led to %s and %s", led, twice)
		}
		begun := bulks(s)
		if len(begun) != 1 || led != "/bulk/"+begun[0].ID {
			t.Fatalf("%+v %s", begun, led)
		}
		b := begun[0]
		if b.Action != "retry" || b.Total != 3 || b.PerSecond != 1000 || b.RetryFrom != "failed_step" || b.RetryVersion != "same" || b.ActorKind != "person" || b.Via != "page" || b.State != "running" {
			t.Errorf("%+v", b)
		}
		meant := items(s, b.ID)
		if len(meant) != 3 || meant[first.ID] != "waiting" || meant[second.ID] != "waiting" || meant[again.ID] != "" {
			t.Errorf("%v", meant)
		}
		sitetest.Shows(t, ann.Get(led, 200), "<h1>Run 3 runs again</h1>", "It has begun", "0 of 3, less than a minute left", "It waits for a worker.", "Ann ", "From the step that failed", "As it was then", "1,000", `value="0"`, `max="3"`, "Stop it here", "/runs?from=", "No worker is connected")
		sitetest.Shows(t, ann.Get("/bulk", 200), led, "Run 3 runs again", "Ann", "0 of 3", "Running")
		sitetest.Shows(t, ann.Get(ask, 200), "“Run 3 runs again” is under way already, asked for by Ann.", led)
	})
}

func TestMoreThanWasShownIsAskedForOnceMore(t *testing.T) {
	s := sitetest.OnSQLite(t)
	ann, w := s.As(auth.Operator), s.Order()
	run(s, w, "failed", time.Hour)
	running := run(s, w, "running", time.Hour)
	ask := "/bulk/new?action=retry&status=failed&workflow_id=" + w.ID
	form := ann.Fill(ask, "/bulk", url.Values{"begin": {"start"}})
	s.Check(s.DB.Model(&models.Run{}).Where("id = ?", running.ID).Updates(map[string]any{"status": "failed", "finished_at": models.Now()}).Error)
	once := ann.Post("/bulk", form, 422).Body
	sitetest.Shows(t, once, "Meanwhile more runs match than were shown.", "Run 2 runs again?")
	next := sitetest.FormOf(t, once, "/bulk")
	if next.Get("begin") != "start" || next.Get("shown") != "2" || next.Get("until") != form.Get("until") {
		t.Fatalf("%v", next)
	}
	ann.Post("/bulk", next, 303)
	if begun := bulks(s); len(begun) != 1 || begun[0].Total != 2 {
		t.Errorf("%+v", begun)
	}
}

func TestWhatIsTypedWronglyIsSaidBesideItAndKept(t *testing.T) {
	s := sitetest.OnSQLite(t)
	ann, w := s.As(auth.Operator), s.Order()
	run(s, w, "failed", time.Hour)
	form := ann.Fill("/bulk/new?action=retry&status=failed", "/bulk", url.Values{"per_second": {"many"}, "begin": {"middle"}})
	sitetest.Shows(t, ann.Post("/bulk", form, 422).Body, "Enter how many runs a second", "Choose where to begin.", `value="many"`, `href="#per_second"`)
	for _, wrong := range []string{"", "0", "1001", "-1", "1.5"} {
		form.Set("per_second", wrong)
		ann.Post("/bulk", form, 422)
	}
	form.Set("action", "explode")
	if led := ann.Post("/bulk", form, 303).Location; led != "/runs" {
		t.Error(led)
	}
	if begun := bulks(s); len(begun) > 0 {
		t.Errorf("%+v", begun)
	}
}

func TestCancellingAndDeletingSayWhatTheyDo(t *testing.T) {
	s := sitetest.OnSQLite(t)
	ann, w := s.As(auth.Editor), s.Order()
	waits := run(s, w, "waiting", time.Hour)
	ended := run(s, w, "succeeded", time.Hour)
	sitetest.Shows(t, ann.Get("/bulk/new?action=cancel", 200), "Cancel 1 run?", "cut off", "Runs of all workflows", "Left out are runs that have ended.", "!Runs a second")
	led := ann.Post("/bulk", ann.Fill("/bulk/new?action=cancel", "/bulk", nil), 303).Location
	sitetest.Shows(t, ann.Get(led, 200), "Cancel 1 run", "Cancelled runs")
	sitetest.Shows(t, ann.Get("/bulk/new?action=delete", 200), "Delete 1 run?", "This cannot be undone.")
	ann.Post("/bulk", ann.Fill("/bulk/new?action=delete", "/bulk", nil), 303)
	begun := bulks(s)
	if len(begun) != 2 || items(s, begun[0].ID)[ended.ID] != "waiting" || items(s, begun[1].ID)[waits.ID] != "waiting" || begun[1].PerSecond != bulk.MostRate {
		t.Errorf("%+v", begun)
	}
}

func TestWhereNothingMatchesThereIsNoButton(t *testing.T) {
	s := sitetest.OnSQLite(t)
	ann, w := s.As(auth.Editor), s.Order()
	run(s, w, "succeeded", time.Hour)
	for address, says := range map[string]string{
		"action=retry&status=failed":                        "There is nothing to run again",
		"action=cancel&workflow_id=" + w.ID:                 "There is nothing to cancel",
		"action=delete&q=nowhere-to-be-found":               "There is nothing to delete",
		"action=delete&workflow_id=nonsense":                "There is nothing to delete",
		"action=retry&failure_id=nonsense":                  "There is nothing to run again",
		"action=retry&ticked=1&back=status%3Dfailed":        "No run is ticked.",
		"action=retry&ids=nonsense&ids=" + models.NewID():   "There is nothing to run again",
		"action=delete&ids=" + strings.Repeat("x", 2000):    "There is nothing to delete",
		"action=retry&ticked=1&status=succeeded&back=%25zz": "No run is ticked.",
	} {
		sitetest.Shows(t, ann.Get("/bulk/new?"+address, 200), says, "Go back", `!action="/bulk"`)
	}
	sitetest.Shows(t, ann.Get("/bulk/new?action=retry&ticked=1&back=status%3Dfailed", 200), `href="/runs?status=failed"`)
	sitetest.Shows(t, ann.Get("/bulk/new?action=retry&status=lost&from=soon", 422), "There is no such state.", "Enter a date", `!action="/bulk"`, "!#status")
	ann.Get("/bulk/new?action=delete&q=%00%ff", 422)
	ann.Get("/bulk/new", 404)
	ann.Get("/bulk/new?action=explode", 404)
	ann.Get("/bulk/nonsense", 404)
	ann.Get("/bulk/"+models.NewID(), 404)
	ann.Get("/live/bulk/"+models.NewID(), 404)
	ann.Post("/bulk/"+models.NewID()+"/stop", nil, 404)
}

func TestTickedRunsAreMeantAndNoOthers(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, w := s.As(auth.Editor), s.Order()
		one, two := run(s, w, "failed", time.Hour), run(s, w, "succeeded", time.Hour)
		run(s, w, "failed", time.Hour)
		list := ann.Get("/runs?workflow_id="+w.ID, 200)
		sitetest.Shows(t, list, `value="`+one.ID+`" form="ticked"`, "With those that are ticked:")
		query := sitetest.FormOf(t, list, "/bulk/new")
		query["ids"], query["action"] = []string{one.ID, two.ID}, []string{"retry"}
		ask := "/bulk/new?" + query.Encode()
		sitetest.Shows(t, ann.Get(ask, 200), "Run 2 runs again?", "2 runs one by one", `href="/runs?workflow_id=`+w.ID+`"`, "Runs in which no step failed are not run again then")
		led := ann.Post("/bulk", ann.Fill(ask, "/bulk", nil), 303).Location
		if meant := items(s, strings.TrimPrefix(led, "/bulk/")); len(meant) != 2 || meant[one.ID] == "" || meant[two.ID] == "" {
			t.Errorf("%v", meant)
		}
		sitetest.Shows(t, ann.Get(led, 200), "2 runs one by one")
	})
}

func TestAViewerOnlyLooksAndOnlyAnEditorDeletes(t *testing.T) {
	s := sitetest.OnSQLite(t)
	w := s.Order()
	run(s, w, "failed", time.Hour)
	bob, otto, eve := s.As(auth.Viewer), s.As(auth.Operator), s.As(auth.Editor)
	sitetest.Shows(t, bob.Get("/runs", 200), "!With all that match", "!ticked", "!data-select")
	sitetest.Shows(t, otto.Get("/runs", 200), "action=retry", "action=cancel", "!action=delete", "!>Delete")
	bob.Get("/bulk/new?action=retry", 403)
	otto.Get("/bulk/new?action=delete", 403)
	form := eve.Fill("/bulk/new?action=delete", "/bulk", nil)
	bob.Post("/bulk", form, 403)
	otto.Post("/bulk", form, 403)
	if begun := bulks(s); len(begun) > 0 {
		t.Fatalf("%+v", begun)
	}
	led := eve.Post("/bulk", form, 303).Location
	sitetest.Shows(t, bob.Get(led, 200), "Delete 1 run", "!Stop it")
	sitetest.Shows(t, bob.Get("/live"+led, 200), "0 of 1", "!Stop it")
	sitetest.Shows(t, otto.Get("/live"+led, 200), "Stop it here")
	sitetest.Shows(t, bob.Get("/bulk", 200), led)
	bob.Post(led+"/stop", nil, 403)
}

func TestItIsStoppedAndSaysWhatCouldNotBeDone(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, w := s.As(auth.Operator), s.Order()
		var runs []models.Run
		for range 5 {
			runs = append(runs, run(s, w, "failed", time.Hour))
		}
		led := ann.Post("/bulk", ann.Fill("/bulk/new?action=retry", "/bulk", nil), 303).Location
		id := strings.TrimPrefix(led, "/bulk/")
		for i, r := range runs[:3] { // as a worker does
			state, message := bulk.ItemFailed, "No step of this run failed."
			if i == 0 {
				state, message = bulk.ItemDone, ""
			}
			s.Check(s.DB.Model(&bulk.Item{}).Where("bulk_id = ? AND run_id = ?", id, r.ID).Updates(map[string]any{"state": state, "code": "nothing_failed", "message": message}).Error)
		}
		s.Check(s.DB.Model(&bulk.Bulk{}).Where("id = ?", id).Updates(map[string]any{"done": 1, "failed": 2}).Error)
		sitetest.Shows(t, ann.Get("/live"+led, 200), "3 of 5, 2 could not be done, ", " left", "It is under way.", "No step of this run failed.", "/runs/"+runs[2].ID, "hx-get", `value="3"`)
		said := ann.Post(led+"/stop", nil, 303).Location
		sitetest.Shows(t, ann.Get(said, 200), "It is stopped. 2 runs are left as they were.", "Ann stopped it.", "3 of 5, 2 could not be done", "! left<", "!Stop it here", "!hx-get=\"/live/bulk")
		modelstest.Eventually(t, "the live part polls no more", func() bool { return !strings.Contains(ann.Get("/live"+led, 200), "hx-get") })
		ann.Post(led+"/stop", nil, 303)

		s.Check(s.DB.Model(&bulk.Bulk{}).Where("id = ?", id).Updates(map[string]any{"state": "finished", "done": 3}).Error)
		sitetest.Shows(t, ann.Get(led, 200), "It is done, but for those that could not be.", "5 of 5, 2 could not be done")
		sitetest.Shows(t, ann.Get(ann.Post(led+"/stop", nil, 303).Location, 200), "It had come to its end already.")
	})
}

func TestTheRunsOfAReasonAreRunAgainOnTheVersionThatMendsThem(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, w := s.As(auth.Operator), s.Order()
		run(s, w, "failed", time.Hour)
		run(s, w, "failed", time.Minute)
		_, err := failures.Group(t.Context(), s.DB, models.Now(), 100, nil)
		s.Check(err)
		groups, _, err := failures.List(t.Context(), s.DB, failures.Filter{Limit: 10})
		s.Check(err)
		group := "/failures/" + groups[0].ID
		ask := "/bulk/new?action=retry&failure_id=" + groups[0].ID
		sitetest.Shows(t, ann.Get(group, 200), `href="`+strings.ReplaceAll(ask, "&", "&amp;")+`"`, "Run all again", "!Delete all")
		sitetest.Shows(t, ann.Get(ask, 200), "Run 2 runs again?", "The shop is closed.", `href="`+group+`"`, "!Which version")
		_, d := s.Stored("/workflows/" + w.ID)
		d.Steps[1].Name = "Send it anew"
		_, err = s.Catalog.SaveDraft(t.Context(), w.ID, d, nil, "Ann")
		s.Check(err)
		_, err = s.Catalog.Publish(t.Context(), w.ID, nil, "Ann")
		s.Check(err)
		sitetest.Shows(t, ann.Get(ask, 200), "“Send the order” (Call a web address)", "“Send it anew” (Call a web address)", "Which version")
		form := ann.Fill(ask, "/bulk", nil)
		if form.Get("version") != "current" || form.Get("begin") != "failed_step" {
			t.Errorf("%v", form)
		}
		if all := ann.Fill("/bulk/new?action=retry&status=failed", "/bulk", nil); all.Get("version") != "same" {
			t.Errorf("%v", all)
		}
		led := ann.Post("/bulk", form, 303).Location
		begun := bulks(s)[0]
		if begun.RetryVersion != "current" || begun.FailureID == nil || *begun.FailureID != groups[0].ID {
			t.Errorf("%+v", begun)
		}
		sitetest.Shows(t, ann.Get(led, 200), "The shop is closed.", group, "The one that is published")
		sitetest.Shows(t, ann.Get(group, 200), led, "Run 2 runs again", "0 of 2")
		sitetest.Shows(t, s.As(auth.Editor).Get(group, 200), "Delete all")
	})
}

func TestOfManyWorkflowsThoseWithTheMostRunsAreNamed(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Operator)
		for i := range 12 {
			w := s.Order(func(d *workflow.Definition) { d.Name = "Flow " + strconv.Itoa(i) })
			for range i + 1 {
				run(s, w, "failed", time.Hour)
			}
		}
		sitetest.Shows(t, ann.Get("/bulk/new?action=retry", 200), "Run 78 runs again?", "Flow 11", "Flow 2<", "!Flow 1<", "!Flow 0<", "And 3 runs of 2 other workflows.")
	})
}
