package routes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/failures"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/worker/engine"
	"workflows/worker/queue/queuetest"
	"workflows/worker/steps"
)

func document(t *testing.T, s *site) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(s.send(httptest.NewRequest("GET", host+"/api/v1/openapi.json", nil)).body))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestTheDocumentHoldsEveryRouteAndNoOther(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	documented := map[string]bool{}
	for path, item := range document(t, s).Paths.Map() {
		for method := range item.Operations() {
			documented[method+" /api/v1"+path] = true
		}
	}
	for _, route := range s.site.Table {
		if !strings.HasPrefix(route.Path, "/api/v1/") {
			continue
		}
		parts := strings.Split(route.Path, "/")
		for i, part := range parts {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				parts[i] = "{" + name + "}"
			}
		}
		line := route.Method + " " + strings.Join(parts, "/")
		if !documented[line] {
			t.Errorf("%s is not in the document", line)
		}
		delete(documented, line)
	}
	for line := range documented {
		t.Errorf("%s is in the document and does not exist", line)
	}
}

// checked sends requests and holds each question and answer to the document.
type checked struct {
	*site
	router routers.Router
	seen   map[string]bool
}

func (c *checked) call(method, path string, body any, status int) map[string]any {
	c.t.Helper()
	r := apiRequest(c.t, method, path, body)
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
	}
	r.Body = io.NopCloser(bytes.NewReader(sent))
	route, parameters, err := c.router.FindRoute(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	c.seen[route.Operation.OperationID] = true
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: parameters, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(c.t.Context(), input); err != nil && status < 400 {
		c.t.Errorf("%s %s: the question differs from the document: %v", method, path, err)
	}
	r.Body = io.NopCloser(bytes.NewReader(sent))
	a := c.send(r)
	if a.StatusCode != status {
		c.t.Fatalf("%s %s answered %d instead of %d: %s", method, path, a.StatusCode, status, a.body)
	}
	output := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: a.StatusCode, Header: a.Header, Options: options}
	output.SetBodyBytes([]byte(a.body))
	if err := openapi3filter.ValidateResponse(c.t.Context(), output); err != nil {
		c.t.Errorf("%s %s: the answer differs from the document: %v", method, path, err)
	}
	if status == http.StatusNoContent {
		return nil
	}
	var value map[string]any
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		c.t.Fatal(err)
	}
	return value
}

type object = map[string]any

