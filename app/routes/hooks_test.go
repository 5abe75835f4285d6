package routes_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

// hooked makes and publishes a workflow with a webhook, and returns its id and
// the path of the webhook.
func (s *site) hooked(trigger object, more ...object) (flow, path string) {
	s.t.Helper()
	trigger["id"], trigger["type"] = "shop", "webhook"
	definition := object{
		"format": 1, "name": "Takes orders", "publish": true, "triggers": []object{trigger},
		"steps": []object{{"id": "note", "type": "set_values", "config": object{"values": object{"got": "{{ trigger.body }}"}}}},
	}
	for _, part := range more {
		for name, value := range part {
			definition[name] = value
		}
	}
	made := s.api("POST", "/workflows", definition)
	if made.StatusCode != 201 {
		s.t.Fatalf("making it answered %d %s", made.StatusCode, made.body)
	}
	shown := made.decoded(s.t)
	return shown["id"].(string), hookOf(s.t, shown)
}

func hookOf(t *testing.T, shown object) string {
	t.Helper()
	url := shown["triggers"].([]any)[0].(object)["url"].(string)
	path, ours := strings.CutPrefix(url, host)
	if !ours || !strings.HasPrefix(path, "/hooks/") {
		t.Fatalf("the address is %s", url)
	}
	return path
}

// deliver calls a webhook as another program would.
func (s *site) deliver(path, body string, headers ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.send(r)
}

func (s *site) run(id any) models.Run {
	s.t.Helper()
	text, _ := id.(string)
	run, err := models.GetRun(s.t.Context(), s.db, text)
	if err != nil {
		s.t.Fatalf("the run %v: %v", id, err)
	}
	return run
}

func (s *site) deliveries(query string) []any {
	s.t.Helper()
	return s.api("GET", "/deliveries"+query, nil).decoded(s.t)["data"].([]any)
}

func TestDeliveryStartsARunThatKnowsWhatWasSent(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, path := s.hooked(object{}, object{"inputs": []object{{"name": "order_id", "type": "number"}}})
		a := s.deliver(path+"?from=shop", `{"order_id": 7, "other": {"x": [1]}}`, "X-Kind", "order", "Authorization", "Bearer canary-of-a-caller")
		if a.StatusCode != 202 {
			t.Fatalf("it answered %d %s", a.StatusCode, a.body)
		}
		run := s.run(a.decoded(t)["run_id"])
		if string(run.Input) != `{"order_id":7}` || run.TriggerType != "webhook" || run.WorkflowID != flow {
			t.Errorf("the run is %+v", run)
		}
		for _, part := range []string{`"trigger_id":"shop"`, `"x-kind":"order"`, `"query":{"from":"shop"}`, `"body":{"order_id":7,"other":{"x":[1]}}`} {
			if !strings.Contains(string(run.Trigger), part) {
				t.Errorf("the trigger lacks %s: %s", part, run.Trigger)
			}
		}
		s.execute(run.ID)
		if run = s.run(run.ID); run.Status != "succeeded" || !strings.Contains(string(run.Output), `"order_id":7`) {
			t.Errorf("the run came to %s %s", run.Status, run.Output)
		}
		for table, rows := range modelstest.Everything(t, s.db) {
			if strings.Contains(rows, "canary-of-a-caller") {
				t.Errorf("what proves who calls stands in the table %s", table)
			}
		}
		// The address stays: over a publication, and over taking the trigger away and back.
		again := s.api("POST", "/workflows/"+flow+"/publish", nil).decoded(t)
		if hookOf(t, again) != path {
			t.Errorf("the address became %s", hookOf(t, again))
		}
	})
}

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
		if a := s.send(httptest.NewRequest("GET", path, nil)); a.StatusCode != 405 || a.Header.Get("Allow") != "POST" {
			t.Errorf("GET answered %d, Allow %q", a.StatusCode, a.Header.Get("Allow"))
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

func TestSameDeliveryStartsOneRun(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, path := s.hooked(object{})
		var mu sync.Mutex
		seen := map[any]int{}
		var callers sync.WaitGroup
		for range 8 {
			callers.Go(func() {
				a := s.deliver(path, `{"a":1}`, "Webhook-Id", "msg_1")
				mu.Lock()
				defer mu.Unlock()
				if a.StatusCode != 202 {
					t.Errorf("it answered %d %s", a.StatusCode, a.body)
					return
				}
				seen[a.decoded(t)["run_id"]]++
			})
		}
		callers.Wait()
		if len(seen) != 1 {
			t.Errorf("one delivery started the runs %v", seen)
		}
		for _, header := range []string{"Idempotency-Key", "X-GitHub-Delivery", "X-Delivery-Id"} {
			first, second := s.deliver(path, `{}`, header, "id of "+header), s.deliver(path, `{}`, header, "id of "+header)
			if first.decoded(t)["run_id"] != second.decoded(t)["run_id"] || second.decoded(t)["repeated"] != true {
				t.Errorf("%s: %s, then %s", header, first.body, second.body)
			}
		}
		if other := s.deliver(path, `{}`, "Webhook-Id", "msg_2"); seen[other.decoded(t)["run_id"]] != 0 {
			t.Error("another delivery is the same run")
		}
		if runs := s.api("GET", "/runs?workflow_id="+flow, nil).decoded(t)["data"].([]any); len(runs) != 5 {
			t.Errorf("there are %d runs", len(runs))
		}
	})
}

