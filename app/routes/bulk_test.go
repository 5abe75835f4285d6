package routes_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/modelstest"
)

// many are runs of two workflows: of one that failed twice for one reason, of which the first
// has been run again, one that was cancelled and one that is queued; of the other that
// succeeded.
type many struct {
	fails, works                              string
	failed, repaired, cancelled, queued, fine string
	group                                     string
}

func (s *site) many() many {
	s.t.Helper()
	m := many{
		fails: s.make(published(`{"name":"Fails","inputs":[{"name":"why","type":"text"}],"steps":[{"id":"end","type":"stop","config":{"outcome":"failed","message":"{{ input.why }}"}}]}`)),
		works: s.make(published(`{"name":"Works","steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`)),
	}
	start := func(workflow string) string {
		body := any(nil)
		if workflow == m.fails {
			body = object{"input": object{"why": "Nobody answers."}}
		}
		return s.api("POST", "/workflows/"+workflow+"/runs", body).decoded(s.t)["id"].(string)
	}
	m.repaired, m.failed, m.fine, m.cancelled, m.queued = start(m.fails), start(m.fails), start(m.works), start(m.fails), start(m.fails)
	for _, run := range []string{m.repaired, m.failed, m.fine} {
		s.execute(run)
	}
	s.api("POST", "/runs/"+m.cancelled+"/cancel", nil)
	again := s.api("POST", "/runs/"+m.repaired+"/retry", nil).decoded(s.t)["id"].(string)
	s.api("POST", "/runs/"+again+"/cancel", nil)
	m.group = s.group()
	return m
}

// chosen are the runs of something that was asked for.
func (s *site) chosen(body any) []string {
	s.t.Helper()
	a := s.api("POST", "/bulk", body)
	if a.StatusCode != http.StatusAccepted {
		s.t.Fatalf("%v answered %d: %s", body, a.StatusCode, a.body)
	}
	made := a.decoded(s.t)
	var chosen []string
	if err := s.db.Model(&bulk.Item{}).Where("bulk_id = ? AND state = 'waiting'", made["id"]).Order("run_id").Pluck("run_id", &chosen).Error; err != nil {
		s.t.Fatal(err)
	}
	if made["total"] != float64(len(chosen)) || (made["state"] == "finished") != (len(chosen) == 0) || (made["finished_at"] != nil) != (len(chosen) == 0) {
		s.t.Errorf("%v answered %s for %d runs", body, a.body, len(chosen))
	}
	return chosen
}

func TestManyRunsAreChosenByWhatIsGiven(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.many()
		again := s.api("GET", "/runs?limit=1", nil).decoded(t)["data"].([]any)[0].(object)["id"].(string)
		for _, c := range []struct {
			name, action string
			filter       object
			want         []string
		}{
			{"what was not run again yet", "retry", object{"workflow_id": m.fails}, []string{m.failed, m.cancelled, again}},
			{"what failed", "retry", object{"status": "failed"}, []string{m.failed}},
			{"what has not ended", "cancel", object{"workflow_id": m.fails}, []string{m.queued}},
			{"what cannot be cancelled", "cancel", object{"status": []string{"failed"}}, nil},
			{"what has ended", "delete", object{"workflow_id": m.fails}, []string{m.repaired, m.failed, m.cancelled, again}},
			{"states in a text", "delete", object{"status": "failed,succeeded"}, []string{m.repaired, m.failed, m.fine}},
			{"states in a list", "delete", object{"status": []string{"failed", "succeeded"}}, []string{m.repaired, m.failed, m.fine}},
			{"what nobody has repaired", "retry", object{"open": true}, []string{m.failed}},
			{"a group", "delete", object{"failure_id": m.group}, []string{m.repaired, m.failed}},
			{"a group that is not there", "delete", object{"failure_id": models.NewID()}, nil},
			{"named runs", "delete", object{"ids": []string{m.fine, m.queued, m.failed, models.NewID(), m.fine}}, []string{m.failed, m.fine}},
			{"named runs of a workflow", "delete", object{"ids": []string{m.fine, m.failed}, "workflow_id": m.works}, []string{m.fine}},
			{"what started them", "delete", object{"trigger": "retry"}, []string{again}},
			{"what they wait for", "cancel", object{"waiting_for": "approval"}, nil},
			{"words", "delete", object{"q": "works"}, []string{m.fine}},
			{"a time", "delete", object{"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00+01:00"}, nil},
			{"a time until later", "delete", object{"to": "2999-01-01T00:00:00Z", "status": "cancelled"}, []string{m.cancelled, again}},
		} {
			if got := s.chosen(object{"action": c.action, "filter": c.filter}); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v and not %v", c.name, got, c.want)
			}
		}
		if got := s.chosen(object{"action": "delete", "failure_id": m.group}); !slices.Equal(got, []string{m.repaired, m.failed}) {
			t.Errorf("of the group %v", got)
		}
		if got := s.chosen(object{"action": "retry", "failure_id": m.group, "filter": object{"ids": []string{m.fine, m.failed}}}); !slices.Equal(got, []string{m.failed}) {
			t.Errorf("of the group and the filter %v", got)
		}
		if got := s.chosen(object{"action": "delete", "failure_id": m.group, "filter": object{}}); len(got) != 2 {
			t.Errorf("of the group and an empty filter %v", got)
		}
	})
}

