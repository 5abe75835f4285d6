package routes_test

import (
	"net/url"
	"strings"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
)

// furnished fills the site with one of everything that pages show, and returns pages that
// only more of it would lead to.
func (s *site) furnished() []string {
	s.t.Helper()
	s.api("POST", "/secrets", object{"name": "SHOP_HOOK", "value": "first"})
	s.api("POST", "/secrets", object{"name": "SHOP_HOOK", "value": "second"})
	office := s.made("/calendars", object{"name": "Office", "weekend": []int{0}, "days": []object{{"date": "2999-12-25", "name": "Christmas"}}})
	s.api("PUT", "/calendars/"+office["id"].(string)+"/subscription", object{"address": "https://example.com/holidays.ics"})
	definition := object{
		"format": 1, "name": "Orders", "description": "Tells sales.", "publish": true,
		"inputs": []object{{"name": "order_id", "type": "number", "label": "Order"}, {"name": "cv", "type": "file", "label": "A file"}},
		"triggers": []object{
			{"id": "shop", "type": "webhook"},
			{"id": "ask", "type": "form"},
			{"id": "weekdays", "type": "schedule", "cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"},
			{"id": "often", "type": "schedule", "every": "15m", "time_zone": "UTC", "calendar": "Office"},
		},
		"steps": []object{
			{"id": "keep", "type": "set_values", "config": object{"values": object{"big": strings.Repeat("a long text ", 500)}}},
			{"id": "each", "type": "for_each", "config": object{"list": []int{1, 2, 3}}, "do": []object{{"id": "note", "type": "set_values", "config": object{"values": object{"n": "{{ item }}"}}}}},
			{"id": "large", "type": "condition", "config": object{"match": "all", "conditions": []object{{"value": "{{ input.order_id }}", "operator": "greater_than", "other": 1}}}, "then": []object{{"id": "call", "type": "http_request", "config": object{"method": "POST", "url": "http://localhost.localdomain.invalid/"}}}},
			{"id": "pause", "type": "wait", "config": object{"for": "1h"}},
		},
	}
	flow := s.made("/workflows", definition)
	id := flow["id"].(string)
	for _, order := range []int{1, 5} {
		s.execute(s.made("/workflows/"+id+"/runs", object{"input": object{"order_id": order}})["id"].(string))
	}
	failure := s.group()
	run := s.made("/workflows/"+id+"/runs", object{"input": object{"order_id": 2}})["id"].(string)
	s.execute(run)
	lost := s.made("/workflows/"+id+"/runs", object{"input": object{"order_id": 1}})["id"].(string)
	s.lose(lost)
	for _, trigger := range flow["triggers"].([]any)[:1] {
		path := strings.TrimPrefix(trigger.(object)["url"].(string), host)
		s.deliver(path, `{"order": 7}`)
		s.deliver(path, `{"order":`)
	}
	delete(definition, "publish")
	definition["description"] = "Tells sales of orders."
	s.api("PUT", "/workflows/"+id, definition)
	s.asking("May we refund it?", "otto@example.com")
	schedule := s.api("GET", "/schedules", nil).decoded(s.t)["data"].([]any)[0].(object)["id"].(string)
	s.plan(schedule, id, lost)
	for _, kind := range models.AlertKinds() {
		if err := models.OpenAlerts(s.t.Context(), s.db, models.Alert{Kind: kind, Subject: kind, WorkflowID: id, Message: "So it is.", OpenedAt: models.Now(), HappenedAt: models.Now()}); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := models.MarkRestored(s.t.Context(), s.db, models.Restored{MadeAt: models.Now(), RestoredAt: models.Now()}); err != nil {
		s.t.Fatal(err)
	}
	b := s.signedIn(auth.Administrator)
	invited := b.post("/settings/people", url.Values{"email": {"otto@example.com"}, "role": {"operator"}})
	b.upload("/settings/house", url.Values{"name": {"Müller"}}, sentFile{"logo", "logo.png", "image/png", picture(s.t, 20)})
	many := b.post("/bulk", sitetest.FormOf(s.t, b.get("/bulk/new?action=retry&failure_id="+failure).body, subPath+"/bulk"))
	if err := s.db.Exec("UPDATE bulk_runs SET state = 'failed', code = 'step_gone', message = 'The step that failed is gone.'").Error; err != nil {
		s.t.Fatal(err)
	}
	if err := s.db.Exec("UPDATE bulks SET failed = total").Error; err != nil {
		s.t.Fatal(err)
	}
	shared := linkTo(s.t, b.post("/runs/"+run+"/links", url.Values{"days": {"7"}}).body, "/shared/")
	pages := []string{
		shared, shared + "/values/input",
		"/failures?state=all", "/failures/" + failure, // where forms stay that are gone from the list
		strips(many.Header.Get("Location")), "/schedules/spread?of=0-1-UTC", "/runs/" + run + "/items?step=each", "/runs/" + run + "/values/input", "/runs/" + run + "/differences", "/runs/" + run + "/timeline", "/runs/" + run + "/links", linkIn(s.t, invited.body),
		"/runs/" + run + "?step=each&item=1", "/workflows/" + id + "/versions/1/definition", "/schedules/" + schedule + "?at=2026-11-01T09:00",
	}
	for _, page := range []string{ // to these lead buttons of the editor
		"details", "notify", "new-step?at=@0", "new-trigger", "new-form", "new-webhook", "forms/ask", "webhooks/shop", "triggers/often", "triggers/often/delete",
		"steps-for?add:@0=mail", "steps/call", "steps/call/move", "steps/call/delete", "steps/large", "steps/each", "data?step=call&for=config.url", "data?step=large&for=config.conditions.value",
	} {
		pages = append(pages, "/workflows/"+id+"/edit/"+page)
	}
	plain := s.made("/workflows", object{"format": 1, "name": "Asks nothing", "steps": []object{}}) // of which no other form changes what is typed for a try
	pages = append(pages, "/workflows/"+plain["id"].(string)+"/edit/try")
	withFile := b.upload("/workflows/"+id+"/run", url.Values{"form": {"1"}, "input.order_id": {"1"}}, sentFile{"input.cv", "cv.pdf", "application/pdf", "%PDF"})
	step := "/workflows/" + id + "/edit/steps/keep"
	form := sitetest.FormOf(s.t, b.get(step).body, subPath+step)
	form.Set("do", "try")
	return append(pages, strips(withFile.Header.Get("Location")), strips(b.post(step, form).Header.Get("Location")))
}

// made makes something through the API.
func (s *site) made(path string, body object) map[string]any {
	s.t.Helper()
	a := s.api("POST", path, body)
	if a.StatusCode >= 300 {
		s.t.Fatalf("POST %s answered %d: %s", path, a.StatusCode, a.body)
	}
	return a.decoded(s.t)
}
