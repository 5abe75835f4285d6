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

// form makes a published workflow with a public form, and returns the form's path.
func (s *site) form(more object) string {
	s.t.Helper()
	definition := object{
		"format": 1, "name": "Contact", "description": "We answer within a day.", "publish": true, "triggers": []object{{"id": "form", "type": "form"}},
		"inputs": []object{{"name": "note", "type": "text", "default": "please call"}, {"name": "day", "type": "date", "default": "2026-12-24"}, {"name": "must", "type": "text", "required": true, "default": "x"}},
		"steps":  []object{{"id": "copy", "type": "set_values", "config": object{"values": object{"said": "{{ input.note }}"}}}},
	}
	for name, value := range more {
		definition[name] = value
	}
	made := s.api("POST", "/workflows", definition)
	if made.StatusCode != 201 {
		s.t.Fatalf("making it answered %d %s", made.StatusCode, made.body)
	}
	return strings.TrimPrefix(made.decoded(s.t)["triggers"].([]any)[0].(object)["url"].(string), host)
}

func TestClearedFieldOfAFormStaysEmpty(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		link := s.form(nil)
		outside := s.visitor()
		if page := outside.get(link); !strings.Contains(page.text(), "We answer within a day.") || !strings.Contains(page.body, `value="please call"`) {
			t.Errorf("the form shows %s", page.body)
		}
		if a := outside.post(link, url.Values{"input.note": {""}, "input.day": {""}, "input.must": {" "}}); a.StatusCode != 422 || !strings.Contains(a.text(), "Enter a value for") {
			t.Errorf("without what is required it answered %d %s", a.StatusCode, a.text())
		}
		if a := outside.post(link, url.Values{"input.note": {""}, "input.day": {""}, "input.must": {"y"}}); a.StatusCode != 303 {
			t.Fatalf("sending it answered %d %s", a.StatusCode, a.text())
		}
		run := s.api("GET", "/runs?trigger=form", nil).decoded(t)["data"].([]any)[0].(object)
		if got := s.run(run["id"].(string)); string(got.Input) != `{"day":null,"must":"y","note":null}` {
			t.Errorf("the run's input is %s", got.Input)
		}
		inside := s.signedIn(auth.Operator)
		started := inside.post("/workflows/"+run["workflow_id"].(string)+"/run", url.Values{"form": {"1"}, "input.note": {""}, "input.day": {"2026-01-02"}, "input.must": {"y"}})
		id := strings.TrimPrefix(started.Header.Get("Location"), "/runs/")
		if got := s.run(id); string(got.Input) != `{"day":"2026-01-02","must":"y","note":null}` {
			t.Errorf("the run's input is %s", got.Input)
		}
		s.execute(id)
		again := s.api("POST", "/runs/"+id+"/retry", object{}).decoded(t)["id"].(string)
		if got := s.run(again); string(got.Input) != `{"day":"2026-01-02","must":"y","note":null}` {
			t.Errorf("run again, the input is %s", got.Input)
		}
		left := s.api("POST", "/workflows/"+run["workflow_id"].(string)+"/runs", object{"input": object{}}).decoded(t)["id"].(string)
		if got := s.run(left); string(got.Input) != `{"day":"2026-12-24","must":"x","note":"please call"}` {
			t.Errorf("left out, the input is %s", got.Input)
		}
	})
}

func TestFormThatIsNotTakenKeepsWhatWasTyped(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		typed := url.Values{"input.note": {"a long letter"}, "input.must": {"y"}}
		refused := func(name string, a answer, status int, sentence string) {
			t.Helper()
			if a.StatusCode != status || !strings.Contains(a.body, `value="a long letter"`) || !strings.Contains(a.text(), sentence) {
				t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
			}
			if status == 429 && (a.Header.Get("Retry-After") == "" || !strings.Contains(a.text(), "Try again in ")) {
				t.Errorf("%s: it does not say how long to wait: %s", name, a.text())
			}
		}
		often := s.form(object{"triggers": []object{{"id": "form", "type": "form", "rate_per_minute": 1}}})
		outside := s.visitor()
		if a := outside.post(often, typed); a.StatusCode != 303 {
			t.Fatalf("the first answered %d %s", a.StatusCode, a.text())
		}
		refused("over the form's rate", outside.post(often, typed), 429, "Too many people are sending this form.")
		rejects := s.form(object{"settings": object{"max_running": 1, "on_limit": "reject"}})
		outside.post(rejects, typed)
		refused("over the workflow's limit", outside.post(rejects, typed), 429, "Too many people are sending this form.")
		skips := s.form(object{"settings": object{"max_running": 1, "on_limit": "skip"}})
		typed.Set("key", models.NewID())
		outside.post(skips, typed)
		typed.Set("input.must", "z")
		a := outside.post(skips, typed)
		refused("skipped", a, 409, "It was not taken, because another one is being worked on.")
		if strings.Contains(a.body, typed.Get("key")) {
			t.Error("sent again, it finds the run that was skipped")
		}
		for range 80 {
			a = outside.post(often, typed)
		}
		refused("over what one address may do", a, 429, "Try again in ")
	})
}

func TestClosedFormLeadsNobodyIntoTheSite(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		link := s.form(nil)
		flow := s.api("GET", "/workflows", nil).decoded(t)["data"].([]any)[0].(object)["id"].(string)
		s.api("POST", "/workflows/"+flow+"/pause", object{})
		for name, a := range map[string]answer{
			"looking": s.visitor().get(link), "sending": s.visitor().post(link, url.Values{"input.must": {"y"}}), "somebody who is signed in": s.signedIn(auth.Administrator).get(link),
		} {
			if a.StatusCode != 409 || !strings.Contains(a.text(), "This form is closed at the moment.") || strings.Contains(a.text(), "changed") || strings.Contains(a.body, `href="/"`) || strings.Contains(a.body, "/login") {
				t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
			}
		}
		if a := s.visitor().get("/forms/nothing"); a.StatusCode != 404 || strings.Contains(a.body, `href="/"`) {
			t.Errorf("what is no form answered %d %s", a.StatusCode, a.body)
		}
	})
}
