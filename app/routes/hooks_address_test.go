package routes_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/modelstest"
)

func TestEditorGivesAWebhookANewAddress(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, path := s.hooked(object{})
		page := "/workflows/" + flow + "/webhooks/shop"
		s.readdress(t, page, path, func(path string) int { return s.deliver(path, `{}`).StatusCode }, 202)
	})
}

func TestEditorGivesAPublicFormANewAddress(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		made := s.api("POST", "/workflows", object{"format": 1, "name": "Contact us", "publish": true, "triggers": []object{{"id": "form", "type": "form"}}, "steps": []object{{"id": "end", "type": "stop", "config": object{"outcome": "succeeded"}}}}).decoded(t)
		path := addressOf(t, made)
		s.readdress(t, "/workflows/"+made["id"].(string)+"/forms/form", path, func(path string) int { return s.visitor().get(path).StatusCode }, 200)
	})
}

func addressOf(t *testing.T, shown object) string {
	t.Helper()
	url, _ := shown["triggers"].([]any)[0].(object)["url"].(string)
	return strings.TrimPrefix(url, host)
}

// readdress asks for a new address on a page, and calls the old and the new one.
func (s *site) readdress(t *testing.T, page, old string, call func(path string) int, good int) {
	t.Helper()
	b := s.signedIn(auth.Editor)
	if shown := b.get(page); !strings.Contains(shown.body, page+"/address") || !strings.Contains(shown.text(), "Give it a new address") {
		t.Errorf("its page offers none: %s", shown.text())
	}
	if opens := strings.Contains(b.get(page).text(), "Open the form"); opens != strings.Contains(page, "/forms/") {
		t.Errorf("it leads to the form: %v", opens)
	}
	if shown := s.signedIn(auth.Operator).get(page); strings.Contains(shown.body, page+"/address") {
		t.Error("an operator is offered a new address")
	}
	asked := b.get(page + "/address")
	if asked.StatusCode != 200 || !strings.Contains(asked.text(), "stops working at once") {
		t.Fatalf("the question is %d %s", asked.StatusCode, asked.text())
	}
	form := hiddenIn(asked.body)
	if a := b.post(page+"/address", form); a.StatusCode != 303 || a.Header.Get("Location") != page {
		t.Fatalf("it answered %d %s", a.StatusCode, a.text())
	}
	flow, _, _ := strings.Cut(strings.TrimPrefix(page, "/workflows/"), "/")
	fresh := addressOf(t, s.api("GET", "/workflows/"+flow, nil).decoded(t))
	if fresh == old || call(old) != 404 || call(fresh) != good {
		t.Errorf("the address is %s, was %s: the old one answers %d, the new one %d", fresh, old, call(old), call(fresh))
	}
	if a := b.post(page+"/address", form); a.StatusCode != 303 {
		t.Errorf("sent again it answered %d %s", a.StatusCode, a.text())
	}
	if call(fresh) != good {
		t.Error("the same form sent twice changes the address twice")
	}
	s.api("POST", "/workflows/"+flow+"/publish", nil)
	if again := addressOf(t, s.api("GET", "/workflows/"+flow, nil).decoded(t)); again != fresh {
		t.Errorf("published, the address became %s", again)
	}
	events, _, err := models.ListAuditEvents(t.Context(), s.db, models.AuditFilter{Action: "webhook.new_address", Limit: 10})
	if err != nil || len(events) != 1 || events[0].ActorKind != models.ActorPerson || events[0].ObjectID == "" {
		t.Errorf("recorded is %v, %v", events, err)
	}
	for table, rows := range modelstest.Everything(t, s.db) {
		if token := fresh[strings.LastIndex(fresh, "/")+1:]; table != "webhooks" && strings.Contains(rows, token) {
			t.Errorf("the table %s holds the address", table)
		}
	}
}

// hiddenIn are the hidden fields of a page's last form.
func hiddenIn(page string) url.Values {
	form := url.Values{}
	for part := range strings.SplitSeq(page[strings.LastIndex(page, "<form"):], `type="hidden" name="`) {
		name, rest, found := strings.Cut(part, `" value="`)
		if value, _, ok := strings.Cut(rest, `"`); found && ok {
			form.Set(name, value)
		}
	}
	return form
}

func TestAddressThatCannotBeOneIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, path := range []string{"/hooks/a%00b", "/hooks/%ff"} {
			if a := s.send(httptest.NewRequest("POST", path, nil)); a.StatusCode != 404 {
				t.Errorf("%s answered %d %s", path, a.StatusCode, a.body)
			}
		}
		flow, _ := s.hooked(object{})
		b := s.signedIn(auth.Viewer)
		for _, path := range []string{"/workflows/" + flow + "/webhooks/%00", "/live/workflows/" + flow + "/webhooks/%00", "/live/workflows/" + flow + "/webhooks/%ff"} {
			if a := b.get(path); a.StatusCode >= 500 {
				t.Errorf("%s answered %d %s", path, a.StatusCode, a.text())
			}
		}
	})
}
