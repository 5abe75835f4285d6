package routes_test

import (
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
)

func TestWebhookIsBuiltByFormsAndShowsWhatWasSent(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "TOKEN", "value": "open sesame"})
		flow := s.api("POST", "/workflows", object{"format": 1, "name": "Takes orders", "steps": []object{{"id": "end", "type": "stop", "config": object{"outcome": "succeeded"}}}}).decoded(t)["id"].(string)
		b := s.signedIn(auth.Editor)
		edit := "/workflows/" + flow + "/edit"
		if page := b.get(edit + "/new-webhook"); page.StatusCode != 200 || !strings.Contains(page.text(), "Whoever knows the address") {
			t.Fatalf("the form is %d %s", page.StatusCode, page.text())
		}
		form := url.Values{
			"revision": {"1"}, "config.signature": {"token"}, "config.secret": {""}, "config.respond": {"accepted"}, "config.match": {"all"}, "config.rate_per_minute": {"many"},
			"config.conditions.value": {"{{ trigger.body.kind }}"}, "config.conditions.operator": {"equals"}, "config.conditions.other": {"order"},
		}
		if a := b.post(edit+"/new-webhook", form); a.StatusCode != 422 || !strings.Contains(a.body, "many") {
			t.Errorf("a rate that is none answered %d %s", a.StatusCode, a.text())
		}
		form.Set("config.rate_per_minute", "100")
		form.Set("config.secret", "TOKEN")
		saved := b.post(edit+"/new-webhook", form)
		if saved.StatusCode != 303 || saved.Header.Get("Location") != "/workflows/"+flow+"/webhooks/webhook" {
			t.Fatalf("saving answered %d %s", saved.StatusCode, saved.text())
		}
		definition := s.api("GET", "/workflows/"+flow, nil)
		if !strings.Contains(definition.body, `{"id":"webhook","type":"webhook","signature":"token","secret":"TOKEN","filter":{"conditions":[{"value":"{{ trigger.body.kind }}","operator":"equals","other":"order"}]},"rate_per_minute":100}`) {
			t.Errorf("the draft is %s", definition.body)
		}
		path := hookOf(t, definition.decoded(t))
		waiting := b.get("/workflows/" + flow + "/webhooks/webhook")
		if !strings.Contains(waiting.text(), "Waiting for a first call…") || !strings.Contains(waiting.body, host+path) || !strings.Contains(waiting.text(), "curl -X POST") {
			t.Errorf("its page is %d %s", waiting.StatusCode, waiting.text())
		}
		if looker := s.signedIn(auth.Viewer).get("/workflows/" + flow + "/webhooks/webhook"); looker.StatusCode != 200 || strings.Contains(looker.body, path) {
			t.Errorf("a viewer sees the address: %d", looker.StatusCode)
		}
		s.deliver(path, `{"kind":"order"}`, "Authorization", "Bearer open sesame")
		if page := b.get("/live/workflows/" + flow + "/webhooks/webhook"); !strings.Contains(page.text(), "Rejected") || !strings.Contains(page.text(), "is not published yet") {
			t.Errorf("a test call is not shown: %s", page.text())
		}
		if page := b.get(edit + "/webhooks/webhook"); page.StatusCode != 200 || !strings.Contains(page.body, "{{ trigger.body.kind }}") || !strings.Contains(page.body, `value="100"`) {
			t.Errorf("its form is %d %s", page.StatusCode, page.text())
		}
		first := s.deliveries("")[0].(object)["id"].(string)
		if early := b.post("/deliveries/"+first+"/replay", nil); early.StatusCode != 409 || !strings.Contains(early.text(), "Publish it, then replay.") || !strings.Contains(early.body, "/workflows/"+flow+"/publish") || strings.Contains(early.text(), "It has changed") {
			t.Errorf("replaying for a draft answered %d %s", early.StatusCode, early.text())
		}
		s.api("POST", "/workflows/"+flow+"/publish", nil)
		page := b.get("/deliveries/" + first)
		if page.StatusCode != 200 || strings.Contains(page.body, "open sesame") {
			t.Errorf("the delivery's page is %d %s", page.StatusCode, page.text())
		}
		replayed := b.post("/deliveries/"+first+"/replay", nil)
		run, ok := strings.CutPrefix(replayed.Header.Get("Location"), "/runs/")
		if replayed.StatusCode != 303 || !ok || s.run(run).TriggerType != "webhook" {
			t.Errorf("the replay answered %d %s", replayed.StatusCode, replayed.text())
		}
		if page := b.get("/runs/" + run); !strings.Contains(page.body, `<a href="/deliveries/`) || strings.Contains(page.body, "<h3>Input</h3>") || !strings.Contains(page.body, "<summary>Details</summary>") {
			t.Errorf("its page does not lead to what was sent, or shows an empty input: %s", page.body)
		}
		s.api("POST", "/workflows/"+flow+"/runs", object{"input": object{}})
		if list := b.get("/runs"); !strings.Contains(list.text(), "A program") {
			t.Errorf("what a program has started is listed as %s", list.text())
		}
		if a := b.get("/deliveries/" + models.NewID()); a.StatusCode != 404 {
			t.Errorf("a delivery that is none answered %d", a.StatusCode)
		}
		s.api("PUT", "/workflows/"+flow, object{"format": 1, "name": "Takes orders", "triggers": []object{{"id": "webhook", "type": "webhook"}, {"id": "often", "type": "schedule", "every": "1h"}}, "steps": []object{{"id": "end", "type": "stop", "config": object{"outcome": "succeeded"}}}})
		if a := b.post(edit+"/webhooks/often", url.Values{"revision": {"3"}, "config.signature": {"none"}}); a.StatusCode != 404 {
			t.Errorf("a schedule was made a webhook: %d", a.StatusCode)
		}
		deleted := b.post(edit+"/triggers/webhook/delete", url.Values{"revision": {"3"}})
		if deleted.StatusCode != 303 || !strings.Contains(b.get("/workflows/"+flow+"/publish").text(), "It no longer starts when another program calls it, signed") {
			t.Errorf("deleting it answered %d %s", deleted.StatusCode, deleted.text())
		}
	})
}

