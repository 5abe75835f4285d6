package pages_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

func TestRunFormStartsARunWithTypedInputs(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		w, ann := s.Order(), s.As(auth.Operator)
		form := ann.Get("/workflows/"+w.ID+"/run", http.StatusOK)
		sitetest.Shows(t, form, `name="input.order_id"`, `type="checkbox"`, `value="Thanks"`, "Run now", "!"+sitetest.Evil, "!Open the editor")

		key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(form)[1]
		filled := url.Values{"form": {"1"}, "key": {key}, "input.order_id": {"12345678901234567890"}, "input.gift": {"true"}, "input.note": {"Hello"}}
		first := ann.Post("/workflows/"+w.ID+"/run", filled, http.StatusSeeOther)
		again := ann.Post("/workflows/"+w.ID+"/run", filled, http.StatusSeeOther)
		if first.Location != again.Location {
			t.Fatalf("a double click made two runs: %s and %s", first.Location, again.Location)
		}
		run, err := runs.Get(context.Background(), s.DB, strings.TrimPrefix(first.Location, "/runs/"))
		s.Check(err)
		if want := `{"gift":true,"note":"Hello","order_id":12345678901234567890}`; string(run.Input) != want {
			t.Fatalf("input %s", run.Input)
		}
		filled.Set("input.note", "Other")
		if other := ann.Post("/workflows/"+w.ID+"/run", filled, http.StatusSeeOther); other.Location == first.Location {
			t.Fatal("other inputs gave the same run")
		}
	})
}

func TestRunFormKeepsWhatWasTypedAndNamesEveryProblem(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		w, ann := s.Order(), s.As(auth.Operator)
		typed := url.Values{"form": {"1"}, "input.order_id": {"twelve" + sitetest.Evil}, "input.note": {"Keep " + sitetest.Evil}}
		page := ann.Post("/workflows/"+w.ID+"/run", typed, http.StatusUnprocessableEntity).Body
		sitetest.Shows(t, page, `href="#input.order_id"`, "must be a number", "twelve&lt;script&gt;", "Keep &lt;script&gt;", `aria-invalid="true"`, "!"+sitetest.Evil)
		missing := ann.Post("/workflows/"+w.ID+"/run", url.Values{"form": {"1"}}, http.StatusUnprocessableEntity).Body
		sitetest.Shows(t, missing, "Enter a value for")
		found, _, err := runs.List(context.Background(), s.DB, runs.Filter{Limit: 10})
		if err != nil || len(found) != 0 {
			t.Fatalf("a form with problems started %d runs, %v", len(found), err)
		}
		large := url.Values{"form": {"1"}, "input.note": {strings.Repeat("x", 300<<10)}}
		ann.Post("/workflows/"+w.ID+"/run", large, http.StatusRequestEntityTooLarge)
		ann.Post("/workflows/"+w.ID+"/run", url.Values{"form": {"1"}, "input.note": {"a\x00b"}}, http.StatusUnprocessableEntity)
	})
}

func TestWhatAStepsTypeTellsOfItsAttemptStandsOnTheRunsPage(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		run := s.Execute(s.Start(s.Order(), `{"order_id": 7}`).ID)
		page := s.As(auth.Viewer).Get("/runs/"+run.ID+"?step=large", http.StatusOK)
		sitetest.Shows(t, page, "is over 100", "<h3>What was compared</h3>")
		other := s.As(auth.Viewer).Get("/runs/"+run.ID+"?step=remember", http.StatusOK)
		sitetest.Shows(t, other, "!What was compared")
	})
}

func TestRunNowLeadsToTheFormWhereInputsAreNeeded(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Operator)
		asks := s.Order()
		plain := s.Order(func(d *workflow.Definition) {
			d.Name, d.Inputs, d.Steps = "Plain", nil, d.Steps[:1]
			d.Steps[0].Config = map[string]any{"values": map[string]any{"a": 1}}
		})
		if to := ann.Post("/workflows/"+asks.ID+"/run", nil, http.StatusSeeOther).Location; to != "/workflows/"+asks.ID+"/run" {
			t.Fatal(to)
		}
		if to := ann.Post("/workflows/"+plain.ID+"/run", nil, http.StatusSeeOther).Location; !strings.HasPrefix(to, "/runs/") {
			t.Fatal(to)
		}
		draft, err := s.Catalog.Create(context.Background(), workflow.Definition{Format: 1, Name: "Draft"}, false, "Ann")
		s.Check(err)
		sitetest.Shows(t, s.As(auth.Editor).Get("/workflows/"+draft.ID+"/run", http.StatusOK), "still a draft", "Open the editor")
		ann.Get("/workflows/"+models.NewID()+"/run", http.StatusNotFound)
		ann.Get("/workflows/nonsense/run", http.StatusNotFound)
	})
}

