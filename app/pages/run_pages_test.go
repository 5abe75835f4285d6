package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/models"
	"workflows/worker/workflow"
)

func TestRunFormStartsARunWithTypedInputs(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		w, ann := s.order(), s.as(auth.Operator)
		form := ann.get("/workflows/"+w.ID+"/run", http.StatusOK)
		shows(t, form, `name="input.order_id"`, `type="checkbox"`, `value="Thanks"`, "Run now", "!"+evil, "!Open the editor")

		key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(form)[1]
		filled := url.Values{"form": {"1"}, "key": {key}, "input.order_id": {"12345678901234567890"}, "input.gift": {"true"}, "input.note": {"Hello"}}
		first := ann.post("/workflows/"+w.ID+"/run", filled, http.StatusSeeOther)
		again := ann.post("/workflows/"+w.ID+"/run", filled, http.StatusSeeOther)
		if first.location != again.location {
			t.Fatalf("a double click made two runs: %s and %s", first.location, again.location)
		}
		run, err := models.GetRun(context.Background(), s.db, strings.TrimPrefix(first.location, "/runs/"))
		s.check(err)
		if want := `{"gift":true,"note":"Hello","order_id":12345678901234567890}`; string(run.Input) != want {
			t.Fatalf("input %s", run.Input)
		}
		filled.Set("input.note", "Other")
		if other := ann.post("/workflows/"+w.ID+"/run", filled, http.StatusSeeOther); other.location == first.location {
			t.Fatal("other inputs gave the same run")
		}
	})
}

func TestRunFormKeepsWhatWasTypedAndNamesEveryProblem(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		w, ann := s.order(), s.as(auth.Operator)
		typed := url.Values{"form": {"1"}, "input.order_id": {"twelve" + evil}, "input.note": {"Keep " + evil}}
		page := ann.post("/workflows/"+w.ID+"/run", typed, http.StatusUnprocessableEntity).body
		shows(t, page, `href="#input.order_id"`, "must be a number", "twelve&lt;script&gt;", "Keep &lt;script&gt;", `aria-invalid="true"`, "!"+evil)
		missing := ann.post("/workflows/"+w.ID+"/run", url.Values{"form": {"1"}}, http.StatusUnprocessableEntity).body
		shows(t, missing, "Enter a value for")
		runs, _, err := models.ListRuns(context.Background(), s.db, models.RunFilter{Limit: 10})
		if err != nil || len(runs) != 0 {
			t.Fatalf("a form with problems started %d runs, %v", len(runs), err)
		}
		large := url.Values{"form": {"1"}, "input.note": {strings.Repeat("x", 300<<10)}}
		ann.post("/workflows/"+w.ID+"/run", large, http.StatusRequestEntityTooLarge)
		ann.post("/workflows/"+w.ID+"/run", url.Values{"form": {"1"}, "input.note": {"a\x00b"}}, http.StatusUnprocessableEntity)
	})
}

func TestRunNowLeadsToTheFormWhereInputsAreNeeded(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann := s.as(auth.Operator)
		asks := s.order()
		plain := s.order(func(d *workflow.Definition) {
			d.Name, d.Inputs, d.Steps = "Plain", nil, d.Steps[:1]
			d.Steps[0].Config = map[string]any{"values": map[string]any{"a": 1}}
		})
		if to := ann.post("/workflows/"+asks.ID+"/run", nil, http.StatusSeeOther).location; to != "/workflows/"+asks.ID+"/run" {
			t.Fatal(to)
		}
		if to := ann.post("/workflows/"+plain.ID+"/run", nil, http.StatusSeeOther).location; !strings.HasPrefix(to, "/runs/") {
			t.Fatal(to)
		}
		draft, err := s.catalog.Create(context.Background(), workflow.Definition{Format: 1, Name: "Draft"}, false, "Ann")
		s.check(err)
		shows(t, s.as(auth.Editor).get("/workflows/"+draft.ID+"/run", http.StatusOK), "still a draft", "Open the editor")
		ann.get("/workflows/"+models.NewID()+"/run", http.StatusNotFound)
		ann.get("/workflows/nonsense/run", http.StatusNotFound)
	})
}