func TestRealAnswersAreAsTheDocumentSays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		doc := document(t, s)
		router, err := legacy.NewRouter(doc)
		if err != nil {
			t.Fatal(err)
		}
		c := &checked{site: s, router: router, seen: map[string]bool{}}
		definition := object{
			"format": 1, "name": "Large <b>orders</b>", "publish": true,
			"inputs":   []object{{"name": "n", "type": "number", "required": true}},
			"triggers": []object{{"id": "daily", "type": "schedule", "cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"}},
			"steps": []object{
				{"id": "pause", "type": "wait", "config": object{"for": "1h"}, "retry": object{"max_attempts": 2, "delay": "1s"}, "timeout": "5s"},
				{"id": "large", "type": "condition", "config": object{"match": "all", "conditions": []object{{"value": "{{ input.n }}", "operator": "greater_than", "other": 1}}}, "then": []object{{"id": "yes", "type": "set_values", "config": object{"values": object{"a": 12345678901234567}}}}, "else": []object{{"id": "no", "type": "stop", "config": object{"outcome": "failed"}}}},
			},
		}
		made := c.call("POST", "/workflows", definition, 201)
		id := made["id"].(string)
		delete(definition, "publish")
		definition["description"] = "changed"
		c.call("PUT", "/workflows/"+id, definition, 200)
		c.call("GET", "/workflows/"+id, nil, 200)
		if tagged := c.call("PATCH", "/workflows/"+id, object{"tags": []string{"shop", "Big orders"}}, 200); fmt.Sprint(tagged["tags"]) != "[Big orders shop]" {
			t.Errorf("its tags are %v", tagged["tags"])
		}
		c.call("PATCH", "/workflows/"+id, object{"tags": []string{"a,b"}}, 422)
		c.call("PATCH", "/workflows/"+id, object{}, 422)
		if rows := c.call("GET", "/workflows?q=large&status=active&tag=SHOP&limit=1", nil, 200)["data"].([]any); len(rows) != 1 || fmt.Sprint(rows[0].(object)["tags"]) != "[Big orders shop]" {
			t.Errorf("by its tag is found %v", rows)
		}
		c.call("POST", "/workflows/"+id+"/publish", nil, 200)
		c.call("POST", "/workflows/"+id+"/pause", object{"until": "2999-01-01T00:00:00Z", "reason": "holidays"}, 200)
		c.call("GET", "/schedules?status=paused", nil, 200)
		c.call("POST", "/workflows/"+id+"/resume", nil, 200)
		c.call("GET", "/workflows/"+id+"/versions", nil, 200)
		c.call("GET", "/workflows/"+id+"/versions/1", nil, 200)
		c.call("POST", "/workflows/"+id+"/versions/1/restore", nil, 200)
		run := c.call("POST", "/workflows/"+id+"/runs", object{"input": object{"n": 5}}, 202)["id"].(string)
		s.execute(run)
		waiting := c.call("GET", "/runs/"+run, nil, 200)
		if waiting["status"] != "waiting" || waiting["waiting_for"] != "time" || waiting["due_at"] == nil {
			t.Errorf("the run is %v", waiting)
		}
		if rows := c.call("GET", "/runs/"+run+"/steps?status=waiting&step_id=pause&limit=1", nil, 200)["data"].([]any); len(rows) != 1 {
			t.Errorf("%d attempts are waiting", len(rows))
		}
		c.call("GET", "/runs?workflow_id="+id+"&status=waiting&trigger=manual&q=large&from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z", nil, 200)
		c.call("POST", "/runs/"+run+"/continue", nil, 200)
		c.call("POST", "/runs/"+run+"/continue", nil, 409)
		if alone := c.call("GET", "/runs/"+run+"/differences", nil, 200); alone["compared_with"] != nil {
			t.Errorf("no run has succeeded, and it is compared with %v", alone["compared_with"])
		}
		c.call("POST", "/runs/"+run+"/cancel", nil, 200)
		c.call("POST", "/runs/"+run+"/cancel", nil, 409)
		again := c.call("POST", "/runs/"+run+"/retry", object{"from": "start", "version": "current"}, 202)
		if again["retry_of"] != run {
			t.Errorf("the new run is a retry of %v", again["retry_of"])
		}
		lost := c.call("POST", "/workflows/"+id+"/runs", object{"input": object{"n": 5}}, 202)["id"].(string)
		c.call("POST", "/runs/"+lost+"/decisions", object{"step_id": "pause", "action": "repeat"}, 409)
		s.lose(lost)
		undecided := c.call("GET", "/runs/"+lost, nil, 200)
		if undecided["waiting_for"] != "decision" || undecided["recoveries"] != 1.0 || undecided["parent_id"] != nil {
			t.Errorf("the run is %v", undecided)
		}
		if rows := c.call("GET", "/runs?waiting_for=decision", nil, 200)["data"].([]any); len(rows) != 1 {
			t.Errorf("%d runs wait for a decision", len(rows))
		}
		decided := c.call("POST", "/runs/"+lost+"/decisions", object{"step_id": "pause", "action": "succeed", "output": object{"until": "now"}}, 200)
		if step := decided["steps"].([]any)[0].(object); step["status"] != "succeeded" || step["note"] == nil || step["iteration"] != nil || step["child_run_id"] != nil {
			t.Errorf("the step is %v", step)
		}
		c.call("POST", "/runs/"+lost+"/cancel", nil, 200)
		c.call("DELETE", "/workflows/"+id, nil, 409)
		c.call("POST", "/runs/"+again["id"].(string)+"/cancel", nil, 200)
		schedule := c.call("GET", "/schedules?workflow_id="+id, nil, 200)["data"].([]any)[0].(object)["id"].(string)
		c.call("GET", "/schedules/"+schedule, nil, 200)
		paused := c.call("POST", "/schedules/"+schedule+"/pause", object{"until": "2999-01-01T00:00:00Z", "reason": "noise"}, 200)
		if paused["status"] != "paused" || paused["next_at"] != nil || paused["pause"].(object)["reason"] != "noise" || paused["trigger"].(object)["cron"] != "0 9 * * 1-5" {
			t.Errorf("the schedule is %v", paused)
		}
		c.call("POST", "/schedules/"+schedule+"/pause", object{"until": "2020-01-01T00:00:00Z"}, 422)
		if resumed := c.call("POST", "/schedules/"+schedule+"/resume", nil, 200); resumed["status"] != "active" || resumed["pause"] != nil {
			t.Errorf("the schedule is %v", resumed)
		}
		s.calendars(c, id, definition)
		s.alerts(c, id)
		s.failures(c)
		s.bulk(c)
		s.plan(schedule, id, run)
		first := c.call("GET", "/schedules/"+schedule+"/planned?limit=1", nil, 200)
		cursor := first["next_cursor"].(string)
		second := c.call("GET", "/schedules/"+schedule+"/planned?limit=1&cursor="+url.QueryEscape(cursor), nil, 200)
		if second["next_cursor"] != nil || len(second["data"].([]any)) != 1 || second["data"].([]any)[0].(object)["outcome"] != "skipped" {
			t.Errorf("the second page is %v", second)
		}
		ledger := c.call("GET", "/planned?limit=1&workflow_id="+id, nil, 200)
		rest := c.call("GET", "/planned?limit=1&schedule_id="+schedule+"&cursor="+url.QueryEscape(ledger["next_cursor"].(string)), nil, 200)
		if row := rest["data"].([]any)[0].(object); rest["next_cursor"] != nil || row["outcome"] != "skipped" || row["schedule_id"] != schedule {
			t.Errorf("the second page is %v", rest)
		}
		if rows := c.call("GET", "/planned?outcome=exceptions", nil, 200)["data"].([]any); len(rows) != 1 {
			t.Errorf("exceptions are %v", rows)
		}
		c.call("GET", "/planned?outcome=lost", nil, 422)
		c.call("GET", "/planned?cursor=x", nil, 422)
		c.call("POST", "/schedules/preview", object{"cron": "30 2 * * *", "time_zone": "Europe/Berlin", "count": 3, "after": "2026-10-20T00:00:00Z"}, 200)
		c.call("POST", "/schedules/preview", object{"cron": "x"}, 422)
		c.call("GET", "/queue", nil, 200)
		c.call("POST", "/queues/default/pause", nil, 200)
		c.call("POST", "/queues/default/resume", nil, 200)
		queuetest.Beat(t, c.q, "a", "host", 7)
		c.call("POST", "/workers/a/drain", nil, 200)
		c.call("POST", "/workers/a/release", nil, 200)
		c.call("POST", "/workers/b/drain", nil, 404)
		c.call("POST", "/maintenance", object{"reason": "An update"}, 200)
		c.call("POST", "/maintenance", nil, 409)
		c.call("GET", "/maintenance", nil, 200)
		c.call("POST", "/maintenance/end", nil, 200)
		c.call("POST", "/maintenance/end", nil, 409)
		c.call("POST", "/secrets", object{"name": "SHOP_KEY", "value": "open sesame"}, 201)
		c.call("POST", "/secrets", object{"name": "1", "value": ""}, 422)
		c.call("GET", "/secrets", nil, 200)
		c.call("DELETE", "/secrets/SHOP_KEY", nil, 204)
		c.call("DELETE", "/secrets/SHOP_KEY", nil, 404)
		asked, question := s.asking("Well?", "anna@example.com")
		c.call("GET", "/approvals?state=waiting&run_id="+asked, nil, 200)
		c.call("GET", "/approvals?state=lost", nil, 422)
		c.call("GET", "/approvals/"+question, nil, 200)
		c.call("POST", "/approvals/"+question+"/decide", object{"decision": "approved", "comment": "Go ahead."}, 200)
		c.call("POST", "/approvals/"+question+"/decide", object{"decision": "rejected"}, 409)
		c.call("POST", "/approvals/"+question+"/decide", object{"decision": "perhaps"}, 422)
		c.call("GET", "/audit-events?limit=3&action=secret", nil, 200)
		c.call("GET", "/audit-events?from=yesterday", nil, 422)
		s.webhook(c, object{"id": "shop", "type": "webhook"})
		c.call("GET", "/health", nil, 200)
		c.call("GET", "/openapi.json", nil, 200)
		c.call("GET", "/runs/"+models.NewID(), nil, 404)
		c.call("DELETE", "/workflows/"+id, nil, 204)
		for path, item := range doc.Paths.Map() {
			for method, operation := range item.Operations() {
				if !c.seen[operation.OperationID] {
					t.Errorf("%s %s was not tried", method, path)
				}
			}
		}
	})
}

