package e2e

import (
	"fmt"
	"testing"

	"workflows/models/modelstest"
)

// Somebody ticks runs, and runs all of a reason again: by clicks, on pages that are clean.
func TestManyRunsAtOnceByClicks(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken)
	b := open(t, s.base)
	b.account(s)
	a := &api{t, s.base}
	failing := a.call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Orders " + nasty, "steps": []object{
		{"id": "refused", "type": "http_request", "name": "Call inside", "config": object{"method": "POST", "url": "http://localhost.localdomain.invalid/"}},
	}}, 201)["id"].(string)
	rests := a.call("POST", "/workflows", object{"publish": true, "format": 1, "name": "Rests", "steps": []object{{"id": "rest", "type": "wait", "config": object{"for": "1h"}}}}, 201)["id"].(string)
	var failed, waiting string
	for range 3 {
		failed = a.call("POST", "/workflows/"+failing+"/runs", object{"input": object{}}, 202)["id"].(string)
		a.finished(failed)
		waiting = a.call("POST", "/workflows/"+rests+"/runs", object{"input": object{}}, 202)["id"].(string)
	}
	var failure string
	modelstest.Eventually(t, "the failed runs are in a group", func() bool {
		_, run := a.try("GET", "/runs/"+failed, nil)
		failure, _ = run["failure_id"].(string)
		return failure != ""
	})
	b.visit("/bulk")
	b.clean("bulk-empty")
	b.visit("/runs")
	tick := fmt.Sprintf("document.querySelector('[name=ids][value=%q]')", waiting)
	b.script(tick + ".click()")
	b.fits(1280, 400)
	if seen := b.script("document.querySelector('#ticked button').getBoundingClientRect().bottom <= innerHeight"); seen != "true" {
		t.Error("what can be done with a row that is ticked is out of sight")
	}
	b.clean("bulk-runs")
	asked := `performance.getEntriesByType("resource").filter(e => e.name.includes("/live/runs")).length`
	before := b.script(asked)
	b.script("setTimeout(() => { window.__later = true }, 3000)") // more than the list asks in
	b.until("the list would have asked for news", "window.__later")
	if now := b.script(asked + " + ' ' + " + tick + ".checked"); now != before+" true" {
		t.Errorf("with a row ticked the list asked %s times, and has asked and is ticked %s", before, now)
	}
	b.follow("Cancel …")
	b.sees("Cancel 1 run?")
	b.clean("bulk-ask-cancel")
	b.follow("Cancel 1 run")
	b.sees("It has begun")
	b.sees("It is done.")
	b.clean("bulk-cancelled")
	if run := a.call("GET", "/runs/"+waiting, nil, 200); run["status"] != "cancelled" {
		t.Errorf("the ticked run is %v", run["status"])
	}

	b.visit("/failures/" + failure)
	b.clean("bulk-failure")
	b.follow("Run all again …")
	b.sees("Run 3 runs again?")
	b.clean("bulk-ask-again")
	b.fill("per_second", "many")
	b.follow("Run 3 runs again")
	b.sees("Enter how many runs a second")
	b.clean("bulk-ask-wrong")
	b.fill("per_second", "1")
	b.follow("Run 3 runs again")
	b.sees("of 3")
	b.clean("bulk-again")
	b.sees("3 of 3")
	b.sees("It is done.")
	if again := a.call("GET", "/runs?trigger=retry", nil, 200)["data"].([]any); len(again) != 3 {
		t.Errorf("%d runs were run again", len(again))
	}
	b.visit("/bulk")
	b.sees("Cancel 1 run")
	b.clean("bulk")
	for name, address := range map[string]string{"bulk-ask-delete": "action=delete", "bulk-none": "action=cancel&status=succeeded", "bulk-wrong": "action=retry&from=soon"} {
		b.visit("/bulk/new?" + address)
		b.clean(name)
	}
}
