package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/models/modelstest"
)

// ground is a running installation with something in it.
type ground struct {
	*system
	t       *testing.T
	api     *api
	people  map[string]*http.Client
	names   map[string]string
	refused map[string]string // name of the line by the number of its request
}

func newGround(t *testing.T, s *system) *ground {
	t.Helper()
	g := &ground{system: s, t: t, api: &api{t: t, base: s.base}, refused: map[string]string{}, names: map[string]string{"none": "0198a5f0-0000-7000-8000-000000000000"}}
	g.people = map[string]*http.Client{"nobody": visitor(t), "editor": g.signIn("anna@example.com", "four-plain-words-do"), "viewer": nil}
	g.people["viewer"] = g.invited("viewer")

	note := object{"id": "note", "type": "set_values", "config": object{"values": object{"a": 1}}}
	make := func(name string, definition object) object {
		t.Helper()
		definition["format"], definition["publish"] = 1, true
		if definition["steps"] == nil {
			definition["steps"] = []object{note}
		}
		definition["name"] = name
		made := g.api.call("POST", "/workflows", definition, 201)
		g.names[name] = made["id"].(string)
		return made
	}
	hook := func(name string, trigger object) {
		t.Helper()
		trigger["id"], trigger["type"] = "shop", "webhook"
		made := make(name, object{"triggers": []object{trigger}})
		address, err := url.Parse(made["triggers"].([]any)[0].(object)["url"].(string))
		if err != nil {
			t.Fatal(err)
		}
		g.names[name+".address"] = address.Path
	}
	g.api.call("POST", "/secrets", object{"name": "HUB", "value": hubSecret}, 201)
	g.api.call("POST", "/secrets", object{"name": "STANDARD", "value": standardSecret}, 201)
	make("flow", object{"inputs": []object{{"name": "n", "type": "number", "required": true}}})
	make("caller", object{"steps": []object{{"id": "call", "type": "run_workflow", "config": object{"workflow": g.names["flow"], "input": object{"n": 1}}}}})
	make("plain", object{})
	make("narrow", object{"settings": object{"max_running": 1, "on_limit": "reject"}, "steps": []object{{"id": "w", "type": "wait", "config": object{"for": "1h"}}}})
	hook("hook", object{})
	hook("github", object{"signature": "github", "secret": "HUB"})
	hook("standard", object{"signature": "standard_webhooks", "secret": "STANDARD"})
	hook("paused", object{})
	hook("rated", object{"rate_per_minute": 1})
	g.api.call("POST", "/workflows/"+g.names["paused"]+"/pause", object{}, 200)
	g.names["run"] = g.api.call("POST", "/workflows/"+g.names["plain"]+"/runs", object{}, 202)["id"].(string)
	g.api.finished(g.names["run"])
	g.api.call("POST", "/workflows/"+g.names["narrow"]+"/runs", object{}, 202)
	if status, _ := g.post("nobody", g.names["rated.address"], "{}", "Content-Type", "application/json"); status != 202 {
		t.Fatalf("the first delivery answered %d", status)
	}
	g.eventuallyStill()
	return g
}

func visitor(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (g *ground) signIn(email, password string) *http.Client {
	g.t.Helper()
	client := visitor(g.t)
	answer, err := client.PostForm(g.base+"/login", url.Values{"email": {email}, "password": {password}})
	if err != nil || answer.StatusCode != http.StatusSeeOther {
		g.t.Fatalf("signing in: %v %v", answer, err)
	}
	_ = answer.Body.Close()
	return client
}

// invited makes a person with a role by a link, as an administrator would.
func (g *ground) invited(role string) *http.Client {
	g.t.Helper()
	email := role + "@example.com"
	status, page := g.post("editor", "/settings/people", url.Values{"email": {email}, "role": {role}}.Encode())
	start := strings.Index(page, g.base+"/invitations/")
	if status != 201 || start < 0 {
		g.t.Fatalf("inviting answered %d", status)
	}
	link := page[start : start+strings.IndexAny(page[start:], "\"< \n")]
	form := url.Values{"name": {"Otto"}, "password": {"four-plain-words-do"}, "time_zone": {"UTC"}}
	if status, page := g.post("nobody", strings.TrimPrefix(link, g.base), form.Encode()); status != 303 {
		g.t.Fatalf("accepting answered %d: %s", status, page)
	}
	g.people["nobody"] = visitor(g.t)
	return g.signIn(email, "four-plain-words-do")
}

func (g *ground) post(as, path, body string, headers ...string) (status int, page string) {
	g.t.Helper()
	response, page := g.send(badInput{as: as, path: path, body: body, headers: headers})
	return response.StatusCode, page
}

// send is one request as the row says, with {NAME} filled in.
func (g *ground) send(row badInput) (*http.Response, string) {
	g.t.Helper()
	fill := func(text string) string {
		for name, value := range g.names {
			text = strings.ReplaceAll(text, "{"+name+"}", value)
		}
		return text
	}
	client, kind, path := g.people[row.as], "application/x-www-form-urlencoded", fill(row.path)
	if row.as == "" || row.as == "program" {
		client, kind, path = http.DefaultClient, "application/json", "/api/v1"+path
	}
	method := row.method
	if method == "" {
		method = http.MethodPost
	}
	body := fill(row.body)
	request, err := http.NewRequest(method, g.base, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	path, request.URL.RawQuery, _ = strings.Cut(path, "?")
	request.URL.Opaque = "//" + request.URL.Host + path // as it is, also what net/url would not write
	if client == http.DefaultClient {
		request.Header.Set("Authorization", "Bearer "+adminToken)
	}
	if method != http.MethodGet {
		request.Header.Set("Content-Type", kind)
	}
	headers := row.headers
	if row.sign != nil {
		headers = row.sign(body)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			request.Header.Del(headers[i])
		}
	}
	response, err := client.Do(request)
	if err != nil {
		g.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return response, string(data)
}

// eventuallyStill waits until nothing is at work any more but what waits for an hour, and
// what has failed is gathered by its reason.
func (g *ground) eventuallyStill() {
	g.t.Helper()
	modelstest.Eventually(g.t, "everything that can end has ended", func() bool {
		queued := g.api.call("GET", "/runs?status=queued", nil, 200)["data"].([]any)
		running := g.api.call("GET", "/runs?status=running", nil, 200)["data"].([]any)
		ungathered := slices.ContainsFunc(g.api.call("GET", "/runs?status=failed&limit=100", nil, 200)["data"].([]any), func(run any) bool {
			return run.(object)["failure_id"] == nil
		})
		return len(queued)+len(running) == 0 && !ungathered
	})
}