// loopback lets steps call this machine.
func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

// execute takes a run as far as it goes, as a worker would.
func (s *site) execute(run string) {
	s.t.Helper()
	e := engine.New(engine.Options{
		DB: s.db, Queue: s.q, Types: steps.All(steps.Options{OutboundAllow: loopback()}), Secrets: s.secrets,
		Log: slog.New(slog.NewJSONHandler(s.secrets.Redactor.Writer(s.log), nil)),
	})
	if err := e.Execute(s.t.Context(), run); err != nil {
		s.t.Fatal(err)
	}
	// A run's end is written after its worker is free again.
	modelstest.Eventually(s.t, "the run is final or waits", func() bool {
		now, err := runs.Get(s.t.Context(), s.db, run)
		return err == nil && now.Status != "running"
	})
}

// lose leaves a run as it is when its worker was lost in a step that may have acted.
func (s *site) lose(run string) {
	s.t.Helper()
	now := models.Now()
	row := models.StepRun{
		ID: models.NewID(), RunID: run, StepID: "pause", Name: "Pause", Type: "wait", Attempt: 1, Status: "waiting",
		Error: models.JSON(`{"code":"unknown_outcome","message":"It is not known whether it acted."}`), StartedAt: &now,
	}
	if err := runs.InsertSteps(s.t.Context(), s.db, []models.StepRun{row}, nil); err != nil {
		s.t.Fatal(err)
	}
	changed := map[string]any{"status": "waiting", "waiting_for": "decision", "attempt": 1, "recovered": 1, "started_at": now}
	if err := s.db.Model(&models.Run{}).Where("id = ?", run).Updates(changed).Error; err != nil {
		s.t.Fatal(err)
	}
}