func TestRunPageTellsWhatHappened(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Operator)
		run := s.Start(s.Order(), `{"order_id": 7}`)
		waiting := ann.Get("/runs/"+run.ID, http.StatusOK)
		sitetest.Shows(t, waiting, "no worker is connected", "Cancel the run", "!Run again", `hx-get="/live/runs/`+run.ID+`"`, "Not started")

		if run = s.Execute(run.ID); run.Status != workflow.RunSucceeded {
			t.Fatalf("run %s %s", run.Status, run.Error)
		}
		page := ann.Get("/runs/"+run.ID, http.StatusOK)
		sitetest.Shows(t, page, "4 steps succeeded, 1 not needed", "Run again", "!Cancel the run", "!data-live", "If yes", "If no", "Skipped", "!"+sitetest.Evil,
			"large &lt;script&gt;", "Remember &lt;script&gt;", "order_id&#34;")
		step := ann.Get("/runs/"+run.ID+"?step=fetch", http.StatusOK)
		sitetest.Shows(t, step, `aria-current="true"`, "Call a web address", "status&#34;", s.Shop.URL+"/orders/7", "!data-live")
		sitetest.Shows(t, ann.Get("/runs/"+run.ID+"?step=no", http.StatusOK), "This step did not run")
		sitetest.Shows(t, ann.Get("/runs/"+run.ID+"?step=unknown&attempt=99", http.StatusOK), "Input and output")
		ann.Get("/runs/"+models.NewID(), http.StatusNotFound)
		ann.Get("/runs/nonsense", http.StatusNotFound)
	})
}

func TestLivePartsOfARunEndWithIt(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, bob := s.As(auth.Operator), s.As(auth.Viewer)
		run := s.Start(s.Order(), `{"order_id": 7}`)
		for _, path := range []string{"/live/runs/" + run.ID, "/live/runs/" + run.ID + "/detail?step=fetch"} {
			first := ann.Send(http.MethodGet, path, nil, nil)
			sitetest.Shows(t, first.Body, "hx-trigger", "!<html")
			same := ann.Send(http.MethodGet, path, nil, http.Header{"If-None-Match": {first.Tag}})
			if first.Status != 200 || same.Status != http.StatusNotModified || same.Body != "" {
				t.Fatalf("%s answered %d, then %d", path, first.Status, same.Status)
			}
		}
		sitetest.Shows(t, ann.Get("/live/runs/"+run.ID, 200), "Cancel the run")
		sitetest.Shows(t, bob.Get("/live/runs/"+run.ID, 200), "!Cancel the run")
		s.Execute(run.ID)
		for _, path := range []string{"/live/runs/" + run.ID + "?attempt=1", "/live/runs/" + run.ID + "/detail?step=fetch&attempt=1"} {
			sitetest.Shows(t, ann.Get(path, 200), "!data-live", "Succeeded")
		}
		ann.Get("/live/runs/"+models.NewID(), http.StatusNotFound)
	})
}

func TestCancelAsksThenEndsTheRun(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Operator)
		run := s.Start(s.Order(), `{"order_id": 7}`)
		sitetest.Shows(t, ann.Get("/runs/"+run.ID+"/cancel", 200), "Cancel this run of “Orders &lt;script&gt;", "no further step starts", "!"+sitetest.Evil)
		s.As(auth.Viewer).Post("/runs/"+run.ID+"/cancel", nil, http.StatusForbidden)
		ann.Post("/runs/"+run.ID+"/cancel", nil, http.StatusSeeOther)
		sitetest.Shows(t, ann.Get("/runs/"+run.ID, 200), "Cancelled by Ann.", "Run again", "!hx-get")
		ann.Post("/runs/"+run.ID+"/cancel", nil, http.StatusConflict)
		if a := ann.Send(http.MethodGet, "/runs/"+run.ID+"/cancel", nil, nil); a.Status != http.StatusSeeOther {
			t.Fatal(a.Status)
		}
	})
}

