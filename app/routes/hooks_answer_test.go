package routes_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"workflows/models/modelstest"
)

// keel#827: some senders take 200 only, and repeat what was answered with 202.
func TestAWebhookAnswersAtOnceAsItsSenderWantsIt(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, c := range []struct {
			answer     object
			status     int
			kind, text string
		}{
			{object{"status": 200}, 200, "application/json", `{"run_id":"RUN",`},
			{object{"type": "xml", "text": "<Response/>"}, 202, "application/xml", "<Response/>"},
			{object{"status": 200, "type": "text"}, 200, "text/plain", ""},
			{object{"status": 200, "text": `{"id": "{{ run.id }}"}`}, 200, "application/json", `{"id": "RUN"}`},
		} {
			_, path := s.hooked(object{"answer": c.answer})
			a := s.deliver(path, `{"a":1}`)
			run := s.deliveries("?limit=1")[0].(object)["run_id"].(string)
			if wanted := strings.ReplaceAll(c.text, "RUN", run); a.StatusCode != c.status || !strings.HasPrefix(a.Header.Get("Content-Type"), c.kind) || !strings.HasPrefix(a.body, wanted) || (wanted == "" && a.body != "") {
				t.Errorf("%v: %d %s %q", c.answer, a.StatusCode, a.Header.Get("Content-Type"), a.body)
			}
		}
		_, path := s.hooked(object{"answer": object{"status": 200, "type": "text", "text": "done"}, "filter": object{"conditions": []object{{"value": "{{ trigger.body.a }}", "operator": "equals", "other": 1}}}})
		if a := s.deliver(path, `{"a":2}`); a.StatusCode != 200 || a.decoded(t)["run_id"] != nil {
			t.Errorf("filtered out: %d %s", a.StatusCode, a.body)
		}
	})
}

func TestAWebhookAnswersWithATextMadeOfItsRun(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, c := range []struct {
			answer     object
			status     int
			kind, text string
		}{
			{object{"type": "xml", "text": `<Response><Message to="{{ run.output.got.to }}">{{ run.output.got.say }}</Message></Response>`}, 200, "application/xml", `<Response><Message to="a&#34;b">Tom &amp; &lt;Jerry&gt; said &#34;hi&#34;</Message></Response>`},
			{object{"text": `{"text": "{{ run.output.got.say }}", "n": {{ run.output.got.n }}, "no": {{ run.output.none }}}`, "status": 201}, 201, "application/json", `{"text": "Tom & <Jerry> said \"hi\"", "n": 12345678901234567890, "no": null}`},
			{object{"type": "text", "text": "{{ run.status }}: {{ run.output.got.say | upper }}"}, 200, "text/plain", `succeeded: TOM & <JERRY> SAID "HI"`},
		} {
			flow, path := s.hooked(object{"respond": "answer", "answer": c.answer})
			answered := make(chan answer, 1)
			go func() {
				answered <- s.deliver(path, `{"say":"Tom & <Jerry> said \"hi\"","to":"a\"b","n":12345678901234567890}`, "Webhook-Id", "msg_1")
			}()
			s.execute(s.firstRun(flow))
			a := <-answered
			again := s.deliver(path, `{}`, "Webhook-Id", "msg_1")
			if a.StatusCode != c.status || !strings.HasPrefix(a.Header.Get("Content-Type"), c.kind) || a.body != c.text || again.body != a.body {
				t.Errorf("%v: %d %s %s, then %s", c.answer, a.StatusCode, a.Header.Get("Content-Type"), a.body, again.body)
			}
		}
	})
}

// firstRun is the only run of a workflow, once it is stored.
func (s *site) firstRun(flow string) (id string) {
	s.t.Helper()
	modelstest.Eventually(s.t, "the run is stored", func() bool {
		found := s.api("GET", "/runs?workflow_id="+flow, nil).decoded(s.t)["data"].([]any)
		if len(found) == 1 {
			id = found[0].(object)["id"].(string)
		}
		return id != ""
	})
	return id
}

func TestARunThatFailsAnswersNothingAsIfAllWereWell(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, path := s.hooked(object{"respond": "answer", "answer": object{"type": "text", "text": "all well"}},
			object{"steps": []object{{"id": "end", "type": "stop", "config": object{"outcome": "failed", "message": "canary"}}}})
		answered := make(chan answer, 1)
		go func() { answered <- s.deliver(path, `{}`) }()
		s.execute(s.firstRun(flow))
		if a := <-answered; a.StatusCode != 500 || a.code(t) != "run_failed" || strings.Contains(a.body, "canary") || strings.Contains(a.body, "all well") {
			t.Errorf("it answered %d %s", a.StatusCode, a.body)
		}
	})
}

