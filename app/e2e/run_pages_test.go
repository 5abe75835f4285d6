package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"workflows/models/modelstest"
)

// flowed adds runs whose pages have more to tell: one whose worker was killed
// during a call that acts, one of a list with failures, and one that waits for
// another workflow's.
func flowed(t *testing.T, s *system, a *api) map[string]string {
	t.Helper()
	start := func(definition object) string {
		definition["publish"], definition["format"] = true, 1
		id := a.call("POST", "/workflows", definition, 201)["id"].(string)
		return a.call("POST", "/workflows/"+id+"/runs", object{"input": object{}}, 202)["id"].(string)
	}
	is := func(run, field, value string) func() bool {
		return func() bool {
			_, now := a.try("GET", "/runs/"+run, nil)
			return now[field] == value
		}
	}
	list := make([]any, 60)
	for i := range list {
		list[i] = fmt.Sprintf("Customer %d %s", i, nasty)
	}
	for i := range 4 {
		list[i*7] = object{"customer": i, "name": nasty}
	}
	loop := start(object{"name": "List " + nasty, "steps": []object{
		{"id": "each", "type": "for_each", "name": "Every customer " + nasty, "config": object{"list": list, "max_parallel": 5, "on_item_error": "continue"}, "do": []object{
			{"id": "ask", "type": "condition", "name": "Is it a name?", "config": object{"match": "all", "conditions": []object{{"value": "{{ item }}", "operator": "starts_with", "other": "Customer"}}}, "else": []object{
				{"id": "odd", "type": "for_each", "name": "Go inside", "config": object{"list": "{{ item.name }}"}, "do": []object{{"id": "in", "type": "set_values", "config": object{"values": object{"a": 1}}}}},
			}},
			{"id": "keep", "type": "set_values", "name": "Keep " + nasty, "config": object{"values": object{"who": "{{ item }}"}}},
		}},
		{"id": "off", "type": "set_values", "name": "Not now", "disabled": true, "config": object{"values": object{"a": 1}}},
	}})
	a.finished(loop)
	child := a.call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Child " + nasty, "steps": []object{{"id": "rest", "type": "wait", "config": object{"for": "1h"}}}}, 201)["id"].(string)
	parent := start(object{"name": "Parent " + nasty, "steps": []object{{"id": "call", "type": "run_workflow", "name": "Run the child", "config": object{"workflow": child}}}})
	modelstest.Eventually(t, "the parent waits", is(parent, "waiting_for", "workflow"))
	below, _ := a.call("GET", "/runs/"+parent, nil, 200)["steps"].([]any)[0].(object)["child_run_id"].(string)
	if below == "" {
		t.Error("the step does not name the run that it has started")
	}
	undecided := s.killedInACall(t, start, is)
	return map[string]string{
		"run-decision": "/runs/" + undecided, "run-decision-input": "/runs/" + undecided + "?step=create", "runs-decision": "/runs?status=waiting_decision", "overview-decision": "/",
		"run-loop": "/runs/" + loop, "run-loop-item": "/runs/" + loop + "?step=each&item=41", "run-loop-step": "/runs/" + loop + "?step=keep&in=41",
		"run-items": "/runs/" + loop + "/items?step=each", "run-items-none": "/runs/" + loop + "/items?step=each&status=waiting",
		"run-parent": "/runs/" + parent + "?step=call", "run-child": "/runs/" + below,
	}
}

// killedInACall is a run whose worker was killed while it called a server that
// took the order and did not answer yet.
func (s *system) killedInACall(t *testing.T, start func(object) string, is func(run, field, value string) func() bool) string {
	t.Helper()
	var orders atomic.Int64
	leave := make(chan struct{})
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		orders.Add(1)
		<-leave
	}))
	t.Cleanup(func() { close(leave); target.Close() })
	run := start(object{"name": "Order " + nasty, "steps": []object{
		{"id": "create", "type": "http_request", "name": "Create order " + nasty, "config": object{"method": "POST", "url": target.URL + "/orders"}},
		{"id": "note", "type": "set_values", "config": object{"values": object{"id": "{{ steps.create.body.id }}"}}},
	}})
	modelstest.Eventually(t, "the order has arrived", func() bool { return orders.Load() == 1 })
	s.web.kill()
	s.web.start()
	s.ready(t)
	modelstest.Eventually(t, "the run waits for a decision", is(run, "waiting_for", "decision"))
	if n := orders.Load(); n != 1 {
		t.Errorf("the order was sent %d times", n)
	}
	return run
}

// decide lets a person decide on the run's page, first with a mistake.
func (b *browser) decide(path string) {
	b.t.Helper()
	b.visit(path)
	b.write("output", `{"body": {"id": 17`)
	b.follow("Take it as done")
	b.sees("The JSON is cut off")
	b.clean("run-decision-problem")
	if kept := b.script(`document.querySelector("main [name=output]").value`); kept != `{"body": {"id": 17` {
		b.t.Errorf("of what was typed is left %q", kept)
	}
	b.write("output", `{"body": {"id": 17}}`)
	b.follow("Take it as done")
	b.sees("took it as done")
	b.sees("Finished after")
	b.clean("run-decided")
}

// unfolds has the details of a step open when what stands around them changes: its child, for
// which it waits, is cancelled.
func (b *browser) unfolds(a *api, parent, child string) {
	b.t.Helper()
	b.visit(parent)
	b.sees("This step waits.")
	b.press("Details")
	a.call("POST", child+"/cancel", nil, 200)
	b.until("the step has ended", "!document.querySelector('#detail').innerText.includes('This step waits.')")
	if b.script("document.querySelector('#detail .more').open") != "true" || b.script("document.querySelector('#step-input-raw').checkVisibility()") != "true" {
		b.t.Error("what was unfolded is folded by an update")
	}
	b.clean("run-unfolded")
}

// write puts a text into the field with this name, which may be empty.
func (b *browser) write(name, text string) {
	b.t.Helper()
	b.script(fmt.Sprintf(`document.querySelector("main [name=%s]").value = %q`, name, text))
}