// webhook makes one, calls it and replays what was delivered.
func (s *site) webhook(c *checked, trigger object) {
	s.t.Helper()
	made := c.call("POST", "/workflows", object{"format": 1, "name": "Takes orders", "publish": true, "triggers": []object{trigger}, "steps": []object{{"id": "end", "type": "stop", "config": object{"outcome": "succeeded"}}}}, 201)
	s.deliver(hookOf(s.t, made), `{"a": 1}`)
	s.deliver(hookOf(s.t, made), `{"a":`)
	list := c.call("GET", "/deliveries?outcome=accepted&workflow_id="+made["id"].(string), nil, 200)
	c.call("GET", "/deliveries?outcome=lost", nil, 422)
	first := list["data"].([]any)[0].(object)["id"].(string)
	if whole := c.call("GET", "/deliveries/"+first, nil, 200); whole["body"] != `{"a": 1}` {
		s.t.Errorf("the delivery is %v", whole)
	}
	c.call("POST", "/deliveries/"+first+"/replay", nil, 202)
	c.call("POST", "/deliveries/"+models.NewID()+"/replay", nil, 404)
}

// calendars makes one that a workflow heeds, and is refused to take it away.
func (s *site) calendars(c *checked, workflow string, definition object) {
	s.t.Helper()
	days := []object{{"date": "2999-12-25", "name": "Christmas Day"}}
	made := c.call("POST", "/calendars", object{"name": "Germany", "weekend": []int{6, 0}, "days": days}, 201)
	id := made["id"].(string)
	c.call("POST", "/calendars", object{"name": "Germany", "weekend": []int{}, "days": []object{}}, 422)
	c.call("POST", "/calendars", object{"name": "China", "weekend": []int{}, "days": []object{}, "working_days": []object{{"date": "2026-02-30"}}}, 422)
	c.call("POST", "/calendars", object{"name": " ", "weekend": []int{0, 1, 2, 3, 4, 5, 6}, "days": []object{{"date": "2026-02-30"}}}, 422)
	trigger := definition["triggers"].([]object)[0]
	trigger["calendar"] = "Germania"
	c.call("PUT", "/workflows/"+workflow, definition, 200)
	c.call("POST", "/workflows/"+workflow+"/publish", nil, 422)
	trigger["calendar"] = "Germany"
	c.call("PUT", "/workflows/"+workflow, definition, 200)
	c.call("POST", "/workflows/"+workflow+"/publish", nil, 200)
	c.call("POST", "/schedules/preview", object{"cron": "0 9 * * *", "calendar": "Germany", "free_days": "move"}, 200)
	night := c.call("POST", "/schedules/preview", object{"every": "15m", "time_zone": "Europe/Berlin", "not_between": []string{"22:00-06:00"}, "after": "2026-11-28T20:50:00Z", "count": 1}, 200)
	if next := night["next"].([]any); len(next) != 1 || next[0] != "2026-11-29T06:05:00+01:00" {
		s.t.Errorf("after the night it runs at %v", next)
	}
	c.call("POST", "/schedules/preview", object{"every": "24h", "not_between": []string{"22:00-06:00"}}, 422)
	trigger["not_between"] = []string{"22:00-22:00"}
	c.call("PUT", "/workflows/"+workflow, definition, 422)
	trigger["not_between"] = []string{"22:00-06:00"}
	if users := c.call("GET", "/calendars/"+id, nil, 200)["used_by"].([]any); len(users) != 1 {
		s.t.Errorf("used by %v", users)
	}
	c.call("PUT", "/calendars/"+id, object{"weekend": []int{0}, "days": days}, 200)
	c.call("POST", "/calendars/"+id+"/fetch", nil, 409)
	c.call("PUT", "/calendars/"+id+"/subscription", object{"address": "ftp://example.com/x"}, 422)
	c.call("PUT", "/calendars/"+id+"/subscription", object{"address": "https://example.com/x", "take": []string{"free"}, "leave": []string{"free"}}, 422)
	follows := c.call("PUT", "/calendars/"+id+"/subscription", object{"address": "webcal://example.com/canary-of-an-address.ics", "take": []string{"observance"}}, 200)
	if sub := follows["subscription"].(object); sub["host"] != "example.com" || sub["state"] != "waiting" || sub["next_at"] == nil || strings.Contains(fmt.Sprint(follows), "canary") {
		s.t.Errorf("it follows %v", follows)
	}
	c.call("POST", "/calendars/"+id+"/fetch", nil, 202)
	c.call("DELETE", "/calendars/"+id+"/subscription", nil, 204)
	c.call("DELETE", "/calendars/"+id+"/subscription", nil, 409)
	c.call("DELETE", "/calendars/"+id, nil, 409)
	delete(trigger, "calendar")
	c.call("PUT", "/workflows/"+workflow, definition, 200)
	c.call("POST", "/workflows/"+workflow+"/publish", nil, 200)
	if rows := c.call("GET", "/calendars", nil, 200)["data"].([]any); len(rows) != 1 {
		s.t.Errorf("%d calendars", len(rows))
	}
	c.call("DELETE", "/calendars/"+id, nil, 204)
}

