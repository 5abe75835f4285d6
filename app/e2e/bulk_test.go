package e2e

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"workflows/models/modelstest"
)

// bulked waits until what was asked for with many runs has ended and returns it.
func (a *api) bulked(asked map[string]any) map[string]any {
	a.t.Helper()
	var answer map[string]any
	modelstest.Eventually(a.t, "it was done with all runs", func() bool {
		_, answer = a.try("GET", "/bulk/"+asked["id"].(string), nil)
		return answer["finished_at"] != nil
	})
	return answer
}

func TestWhatFailedIsRunAgainAllAtOnce(t *testing.T) {
	systems(t, func(t *testing.T, s *system) {
		var repaired atomic.Bool
		target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !repaired.Load() {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}))
		t.Cleanup(target.Close)
		a := &api{t, s.base}
		id := a.call("POST", "/workflows", object{
			"publish": true, "format": 1, "name": "Tell the shop",
			"steps": []object{{"id": "tell", "type": "http_request", "config": object{"method": "GET", "url": target.URL}}},
		}, 201)["id"].(string)
		const failed = 30
		for range failed {
			a.call("POST", "/workflows/"+id+"/runs", nil, 202)
		}
		modelstest.Eventually(t, "all have failed", func() bool {
			return len(a.call("GET", "/runs?limit=100&status=failed", nil, 200)["data"].([]any)) == failed
		})
		repaired.Store(true)
		asked := object{"action": "retry", "filter": object{"workflow_id": id, "status": "failed"}, "per_second": 1000}
		done := a.bulked(a.call("POST", "/bulk", asked, 202))
		if done["state"] != "finished" || done["total"] != 30.0 || done["done"] != 30.0 || done["failed"] != 0.0 || len(done["reasons"].([]any)) != 0 {
			t.Fatalf("it ended as %v", done)
		}
		modelstest.Eventually(t, "all have succeeded", func() bool {
			return len(a.call("GET", "/runs?limit=100&status=succeeded", nil, 200)["data"].([]any)) == failed
		})
		of := map[any]bool{}
		var fine string
		for _, row := range a.call("GET", "/runs?limit=100&trigger=retry", nil, 200)["data"].([]any) {
			run := row.(object)
			of[run["retry_of"]], fine = true, run["id"].(string)
		}
		if len(of) != failed || of[nil] {
			t.Errorf("%d runs were run again", len(of))
		}
		if again := a.bulked(a.call("POST", "/bulk", asked, 202)); again["total"] != 0.0 {
			t.Errorf("what was run again is run again once more: %v", again)
		}
		// One that succeeded has no failed step.
		refused := a.bulked(a.call("POST", "/bulk", object{"action": "retry", "filter": object{"ids": []string{fine}}, "from": "failed_step"}, 202))
		reasons, _ := refused["reasons"].([]any)
		if refused["failed"] != 1.0 || len(reasons) != 1 || reasons[0].(object)["example_run_id"] != fine || reasons[0].(object)["count"] != 1.0 {
			t.Errorf("what cannot be run again ended as %v", refused)
		}
		removed := a.bulked(a.call("POST", "/bulk", object{"action": "delete", "filter": object{"workflow_id": id, "status": "failed"}, "per_second": 1000}, 202))
		if left := a.call("GET", "/runs?limit=100", nil, 200)["data"].([]any); removed["done"] != 30.0 || len(left) != failed {
			t.Errorf("deleting ended as %v and left %d", removed, len(left))
		}
	})
}

func TestWhatIsStoppedIsDoneWithNoFurtherRun(t *testing.T) {
	systems(t, func(t *testing.T, s *system) {
		a := &api{t, s.base}
		id := a.call("POST", "/workflows", object{
			"publish": true, "format": 1, "name": "Waits",
			"steps": []object{{"id": "pause", "type": "wait", "config": object{"for": "1h"}}},
		}, 201)["id"].(string)
		for range 40 {
			a.call("POST", "/workflows/"+id+"/runs", nil, 202)
		}
		asked := a.call("POST", "/bulk", object{"action": "cancel", "filter": object{"workflow_id": id}, "per_second": 1}, 202)
		cancelled := func() int {
			return len(a.call("GET", "/runs?limit=100&status=cancelled", nil, 200)["data"].([]any))
		}
		modelstest.Eventually(t, "some are cancelled", func() bool { return cancelled() > 0 })
		stopped := a.call("POST", "/bulk/"+asked["id"].(string)+"/stop", nil, 200)
		if n := cancelled(); stopped["state"] != "stopped" || stopped["done"] != float64(n) || n == 40 {
			t.Errorf("stopped it is %v, and %d are cancelled", stopped, n)
		}
		all := a.bulked(a.call("POST", "/bulk", object{"action": "cancel", "filter": object{"workflow_id": id}, "per_second": 1000}, 202))
		if all["done"] != 40-stopped["done"].(float64) || cancelled() != 40 {
			t.Errorf("the rest ended as %v", all)
		}
		if still := a.call("GET", "/bulk/"+asked["id"].(string), nil, 200); still["done"] != stopped["done"] {
			t.Errorf("after it was stopped it went on: %v", still)
		}
	})
}
