package routes_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
)

func TestEveryKindOfContentIsTakenOrRefusedWithAReason(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{})
		for name, c := range map[string]struct {
			kind, body string
			status     int
			seen       string // the trigger's body, or the error's code
		}{
			"JSON":                    {"application/json", `{"a":1}`, 202, `"body":{"a":1}`},
			"JSON of a kind":          {"application/cloudevents+json; charset=utf-8", `[1]`, 202, `"body":[1]`},
			"a number":                {"application/json", `7`, 202, `"body":7`},
			"nothing":                 {"application/json", ``, 202, `"type":"webhook"`},
			"a form":                  {"application/x-www-form-urlencoded", "a=1&b=2&b=3", 202, `"body":{"a":"1","b":["2","3"]}`},
			"JSON, said to be a form": {"application/x-www-form-urlencoded", `{"a": 1}`, 202, `"body":{"a":1}`},
			"text":                    {"text/plain", "hello", 202, `"body":"hello"`},
			"without a kind":          {"", `{"a":1}`, 202, `"body":{"a":1}`},
			"a reference":             {"application/json", `{"a":"{{ secrets.X }}"}`, 202, `"{{ secrets.X }}"`},
			"broken JSON":             {"application/json", `{"a":`, 400, "malformed"},
			"two values":              {"application/json", `{} {}`, 400, "malformed"},
			"a name twice":            {"application/json", `{"a":1,"a":2}`, 400, "malformed"},
			"too deep":                {"application/json", strings.Repeat("[", 40) + strings.Repeat("]", 40), 400, "malformed"},
			"U+0000":                  {"application/json", `{"a":"\u0000"}`, 422, "invalid_body"},
			"half a character":        {"application/json", `{"a":"\ud800"}`, 422, "invalid_body"},
			"a number beyond":         {"application/json", `{"a":1e400000}`, 422, "invalid_body"},
			"not UTF-8":               {"text/plain", "caf\xe9", 422, "invalid_body"},
			"a form beyond reading":   {"application/x-www-form-urlencoded", "%zz", 400, "malformed"},
			"too large":               {"application/json", `"` + strings.Repeat("x", 1<<20) + `"`, 413, "too_large"},
		} {
			a := s.deliver(path, c.body, "Content-Type", c.kind)
			if a.StatusCode != c.status {
				t.Errorf("%s answered %d %s", name, a.StatusCode, a.body)
				continue
			}
			if c.status != 202 {
				if a.code(t) != c.seen {
					t.Errorf("%s answered %s", name, a.body)
				}
				newest := s.deliveries("?limit=1")[0].(object)
				if newest["outcome"] != "rejected" || newest["code"] != c.seen || newest["status"] != float64(c.status) || newest["reason"] == "" {
					t.Errorf("%s is kept as %v", name, newest)
				}
				continue
			}
			if run := s.run(a.decoded(t)["run_id"]); !strings.Contains(string(run.Trigger), c.seen) {
				t.Errorf("%s became %s", name, run.Trigger)
			}
		}
	})
}