// alerts raises two and acknowledges the first of the list.
func (s *site) alerts(c *checked, workflow string) {
	s.t.Helper()
	now := models.Now()
	for _, kind := range []string{models.AlertOverdue, models.AlertSlow} {
		a := models.Alert{Kind: kind, Subject: kind, WorkflowID: workflow, Message: "So it is.", OpenedAt: now, HappenedAt: now}
		if err := models.OpenAlerts(s.t.Context(), s.db, a); err != nil {
			s.t.Fatal(err)
		}
	}
	rows := c.call("GET", "/alerts?state=open&limit=1&workflow_id="+workflow, nil, 200)
	id := rows["data"].([]any)[0].(object)["id"].(string)
	next := c.call("GET", "/alerts?limit=1&cursor="+rows["next_cursor"].(string), nil, 200)
	if next["next_cursor"] != nil || next["data"].([]any)[0].(object)["kind"] != models.AlertOverdue {
		s.t.Errorf("the second page is %v", next)
	}
	c.call("GET", "/alerts?kind=x", nil, 422)
	if seen := c.call("POST", "/alerts/"+id+"/acknowledge", nil, 200); seen["state"] != "acknowledged" || seen["acknowledged_by"] == "" || seen["closed_at"] != nil {
		s.t.Errorf("the alert is %v", seen)
	}
	if err := models.CloseAlert(s.t.Context(), s.db, models.AlertOverdue, models.AlertOverdue, "It is over.", now); err != nil {
		s.t.Fatal(err)
	}
	c.call("POST", "/alerts/"+next["data"].([]any)[0].(object)["id"].(string)+"/acknowledge", nil, 409)
	c.call("POST", "/alerts/"+models.NewID()+"/acknowledge", nil, 404)
	if closed := c.call("GET", "/alerts/"+id, nil, 200); closed["kind"] != models.AlertSlow || closed["times"] != 1.0 {
		s.t.Errorf("the alert is %v", closed)
	}
}