func TestSignedWebhookBelievesTwoSecretsWhileOneIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "HUB", "value": "first secret"})
		_, path := s.hooked(object{"signature": "github", "secret": "HUB"})
		call := func(secret string) answer {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(`{"a":1}`))
			return s.deliver(path, `{"a":1}`, "X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		}
		expect := func(when, secret string, status int) {
			t.Helper()
			if a := call(secret); a.StatusCode != status {
				t.Errorf("%s, %s: %d %s", when, secret, a.StatusCode, a.body)
			}
		}
		expect("at first", "first secret", 202)
		expect("at first", "second secret", 401)
		if a := s.deliver(path, `{"a":1}`); a.StatusCode != 401 || a.code(t) != "signature_missing" {
			t.Errorf("unsigned it answered %d %s", a.StatusCode, a.body)
		}
		s.api("POST", "/secrets", object{"name": "HUB", "value": "second secret"})
		expect("replaced", "first secret", 202)
		expect("replaced", "second secret", 202)
		expect("replaced", "third secret", 401)
		s.now.forward(25 * time.Hour)
		expect("a day later", "first secret", 401)
		expect("a day later", "second secret", 202)
		s.api("POST", "/secrets", object{"name": "HUB", "value": "third secret"})
		if err := s.secrets.EndPrevious(t.Context(), "HUB"); err != nil {
			t.Fatal(err)
		}
		expect("ended", "second secret", 401)
		if a := s.api("DELETE", "/secrets/HUB", nil); a.StatusCode != 409 {
			t.Errorf("a webhook's secret can be deleted: %d", a.StatusCode)
		}
		newest := s.deliveries("?limit=1")[0].(object)
		if newest["outcome"] != "rejected" || newest["code"] != "signature_wrong" {
			t.Errorf("the newest delivery is %v", newest)
		}
	})
}

func TestSlackIsToldThatTheAddressIsOurs(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	s.api("POST", "/secrets", object{"name": "SLACK", "value": "signing secret"})
	flow, path := s.hooked(object{"signature": "slack", "secret": "SLACK"})
	body := `{"type":"url_verification","challenge":"3eZbrw1aB"}`
	stamp := fmt.Sprint(s.now.read().Unix())
	mac := hmac.New(sha256.New, []byte("signing secret"))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	a := s.deliver(path, body, "X-Slack-Request-Timestamp", stamp, "X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	if a.StatusCode != 200 || a.decoded(t)["challenge"] != "3eZbrw1aB" {
		t.Errorf("it answered %d %s", a.StatusCode, a.body)
	}
	if runs := s.api("GET", "/runs?workflow_id="+flow, nil).decoded(t)["data"].([]any); len(runs) != 0 {
		t.Errorf("asking has started %d runs", len(runs))
	}
}