func TestAWebhooksFormAsksWhatItsSenderTakesAndItsPageSaysWhatToEnterThere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "APP", "value": "open sesame"})
		flow := s.api("POST", "/workflows", object{"format": 1, "name": "Talks", "steps": []object{{"id": "end", "type": "stop", "config": object{"outcome": "succeeded"}}}}).decoded(t)["id"].(string)
		b := s.signedIn(auth.Editor)
		edit := "/workflows/" + flow + "/edit"
		form := url.Values{
			"revision": {"1"}, "config.signature": {"hmac"}, "config.secret": {"APP"}, "config.hmac.header": {"X-Sum"}, "config.hmac.text": {"{time}.{body}"}, "config.hmac.encoding": {"hex"}, "config.hmac.algorithm": {"sha256"},
			"config.respond": {"own"}, "config.answer.type": {"xml"}, "config.answer.text": {"<Response/>"}, "config.same_within": {"10m"},
		}
		for _, c := range []struct{ field, typed, says, then string }{
			{"config.answer.status", "many", "Use a whole number.", "200"},
			{"config.origins", "https://a.example\r\nhttps://*.b.example", "is not a web site", "https://a.example\r\nhttps://b.example"},
			{"config.hmac.text", "{time}", "Write {body}", "{time}.{body}"},
		} {
			form.Set(c.field, c.typed)
			if a := b.post(edit+"/new-webhook", form); a.StatusCode != 422 || !strings.Contains(a.text(), c.says) {
				t.Errorf("%s: %d %s", c.field, a.StatusCode, a.text())
			}
			form.Set(c.field, c.then)
		}
		if a := b.post(edit+"/new-webhook", form); a.StatusCode != 303 {
			t.Fatalf("saving answered %d %s", a.StatusCode, a.text())
		}
		wanted := `{"id":"webhook","type":"webhook","signature":"hmac","secret":"APP","hmac":{"header":"X-Sum","text":"{time}.{body}"},"answer":{"status":200,"type":"xml","text":"\u003cResponse/\u003e"},"same_within":"10m","cors":{"origins":["https://a.example","https://b.example"]}}`
		if draft := s.api("GET", "/workflows/"+flow, nil).body; !strings.Contains(draft, wanted) && !strings.Contains(draft, strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(wanted)) {
			t.Errorf("the draft is %s", draft)
		}
		if page := b.get(edit + "/webhooks/webhook"); !strings.Contains(page.body, "{time}.{body}") || !strings.Contains(page.body, "https://b.example") || !strings.Contains(page.body, "&lt;Response/&gt;") {
			t.Errorf("its form is %d %s", page.StatusCode, page.text())
		}
		form.Set("revision", "2")
		form.Set("config.signature", "monday")
		if a := b.post(edit+"/webhooks/webhook", form); a.StatusCode != 303 {
			t.Fatalf("saving answered %d %s", a.StatusCode, a.text())
		}
		if page := b.get("/workflows/" + flow + "/webhooks/webhook"); !strings.Contains(page.text(), "What to enter at monday.com") {
			t.Errorf("its page is %s", page.text())
		}
	})
}
