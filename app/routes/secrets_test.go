package routes_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/app/routes"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/secrets"
)

const canary = `canary-v4lue/"+&ä of a secret`

// echo is another party that sends back whatever it was told, in many ways.
func echo(t *testing.T) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said, _ := io.ReadAll(r.Body)
		everything := fmt.Sprint(r.Header.Get("X-Key"), r.URL.Query(), r.Header.Get("Authorization"), string(said))
		w.Header().Set("X-Echo", url.QueryEscape(everything))
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/fail" {
			w.WriteHeader(http.StatusTeapot)
		}
		fmt.Fprintf(w, `{"plain":%q,"base64":%q,"url":%q}`, everything, base64.StdEncoding.EncodeToString([]byte(everything)), url.QueryEscape(everything))
	}))
	t.Cleanup(server.Close)
	return server
}

// traces are forms of which none may be found anywhere.
func traces() []string {
	return []string{
		"canary-v4lue", "canary-v4lue%2F", "canary-v4lue%2f", base64.StdEncoding.EncodeToString([]byte("canary-v4lue"))[:15],
		base64.StdEncoding.EncodeToString([]byte("xcanary-v4lue"))[4:15], base64.StdEncoding.EncodeToString([]byte("xxcanary-v4lue"))[4:15],
	}
}

// everywhere is all that an installation keeps or shows.
func (s *site) everywhere(run, flow string) map[string]string {
	s.t.Helper()
	places := map[string]string{"the log": s.log.String(), "Redis": s.redis()}
	for table, rows := range modelstest.Everything(s.t, s.db) {
		places["the table "+table] = rows
	}
	b := s.signedIn(auth.Administrator)
	for _, path := range []string{"/", "/runs", "/runs/" + run, "/runs/" + run + "?step=call", "/live/runs/" + run, "/workflows/" + flow, "/workflows/" + flow + "/edit", "/workflows/" + flow + "/edit/steps/call", "/settings/secrets", "/queue"} {
		places["the page "+path] = b.get(path).body
	}
	for _, path := range []string{"/runs", "/runs/" + run, "/runs/" + run + "/steps", "/workflows/" + flow, "/secrets", "/queue"} {
		places["the answer "+path] = s.api("GET", path, nil).body
	}
	return places
}

func TestSecretIsFoundNowhere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := newSite(t, db, func(p *routes.Parts) { p.Settings.OutboundAllow = loopback() })
		other := echo(t)
		made := s.api("POST", "/secrets", object{"name": "SHOP_KEY", "value": canary})
		if made.StatusCode != 201 || strings.Contains(made.body, "canary-v4lue") {
			t.Fatalf("storing it answered %d %s", made.StatusCode, made.body)
		}
		call := object{
			"method": "POST", "url": other.URL + "/ok", "query": object{"key": "{{ secrets.SHOP_KEY }}"}, "headers": object{"X-Key": "k={{ secrets.SHOP_KEY }}"},
			"auth": object{"type": "basic", "username": "shop", "password": "{{ secrets.SHOP_KEY }}"}, "body_type": "json", "body": object{"key": "{{ secrets.SHOP_KEY }}"},
		}
		// Header values cannot hold every character; the call itself must get the value.
		plain := strings.NewReplacer(`"`, "'", "ä", "a").Replace(canary)
		s.api("POST", "/secrets", object{"name": "SHOP_KEY", "value": plain})
		for name, path := range map[string]string{"CHAT": "/tell?token=", "BROKEN_CHAT": "/fail?token="} {
			s.api("POST", "/secrets", object{"name": name, "value": other.URL + path + "canary-v4lue-of-a-chat"})
		}
		failing := object{"method": "GET", "url": other.URL + "/fail", "headers": object{"X-Key": "{{ secrets.SHOP_KEY }}"}}
		created := s.api("POST", "/workflows", object{"format": 1, "name": "Uses a secret", "publish": true, "steps": []object{
			{"id": "call", "type": "http_request", "config": call},
			{"id": "copy", "type": "set_values", "config": object{"values": object{"again": "{{ steps.call.body.plain }}", "deep": "{{ steps.call.body }}"}}},
			{"id": "tell", "type": "chat_message", "config": object{"webhook_secret": "CHAT", "text": "Hello"}},
			{"id": "tell_no_one", "type": "chat_message", "config": object{"webhook_secret": "BROKEN_CHAT", "text": "Hello"}, "on_error": "continue"},
			{"id": "fails", "type": "http_request", "config": failing},
		}})
		if created.StatusCode != 201 {
			t.Fatalf("making the workflow answered %d %s", created.StatusCode, created.body)
		}
		flow := created.decoded(t)["id"].(string)
		run := s.api("POST", "/workflows/"+flow+"/runs", object{"input": object{}}).decoded(t)["id"].(string)
		s.execute(run)
		shown := s.api("GET", "/runs/"+run, nil).decoded(t)
		steps := shown["steps"].([]any)
		if shown["status"] != "failed" || len(steps) != 5 {
			t.Fatalf("the run is %v", shown)
		}
		places := s.everywhere(run, flow)
		if _, raw, found := strings.Cut(places["the page /runs/"+run+"?step=call"], `id="step-output-raw"`); !found || !strings.Contains(raw, "[secret SHOP_KEY]") {
			t.Errorf("the details of the call do not hold its answer without the secret: %s", raw)
		}
		for place, text := range places {
			for _, trace := range traces() {
				if at := strings.Index(text, trace); at >= 0 {
					t.Errorf("%s shows %q: …%s…", place, trace, text[max(at-80, 0):min(at+80, len(text))])
				}
			}
		}
		first := steps[0].(object)
		if first["status"] != "succeeded" || !strings.Contains(fmt.Sprint(first["output"]), "[secret SHOP_KEY]") {
			t.Errorf("the call's record is %v", first)
		}
		if told := fmt.Sprint(steps[2]); !strings.Contains(told, "taken_by:other") || !strings.Contains(told, "webhook_secret:[secret CHAT]") || !strings.Contains(fmt.Sprint(steps[3]), "chat_refused") {
			t.Errorf("the messages' records are %v and %v", told, steps[3])
		}
		// Only the record is redacted: the other party got the value.
		got := fmt.Sprint(first["output"].(object)["body"].(object)["plain"])
		if strings.Count(got, "[secret SHOP_KEY]") < 3 {
			t.Errorf("the other party got %q", got)
		}
	})
}