func TestToDeleteManyRunsNeedsTheScopeToWriteAsWell(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	tokens, err := auth.NewTokens(s.db, 0, nil, models.Now)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(action string, scopes ...string) answer {
		secret, _, err := tokens.Issue(t.Context(), "Import", scopes, 0, "")
		if err != nil {
			t.Fatal(err)
		}
		return s.api("POST", "/bulk", object{"action": action, "filter": object{"status": "failed"}}, "Authorization", "Bearer "+secret)
	}
	if a := ask("delete", auth.ScopeRun); a.StatusCode != 403 || a.code(t) != "missing_scope" || !strings.Contains(a.body, "“write”") {
		t.Errorf("to delete without the scope answered %d %s", a.StatusCode, a.body)
	}
	if a := ask("delete", auth.ScopeWrite); a.StatusCode != 403 || !strings.Contains(a.body, "“run”") {
		t.Errorf("to delete with that scope alone answered %d %s", a.StatusCode, a.body)
	}
	if a := ask("delete", auth.ScopeRun, auth.ScopeWrite); a.StatusCode != 202 || a.decoded(t)["created_by"] != "token Import" {
		t.Errorf("to delete with both answered %d %s", a.StatusCode, a.body)
	}
	for _, action := range []string{"retry", "cancel"} {
		if a := ask(action, auth.ScopeRun); a.StatusCode != 202 {
			t.Errorf("to %s answered %d %s", action, a.StatusCode, a.body)
		}
	}
}

func TestTheSameRequestForManyRunsIsOne(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.many()
		ask := func(body string) answer { return s.api("POST", "/bulk", body, "Idempotency-Key", "k1") }
		ids := make([]string, 8)
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				if a := ask(`{"action":"retry","filter":{"status":"failed","workflow_id":"` + m.fails + `"}}`); a.StatusCode == 202 {
					ids[i], _ = a.decoded(t)["id"].(string)
				}
			})
		}
		all.Wait()
		if slices.Sort(ids); ids[0] == "" || len(slices.Compact(ids)) != 1 {
			t.Fatalf("at once it was asked for as %v", ids)
		}
		s.execute(s.api("POST", "/runs/"+m.failed+"/retry", nil).decoded(t)["id"].(string)) // now another run is meant
		again := ask(`{"per_second": 50, "from": "start", "filter": {"workflow_id": "` + m.fails + `", "status": ["failed"]}, "action": "retry"}`)
		if made := again.decoded(t); again.StatusCode != 202 || made["id"] != ids[0] || made["total"] != 1.0 {
			t.Errorf("the same in other words answered %d %s", again.StatusCode, again.body)
		}
		for _, other := range []string{
			`{"action":"retry","filter":{"status":"failed"}}`, `{"action":"retry","filter":{"status":"failed","workflow_id":"` + m.fails + `"},"per_second":51}`,
			`{"action":"retry","filter":{"status":"failed","workflow_id":"` + m.fails + `"},"failure_id":"` + m.group + `"}`,
			`{"action":"retry","filter":{"status":"failed","workflow_id":"` + m.fails + `"},"version":"current"}`,
		} {
			if a := ask(other); a.StatusCode != 422 || a.code(t) != "idempotency_mismatch" {
				t.Errorf("%s answered %d %s", other, a.StatusCode, a.body)
			}
		}
		if a := s.api("POST", "/bulk", `{"action":"cancel","filter":{"status":"queued"}}`, "Idempotency-Key", strings.Repeat("k", 256)); a.StatusCode != 422 || !slices.Contains(a.paths(t), "Idempotency-Key") {
			t.Errorf("a long key answered %d %s", a.StatusCode, a.body)
		}
		if rows := s.api("GET", "/bulk", nil).decoded(t)["data"].([]any); len(rows) != 1 {
			t.Errorf("%d were asked for", len(rows))
		}
	})
}

