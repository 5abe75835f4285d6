package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// takesOnce sends what a person or program sends twice without meaning it.
func (g *ground) takesOnce() {
	g.t.Helper()
	form := url.Values{"form": {"1"}, "input.n": {"1"}, "key": {"0198a5f0-0000-7000-8000-000000000001"}}.Encode()
	rows := map[string]badInput{
		"a double click":       {as: "editor", path: "/workflows/{flow}/run", body: form},
		"the same delivery id": {as: "nobody", path: "{hook.address}", body: `{"a":1}`, headers: []string{"Content-Type", "application/json", "webhook-id", "msg_7"}},
		"the same key":         {path: "/workflows/{plain}/runs", body: "{}", headers: []string{"Idempotency-Key", "k1"}},
	}
	for name, row := range rows {
		first, body := g.send(row)
		g.eventuallyStill()
		before := g.content()
		again, bodyAgain := g.send(row)
		g.eventuallyStill()
		if first.StatusCode >= 400 || again.StatusCode >= 400 || first.Header.Get("Location") != again.Header.Get("Location") || idOf(body) != idOf(bodyAgain) || g.content() != before {
			g.t.Errorf("%s: %d %s, then %d %s", name, first.StatusCode, body, again.StatusCode, bodyAgain)
		}
	}
}

// idOf is the run that an answer names.
func idOf(body string) string {
	_, rest, _ := strings.Cut(body, `id":"`)
	return rest[:min(36, len(rest))]
}

// showsAsText makes a workflow of markup, and an empty draft, and looks at them.
func (g *ground) showsAsText() {
	g.t.Helper()
	const script = "<script>alert(1)</script>"
	flow := g.api.call("POST", "/workflows", object{
		"format": 1, "name": script, "description": script, "publish": true, "inputs": []object{{"name": "a", "type": "text", "label": script}},
		"steps": []object{{"id": "a", "name": script, "type": "set_values", "config": object{"values": object{script: script + "{{ input.a }}"}}}},
	}, 201)["id"].(string)
	run := g.api.call("POST", "/workflows/"+flow+"/runs", object{"input": object{"a": script}}, 202)["id"].(string)
	g.api.finished(run)
	empty := g.api.call("POST", "/workflows", object{"format": 1, "name": "Nothing yet", "steps": []object{}}, 201)["id"].(string)
	pages := []string{"/", "/workflows", "/runs", "/runs/" + run, "/workflows/" + empty, "/workflows/" + empty + "/edit", "/settings/audit"}
	for _, page := range []string{"", "/edit", "/edit/steps/a", "/edit/inputs", "/run", "/versions", "/versions/1", "/publish", "/delete"} {
		pages = append(pages, "/workflows/"+flow+page)
	}
	for _, page := range pages {
		response, body := g.send(badInput{as: "editor", method: "GET", path: page})
		if response.StatusCode != http.StatusOK || strings.Contains(body, script) {
			g.t.Errorf("%s answered %d, or shows markup of people as markup", page, response.StatusCode)
		}
	}
}

// TestBadInputUnderTightLimits is the part of the catalogue that needs a program
// with a low limit and nothing allowed.
func TestBadInputUnderTightLimits(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken, "API_RATE_PER_MINUTE=600", "OUTBOUND_ALLOW=")
	api := &api{t: t, base: s.base}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"localhost", host} {
		flow := api.call("POST", "/workflows", object{"format": 1, "publish": true, "name": fmt.Sprintf("Private %d", i), "steps": []object{{"id": "a", "type": "http_request", "config": object{"url": s.base[:strings.Index(s.base, "127")] + name + s.base[strings.LastIndex(s.base, ":"):]}}}}, 201)["id"].(string)
		run := api.finished(api.call("POST", "/workflows/"+flow+"/runs", object{}, 202)["id"].(string))
		if failed, _ := run["error"].(object); failed["code"] != "blocked_address" {
			t.Errorf("a call to %s ended with %v", name, run["error"])
		}
	}
	for range 900 { // waiting for the runs took some of the calls
		status, answer := api.try("GET", "/runs", nil)
		if failed, _ := answer["error"].(object); status == http.StatusTooManyRequests && failed["code"] == "too_many_requests" {
			return
		}
	}
	t.Error("no call was one too many")
}