// failures has two runs fail for one reason and one for another, and sees to them.
func (s *site) failures(c *checked) {
	s.t.Helper()
	made := c.call("POST", "/workflows", object{"format": 1, "name": "Fails", "publish": true, "inputs": []object{{"name": "why", "type": "text"}}, "steps": []object{
		{"id": "end", "type": "stop", "name": "End it", "config": object{"outcome": "failed", "message": "{{ input.why }}"}},
	}}, 201)
	var last string
	for _, why := range []string{"Order 1 is lost.", "Nobody answers.", "Order 2 is lost."} {
		last = c.call("POST", "/workflows/"+made["id"].(string)+"/runs", object{"input": object{"why": why}}, 202)["id"].(string)
		s.execute(last)
	}
	s.group()
	rows := c.call("GET", "/failures?state=new&limit=1&workflow_id="+made["id"].(string), nil, 200)
	group := rows["data"].([]any)[0].(object)
	id := group["id"].(string)
	if group["cause"] != "Order 2 is lost." || group["count"] != 2.0 || group["step_id"] != "end" || group["step_name"] != "End it" || group["example_run_id"] != last || group["state"] != "new" || group["code"] != "stopped" || group["snoozed_until"] != nil || group["solved_version"] != nil {
		s.t.Errorf("the group is %v", group)
	}
	next := c.call("GET", "/failures?limit=1&cursor="+rows["next_cursor"].(string), nil, 200)
	if next["next_cursor"] != nil || next["data"].([]any)[0].(object)["cause"] != "Nobody answers." {
		s.t.Errorf("the second page is %v", next)
	}
	if of := c.call("GET", "/runs?failure_id="+id, nil, 200)["data"].([]any); len(of) != 2 || of[0].(object)["failure_id"] != id {
		s.t.Errorf("its runs are %v", of)
	}
	c.call("GET", "/failures?state=lost", nil, 422)
	c.call("GET", "/failures?cursor=x", nil, 422)
	c.call("GET", "/runs?failure_id=x", nil, 422)
	c.call("POST", "/failures/"+id+"/snooze", object{}, 422)
	c.call("POST", "/failures/"+id+"/snooze", object{"until": "2020-01-01T00:00:00Z"}, 422)
	until := s.now.read().AddDate(0, 0, 7).UTC().Format("2006-01-02T15:04:05.000000Z")
	if snoozed := c.call("POST", "/failures/"+id+"/snooze", object{"until": until, "note": "Otto asks them."}, 200); snoozed["state"] != "snoozed" || snoozed["snoozed_until"] != until || snoozed["note"] != "Otto asks them." || snoozed["changed_by"] == "" {
		s.t.Errorf("snoozed it is %v", snoozed)
	}
	if seen := c.call("POST", "/failures/"+id+"/acknowledge", nil, 200); seen["state"] != "seen" || seen["snoozed_until"] != nil || seen["note"] != "Otto asks them." {
		s.t.Errorf("acknowledged it is %v", seen)
	}
	c.user("otto@example.com", auth.Viewer)
	if owned := c.call("POST", "/failures/"+id+"/owner", object{"owner": "Otto@example.com"}, 200); owned["owner"] != "otto@example.com" || owned["owner_name"] != "Anna" || owned["state"] != "seen" {
		s.t.Errorf("owned it is %v", owned)
	}
	for owner, number := range map[string]int{"otto@example.com": 1, "nobody": 1, "eve@example.com": 0} {
		if found := c.call("GET", "/failures?owner="+owner, nil, 200)["data"].([]any); len(found) != number {
			s.t.Errorf("to %d of the reasons %s sees", len(found), owner)
		}
	}
	c.call("POST", "/failures/"+id+"/owner", object{}, 422)
	c.call("POST", "/failures/"+id+"/owner", object{"owner": "nobody@example.com"}, 422)
	c.call("POST", "/failures/"+models.NewID()+"/owner", object{"owner": ""}, 404)
	if seen := c.call("POST", "/failures/"+id+"/acknowledge", object{"owner": ""}, 200); seen["owner"] != nil || seen["owner_name"] != nil {
		s.t.Errorf("of nobody it is %v", seen)
	}
	if snoozed := c.call("POST", "/failures/"+id+"/snooze", object{"until": until, "owner": "otto@example.com"}, 200); snoozed["owner"] != "otto@example.com" {
		s.t.Errorf("snoozed it is %v", snoozed)
	}
	s.rules(c, id)
	if solved := c.call("POST", "/failures/"+id+"/solve", object{"note": "It was the address."}, 200); solved["state"] != "solved" || solved["solved_version"] != 1.0 {
		s.t.Errorf("solved it is %v", solved)
	}
	c.call("POST", "/failures/"+id+"/solve", object{"note": strings.Repeat("x", 2001)}, 422)
	c.call("POST", "/failures/"+id+"/snooze", object{"until": until}, 409)
	c.call("POST", "/failures/"+models.NewID()+"/acknowledge", nil, 404)
	if got := c.call("GET", "/failures/"+id, nil, 200); got["state"] != "solved" || got["note"] != "It was the address." {
		s.t.Errorf("it is %v", got)
	}
}

