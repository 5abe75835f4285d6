package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestAPersonBuildsALoopThatRunsAnotherWorkflow(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	b := open(t, s.base)
	a := &api{t, s.base}
	other := a.call("POST", "/workflows", object{
		"publish": true, "format": 1, "name": "Greet", "inputs": []object{{"name": "who", "type": "text", "required": true}},
		"steps": []object{{"id": "say", "type": "set_values", "config": object{"values": object{"text": "Hello {{ input.who }}"}}}},
	}, 201)["id"].(string)
	b.account(s)
	b.visit("/workflows/new")
	b.follow("New workflow")
	b.fill("workflow.name", "Greet everybody")
	workflow := strings.TrimSuffix(b.script("location.pathname"), "/edit")

	b.follow("For each")
	b.fill("config.list", `["Ada", "Bob"]`)
	b.fill("add:for_each.do@0", "another")
	b.follow("Add")
	b.script("window.__old = true")
	b.choose("config.workflow", other)
	b.until("what it asks for is shown", "!window.__old && document.querySelector('[name=\"config.input.name\"]')?.value === 'who'")
	b.do(chromedp.Click("#config-input-0-value-choose"))
	b.until("the dialog is open", "document.getElementById('data-dialog').open")
	b.follow("the item")
	b.fill("add:for_each.do@1", "stop")
	b.follow("Add")
	b.sees("Runs “Greet” and waits for its end")
	b.press("More for Stop")
	b.follow("Switch off")
	b.sees("Switched off")
	b.visit(workflow + "/publish")
	b.sees("For each of 2 items")
	b.follow("Publish")
	b.follow("Run now") // it asks for nothing
	b.until("the run is shown", "location.pathname.startsWith('/runs/')")
	run := a.finished(strings.TrimPrefix(b.script("location.pathname"), "/runs/"))
	output, err := json.Marshal(run["output"].(object)["items"])
	if err != nil || run["status"] != "succeeded" || strings.Count(string(output), "Hello") != 2 {
		t.Errorf("the run came to %s %s", run["status"], output)
	}
}