func TestTheSameContentAgainIsTheSameDeliveryForAsLongAsIsSaid(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{"same_within": "10m"})
		run := func(path, body string, headers ...string) string {
			t.Helper()
			a := s.deliver(path, body, headers...)
			if a.StatusCode != 202 {
				t.Fatalf("it answered %d %s", a.StatusCode, a.body)
			}
			return a.decoded(t)["run_id"].(string)
		}
		first := run(path, `{"a":1}`)
		s.now.forward(9 * time.Minute)
		if again := run(path, `{"a":1}`); again != first {
			t.Error("the same content after nine minutes is another run")
		}
		if run(path, `{"a":2}`) == first || run(path+"?x=1", `{"a":1}`) == first {
			t.Error("another content is the same run")
		}
		if one, two := run(path, `{"a":1}`, "Webhook-Id", "msg_1"), run(path, `{"a":1}`, "Webhook-Id", "msg_2"); one == first || one == two {
			t.Error("deliveries of two ids are the same run")
		}
		s.now.forward(2 * time.Minute)
		later := run(path, `{"a":1}`)
		if later == first || run(path, `{"a":1}`) != later {
			t.Error("after eleven minutes it does not begin anew")
		}
		// Of many at once, when the time before is over, one starts a run.
		s.now.forward(time.Hour)
		seen := make(chan string, 8)
		for range 8 {
			go func() {
				a := s.deliver(path, `{"a":1}`)
				var sent struct {
					RunID string `json:"run_id"`
				}
				_ = json.Unmarshal([]byte(a.body), &sent)
				seen <- sent.RunID
			}()
		}
		one := <-seen
		for range 7 {
			if other := <-seen; other != one || one == "" || one == later {
				t.Errorf("of eight at once: %q and %q", one, other)
			}
		}
		_, plain := s.hooked(object{})
		first = run(plain, `{"a":1}`)
		if first == run(plain, `{"a":1}`) {
			t.Error("without being told to, the same content is one delivery")
		}
	})
}

// n8n#17434, #20095.
func TestPagesOfNamedWebSitesMayCallAndNoOthers(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const ours, others = "https://www.example.com", "https://www.example.com.evil.example"
		_, path := s.hooked(object{"cors": object{"origins": []string{ours, "http://localhost:8080"}}})
		asked := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type"}
		a := s.ask("OPTIONS", path, "", append(asked, "Origin", ours)...)
		if a.StatusCode != 204 || a.Header.Get("Access-Control-Allow-Origin") != ours || a.Header.Get("Access-Control-Allow-Methods") != "POST" ||
			!strings.Contains(a.Header.Get("Access-Control-Allow-Headers"), "Content-Type") || a.Header.Get("Vary") != "Origin" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("asked first, it answered %d %v", a.StatusCode, a.Header)
		}
		if a := s.deliver(path, `{"a":1}`, "Origin", ours); a.StatusCode != 202 || a.Header.Get("Access-Control-Allow-Origin") != ours {
			t.Errorf("it answered %d %v", a.StatusCode, a.Header)
		}
		if a := s.deliver(path, `{"a":`, "Origin", ours); a.StatusCode != 400 || a.Header.Get("Access-Control-Allow-Origin") != ours {
			t.Errorf("the page does not see why it was refused: %d %v", a.StatusCode, a.Header)
		}
		for _, origin := range []string{others, "null", "https://example.com", "http://www.example.com", "https://www.example.com:8443"} {
			if a := s.ask("OPTIONS", path, "", append(asked, "Origin", origin)...); a.StatusCode != 403 || a.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s asked first: %d %v", origin, a.StatusCode, a.Header)
			}
			if a := s.deliver(path, `{"a":1}`, "Origin", origin); a.StatusCode != 401 || a.code(t) != "origin_not_allowed" || a.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: %d %v", origin, a.StatusCode, a.Header)
			}
		}
		if newest := s.deliveries("?limit=1")[0].(object); newest["outcome"] != "rejected" || newest["code"] != "origin_not_allowed" {
			t.Errorf("it is kept as %v", newest)
		}
		if a := s.deliver(path, `{"a":1}`); a.StatusCode != 202 {
			t.Errorf("a program: %d %s", a.StatusCode, a.body)
		}
		_, open := s.hooked(object{})
		if a := s.deliver(open, `{"a":1}`, "Origin", others); a.StatusCode != 202 || a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("where no site is named: %d %v", a.StatusCode, a.Header)
		}
		if a := s.ask("OPTIONS", open, "", append(asked, "Origin", others)...); a.StatusCode != 403 {
			t.Errorf("where no site is named, asked first: %d", a.StatusCode)
		}
	})
}