// rules has the runs of a group run again by themselves, and then not any more.
func (s *site) rules(c *checked, failure string) {
	s.t.Helper()
	rule := "/failures/" + failure + "/rule"
	c.call("GET", rule, nil, 404)
	for _, wrong := range []object{{}, {"after": "soon", "at_most": 1}, {"after": "10s", "at_most": 1}, {"after": "31d", "at_most": 1}, {"after": "1h", "at_most": 0}, {"after": "1h", "at_most": 11}, {"after": "1h", "at_most": 1, "from": "the middle"}, {"after": "1h", "at_most": 1, "version": "next"}} {
		c.call("PUT", rule, wrong, 422)
	}
	if set := c.call("PUT", rule, object{"after": "90m", "at_most": 3, "from": "failed_step"}, 200); set["after"] != "1h30m" || set["at_most"] != 3.0 || set["from"] != "failed_step" || set["version"] != "same" || set["set_by"] == "" || set["retried"] != 0.0 || set["waiting"] != 0.0 || set["next_at"] != nil || set["trouble"] != nil {
		s.t.Errorf("the rule is %v", set)
	}
	if got := c.call("GET", "/failures/"+failure, nil, 200); got["has_rule"] != true {
		s.t.Errorf("with a rule it is %v", got)
	}
	if set := c.call("PUT", rule, object{"after": "2d", "at_most": 1, "version": "current"}, 200); set["after"] != "2d" || set["from"] != "start" || set["version"] != "current" {
		s.t.Errorf("the other rule is %v", set)
	}
	for range 2 {
		c.call("DELETE", rule, nil, 204)
	}
	c.call("GET", rule, nil, 404)
	c.call("PUT", "/failures/"+models.NewID()+"/rule", object{"after": "1h", "at_most": 1}, 404)
}

// group puts failed runs into their groups, as a worker would, and returns the id of one.
func (s *site) group() string {
	s.t.Helper()
	if _, err := failures.Group(s.t.Context(), s.db, models.Now(), 100, nil); err != nil {
		s.t.Fatal(err)
	}
	found, _, err := failures.List(s.t.Context(), s.db, failures.Filter{})
	if err != nil || len(found) == 0 {
		s.t.Fatal(found, err)
	}
	return found[0].ID
}

// plan writes two rows of a schedule's ledger.
func (s *site) plan(schedule, workflow, run string) {
	s.t.Helper()
	now := models.Now()
	for i, outcome := range []string{"skipped", "ran"} {
		row := models.PlannedRun{ID: models.NewID(), ScheduleID: schedule, WorkflowID: workflow, PlannedAt: now.AddDate(0, 0, i), Outcome: outcome, RunID: &run, LateMS: 1500, CreatedAt: now}
		if _, err := schedules.InsertPlanned(s.t.Context(), s.db, []models.PlannedRun{row}); err != nil {
			s.t.Fatal(err)
		}
	}
}