func TestFilterLetsOnlyWhatItNamesStartARun(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{"filter": object{"conditions": []object{
			{"value": "{{ trigger.body.type }}", "operator": "equals", "other": "order.paid"},
			{"value": "{{ trigger.body.data.total }}", "operator": "greater_than", "other": 100},
		}}})
		for body, starts := range map[string]bool{
			`{"type":"order.paid","data":{"total":101}}`: true, `{"type":"order.paid","data":{"total":"100.5"}}`: true,
			`{"type":"order.paid","data":{"total":100}}`: false, `{"type":"order.made","data":{"total":500}}`: false, `{}`: false, `[1]`: false, `{"type":"order.paid"}`: false,
		} {
			a := s.deliver(path, body)
			if a.StatusCode != 202 || (a.decoded(t)["run_id"] != nil) != starts {
				t.Errorf("%s answered %d %s", body, a.StatusCode, a.body)
			}
			if newest := s.deliveries("?limit=1")[0].(object); (newest["outcome"] == "accepted") != starts || (newest["reason"] == "") != starts {
				t.Errorf("%s is kept as %v", body, newest)
			}
		}
		bad := object{"format": 1, "name": "Bad", "publish": true, "triggers": []object{{"id": "shop", "type": "webhook", "cron": "* * * * *", "signature": "sha1", "respond": "later", "rate_per_minute": -1, "filter": object{"conditions": []object{{"value": "{{ secrets.X }}", "operator": "is_like"}}}}}, "steps": []object{{"id": "a", "type": "stop", "config": object{"outcome": "succeeded"}}}}
		a := s.api("POST", "/workflows", bad)
		for _, path := range []string{"triggers[0].cron", "triggers[0].signature", "triggers[0].respond", "triggers[0].rate_per_minute", "triggers[0].filter.conditions[0].value", "triggers[0].filter.conditions[0].operator"} {
			if a.StatusCode != 422 || !strings.Contains(a.body, `"path":"`+path+`"`) {
				t.Errorf("%s is not refused: %d %s", path, a.StatusCode, a.body)
			}
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

func TestCallerWhoWaitsGetsTheRunsOutput(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{"respond": "output"})
		answered := make(chan answer, 1)
		go func() { answered <- s.deliver(path, `{"a":1}`) }()
		var runs []any
		modelstest.Eventually(t, "the run is stored", func() bool {
			runs = s.api("GET", "/runs", nil).decoded(t)["data"].([]any)
			return len(runs) == 1
		})
		s.execute(runs[0].(object)["id"].(string))
		a := <-answered
		if shown := a.decoded(t); a.StatusCode != 200 || shown["status"] != "succeeded" || fmt.Sprint(shown["output"]) != "map[got:map[a:1]]" {
			t.Errorf("it answered %d %s", a.StatusCode, a.body)
		}
		// One who goes away leaves the run alone.
		ctx, leave := context.WithCancel(t.Context())
		r := httptest.NewRequest("POST", path, strings.NewReader(`{}`)).WithContext(ctx)
		time.AfterFunc(100*time.Millisecond, leave)
		s.send(r)
		if runs = s.api("GET", "/runs", nil).decoded(t)["data"].([]any); len(runs) != 2 {
			t.Errorf("there are %d runs", len(runs))
		}
	})
}

func TestDeliveriesAreTakenWhileRedisIsAway(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := newSite(t, db)
		flow, path := s.hooked(object{})
		s.stopRedis()
		var mu sync.Mutex
		runs := map[string]bool{}
		var callers sync.WaitGroup
		for worker := range 8 {
			callers.Go(func() {
				for i := range 125 {
					a := s.deliver(path, fmt.Sprintf(`{"n":%d}`, worker*125+i), "Webhook-Id", fmt.Sprintf("msg_%d_%d", worker, i))
					if a.StatusCode != http.StatusAccepted {
						t.Errorf("it answered %d %s", a.StatusCode, a.body)
						return
					}
					mu.Lock()
					runs[a.decoded(t)["run_id"].(string)] = true
					mu.Unlock()
				}
			})
		}
		callers.Wait()
		var stored int64
		if err := s.db.Model(&models.Run{}).Where("workflow_id = ?", flow).Count(&stored).Error; err != nil {
			t.Fatal(err)
		}
		if len(runs) != 1000 || stored != 1000 {
			t.Errorf("1,000 deliveries: %d runs were named, %d are stored", len(runs), stored)
		}
	})
}