func TestRunPageTellsWhatHappened(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann := s.as(auth.Operator)
		run := s.start(s.order(), `{"order_id": 7}`)
		waiting := ann.get("/runs/"+run.ID, http.StatusOK)
		shows(t, waiting, "no worker is connected", "Cancel the run", "!Run again", `hx-get="/live/runs/`+run.ID+`"`, "Not started")

		if run = s.execute(run.ID); run.Status != workflow.RunSucceeded {
			t.Fatalf("run %s %s", run.Status, run.Error)
		}
		page := ann.get("/runs/"+run.ID, http.StatusOK)
		shows(t, page, "4 steps succeeded, 1 not needed", "Run again", "!Cancel the run", "!hx-get", "If yes", "If no", "Skipped", "!"+evil,
			"large &lt;script&gt;", "Remember &lt;script&gt;", "order_id&#34;")
		step := ann.get("/runs/"+run.ID+"?step=fetch", http.StatusOK)
		shows(t, step, `aria-current="true"`, "Call a web address", "status&#34;", s.shop.url+"/orders/7", "!hx-get")
		shows(t, ann.get("/runs/"+run.ID+"?step=no", http.StatusOK), "This step did not run")
		shows(t, ann.get("/runs/"+run.ID+"?step=unknown&attempt=99", http.StatusOK), "Input and output")
		ann.get("/runs/"+models.NewID(), http.StatusNotFound)
		ann.get("/runs/nonsense", http.StatusNotFound)
	})
}

func TestLivePartsOfARunEndWithIt(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann, bob := s.as(auth.Operator), s.as(auth.Viewer)
		run := s.start(s.order(), `{"order_id": 7}`)
		for _, path := range []string{"/live/runs/" + run.ID, "/live/runs/" + run.ID + "/detail?step=fetch"} {
			first := ann.send(http.MethodGet, path, nil, nil)
			shows(t, first.body, "hx-trigger", "!<html")
			same := ann.send(http.MethodGet, path, nil, http.Header{"If-None-Match": {first.tag}})
			if first.status != 200 || same.status != http.StatusNotModified || same.body != "" {
				t.Fatalf("%s answered %d, then %d", path, first.status, same.status)
			}
		}
		shows(t, ann.get("/live/runs/"+run.ID, 200), "Cancel the run")
		shows(t, bob.get("/live/runs/"+run.ID, 200), "!Cancel the run")
		s.execute(run.ID)
		for _, path := range []string{"/live/runs/" + run.ID + "?end", "/live/runs/" + run.ID + "/detail?step=fetch&attempt=1"} {
			shows(t, ann.get(path, 200), "!hx-trigger", "Succeeded")
		}
		ann.get("/live/runs/"+models.NewID(), http.StatusNotFound)
	})
}

func TestCancelAsksThenEndsTheRun(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann := s.as(auth.Operator)
		run := s.start(s.order(), `{"order_id": 7}`)
		shows(t, ann.get("/runs/"+run.ID+"/cancel", 200), "Cancel this run of “Orders &lt;script&gt;", "no further step starts", "!"+evil)
		s.as(auth.Viewer).post("/runs/"+run.ID+"/cancel", nil, http.StatusForbidden)
		ann.post("/runs/"+run.ID+"/cancel", nil, http.StatusSeeOther)
		shows(t, ann.get("/runs/"+run.ID, 200), "Cancelled by Ann.", "Run again", "!hx-get")
		ann.post("/runs/"+run.ID+"/cancel", nil, http.StatusConflict)
		if a := ann.send(http.MethodGet, "/runs/"+run.ID+"/cancel", nil, nil); a.status != http.StatusSeeOther {
			t.Fatal(a.status)
		}
	})
}