func TestRunAgainNamesWhatIsRepeatedAndWhatIsNot(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, ctx := s.As(auth.Operator), context.Background()
		w := s.Order()
		s.Shop.Fails.Store(true)
		failed := s.Execute(s.Start(w, `{"order_id": 7}`).ID)
		page := ann.Get("/runs/"+failed.ID, 200)
		sitetest.Shows(t, page, "Failed at “Send the order”", "Show the step", "Run again", "!Change the step")
		change := "/workflows/" + w.ID + "/edit?open=fetch"
		sitetest.Shows(t, s.As(auth.Editor).Get("/runs/"+failed.ID, 200), "Change the step", change+"#step-fetch")
		sitetest.Shows(t, s.As(auth.Editor).Get(change, 200), `name="config.url"`)
		sitetest.Shows(t, s.As(auth.Editor).Get("/workflows/"+w.ID+"/edit?open=gone", 200), "Send the order", "!config.url")
		form := ann.Get("/runs/"+failed.ID+"/retry", 200)
		sitetest.Shows(t, form, "From the step that failed: “Send the order”", "these are not repeated", "<li>Remember &lt;script&gt;", "act outside once more", "<li>Send the order</li>", "!"+sitetest.Evil, "still the published one")

		d, err := workflow.Load(w.Draft)
		s.Check(err)
		d.Description = "Changed"
		_, err = s.Catalog.SaveDraft(ctx, w.ID, d, nil, "Ann")
		s.Check(err)
		_, err = s.Catalog.Publish(ctx, w.ID, nil, "Ann")
		s.Check(err)
		sitetest.Shows(t, ann.Get("/runs/"+failed.ID+"/retry", 200), "Version 1, as this run", "Version 2, which is published now", "!so it is chosen", `value="same" checked`)

		step, _, _ := workflow.FindStep(&d, "fetch")
		step.Config["query"] = map[string]any{"try": "2"}
		_, err = s.Catalog.SaveDraft(ctx, w.ID, d, nil, "Ann")
		s.Check(err)
		_, err = s.Catalog.Publish(ctx, w.ID, nil, "Ann")
		s.Check(err)
		sitetest.Shows(t, ann.Get("/runs/"+failed.ID+"/retry", 200), "Version 3 changes “Send the order”, the step that failed, so it is chosen.", `value="current" checked`, `value="failed_step" checked`)

		s.Shop.Fails.Store(false)
		calls := s.Shop.Calls.Load()
		to := ann.Post("/runs/"+failed.ID+"/retry", url.Values{"from": {"failed_step"}, "version": {"current"}}, http.StatusSeeOther).Location
		again := s.Execute(strings.TrimPrefix(to, "/runs/"))
		if again.Status != workflow.RunSucceeded || again.Version != 3 || s.Shop.Calls.Load() != calls+1 {
			t.Fatalf("%s version %d after %d calls: %s", again.Status, again.Version, s.Shop.Calls.Load()-calls, again.Error)
		}
		sitetest.Shows(t, ann.Get(to, 200), "an earlier run", "/runs/"+failed.ID, "Taken over from the run before")

		wrong := ann.Post("/runs/"+failed.ID+"/retry", url.Values{"from": {"middle"}}, http.StatusUnprocessableEntity).Body
		sitetest.Shows(t, wrong, "Choose start or failed_step.")
		done := ann.Post("/runs/"+again.ID+"/retry", url.Values{"from": {"failed_step"}}, http.StatusConflict).Body
		sitetest.Shows(t, done, "from the start")
		open := s.Start(w, `{"order_id": 8}`)
		sitetest.Shows(t, ann.Post("/runs/"+open.ID+"/retry", url.Values{"from": {"start"}}, http.StatusConflict).Body, "has not ended yet")
	})
}