func TestWebhookIsRefusedWhileItMayNotStartAnything(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		if a := s.deliver("/hooks/nothing-like-this", "{}"); a.StatusCode != 404 || a.code(t) != "not_found" {
			t.Errorf("an unknown address answered %d %s", a.StatusCode, a.body)
		}
		definition := object{"format": 1, "name": "Draft", "triggers": []object{{"id": "shop", "type": "webhook"}}, "steps": []object{{"id": "note", "type": "set_values", "config": object{"values": object{"a": 1}}}}}
		made := s.api("POST", "/workflows", definition).decoded(t)
		flow, path := made["id"].(string), hookOf(t, made)
		refused := func(what string, status int, code string) {
			t.Helper()
			if a := s.deliver(path, `{"order": 1}`); a.StatusCode != status || a.code(t) != code {
				t.Errorf("%s: it answered %d %s", what, a.StatusCode, a.body)
			}
		}
		refused("a draft", 409, "not_published")
		s.api("POST", "/workflows/"+flow+"/publish", nil)
		s.api("POST", "/workflows/"+flow+"/pause", object{})
		refused("a paused one", 409, "paused")
		s.api("POST", "/workflows/"+flow+"/resume", nil)
		if a := s.deliver(path, "{}"); a.StatusCode != 202 {
			t.Errorf("resumed: it answered %d %s", a.StatusCode, a.body)
		}
		if a := s.send(httptest.NewRequest("PUT", path, nil)); a.StatusCode != 405 || a.Header.Get("Allow") != "GET, HEAD, POST, OPTIONS" {
			t.Errorf("PUT answered %d, Allow %q", a.StatusCode, a.Header.Get("Allow"))
		}
		definition["triggers"] = []object{{"id": "shop", "type": "webhook", "disabled": true}}
		s.api("PUT", "/workflows/"+flow, definition)
		s.api("POST", "/workflows/"+flow+"/publish", nil)
		refused("a switched-off one", 409, "switched_off")
		definition["triggers"] = []object{}
		s.api("PUT", "/workflows/"+flow, definition)
		s.api("POST", "/workflows/"+flow+"/publish", nil)
		if a := s.deliver(path, "{}"); a.StatusCode != 404 {
			t.Errorf("without the trigger it answered %d %s", a.StatusCode, a.body)
		}
		definition["triggers"] = []object{{"id": "shop", "type": "webhook"}}
		s.api("PUT", "/workflows/"+flow, definition)
		if back := s.api("POST", "/workflows/"+flow+"/publish", nil).decoded(t); hookOf(t, back) != path {
			t.Errorf("with the trigger back the address is %s", hookOf(t, back))
		}
		// What was refused while it was a draft is kept and can be replayed.
		rejected := s.deliveries("?outcome=rejected&workflow_id=" + flow)
		first := rejected[len(rejected)-1].(object)
		replayed := s.api("POST", "/deliveries/"+first["id"].(string)+"/replay", nil)
		if replayed.StatusCode != 202 || !strings.Contains(string(s.run(replayed.decoded(t)["id"]).Trigger), `"order":1`) {
			t.Errorf("the replay answered %d %s", replayed.StatusCode, replayed.body)
		}
	})
}

// What a newer program has set up is not taken wrongly by an older one beside it.
func TestWhatOnlyANewerProgramKnowsOfAWebhookIsAnsweredWith503(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for rule, taken := range map[string]bool{
			`{"id": "shop", "type": "webhook"}`:                                                                                        true,
			`{"id": "shop", "type": "webhook", "only_from": "Berlin"}`:                                                                 false,
			`{"id": "shop", "type": "webhook", "signature": "sealing_wax", "secret": "KEY"}`:                                           false,
			`{"id": "shop", "type": "webhook", "respond": "tomorrow"}`:                                                                 false,
			`{"id": "shop", "type": "webhook", "filter": {"conditions": [{"value": 1, "operator": "resembles", "other": 2}]}}`:         false,
			`{"id": "shop", "type": "webhook", "filter": {"match": "most", "conditions": [{"value": 1, "operator": "is_not_empty"}]}}`: false,
		} {
			_, path := s.hooked(object{}) // anew: it would have published another version, too
			if err := s.db.Model(&models.Webhook{}).Where("trigger_id = ?", "shop").Update("rule", models.JSON(rule)).Error; err != nil {
				t.Fatal(err)
			}
			a := s.deliver(path, `{"order": 1}`)
			if taken && a.StatusCode != 202 {
				t.Errorf("%s: it answered %d %s", rule, a.StatusCode, a.body)
			}
			if !taken && (a.StatusCode != 503 || a.code(t) != "unavailable" || a.Header.Get("Retry-After") == "" || !strings.Contains(a.body, "newer program")) {
				t.Errorf("%s: it answered %d %s", rule, a.StatusCode, a.body)
			}
		}
	})
}

