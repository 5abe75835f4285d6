package routes_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"workflows/app/routes"
	"workflows/models"
	"workflows/models/modelstest"
)

const simple = `{"format":1,"name":"A","steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`

// make creates a workflow through the API and returns its id.
func (s *site) make(definition string) string {
	s.t.Helper()
	a := s.api("POST", "/workflows", definition)
	if a.StatusCode != http.StatusCreated {
		s.t.Fatalf("creating answered %d: %s", a.StatusCode, a.body)
	}
	return a.decoded(s.t)["id"].(string)
}

func published(definition string) string {
	return strings.Replace(definition, `{`, `{"publish":true,`, 1)
}

// expectPlainError holds an error to the contract: a code, one sentence, the
// request's number, and no inner text.
func expectPlainError(t *testing.T, name string, a answer) {
	t.Helper()
	failure, _ := a.decoded(t)["error"].(map[string]any)
	message, _ := failure["message"].(string)
	if failure["code"] == "" || message == "" || failure["request_id"] != a.Header.Get("X-Request-Id") || failure["fields"] == nil {
		t.Errorf("%s: the error is not whole: %s", name, a.body)
	}
	for _, inner := range []string{"json:", "SQLSTATE", "goroutine", "unmarshal", "strconv", "gorm", "sql:"} {
		if strings.Contains(a.body, inner) {
			t.Errorf("%s: the error shows inner text %q: %s", name, inner, a.body)
		}
	}
}

func TestBadAddressesAndMethodsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := models.NewID()
		for _, c := range []struct {
			method, path string
			body         any
			status       int
		}{
			{"GET", "/runs?limit=0", nil, 422},
			{"GET", "/runs?limit=101", nil, 422},
			{"GET", "/runs?limit=ten", nil, 422},
			{"GET", "/runs?limit=5&limit=6", nil, 422},
			{"GET", "/runs?sort=name", nil, 422},
			{"GET", "/runs?status=done", nil, 422},
			{"GET", "/runs?from=yesterday", nil, 422},
			{"GET", "/runs?cursor=abc", nil, 422},
			{"GET", "/runs?workflow_id=7", nil, 422},
			{"GET", "/runs?trigger=magic", nil, 422},
			{"GET", "/runs?q=%00", nil, 422},
			{"GET", "/runs?q=%ff", nil, 422},
			{"GET", "/runs?q=%zz", nil, 400},
			{"GET", "/workflows?status=broken", nil, 422},
			{"GET", "/queue?verbose=1", nil, 422},
			{"GET", "/health?x=1", nil, 422},
			{"GET", "/schedules?status=late", nil, 422},
			{"GET", "/runs/7", nil, 404},
			{"GET", "/runs/" + id, nil, 404},
			{"GET", "/runs/" + strings.ToUpper(id), nil, 404},
			{"GET", "/workflows/%00", nil, 404},
			{"GET", "/workflows/" + id + "/versions", nil, 404},
			{"GET", "/workflows/" + id + "/versions/x", nil, 404},
			{"POST", "/workflows/" + id + "/publish", nil, 404},
			{"POST", "/workflows/" + id + "/pause", nil, 404},
			{"POST", "/workflows/" + id + "/resume", nil, 404},
			{"POST", "/workflows/" + id + "/runs", nil, 404},
			{"DELETE", "/workflows/" + id, nil, 404},
			{"PUT", "/workflows/" + id, simple, 404},
			{"GET", "/schedules/" + id, nil, 404},
			{"GET", "/schedules/" + id + "/planned", nil, 404},
			{"POST", "/runs/" + id + "/cancel", nil, 404},
			{"POST", "/runs/" + id + "/retry", nil, 404},
			{"POST", "/queues/nothing/pause", nil, 404},
			{"GET", "/nothing", nil, 404},
			{"GET", "/runs/", nil, 404},
			{"PATCH", "/runs", nil, 405},
			{"DELETE", "/runs", nil, 405},
			{"PUT", "/queue", nil, 405},
			{"BREW", "/workflows", nil, 405},
		} {
			a := s.api(c.method, c.path, c.body)
			if a.StatusCode != c.status {
				t.Errorf("%s %s answered %d instead of %d: %s", c.method, c.path, a.StatusCode, c.status, a.body)
				continue
			}
			expectPlainError(t, c.method+" "+c.path, a)
			if c.status == 405 && !strings.Contains(a.Header.Get("Allow"), "GET") {
				t.Errorf("%s %s allows %q", c.method, c.path, a.Header.Get("Allow"))
			}
		}
	})
}

func TestStaleRevisionChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := s.make(simple)
		renamed := strings.Replace(simple, `"A"`, `"B"`, 1)
		if a := s.api("PUT", "/workflows/"+id, renamed, "If-Match", `"1"`); a.StatusCode != http.StatusOK || a.decoded(t)["draft_revision"] != 2.0 {
			t.Fatalf("the right revision answered %d: %s", a.StatusCode, a.body)
		}
		for _, revision := range []string{`"1"`, `"99"`, `"x"`, `1.5`} {
			a := s.api("PUT", "/workflows/"+id, simple, "If-Match", revision)
			if a.StatusCode != http.StatusConflict || a.code(t) != "conflict" {
				t.Errorf("If-Match %s answered %d: %s", revision, a.StatusCode, a.body)
			}
		}
		if now := s.api("GET", "/workflows/"+id, nil).decoded(t); now["name"] != "B" {
			t.Errorf("the draft is %v", now["name"])
		}
	})
}

func TestSameIdempotencyKeyIsTheSameRun(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := s.make(published(`{"name":"A","inputs":[{"name":"n","type":"number"}],"steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`))
		start := func(body string) answer {
			return s.api("POST", "/workflows/"+id+"/runs", body, "Idempotency-Key", "k1")
		}
		first, again := start(`{"input":{"n":1}}`), start(`{ "input": { "n": 1 } }`)
		if first.StatusCode != 202 || again.StatusCode != 202 || first.decoded(t)["id"] != again.decoded(t)["id"] {
			t.Fatalf("answers %d %s and %d %s", first.StatusCode, first.body, again.StatusCode, again.body)
		}
		if other := start(`{"input":{"n":2}}`); other.StatusCode != 422 || other.code(t) != "idempotency_mismatch" {
			t.Errorf("another body answered %d: %s", other.StatusCode, other.body)
		}
		for _, key := range []string{strings.Repeat("k", 256), "caf\u00e9"} {
			for _, path := range []string{"/workflows/" + id + "/runs", "/runs/" + first.decoded(t)["id"].(string) + "/retry"} {
				if bad := s.api("POST", path, nil, "Idempotency-Key", key); bad.StatusCode != 422 || !slices.Contains(bad.paths(t), "Idempotency-Key") {
					t.Errorf("%s with the key %.9q answered %d", path, key, bad.StatusCode)
				}
			}
		}
		if longest := s.api("POST", "/workflows/"+id+"/runs", nil, "Idempotency-Key", strings.Repeat("k", 255)); longest.StatusCode != 202 {
			t.Errorf("the longest key answered %d", longest.StatusCode)
		}
		for body, path := range map[string]string{`{"input":{"m":1}}`: "input.m", `{"input":{"n":"x"}}`: "input.n", `{"inputs":{}}`: "inputs"} {
			a := s.api("POST", "/workflows/"+id+"/runs", body)
			if a.StatusCode != 422 || !slices.Contains(a.paths(t), path) {
				t.Errorf("%s answered %d: %s", body, a.StatusCode, a.body)
			}
		}
	})
}

func TestRunOverTheLimitIsRefusedWithATimeToTryAgain(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := s.make(published(`{"name":"A","settings":{"max_running":1,"on_limit":"reject"},"steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`))
		s.api("POST", "/workflows/"+id+"/runs", nil)
		a := s.api("POST", "/workflows/"+id+"/runs", nil)
		if a.StatusCode != 429 || a.code(t) != "limit_reached" || a.Header.Get("Retry-After") == "" {
			t.Errorf("answered %d, Retry-After %q: %s", a.StatusCode, a.Header.Get("Retry-After"), a.body)
		}
	})
}