func TestRunsAreFilteredByTheAddress(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Viewer)
		sitetest.Shows(t, ann.Get("/runs", 200), "Nothing has run yet")
		w := s.Order()
		other := s.Order(func(d *workflow.Definition) { d.Name = "100%_sure" })
		done := s.Execute(s.Start(w, `{"order_id": 1}`).ID)
		queued := s.Start(other, `{"order_id": 2}`)
		all := ann.Get("/runs", 200)
		live := regexp.MustCompile(`hx-get="(/live/runs[^"]+)"`).FindStringSubmatch(all)
		sitetest.Shows(t, ann.Get(live[1], 200), "hx-trigger", "/runs/"+done.ID, "/runs/"+queued.ID, "!<html")
		sitetest.Shows(t, ann.Get("/live/runs?ids="+done.ID+",nonsense", 200), "!hx-trigger", "Succeeded")
		sitetest.Shows(t, ann.Get("/runs?status=succeeded", 200), "!hx-get")
		sitetest.Shows(t, all, "/runs/"+done.ID, "/runs/"+queued.ID, "Succeeded", "Waiting", "!"+sitetest.Evil)
		for query, wanted := range map[string]string{
			"status=succeeded": done.ID, "workflow_id=" + other.ID: queued.ID, "q=100%25_s": queued.ID, "q=" + done.ID: done.ID,
			"trigger=manual&status=queued": queued.ID, "q=SURE": queued.ID,
		} {
			page := ann.Get("/runs?"+query, 200)
			if strings.Count(page, `<tr id="run-`) != 1 || !strings.Contains(page, `href="/runs/`+wanted+`#step"`) {
				t.Errorf("%s does not show just %s", query, wanted)
			}
		}
		open := s.Start(w, `{"order_id": 4711}`)
		if err := runs.StoreTexts(t.Context(), s.DB, []runs.Text{{RunID: open.ID, TriggerType: "manual", Values: [][]string{{"4711"}}}}); err != nil {
			t.Fatal(err)
		}
		sought := ann.Get("/runs?q=4711", 200)
		sitetest.Shows(t, sought, "/runs/"+open.ID, "Was given: <mark>4711</mark>", "!/runs/"+done.ID)
		live = regexp.MustCompile(`hx-get="(/live/runs[^"]+)"`).FindStringSubmatch(sought)
		sitetest.Shows(t, ann.Get(html.UnescapeString(live[1]), 200), "<mark>4711</mark>")
		today := time.Now().UTC()
		sitetest.Shows(t, ann.Get("/runs?from="+today.AddDate(0, 0, 2).Format(time.DateOnly), 200), "No run matches this filter", "Show all runs", "!The search looks")
		sitetest.Shows(t, ann.Get("/runs?q=nowhere", 200), "No run matches this filter. The search looks for all of these words", "A run that has just ended is found in a few seconds")
		sitetest.Shows(t, ann.Get("/runs?to="+today.AddDate(0, 0, 2).Format(time.DateOnly), 200), "/runs/"+done.ID)
		sitetest.Shows(t, ann.Get("/runs?from=yesterday&status=odd&to=2026-02-31", 422), "Enter a date, such as", "There is no such state", `href="#from"`, `href="#to"`)
		sitetest.Shows(t, ann.Get("/runs?q="+url.QueryEscape(sitetest.Evil)+"&cursor=nonsense", 200), "&lt;script&gt;", "!"+sitetest.Evil)
		ann.Get("/runs?q=%00", 422)
	})
}

func TestRunsPagesFollowEachOtherByKey(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, w := s.As(auth.Viewer), s.Order()
		for range 27 {
			s.Start(w, `{"order_id": 1}`)
		}
		first := ann.Get("/runs?status=queued", 200)
		next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(first)
		if strings.Count(first, `<tr id="run-`) != 25 || next == nil {
			t.Fatal("the first page has not 25 rows and a next one")
		}
		second := ann.Get(strings.ReplaceAll(next[1], "&amp;", "&"), 200)
		if strings.Count(second, `<tr id="run-`) != 2 {
			t.Fatal("the second page has not the last 2 rows")
		}
		sitetest.Shows(t, second, "Back to the newest", `href="/runs?status=queued"`)
	})
}

func TestRunsAreFilteredByEverythingThatStartsThemAndThatTheyWaitFor(t *testing.T) {
	s := sitetest.OnSQLite(t)
	page := s.As(auth.Viewer).Get("/runs", http.StatusOK)
	for _, trigger := range engine.TriggerTypes() {
		sitetest.Shows(t, page, `<option value="`+trigger+`">`+frame.StartedBy(models.Run{TriggerType: trigger})+`</option>`)
	}
	for _, reason := range workflow.WaitReasons() {
		sitetest.Shows(t, page, `<option value="waiting_`+reason+`"`)
	}
}