// A definition of a newer kind cannot even be decoded: what has changed is a field's type.
func TestAStartOfAVersionThatOnlyANewerProgramCanReadIsAnsweredWith503(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, path := s.hooked(object{})
		link := s.form(nil)
		if err := s.db.Exec("UPDATE workflow_versions SET definition = ?", models.JSON(`{"format":1,"name":"N","inputs":{"all":"of them"},"steps":[]}`)).Error; err != nil {
			t.Fatal(err)
		}
		urlencoded := httptest.NewRequest("POST", path, strings.NewReader("order=1"))
		urlencoded.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		b := s.signedIn(auth.Operator)
		for name, a := range map[string]answer{
			"a webhook":                s.deliver(path, `{"order": 1}`),
			"a webhook sent as a form": s.send(urlencoded),
			"a form":                   s.visitor().get(link),
			"a form that is sent":      s.visitor().post(link, url.Values{"input.must": {"x"}, "key": {models.NewID()}}),
			"the API":                  s.api("POST", "/workflows/"+flow+"/runs", object{"input": object{}}),
			"a person":                 b.get("/workflows/" + flow + "/run"),
			"a person's button":        b.post("/workflows/"+flow+"/run", url.Values{"form": {"1"}, "key": {models.NewID()}}),
		} {
			if a.StatusCode != 503 || a.Header.Get("Retry-After") == "" || !strings.Contains(a.body, "newer program") {
				t.Errorf("%s was answered %d %s", name, a.StatusCode, a.body)
			}
		}
	})
}

func TestThePageOfARunThatOnlyANewerProgramCanReadLetsItBeCancelled(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		newer, _ := s.hooked(object{})
		_, path := s.hooked(object{}, object{"name": "Another"})
		id := s.deliver(path, `{"order": 1}`).decoded(t)["run_id"].(string)
		for _, statement := range []string{
			`UPDATE workflow_versions SET definition = '{"format":1,"name":"N","inputs":{"all":"of them"},"steps":[]}' WHERE workflow_id = '` + newer + `'`,
			`UPDATE runs SET version_id = (SELECT version_id FROM workflows WHERE id = '` + newer + `'), status = 'waiting', waiting_for = 'worker' WHERE id = '` + id + `'`,
		} {
			if err := s.db.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		if page := s.signedIn(auth.Operator).get("/runs/" + id); page.StatusCode != 200 || !strings.Contains(page.body, "/runs/"+id+"/cancel") {
			t.Errorf("it was answered %d %s", page.StatusCode, page.text())
		}
	})
}

func TestInputsThatDoNotFitAreRefusedAndKept(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{}, object{"inputs": []object{{"name": "order_id", "type": "number", "required": true}}})
		for _, body := range []string{`{}`, `{"order_id":"many"}`, `[]`} {
			if a := s.deliver(path, body); a.StatusCode != 422 || a.code(t) != "invalid_input" {
				t.Errorf("%s answered %d %s", body, a.StatusCode, a.body)
			}
		}
		if kept := s.deliveries("?outcome=rejected"); len(kept) != 3 || !strings.Contains(fmt.Sprint(kept[0]), "order_id") {
			t.Errorf("kept are %v", kept)
		}
	})
}

func TestFloodIsRefusedAndEveryAcceptedDeliveryHasARun(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, path := s.hooked(object{"rate_per_minute": 60})
		accepted := 0
		for range 50 {
			switch a := s.deliver(path, `{}`); a.StatusCode {
			case 202:
				accepted++
			case 429:
				if a.Header.Get("Retry-After") == "" || a.code(t) != "too_many_requests" {
					t.Errorf("it answered %v %s", a.Header, a.body)
				}
			default:
				t.Errorf("it answered %d %s", a.StatusCode, a.body)
			}
		}
		if accepted < 20 || accepted > 40 {
			t.Errorf("%d of 50 were taken", accepted)
		}
		runs := s.api("GET", "/runs?limit=100&workflow_id="+flow, nil).decoded(t)["data"].([]any)
		if len(runs) != accepted {
			t.Errorf("%d were accepted, %d runs", accepted, len(runs))
		}
	})
}
