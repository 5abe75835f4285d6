package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"workflows/models/modelstest"
)

const adminToken = "an-end-to-end-token-of-more-than-32-characters"

// api speaks the contract, knowing nothing else of the program.
type api struct {
	t    *testing.T
	base string
}

// call sends a request and returns the decoded answer; another status than
// wanted ends the test.
func (a *api) call(method, path string, body any, wanted int) map[string]any {
	a.t.Helper()
	status, answer := a.try(method, path, body)
	if status != wanted {
		a.t.Fatalf("%s %s answered %d instead of %d: %v", method, path, status, wanted, answer)
	}
	return answer
}

func (a *api) try(method, path string, body any) (int, map[string]any) {
	a.t.Helper()
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			a.t.Fatal(err)
		}
		payload = bytes.NewReader(data)
	}
	request, err := http.NewRequest(method, a.base+"/api/v1"+path, payload)
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+adminToken)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, map[string]any{"error": err.Error()}
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil && err != io.EOF {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	return response.StatusCode, answer
}

// finished waits until the run is final and returns it.
func (a *api) finished(run string) map[string]any {
	a.t.Helper()
	var answer map[string]any
	modelstest.Eventually(a.t, "run "+run+" is final", func() bool {
		_, answer = a.try("GET", "/runs/"+run, nil)
		return answer["finished_at"] != nil
	})
	return answer
}

type object = map[string]any

// shop is the HTTP target: orders with a total, counting its calls.
func shop(t *testing.T) (*httptest.Server, *atomic.Int64) {
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		w.Header().Set("Content-Type", "application/json")
		total := 250
		if strings.HasSuffix(r.URL.Path, "/2") {
			total = 40
		}
		fmt.Fprintf(w, `{"total": %d, "customer": "Ann <b>"}`, total)
	}))
	t.Cleanup(server.Close)
	return server, &calls
}

// orders asks the shop and goes one of two ways.
func orders(address string) object {
	return object{
		"format": 1, "name": "Large order alert", "inputs": []object{{"name": "order_id", "type": "number", "label": "Order number", "required": true}},
		"steps": []object{
			{"id": "fetch", "type": "http_request", "name": "Fetch the order", "config": object{"method": "GET", "url": address + "/orders/{{ input.order_id }}"}},
			{
				"id": "is_large", "type": "condition", "config": object{"match": "all", "conditions": []object{{"value": "{{ steps.fetch.body.total }}", "operator": "greater_than", "other": 100}}},
				"then": []object{{"id": "large", "type": "set_values", "config": object{"values": object{"total": "{{ steps.fetch.body.total }}", "words": "Large: {{ steps.fetch.body.total }}"}}}},
				"else": []object{{"id": "small", "type": "set_values", "config": object{"values": object{"words": "Small"}}}},
			},
		},
	}
}

// systems runs the test on both ways to start.
func systems(t *testing.T, test func(t *testing.T, s *system)) {
	t.Parallel()
	t.Run("standalone", func(t *testing.T) {
		t.Parallel()
		test(t, standalone(t, "ADMIN_TOKEN="+adminToken))
	})
	t.Run("web and worker", func(t *testing.T) {
		t.Parallel()
		test(t, served(t, "ADMIN_TOKEN="+adminToken))
	})
}

func TestAWorkflowMadeThroughTheAPIRuns(t *testing.T) {
	systems(t, func(t *testing.T, s *system) {
		target, calls := shop(t)
		a := &api{t, s.base}
		made := a.call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Large order alert", "inputs": orders(target.URL)["inputs"], "steps": orders(target.URL)["steps"]}, 201)
		if made["status"] != "active" || made["version"] != 1.0 {
			t.Fatalf("made %v", made)
		}
		id := made["id"].(string)
		large := a.call("POST", "/workflows/"+id+"/runs", object{"input": object{"order_id": 1}}, 202)
		run := a.finished(large["id"].(string))
		if run["status"] != "succeeded" || run["output"].(object)["total"] != 250.0 || run["output"].(object)["words"] != "Large: 250" {
			t.Fatalf("run %v", run)
		}
		states := map[string]any{}
		for _, step := range run["steps"].([]any) {
			states[step.(object)["step_id"].(string)] = step.(object)["status"]
		}
		if states["fetch"] != "succeeded" || states["is_large"] != "succeeded" || states["large"] != "succeeded" || states["small"] != "skipped" {
			t.Fatalf("steps %v", states)
		}
		small := a.call("POST", "/workflows/"+id+"/runs", object{"input": object{"order_id": 2}}, 202)
		if run := a.finished(small["id"].(string)); run["output"].(object)["words"] != "Small" {
			t.Fatalf("run %v", run)
		}
		if got := calls.Load(); got != 2 {
			t.Fatalf("the shop was called %d times for two runs", got)
		}
		list := a.call("GET", "/runs?workflow_id="+id+"&status=succeeded&limit=1", nil, 200)
		if len(list["data"].([]any)) != 1 || list["next_cursor"] == nil {
			t.Fatalf("list %v", list)
		}
		queue := a.call("GET", "/queue", nil, 200)
		if len(queue["workers"].([]any)) != 1 || len(queue["queues"].([]any)) == 0 {
			t.Fatalf("queue %v", queue)
		}
	})
}

