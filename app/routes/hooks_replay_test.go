package routes_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
)

func TestOnlyWhatWasKeptAsItWasSentIsReplayed(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "TK", "value": "canary of a secret"})
		flow, path := s.hooked(object{})
		s.api("POST", "/workflows/"+flow+"/pause", object{})
		b := s.signedIn(auth.Operator)
		for name, c := range map[string]struct{ kind, query, body, why string }{
			"as it was sent":          {"application/json", "?a=1", `{"a":"ä"}`, ""},
			"not UTF-8":               {"text/plain", "", "a\xff\xff\xffb", "characters that cannot be stored"},
			"U+0000, and cut":         {"text/plain", "", strings.Repeat("x", 40_000) + strings.Repeat("\x00", 20_000) + "END", "characters that cannot be stored"},
			"long":                    {"text/plain", "", strings.Repeat("x", 70_000), "only the beginning"},
			"too large":               {"text/plain", "", strings.Repeat("x", 1<<20+1), "did not come whole or could not be read"},
			"a secret's value":        {"application/json", "", `{"a":"canary of a secret"}`, "value of a secret"},
			"one in the address":      {"application/json", "?a=canary+of+a+secret", `{}`, "value of a secret"},
			"an address of one's own": {"application/json", "?a=1;b=2", `{}`, "characters that cannot be stored"},
		} {
			r := httptest.NewRequest("POST", path, strings.NewReader(c.body))
			r.URL.RawQuery = strings.TrimPrefix(c.query, "?")
			r.Header.Set("Content-Type", c.kind)
			s.send(r)
			kept := s.deliveries("?limit=1")[0].(object)
			id := kept["id"].(string)
			page := b.get("/deliveries/" + id)
			replayed := s.api("POST", "/deliveries/"+id+"/replay", nil)
			if c.why == "" {
				if _, sent, found := strings.Cut(page.body, "What was sent</h2>"); !found || !strings.Contains(sent, "1 field") || !strings.Contains(sent, "<summary>Details</summary>") {
					t.Errorf("what was sent is not shown by its fields, and its headers below: %s", page.body)
				}
				if kept["replayable"] != true || !strings.Contains(page.body, "/replay") || replayed.StatusCode != 202 {
					t.Errorf("%s: %v, the replay answered %d %s", name, kept, replayed.StatusCode, replayed.body)
				}
				continue
			}
			if kept["replayable"] != false || strings.Contains(page.body, "/replay") || !strings.Contains(page.text(), c.why) {
				t.Errorf("%s: %v, its page is %s", name, kept["replayable"], page.text())
			}
			if replayed.StatusCode != 409 || replayed.code(t) != "not_kept" || !strings.Contains(replayed.body, c.why) {
				t.Errorf("%s: the replay answered %d %s", name, replayed.StatusCode, replayed.body)
			}
		}
	})
}

func TestReplayThatIsSentTwiceStartsOneRunAndIsRecordedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, path := s.hooked(object{})
		s.deliver(path, `{"a":1}`)
		id := s.deliveries("")[0].(object)["id"].(string)
		b := s.signedIn(auth.Operator)
		form := url.Values{"key": {keyIn(t, b.get("/deliveries/"+id).body)}}
		first, again := b.post("/deliveries/"+id+"/replay", form), b.post("/deliveries/"+id+"/replay", form)
		if first.StatusCode != 303 || first.Header.Get("Location") != again.Header.Get("Location") {
			t.Errorf("%d %s, then %d %s", first.StatusCode, first.Header.Get("Location"), again.StatusCode, again.Header.Get("Location"))
		}
		form.Set("key", keyIn(t, b.get("/deliveries/"+id).body))
		if other := b.post("/deliveries/"+id+"/replay", form); other.Header.Get("Location") == first.Header.Get("Location") {
			t.Error("a second replay is the first one")
		}
		byProgram := func() string {
			return fmt.Sprint(s.api("POST", "/deliveries/"+id+"/replay", nil, "Idempotency-Key", "k1").decoded(t)["id"])
		}
		if one, two := byProgram(), byProgram(); one != two {
			t.Errorf("by a program: %s, then %s", one, two)
		}
		if runs := s.api("GET", "/runs?workflow_id="+flow, nil).decoded(t)["data"].([]any); len(runs) != 4 {
			t.Errorf("there are %d runs", len(runs))
		}
		events, _, err := models.ListAuditEvents(t.Context(), s.db, models.AuditFilter{Action: "delivery.replayed", Limit: 10})
		if err != nil || len(events) != 3 {
			t.Errorf("recorded are %d, %v", len(events), err)
		}
	})
}

// keyIn is the hidden key of a page's form.
func keyIn(t *testing.T, page string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `name="key" value="`)
	key, _, _ := strings.Cut(rest, `"`)
	if !found || !models.ValidID(key) {
		t.Fatalf("the form has no key: %q", key)
	}
	return key
}

func TestReplayThatIsNotRecordedStartsNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, path := s.hooked(object{})
		s.deliver(path, `{"a":1}`)
		id := s.deliveries("")[0].(object)["id"].(string)
		if err := s.db.Exec("ALTER TABLE audit_events RENAME TO audit_events_elsewhere").Error; err != nil {
			t.Fatal(err)
		}
		if a := s.api("POST", "/deliveries/"+id+"/replay", nil); a.StatusCode != 500 {
			t.Errorf("it answered %d %s", a.StatusCode, a.body)
		}
		if runs := s.api("GET", "/runs?workflow_id="+flow, nil).decoded(t)["data"].([]any); len(runs) != 1 {
			t.Errorf("there are %d runs", len(runs))
		}
	})
}