func TestSecretsAreWrittenAndNeverRead(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for name, c := range map[string]struct {
			body   any
			status int
			field  string
		}{
			"no name":        {object{"value": "x"}, 422, "name"},
			"a bad name":     {object{"name": "SHOP-KEY", "value": "x"}, 422, "name"},
			"a long name":    {object{"name": strings.Repeat("A", 64), "value": "x"}, 422, "name"},
			"no value":       {object{"name": "SHOP"}, 422, "value"},
			"a long value":   {object{"name": "SHOP", "value": strings.Repeat("x", 64<<10+1)}, 422, "value"},
			"an odd value":   {object{"name": "SHOP", "value": 7}, 422, "value"},
			"another field":  {object{"name": "SHOP", "value": "x", "scope": "y"}, 422, "scope"},
			"a stored value": {object{"name": "SHOP", "value": "first-value"}, 201, ""},
		} {
			a := s.api("POST", "/secrets", c.body)
			if a.StatusCode != c.status || c.field != "" && !strings.Contains(a.body, `"path":"`+c.field+`"`) || strings.Contains(a.body, "first-value") {
				t.Errorf("%s answered %d %s", name, a.StatusCode, a.body)
			}
		}
		if again := s.api("POST", "/secrets", object{"name": "SHOP", "value": "second-value"}); again.StatusCode != 201 {
			t.Errorf("a new value answered %d %s", again.StatusCode, again.body)
		}
		values, err := s.secrets.Values(t.Context(), []string{"SHOP", "NONE"})
		if err != nil || len(values) != 1 || values["SHOP"] != "second-value" {
			t.Errorf("the values are %v, %v", values, err)
		}
		uses := object{"format": 1, "name": "Uses it", "publish": true, "steps": []object{{"id": "call", "type": "http_request", "config": object{"method": "GET", "url": "https://example.com", "headers": object{"X-Key": "{{ secrets.SHOP }}"}}}}}
		flow := s.api("POST", "/workflows", uses).decoded(t)["id"].(string)
		list := s.api("GET", "/secrets", nil)
		if !strings.Contains(list.body, `"used_by":[{"workflow_id":"`+flow+`"`) || strings.Contains(list.body, "second-value") {
			t.Errorf("the list is %s", list.body)
		}
		if a := s.api("DELETE", "/secrets/SHOP", nil); a.StatusCode != 409 || !strings.Contains(a.body, "Uses it") {
			t.Errorf("deleting one in use answered %d %s", a.StatusCode, a.body)
		}
		if a := s.api("DELETE", "/workflows/"+flow, nil); a.StatusCode != 204 {
			t.Fatalf("deleting the workflow answered %d", a.StatusCode)
		}
		if a := s.api("DELETE", "/secrets/SHOP", nil); a.StatusCode != 204 {
			t.Errorf("deleting it answered %d %s", a.StatusCode, a.body)
		}
		if a := s.api("DELETE", "/secrets/SHOP", nil); a.StatusCode != 404 {
			t.Errorf("deleting it again answered %d %s", a.StatusCode, a.body)
		}
		uses["name"] = "Uses none"
		if a := s.api("POST", "/workflows", uses); a.StatusCode != 422 || !strings.Contains(a.body, `"unknown_secret"`) || !strings.Contains(a.body, "steps[0].config.headers.X-Key") {
			t.Errorf("publishing what uses none answered %d %s", a.StatusCode, a.body)
		}
		events, _, err := models.ListAuditEvents(t.Context(), s.db, models.AuditFilter{Action: "secret", Limit: 10})
		if err != nil || len(events) != 3 || events[0].Action != "secret.deleted" || events[0].ActorKind != models.ActorToken || events[0].Address == "" {
			t.Errorf("the audit log says %v, %v", events, err)
		}
	})
}