// bulk asks for all that can be done with many runs, and holds the answers to the document.
func (s *site) bulk(c *checked) {
	s.t.Helper()
	m := s.many()
	filter := object{"workflow_id": m.fails, "status": []any{"failed", "cancelled"}, "from": "2020-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z", "trigger": "manual"}
	made := c.call("POST", "/bulk", object{"action": "retry", "filter": filter, "from": "failed_step", "version": "current", "per_second": 7}, 202)
	id := made["id"].(string)
	for name, want := range map[string]any{"action": "retry", "from": "failed_step", "version": "current", "per_second": 7.0, "total": 2.0, "done": 0.0, "failed": 0.0, "state": "running", "finished_at": nil, "failure_id": nil, "stopped_by": nil} {
		if made[name] != want {
			s.t.Errorf("%s is %v", name, made[name])
		}
	}
	if asked := made["filter"].(object); !maps.EqualFunc(asked, filter, func(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
		s.t.Errorf("it was asked for as %v", asked)
	}
	failed := object{"state": bulk.ItemFailed, "code": "no_longer_there", "message": "The workflow is no longer there."}
	if err := s.db.Model(&bulk.Item{}).Where("bulk_id = ?", id).Updates(failed).Error; err != nil {
		s.t.Fatal(err)
	}
	if err := s.db.Model(&bulk.Bulk{}).Where("id = ?", id).Update("failed", 2).Error; err != nil {
		s.t.Fatal(err)
	}
	reasons := c.call("GET", "/bulk/"+id, nil, 200)["reasons"].([]any)
	if want := (object{"code": "no_longer_there", "message": "The workflow is no longer there.", "count": 2.0, "example_run_id": m.cancelled}); len(reasons) != 1 || !maps.Equal(reasons[0].(object), want) {
		s.t.Errorf("it could not be done for %v", reasons)
	}
	stopped := c.call("POST", "/bulk/"+id+"/stop", nil, 200)
	if stopped["state"] != "stopped" || stopped["finished_at"] == nil || stopped["stopped_by"] == nil || len(stopped["reasons"].([]any)) != 1 {
		s.t.Errorf("stopped it is %v", stopped)
	}
	if again := c.call("POST", "/bulk/"+id+"/stop", object{}, 200); again["finished_at"] != stopped["finished_at"] {
		s.t.Errorf("stopped again it is %v", again)
	}
	second := c.call("POST", "/bulk", object{"action": "delete", "failure_id": m.group}, 202)
	if second["failure_id"] != m.group || second["from"] != nil || second["version"] != nil || second["per_second"] != 50.0 {
		s.t.Errorf("to delete is %v", second)
	}
	c.call("POST", "/bulk", object{"action": "cancel", "filter": object{"status": "queued", "ids": []string{m.queued}}}, 202)
	rows := c.call("GET", "/bulk?limit=2", nil, 200)
	if data := rows["data"].([]any); len(data) != 2 || data[0].(object)["action"] != "cancel" || data[1].(object)["id"] != second["id"] {
		s.t.Errorf("the first page is %v", data)
	}
	next := c.call("GET", "/bulk?limit=2&cursor="+rows["next_cursor"].(string), nil, 200)
	if data := next["data"].([]any); next["next_cursor"] != nil || len(data) != 1 || data[0].(object)["id"] != id {
		s.t.Errorf("the second page is %v", data)
	}
	for query, want := range map[string]any{"state=stopped": id, "action=delete": second["id"], "state=running&action=delete": second["id"], "failure_id=" + m.group: second["id"]} {
		if data := c.call("GET", "/bulk?"+query, nil, 200)["data"].([]any); len(data) != 1 || data[0].(object)["id"] != want {
			s.t.Errorf("with %s there are %v", query, data)
		}
	}
	c.call("POST", "/bulk", object{"action": "delete", "filter": object{}}, 422)
	c.call("GET", "/bulk/"+models.NewID(), nil, 404)
	c.call("GET", "/bulk?state=lost", nil, 422)
	events := fmt.Sprint(c.call("GET", "/audit-events?limit=100&action=bulk", nil, 200)["data"])
	for _, action := range []string{"bulk.retry", "bulk.stopped", "bulk.delete", "bulk.cancel"} {
		if !strings.Contains(events, action) {
			s.t.Errorf("%s is not in the audit log", action)
		}
	}
	for _, workflow := range []string{m.fails, m.works} {
		s.api("POST", "/runs/"+m.queued+"/cancel", nil)
		c.call("DELETE", "/workflows/"+workflow, nil, 204)
	}
}
