package routes_test

import (
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
)

func TestPublicFormStartsARunWithWhatWasFilledIn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		made := s.api("POST", "/workflows", object{"format": 1, "name": "Contact us", "inputs": []object{
			{"name": "message", "type": "text", "label": "Your <b>message</b>", "required": true}, {"name": "number", "type": "number"},
		}, "steps": []object{{"id": "copy", "type": "set_values", "config": object{"values": object{"said": "{{ input.message }}"}}}}}).decoded(t)
		flow := made["id"].(string)
		b := s.signedIn(auth.Editor)
		added := b.post("/workflows/"+flow+"/edit/new-form", url.Values{"revision": {"1"}})
		if added.StatusCode != 303 || added.Header.Get("Location") != "/workflows/"+flow+"/forms/form" {
			t.Fatalf("adding it answered %d %s", added.StatusCode, added.text())
		}
		shown := s.api("GET", "/workflows/"+flow, nil).decoded(t)
		link := strings.TrimPrefix(shown["triggers"].([]any)[0].(object)["url"].(string), host)
		if page := b.get("/workflows/" + flow + "/forms/form"); !strings.Contains(page.body, host+link) || !strings.Contains(page.text(), "It is not published") {
			t.Errorf("its page is %d %s", page.StatusCode, page.text())
		}
		if page := s.signedIn(auth.Viewer).get("/workflows/" + flow + "/forms/form"); page.StatusCode != 200 || strings.Contains(page.body, link) {
			t.Errorf("a viewer sees the address: %d", page.StatusCode)
		}
		outside := s.visitor()
		if a := outside.get(link); a.StatusCode != 404 {
			t.Errorf("before it is published it answered %d", a.StatusCode)
		}
		s.api("POST", "/workflows/"+flow+"/publish", nil)
		page := outside.get(link)
		if page.StatusCode != 200 || !strings.Contains(page.text(), "Contact us") || strings.Contains(page.body, "<b>message</b>") || page.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the form is %d %s", page.StatusCode, page.text())
		}
		if a := outside.post(link, url.Values{"input.message": {""}, "input.number": {"many"}}); a.StatusCode != 422 || !strings.Contains(a.body, `value="many"`) {
			t.Errorf("a wrong form answered %d %s", a.StatusCode, a.text())
		}
		form := url.Values{"input.message": {"{{ secrets.X }} <script>"}, "input.number": {"7"}, "input.other": {"x"}, "key": {models.NewID()}}
		for range 2 { // a double click
			if a := outside.post(link, form); a.StatusCode != 303 || a.Header.Get("Location") != link+"?sent=1" {
				t.Fatalf("sending it answered %d %s", a.StatusCode, a.text())
			}
		}
		if a := outside.get(link + "?sent=1"); !strings.Contains(a.text(), "Thank you. It was sent.") {
			t.Errorf("afterwards it shows %s", a.text())
		}
		runs := s.api("GET", "/runs?trigger=form", nil).decoded(t)["data"].([]any)
		if len(runs) != 1 {
			t.Fatalf("a double click made %d runs", len(runs))
		}
		id := runs[0].(object)["id"].(string)
		s.execute(id)
		if run := s.run(id); string(run.Input) != `{"message":"{{ secrets.X }} <script>","number":7}` || string(run.Output) != `{"said":"{{ secrets.X }} <script>"}` {
			t.Errorf("the run is %s %s %s", run.Status, run.Input, run.Output)
		}
		if a := s.deliver(strings.Replace(link, "/forms/", "/hooks/", 1), `{}`); a.StatusCode != 404 {
			t.Errorf("the form is a webhook too: %d", a.StatusCode)
		}
		s.api("POST", "/workflows/"+flow+"/pause", object{})
		if a := outside.get(link); a.StatusCode != 409 || !strings.Contains(a.text(), "This form is closed") {
			t.Errorf("paused, it answered %d %s", a.StatusCode, a.text())
		}
		s.api("POST", "/workflows/"+flow+"/resume", nil)
		if a := b.get("/workflows/" + flow + "/edit/triggers/form"); a.StatusCode != 404 {
			t.Errorf("the form has a schedule's form: %d", a.StatusCode)
		}
		if a := b.get("/workflows/" + flow + "/edit"); a.StatusCode != 200 || !strings.Contains(a.text(), "When somebody fills in its public form") {
			t.Errorf("the editor is %d %s", a.StatusCode, a.text())
		}
		limited := 0
		for range 100 {
			if outside.post(link, form).StatusCode == 429 {
				limited++
			}
		}
		if limited == 0 {
			t.Error("one may send as many as one likes")
		}
	})
}
