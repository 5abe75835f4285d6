package pages_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/workflow"
)

// shelves is a run of a loop in a loop that fails at the last item of the last list, after
// failures that it may pass over.
const shelves = `{"format": 1, "name": "Shelves", "steps": [{"id": "shelf", "type": "for_each", "name": "Each shelf", "config": {"list": [["1"], ["2", "{bad"]]}, "do": [
	{"id": "try", "type": "read_data", "name": "Try it", "on_error": "continue", "config": {"text": "{", "format": "json"}},
	{"id": "books", "type": "for_each", "name": "Each book", "config": {"list": "{{ item }}"}, "do": [
		{"id": "read", "type": "read_data", "name": "Read it", "config": {"text": "{{ item }}", "format": "json"}}]}]}]}`

// detailOf is the part of a run's page that shows what is looked at.
func detailOf(t *testing.T, page string) string {
	t.Helper()
	_, detail, found := strings.Cut(page, `<div id="detail"`)
	if !found {
		t.Fatal("there is no detail")
	}
	return detail
}

func TestARunsPageOpensOnTheStepThatMatters(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Editor)
		opens := func(run models.Run, title string, shows ...string) {
			t.Helper()
			page := ann.Get("/runs/"+run.ID, http.StatusOK)
			detail := detailOf(t, page)
			if got := regexp.MustCompile(`(?s)id="detail-title">\s*(.*?)\s*</h2>`).FindStringSubmatch(detail); got == nil || got[1] != title {
				t.Errorf("a run that has %s %s opens on %q and not on %q", run.Status, run.WaitingFor, got, title)
			}
			sitetest.Shows(t, page, shows...)
			itself := ann.Get("/runs/"+run.ID+"?step=", http.StatusOK)
			sitetest.Shows(t, itself, "Input and output", `!id="step"`, `!aria-current="true">`)
		}
		s.Shop.Fails.Store(true)
		order := s.Order()
		failed := s.Execute(s.Start(order, `{"order_id": 7}`).ID)
		opens(failed, "Send the order", `id="step"`, `href="#step">Show the step`, `?step=#detail`, "unexpected_status")
		sitetest.Shows(t, ann.Get("/runs/"+failed.ID+"?step=remember", http.StatusOK), `href="/runs/`+failed.ID+`?step=fetch#detail">Show the step`)
		for _, list := range []string{"/runs", "/", "/workflows", "/workflows/" + order.ID} {
			sitetest.Shows(t, ann.Get(list, http.StatusOK), `href="/runs/`+failed.ID+`#step"`)
		}
		opens(s.Execute(s.Start(define(s, shelves), `{}`).ID), "Read it", `id="step"`, "item 2, in it item 2", "?in=1.1&amp;step=read#detail", "edit?open=read#step-read")

		stopped := define(s, `{"format": 1, "name": "Stopped", "steps": [{"id": "each", "type": "for_each", "config": {"list": [1, 2]}, "do": [{"id": "end", "type": "stop", "name": "Give up", "config": {"outcome": "failed", "message": "Enough"}}]}]}`)
		opens(s.Execute(s.Start(stopped, `{}`).ID), "Give up", `id="step"`, "item 1")

		asks := define(s, `{"format": 1, "name": "Asks", "steps": [{"id": "each", "type": "for_each", "config": {"list": [1, 2], "max_parallel": 2}, "do": [
			{"id": "before", "type": "set_values", "config": {"values": {"a": 1}}}, {"id": "ask", "type": "approval", "name": "Ask the boss", "config": {"question": "Well?"}}]}]}`)
		asked := s.Execute(s.Start(asks, `{}`).ID)
		opens(asked, "Ask the boss", `id="step"`, "item 1", "/live/runs/"+asked.ID+"/detail?in=0&amp;step=ask", `hx-get="/live/runs/`+asked.ID+`?in=0&amp;step=ask"`)
		sitetest.Shows(t, ann.Get("/live/runs/"+asked.ID+"/detail", http.StatusOK), "Input and output") // nothing moves under who reads it

		rests := define(s, `{"format": 1, "name": "Rests", "steps": [{"id": "shelf", "type": "for_each", "config": {"list": [["1"]]}, "do": [{"id": "books", "type": "for_each", "name": "Each book", "config": {"list": "{{ item }}"}, "do": [
			{"id": "rest", "type": "wait", "name": "Rest", "config": {"for": "1h"}}]}]}]}`)
		opens(s.Execute(s.Start(rests, `{}`).ID), "Rest", "“Rest” of item 1, in it item 1 lets the run wait")

		again := s.Order(func(d *workflow.Definition) { d.Steps[1].Retry = &workflow.Retry{MaxAttempts: 3, Delay: "1h"} })
		opens(s.Execute(s.Start(again, `{"order_id": 7}`).ID), "Send the order", `id="step"`)
		opens(undecided(s, order), "Send the order", `!id="step"`, `id="decision"`)

		s.Shop.Fails.Store(false)
		opens(s.Execute(s.Start(order, `{"order_id": 7}`).ID), "Input and output", `!id="step"`)
		opens(s.Start(order, `{"order_id": 7}`), "Input and output", `!id="step"`)
		wrong := ann.Post("/runs/"+failed.ID+"/decisions", map[string][]string{"step_id": {"fetch"}, "action": {"fail"}}, http.StatusConflict).Body
		sitetest.Shows(t, wrong, `id="step"`, "Send the order")
	})
}

