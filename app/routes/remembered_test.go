package routes_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/app/routes"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/secrets"
)

// Two web processes: what one of them has just found, the other one changes.
func TestWhatAnotherProcessChangesHoldsThoughAWebhookWasJustCalled(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := newSite(t, db)
		other := newSite(t, db, func(p *routes.Parts) {
			p.Secrets = &secrets.Store{DB: db, Keys: s.secrets.Keys, Redactor: &secrets.Redactor{}, Now: p.Now}
		})
		other.api("POST", "/secrets", object{"name": "HUB", "value": "first"})
		trigger := object{"signature": "token", "secret": "HUB"}
		flow, path := s.hooked(trigger)
		was := s.api("GET", "/workflows/"+flow, nil).decoded(t)["definition"].(object)
		publish := func(change func(trigger object)) {
			t.Helper()
			triggers := was["triggers"].([]any)
			change(triggers[0].(object))
			if a := other.api("PUT", "/workflows/"+flow, was); a.StatusCode != 200 {
				t.Fatalf("%d %s", a.StatusCode, a.body)
			}
			if a := other.api("POST", "/workflows/"+flow+"/publish", nil); a.StatusCode != 200 {
				t.Fatalf("%d %s", a.StatusCode, a.body)
			}
		}
		expect := func(what, value string, status int, code string) {
			t.Helper()
			a := s.deliver(path, `{"kind": "order"}`, "X-Webhook-Token", value)
			if a.StatusCode != status || code != "" && a.code(t) != code {
				t.Errorf("%s: %d %s", what, a.StatusCode, a.body)
			}
		}
		started := func(wanted int) {
			t.Helper()
			if runs := s.api("GET", "/runs?trigger=webhook", nil).decoded(t)["data"].([]any); len(runs) != wanted {
				t.Errorf("%d runs have started, not %d", len(runs), wanted)
			}
		}
		expect("at first", "first", 202, "")
		other.api("POST", "/workflows/"+flow+"/pause", nil)
		expect("paused", "first", 409, "paused")
		other.api("POST", "/workflows/"+flow+"/resume", nil)
		expect("resumed", "first", 202, "")
		other.api("POST", "/secrets", object{"name": "HUB", "value": "second"})
		expect("with the new secret", "second", 202, "")
		publish(func(trigger object) {
			trigger["filter"] = object{"conditions": []object{{"value": "{{ trigger.body.kind }}", "operator": "equals", "other": "invoice"}}}
		})
		expect("filtered", "second", 202, "")
		started(3)
		publish(func(trigger object) { delete(trigger, "filter") })
		expect("no longer filtered", "second", 202, "")
		started(4)
		publish(func(trigger object) { trigger["same_within"] = "1h" })
		expect("taken", "second", 202, "")
		expect("the same again", "second", 202, "")
		started(5)
		publish(func(trigger object) { delete(trigger, "same_within") })
		expect("the same, which counts again", "second", 202, "")
		started(6)
		publish(func(trigger object) { trigger["disabled"] = true })
		expect("switched off", "second", 409, "switched_off")
		publish(func(trigger object) { delete(trigger, "disabled") })
		expect("switched on", "second", 202, "")
		if err := db.Exec("DELETE FROM workflows WHERE id = ?", flow).Error; err != nil {
			t.Fatal(err)
		}
		expect("deleted", "second", 404, "")
	})
}

func TestATokenEndsAtOnceThoughItWasJustUsed(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		tokens, err := auth.NewTokens(s.db, 0, nil, s.now.read)
		if err != nil {
			t.Fatal(err)
		}
		for how, end := range map[string]func(models.APIToken){
			"revoked": func(token models.APIToken) {
				if a := s.signedIn(auth.Administrator).post("/settings/tokens/"+token.ID+"/revoke", nil); a.StatusCode != 303 {
					t.Fatalf("%d %s", a.StatusCode, a.body)
				}
			},
			"expired": func(models.APIToken) { s.now.forward(2 * time.Hour) },
		} {
			secret, token, err := tokens.Issue(t.Context(), "Reader", []string{auth.ScopeRead}, time.Hour, "")
			if err != nil {
				t.Fatal(err)
			}
			call := func() int {
				return s.api("GET", "/workflows", nil, "Authorization", "Bearer "+secret).StatusCode
			}
			if first, again := call(), call(); first != 200 || again != 200 {
				t.Fatalf("%d, %d", first, again)
			}
			end(token)
			if status := call(); status != 401 {
				t.Errorf("%s, it is answered %d", how, status)
			}
		}
	})
}