func TestSecretsPageNeverShowsAValue(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.signedIn(auth.Editor)
		refused := b.post("/settings/secrets", url.Values{"name": {"shop key"}, "value": {"canary-v4lue"}})
		if refused.StatusCode != 422 || strings.Contains(refused.body, "canary-v4lue") || !strings.Contains(refused.body, "shop key") {
			t.Errorf("a bad name answered %d %s", refused.StatusCode, refused.text())
		}
		stored := b.post("/settings/secrets", url.Values{"name": {"SHOP_KEY"}, "value": {"canary-v4lue"}})
		if stored.StatusCode != 303 {
			t.Fatalf("storing it answered %d %s", stored.StatusCode, stored.text())
		}
		page := b.get(stored.Header.Get("Location"))
		if page.StatusCode != 200 || strings.Contains(page.body, "canary-v4lue") || !strings.Contains(page.text(), "“SHOP_KEY” is stored") {
			t.Errorf("the page is %d %s", page.StatusCode, page.text())
		}
		if a := b.post("/settings/secret-keys", nil); a.StatusCode != 403 {
			t.Errorf("an editor encrypts everything again: %d", a.StatusCode)
		}
		if a := b.post("/settings/secrets/SHOP_KEY/delete", nil); a.StatusCode != 303 {
			t.Errorf("deleting it answered %d", a.StatusCode)
		}
		if a := b.get("/settings/secrets/SHOP_KEY/delete"); a.StatusCode != 404 {
			t.Errorf("what is deleted can be deleted: %d", a.StatusCode)
		}
	})
}

func TestSecretsPageOffersTheRotationAsLongAsAnOlderKeyIsNeeded(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, s *site){
		"no secret at all": func(*testing.T, *site) {},
		"a value": func(_ *testing.T, s *site) {
			s.api("POST", "/secrets", object{"name": "SHOP", "value": "first-value"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *site) {
				prepare(t, s)
				if err := s.secrets.Keys.Guard(t.Context(), s.db, models.Now()); err != nil {
					t.Fatal(err)
				}
				first := secrets.NewKey("k2")
				both, err := secrets.ParseKeys(first + "," + s.keys)
				if err != nil {
					t.Fatal(err)
				}
				s.secrets.Keys = both
				if err := both.Guard(t.Context(), s.db, models.Now()); err != nil {
					t.Fatal(err)
				}
				if name == "a value" { // the value before alone has the older key
					s.api("POST", "/secrets", object{"name": "SHOP", "value": "second-value"})
				}
				b := s.signedIn(auth.Administrator)
				if page := b.get("/settings/secrets"); page.StatusCode != 200 || !strings.Contains(page.text(), "must stay in SECRET_KEYS") || !strings.Contains(page.body, `action="/settings/secret-keys"`) {
					t.Errorf("%s: the page is %d %s", name, page.StatusCode, page.text())
				}
				if a := b.post("/settings/secret-keys", nil); a.StatusCode != 303 {
					t.Errorf("%s: encrypting again answered %d %s", name, a.StatusCode, a.text())
				}
				if page := b.get("/settings/secrets"); strings.Contains(page.body, "/settings/secret-keys") {
					t.Errorf("%s: after the rotation the page is %s", name, page.text())
				}
				alone, err := secrets.ParseKeys(first)
				if err != nil {
					t.Fatal(err)
				}
				if err := alone.Guard(t.Context(), s.db, models.Now()); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
		})
	}
}