// One planned time is a few seconds away and one at the next full minute, so that
// the restart lies between them. That one schedule fires before and after it, which
// takes two full minutes, is seen where there is a browser.
func TestAScheduleGoesOnAfterARestart(t *testing.T) {
	if testing.Short() {
		return // waits for a full minute of the real clock
	}
	systems(t, func(t *testing.T, s *system) {
		a := &api{t, s.base}
		soon := time.Now().Add(8 * time.Second).Truncate(time.Second)
		a.call("POST", "/workflows", object{
			"publish": true, "format": 1, "name": "Planned", "triggers": []object{
				{"id": "minute", "type": "schedule", "cron": "* * * * *", "time_zone": "Europe/Berlin"},
				{"id": "soon", "type": "schedule", "at": soon.Format(time.RFC3339)},
			},
			"steps": []object{{"id": "note", "type": "set_values", "config": object{"values": object{"by": "{{ trigger.type }}"}}}},
		}, 201)
		ids := map[any]string{}
		for _, schedule := range a.call("GET", "/schedules", nil, 200)["data"].([]any) {
			ids[schedule.(object)["trigger_id"]] = schedule.(object)["id"].(string)
		}
		modelstest.Within(t, 75*time.Second, "the first planned time ran", func() bool { return len(a.ran(ids["soon"])) == 1 })
		if s.worker != nil {
			if err := s.worker.stop(); err != nil {
				t.Errorf("the worker ended with %v", err)
			}
			s.worker.start()
		}
		if err := s.web.stop(); err != nil {
			t.Errorf("the web process ended with %v", err)
		}
		s.web.start()
		s.ready(t)
		back := time.Now()
		modelstest.Within(t, 75*time.Second, "a minute planned after the restart ran", func() bool {
			times := a.ran(ids["minute"])
			return len(times) > 0 && times[0].After(back)
		})
		if times := a.ran(ids["soon"]); len(times) != 1 || !times[0].Equal(soon) {
			t.Errorf("what was planned for %s ran at %s", soon, times)
		}
	})
}

// ran are the planned times of a schedule that came to a run that succeeded, the
// latest first; each stands in the ledger once.
func (a *api) ran(schedule string) []time.Time {
	a.t.Helper()
	status, ledger := a.try("GET", "/schedules/"+schedule+"/planned", nil)
	if status != http.StatusOK {
		return nil // it is just being started again
	}
	var times []time.Time
	seen := map[any]bool{}
	for _, row := range ledger["data"].([]any) {
		planned := row.(object)
		if seen[planned["planned_at"]] {
			a.t.Errorf("planned time %v stands twice in the ledger", planned["planned_at"])
		}
		seen[planned["planned_at"]] = true
		run, _ := planned["run_id"].(string)
		if _, answer := a.try("GET", "/runs/"+run, nil); answer["status"] != "succeeded" {
			continue
		}
		at, err := time.Parse(time.RFC3339, planned["planned_at"].(string))
		if err != nil {
			a.t.Fatal(err)
		}
		times = append(times, at)
	}
	return times
}

func TestRunsWaitForAWorkerAndRunWhenItIsBack(t *testing.T) {
	t.Parallel()
	s := served(t, "ADMIN_TOKEN="+adminToken)
	a := &api{t, s.base}
	made := a.call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Waits", "steps": []object{{"id": "note", "type": "set_values", "config": object{"values": object{"a": 1}}}}}, 201)
	if err := s.worker.stop(); err != nil {
		t.Errorf("the worker ended with %v", err)
	}
	run := a.call("POST", "/workflows/"+made["id"].(string)+"/runs", object{"input": object{}}, 202)
	modelstest.Eventually(t, "no worker is shown", func() bool {
		_, queue := a.try("GET", "/queue", nil)
		workers, _ := queue["workers"].([]any)
		return len(workers) == 0
	})
	if now := a.call("GET", "/runs/"+run["id"].(string), nil, 200); now["status"] != "queued" {
		t.Fatalf("without a worker the run is %v", now["status"])
	}
	s.worker.start()
	if run := a.finished(run["id"].(string)); run["status"] != "succeeded" {
		t.Fatalf("run %v", run)
	}
}
