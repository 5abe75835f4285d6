package routes_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
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
	run, err := runs.Get(s.t.Context(), s.db, text)
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
		if found := s.api("GET", "/runs?workflow_id="+flow, nil).decoded(t)["data"].([]any); len(found) != 5 {
			t.Errorf("there are %d runs", len(found))
		}
	})
}

func TestCallerWhoWaitsGetsTheRunsOutput(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{"respond": "output"})
		answered := make(chan answer, 1)
		go func() { answered <- s.deliver(path, `{"a":1}`) }()
		var found []any
		modelstest.Eventually(t, "the run is stored", func() bool {
			found = s.api("GET", "/runs", nil).decoded(t)["data"].([]any)
			return len(found) == 1
		})
		s.execute(found[0].(object)["id"].(string))
		a := <-answered
		if shown := a.decoded(t); a.StatusCode != 200 || shown["status"] != "succeeded" || fmt.Sprint(shown["output"]) != "map[got:map[a:1]]" {
			t.Errorf("it answered %d %s", a.StatusCode, a.body)
		}
		// One who goes away leaves the run alone.
		ctx, leave := context.WithCancel(t.Context())
		r := httptest.NewRequest("POST", path, strings.NewReader(`{}`)).WithContext(ctx)
		left := make(chan struct{})
		go func() { defer close(left); s.send(r) }()
		modelstest.Eventually(t, "the run is stored", func() bool { return len(s.api("GET", "/runs", nil).decoded(t)["data"].([]any)) == 2 })
		leave()
		<-left
		if found = s.api("GET", "/runs?status=queued", nil).decoded(t)["data"].([]any); len(found) != 1 {
			t.Errorf("%d runs are left", len(found))
		}
	})
}

func TestDeliveriesAreTakenWhileRedisIsAway(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := newSite(t, db)
		flow, path := s.hooked(object{})
		s.stopRedis()
		var mu sync.Mutex
		found := map[string]bool{}
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
					found[a.decoded(t)["run_id"].(string)] = true
					mu.Unlock()
				}
			})
		}
		callers.Wait()
		var stored int64
		if err := s.db.Model(&models.Run{}).Where("workflow_id = ?", flow).Count(&stored).Error; err != nil {
			t.Fatal(err)
		}
		if len(found) != 1000 || stored != 1000 {
			t.Errorf("1,000 deliveries: %d runs were named, %d are stored", len(found), stored)
		}
	})
}