func TestDetailsHoldWhatAStepGotAndGaveAsJSON(t *testing.T) {
	s := sitetest.OnSQLite(t)
	large := `{"rows":["` + strings.Repeat(`row","`, 5000) + `end"]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, map[string]string{"/large": large}[r.URL.Path]+map[string]string{"/small": `{"exact":12345678901234567890,"list":[],"text":"` + sitetest.Evil + `"}`}[r.URL.Path])
	}))
	defer server.Close()
	w := define(s, fmt.Sprintf(`{"format": 1, "name": "Raw", "steps": [
		{"id": "small", "type": "http_request", "config": {"method": "GET", "url": "%[1]s/small"}}, {"id": "large", "type": "http_request", "config": {"method": "GET", "url": "%[1]s/large"}}]}`, server.URL))
	run := s.Execute(s.Start(w, `{}`).ID)
	rows, err := runs.StepMarks(t.Context(), s.DB, run.ID)
	s.Check(err)
	b := s.As(auth.Viewer)
	details := func(look string) string {
		t.Helper()
		_, after, found := strings.Cut(detailOf(t, b.Get("/runs/"+run.ID+look, http.StatusOK)), "<summary>Details</summary>")
		if !found {
			t.Fatal("there are no details")
		}
		return after
	}
	small := details("?step=small")
	sitetest.Shows(t, small, "Output as JSON", "Input as JSON", `data-copy="step-output-raw"`, `data-copy="step-input-raw"`,
		"\n    &#34;exact&#34;: 12345678901234567890,\n    &#34;list&#34;: [],\n    &#34;text&#34;: &#34;&lt;script&gt;alert(1)&lt;/script&gt;&#34;\n  },\n", "&#34;method&#34;: &#34;GET&#34;", "!"+sitetest.Evil, "!This is only the beginning")
	cut := details("?step=large")
	sitetest.Shows(t, cut, `!data-copy="step-output-raw"`, "This is only the beginning", `href="/runs/`+run.ID+"/values/"+rows[1].ID+`.output?show=all"`, `data-copy-from="/runs/`+run.ID+"/values/"+rows[1].ID+`.output"`)
	if n := strings.Count(cut, "&#34;row&#34;,\n"); n < 500 || n > 2000 {
		t.Errorf("it shows %d rows of 5000", n)
	}
	sitetest.Shows(t, details(""), "Id of the run", ">Output</h3>", "Output as JSON", `id="run-output-raw"`)
	before, _, _ := strings.Cut(detailOf(t, b.Get("/runs/"+run.ID, http.StatusOK)), "<summary>Details</summary>")
	sitetest.Shows(t, before, "!Output")
}

// What an address said is what people look for; with which code, and in which headers, is not.
func TestAFailedStepShowsWhatItWasToldAndTheRestUnderDetails(t *testing.T) {
	s := sitetest.OnSQLite(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, `{"reason":"Order 9 was cancelled"}`)
	}))
	defer server.Close()
	w := define(s, fmt.Sprintf(`{"format": 1, "name": "Order", "steps": [{"id": "ask", "type": "http_request", "config": {"url": "%s"}}]}`, server.URL))
	run := s.Execute(s.Start(w, `{}`).ID)
	above, below, found := strings.Cut(detailOf(t, s.As(auth.Viewer).Get("/runs/"+run.ID+"?step=ask", http.StatusOK)), "<summary>Details</summary>")
	if !found {
		t.Fatal("there are no details")
	}
	sitetest.Shows(t, above, "Order 9 was cancelled", "!headers", "!>404<", "!content-type")
	sitetest.Shows(t, below, ">Output</h3>", "headers", ">404<", `id="step-output-raw"`)
}