func TestSameIdempotencyKeyIsTheSameRetry(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := s.make(published(simple))
		run := s.api("POST", "/workflows/"+id+"/runs", nil).decoded(t)["id"].(string)
		s.api("POST", "/runs/"+run+"/cancel", nil)
		retry := func(body any) answer { return s.api("POST", "/runs/"+run+"/retry", body, "Idempotency-Key", "k1") }
		first, again := retry(`{"from":"start"}`), retry(nil)
		if first.StatusCode != 202 || again.StatusCode != 202 || first.decoded(t)["id"] != again.decoded(t)["id"] {
			t.Fatalf("answers %d %s and %d %s", first.StatusCode, first.body, again.StatusCode, again.body)
		}
		if other := retry(`{"version":"current"}`); other.StatusCode != 422 || other.code(t) != "idempotency_mismatch" {
			t.Errorf("another body answered %d: %s", other.StatusCode, other.body)
		}
	})
}

func TestBadDecisionsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := s.make(published(simple))
		run := s.api("POST", "/workflows/"+id+"/runs", nil).decoded(t)["id"].(string)
		s.lose(run)
		for body, want := range map[string]struct {
			status int
			path   string
		}{
			``:  {400, ""},
			`{`: {400, ""},
			`{"step_id":"pause","action":"repeat","output":1,"output":2}`: {400, ""},
			`{}`:                                   {422, "step_id"},
			`{"step_id":"pause"}`:                  {422, "action"},
			`{"step_id":"pause","action":"guess"}`: {422, "action"},
			`{"step_id":"pause","action":"fail","output":{}}`:                                        {422, "output"},
			`{"step_id":"pause","action":"succeed","output":"\u0000"}`:                               {422, "output"},
			`{"step_id":7,"action":"fail"}`:                                                          {422, "step_id"},
			`{"step":"pause","action":"fail"}`:                                                       {422, "step"},
			`{"step_id":"other","action":"fail"}`:                                                    {409, ""},
			`{"step_id":"pause","iteration":"3","action":"fail"}`:                                    {409, ""},
			`{"step_id":"pause\u0000","action":"fail"}`:                                              {422, "step_id"},
			`{"step_id":"pause","action":"succeed","output":"` + strings.Repeat("x", 300<<10) + `"}`: {422, "output"},
		} {
			a := s.api("POST", "/runs/"+run+"/decisions", body, "Content-Type", "application/json")
			if a.StatusCode != want.status || want.path != "" && !slices.Contains(a.paths(t), want.path) {
				t.Errorf("%.80s answered %d %.300s", body, a.StatusCode, a.body)
				continue
			}
			expectPlainError(t, body[:min(len(body), 80)], a)
		}
		if a := s.api("POST", "/runs/"+models.NewID()+"/decisions", `{"step_id":"pause","action":"fail"}`); a.StatusCode != 404 {
			t.Errorf("no run answered %d", a.StatusCode)
		}
		if now := s.api("GET", "/runs/"+run, nil).decoded(t); now["waiting_for"] != "decision" {
			t.Errorf("refused decisions left the run %v", now["status"])
		}
	})
}

func TestTooManyCallsAreToldWhenToComeBack(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t), func(p *routes.Parts) { p.Settings.APIRatePerMinute = 3 })
	for range 3 {
		if a := s.api("GET", "/runs", nil); a.StatusCode != http.StatusOK {
			t.Fatalf("within the limit the answer is %d", a.StatusCode)
		}
	}
	a := s.api("GET", "/runs", nil)
	if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" || a.code(t) != "too_many_requests" {
		t.Fatalf("beyond the limit the answer is %d, Retry-After %q", a.StatusCode, a.Header.Get("Retry-After"))
	}
	if a := s.api("GET", "/health", nil); a.StatusCode != http.StatusOK {
		t.Fatalf("health answered %d", a.StatusCode)
	}
}