func TestRunAgainNamesWhatIsRepeatedAndWhatIsNot(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann, ctx := s.as(auth.Operator), context.Background()
		w := s.order()
		s.shop.fails.Store(true)
		failed := s.execute(s.start(w, `{"order_id": 7}`).ID)
		page := ann.get("/runs/"+failed.ID, 200)
		shows(t, page, "Failed at “Send the order”", "Show the step", "Run again")
		form := ann.get("/runs/"+failed.ID+"/retry", 200)
		shows(t, form, "From the step that failed: “Send the order”", "these are not repeated", "<li>Remember &lt;script&gt;", "act outside once more", "<li>Send the order</li>", "!"+evil, "still the published one")

		d, err := workflow.Load(w.Draft)
		s.check(err)
		d.Description = "Changed"
		_, err = s.catalog.SaveDraft(ctx, w.ID, d, nil, "Ann")
		s.check(err)
		_, err = s.catalog.Publish(ctx, w.ID, "Ann")
		s.check(err)
		shows(t, ann.get("/runs/"+failed.ID+"/retry", 200), "Version 1, as this run", "Version 2, which is published now")

		s.shop.fails.Store(false)
		calls := s.shop.calls.Load()
		to := ann.post("/runs/"+failed.ID+"/retry", url.Values{"from": {"failed_step"}, "version": {"current"}}, http.StatusSeeOther).location
		again := s.execute(strings.TrimPrefix(to, "/runs/"))
		if again.Status != workflow.RunSucceeded || again.Version != 2 || s.shop.calls.Load() != calls+1 {
			t.Fatalf("%s version %d after %d calls: %s", again.Status, again.Version, s.shop.calls.Load()-calls, again.Error)
		}
		shows(t, ann.get(to, 200), "an earlier run", "/runs/"+failed.ID, "Taken over from the run before")

		wrong := ann.post("/runs/"+failed.ID+"/retry", url.Values{"from": {"middle"}}, http.StatusUnprocessableEntity).body
		shows(t, wrong, "Choose start or failed_step.")
		done := ann.post("/runs/"+again.ID+"/retry", url.Values{"from": {"failed_step"}}, http.StatusConflict).body
		shows(t, done, "from the start")
		open := s.start(w, `{"order_id": 8}`)
		shows(t, ann.post("/runs/"+open.ID+"/retry", url.Values{"from": {"start"}}, http.StatusConflict).body, "has not ended yet")
	})
}

func TestRunsAreFilteredByTheAddress(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann := s.as(auth.Viewer)
		shows(t, ann.get("/runs", 200), "Nothing has run yet")
		w := s.order()
		other := s.order(func(d *workflow.Definition) { d.Name = "100%_sure" })
		done := s.execute(s.start(w, `{"order_id": 1}`).ID)
		queued := s.start(other, `{"order_id": 2}`)
		all := ann.get("/runs", 200)
		live := regexp.MustCompile(`hx-get="(/live/runs[^"]+)"`).FindStringSubmatch(all)
		shows(t, ann.get(live[1], 200), "hx-trigger", "/runs/"+done.ID, "/runs/"+queued.ID, "!<html")
		shows(t, ann.get("/live/runs?ids="+done.ID+",nonsense", 200), "!hx-trigger", "Succeeded")
		shows(t, ann.get("/runs?status=succeeded", 200), "!hx-get")
		shows(t, all, "/runs/"+done.ID, "/runs/"+queued.ID, "Succeeded", "Waiting", "!"+evil)
		for query, wanted := range map[string]string{
			"status=succeeded": done.ID, "workflow_id=" + other.ID: queued.ID, "q=100%25_s": queued.ID, "q=" + done.ID: done.ID,
			"trigger=manual&status=queued": queued.ID, "q=%25_": queued.ID,
		} {
			page := ann.get("/runs?"+query, 200)
			if strings.Count(page, `<tr id="run-`) != 1 || !strings.Contains(page, `href="/runs/`+wanted+`"`) {
				t.Errorf("%s does not show just %s", query, wanted)
			}
		}
		today := time.Now().UTC()
		shows(t, ann.get("/runs?from="+today.AddDate(0, 0, 2).Format(time.DateOnly), 200), "No run matches this filter", "Show all runs")
		shows(t, ann.get("/runs?to="+today.AddDate(0, 0, 2).Format(time.DateOnly), 200), "/runs/"+done.ID)
		shows(t, ann.get("/runs?from=yesterday&status=odd&to=2026-02-31", 422), "Enter a date, such as", "There is no such state", `href="#from"`, `href="#to"`)
		shows(t, ann.get("/runs?q="+url.QueryEscape(evil)+"&cursor=nonsense", 200), "&lt;script&gt;", "!"+evil)
		ann.get("/runs?q=%00", 422)
	})
}

func TestRunsPagesFollowEachOtherByKey(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann, w := s.as(auth.Viewer), s.order()
		for range 27 {
			s.start(w, `{"order_id": 1}`)
		}
		first := ann.get("/runs?status=queued", 200)
		next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(first)
		if strings.Count(first, `<tr id="run-`) != 25 || next == nil {
			t.Fatal("the first page has not 25 rows and a next one")
		}
		second := ann.get(strings.ReplaceAll(next[1], "&amp;", "&"), 200)
		if strings.Count(second, `<tr id="run-`) != 2 {
			t.Fatal("the second page has not the last 2 rows")
		}
		shows(t, second, "Back to the newest", `href="/runs?status=queued"`)
	})
}