func TestStepFormOffersSecretsWhereTheyMayStand(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	flow := s.make(`{"format":1,"name":"A","steps":[{"id":"call","type":"http_request","config":{"url":"https://example.com"}},{"id":"note","type":"set_values","config":{"values":{"x":1}}}]}`)
	b := s.signedIn(auth.Editor)
	edit := "/workflows/" + flow + "/edit/steps/"
	before := b.get(edit + "call").body
	if strings.Contains(b.get("/workflows/"+flow+"/edit/data?step=call&for=config.body").body, "Secrets") || !strings.Contains(before, `href="/settings/secrets"`) {
		t.Error("without secrets the form offers some, or does not say where they are made")
	}
	s.api("POST", "/secrets", object{"name": "SHOP_KEY", "value": canary})
	offers := func(field string) bool {
		return strings.Contains(b.get("/workflows/"+flow+"/edit/data?step=call&for="+field).body, "{{ secrets.SHOP_KEY }}")
	}
	for field, may := range map[string]bool{"config.headers.value": true, "config.body": true, "config.auth.token": true, "config.auth.password": true, "config.url": false} {
		if offers(field) != may {
			t.Errorf("%s offers the secret: %v", field, !may)
		}
	}
	if note := b.get(edit + "note").body; strings.Contains(note, "SHOP_KEY") || strings.Contains(note, "Keys and passwords") {
		t.Error("a step that takes no secrets speaks of them")
	}
}

// Whoever hands a secret in, it is not kept: neither what starts a run nor what
// it is given holds it.
func TestSecretThatIsHandedInIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "SHOP_KEY", "value": canary})
		s.api("POST", "/secrets", object{"name": "WORD", "value": "webhook"}) // which is a word of ours too
		child := s.api("POST", "/workflows", object{"format": 1, "name": "Child", "publish": true, "inputs": []object{{"name": "token", "type": "json"}}, "steps": []object{{"id": "copy", "type": "set_values", "config": object{"values": object{"said": "{{ input.token }}"}}}}}).decoded(t)["id"].(string)
		made := s.api("POST", "/workflows", object{
			"format": 1, "name": "Parent", "publish": true, "triggers": []object{{"id": "form", "type": "form"}, {"id": "hook", "type": "webhook"}},
			"inputs": []object{{"name": "note", "type": "text"}, {"name": "any", "type": "json"}},
			"steps":  []object{{"id": "call", "type": "run_workflow", "config": object{"workflow": child, "input": object{"token": object{"key": "{{ input.note }}"}}}}, {"id": "ask", "type": "approval", "config": object{"question": "{{ input.note }}?"}}},
		})
		if made.StatusCode != 201 {
			t.Fatalf("making it answered %d %s", made.StatusCode, made.body)
		}
		flow := made.decoded(t)
		link := func(i int) string {
			return strings.TrimPrefix(flow["triggers"].([]any)[i].(object)["url"].(string), host)
		}
		run := s.api("POST", "/workflows/"+flow["id"].(string)+"/runs", object{"input": object{"note": "it is " + canary, "any": object{canary: []any{canary}}}}).decoded(t)["id"].(string)
		if a := s.visitor().post(link(0), url.Values{"input.note": {canary}}); a.StatusCode != 303 {
			t.Errorf("the form answered %d %s", a.StatusCode, a.text())
		}
		body, _ := json.Marshal(object{"deep": []any{object{"key": canary}}, "number": 1.50})
		hooked := s.deliver(link(1)+"?key="+url.QueryEscape(canary), string(body), "X-Key", url.QueryEscape(canary))
		if hooked.StatusCode != 202 {
			t.Errorf("the webhook answered %d %s", hooked.StatusCode, hooked.body)
		}
		s.execute(run)
		for _, started := range s.api("GET", "/runs?workflow_id="+child, nil).decoded(t)["data"].([]any) {
			s.execute(started.(object)["id"].(string))
		}
		s.execute(run)
		for _, open := range s.api("GET", "/approvals?run_id="+run, nil).decoded(t)["data"].([]any) {
			s.api("POST", "/approvals/"+open.(object)["id"].(string)+"/decide", object{"decision": "approved", "comment": "use " + canary})
		}
		if got := s.run(run); string(got.Input) != `{"any":{"[secret SHOP_KEY]":["[secret SHOP_KEY]"]},"note":"it is [secret SHOP_KEY]"}` {
			t.Errorf("the run's input is %s", got.Input)
		}
		if got := s.run(hooked.decoded(t)["run_id"]); !strings.Contains(string(got.Trigger), `"type":"webhook"`) || !strings.Contains(string(got.Trigger), `"number":1.5`) {
			t.Errorf("the webhook's run was started by %s", got.Trigger)
		}
		for table, rows := range modelstest.Everything(t, s.db) {
			if table == "deliveries" {
				continue // what was sent, whole, for a replay
			}
			for _, trace := range traces() {
				if strings.Contains(rows, trace) {
					t.Errorf("the table %s holds %q", table, trace)
				}
			}
		}
	})
}
