package routes_test

import (
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"workflows/models/modelstest"
)

// nowhere fails where the database holds one of the texts; the table that may is
// left out.
func (s *site) nowhere(texts []string, but ...string) {
	s.t.Helper()
	for table, rows := range modelstest.Everything(s.t, s.db) {
		for _, text := range texts {
			if strings.Contains(rows, text) && strings.Join(but, " ") != table {
				s.t.Errorf("the table %s holds %q", table, text)
			}
		}
	}
}

func TestNothingThatIsKeptOfADeliveryHoldsASecret(t *testing.T) {
	const secret = "canary/of+a secret"
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "TK", "value": secret})
		_, path := s.hooked(object{"signature": "token", "secret": "TK"}, object{"inputs": []object{{"name": "note", "type": "text"}}})
		query := "?a=1&key=" + url.QueryEscape(secret) + "&" + url.QueryEscape(secret) + "=2"
		bodies := map[string]string{
			"application/json":                  `{"note":"it is canary/of+a secret","again":"\u0063anary\/of+a secret","n":12345678901234567890}`,
			"text/plain":                        secret,
			"application/x-www-form-urlencoded": "note=%63anary%2fof%2Ba%20secret",
			// In another character set, in JSON of a form's field, and in a file.
			"text/plain; charset=utf-16le":                 "\xff\xfe" + strings.Join(strings.Split(secret, ""), "\x00") + "\x00",
			"application/x-www-form-urlencoded; charset=a": `payload={"note":"\u0063anary\/of%2Ba secret"}`,
			"multipart/form-data; boundary=x":              "--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n" + secret + "\r\n--x--\r\n",
		}
		for _, right := range []bool{false, true} {
			for kind, body := range bodies {
				headers := []string{"Content-Type", kind, "X-Echo", "it was " + secret, "X-Kind", "order"}
				if right {
					headers = append(headers, "Authorization", "Bearer "+secret)
				}
				a := s.deliver(path+query, body, headers...)
				if (a.StatusCode == 202) != right {
					t.Fatalf("%s answered %d %s", kind, a.StatusCode, a.body)
				}
				if !right {
					continue
				}
				run := s.run(a.decoded(t)["run_id"])
				s.execute(run.ID)
				if trigger := string(run.Trigger); !strings.Contains(trigger, "[secret TK]") || !strings.Contains(trigger, `"x-kind":"order"`) || !strings.Contains(trigger, `"a":"1"`) {
					t.Errorf("%s: the run's trigger is %s", kind, trigger)
				}
				if kind == "application/json" && !strings.Contains(string(run.Trigger), "12345678901234567890") {
					t.Errorf("the number became %s", run.Trigger)
				}
			}
		}
		s.nowhere([]string{secret, "canary%2F", "canary%2f", "canary\\/", `\u0063anary`, "%63anary", "c\ufffda\ufffdn", base64.StdEncoding.EncodeToString([]byte(secret))})
		for _, kept := range s.deliveries("") {
			if kept := kept.(object); kept["replayable"] != false {
				t.Errorf("it can be replayed: %v", kept)
			}
		}
	})
}

func TestSecretIsNotKeptThatThisProcessHasNotSeenBefore(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "TK", "value": "canary of a secret"})
		flow, path := s.hooked(object{"signature": "token", "secret": "TK"})
		call := func(status int) {
			t.Helper()
			fresh := newSite(t, s.db) // a process that has just begun
			fresh.secrets.Keys = s.secrets.Keys
			if a := fresh.deliver(path, `{"token":"canary of a secret"}`, "X-Echo", "canary of a secret"); a.StatusCode != status {
				t.Errorf("it answered %d %s", a.StatusCode, a.body)
			}
		}
		call(401)
		s.api("POST", "/workflows/"+flow+"/pause", object{})
		call(409)
		s.nowhere([]string{"canary of a secret"})
	})
}

func TestWhatProvesWhoHasSentItIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{"filter": object{"conditions": []object{{"value": "{{ trigger.headers.x-auth-kind }}", "operator": "equals", "other": "good"}}}})
		token := strings.TrimPrefix(path, "/hooks/")
		proofs := []string{
			"Authorization", "Proxy-Authorization", "Cookie", "X-Webhook-Token", "X-Gitlab-Token", "X-Hub-Signature", "X-Api-Key", "X-ApiKey", "X-Shop-Secret",
			"X-Auth-User", "X-Session-Cookie", "X-User-Password", "X-Shopify-Hmac-Sha256", "Webhook-Signature",
		}
		headers := []string{"X-Original-Uri", path + "?a=1", "X-Kind", "order", "X-Auth-Kind", "good"}
		for _, name := range proofs {
			headers = append(headers, name, "proof-of-the-caller")
		}
		a := s.deliver(path+"?from="+token+"&a=1", `{}`, headers...)
		if a.StatusCode != 202 || a.decoded(t)["run_id"] == nil {
			t.Fatalf("it answered %d %s", a.StatusCode, a.body)
		}
		if run := s.run(a.decoded(t)["run_id"]); !strings.Contains(string(run.Trigger), `"x-kind":"order"`) || !strings.Contains(string(run.Trigger), `"query":{"a":"1"}`) {
			t.Errorf("the run sees %s", run.Trigger)
		}
		s.nowhere([]string{"proof-of-the-caller"})
		s.nowhere([]string{token}, "webhooks")
	})
}

func TestOfManyHeadersThoseAreKeptThatAFilterNamesAndTheFirstByName(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	_, path := s.hooked(object{"filter": object{"conditions": []object{{"value": "{{ trigger.headers.x-z }}", "operator": "equals", "other": "last"}}}})
	headers := []string{"X-Z", "last"}
	for i := range 90 {
		headers = append(headers, fmt.Sprintf("X-%02d", i), "value")
	}
	for range 3 {
		a := s.deliver(path, `{}`, headers...)
		if a.decoded(t)["run_id"] == nil {
			t.Fatalf("it answered %d %s", a.StatusCode, a.body)
		}
		kept := s.deliveries("?limit=1")[0].(object)["headers"].(object)
		if len(kept) != 60 || kept["x-z"] != "last" || kept["content-type"] == nil || kept["x-57"] == nil || kept["x-58"] != nil {
			t.Errorf("kept are %d: %v", len(kept), kept)
		}
	}
}

func TestUnreadablePartsOfAnAddressAreLeftOut(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{})
		for query, seen := range map[string]string{
			"a=1;b=2": "", "x=100%": "", "a=%00": "", "%ff=1": "", "b=2&x=100%&a=1;c=3&c=%C3%A4&c=4": `"query":{"b":"2","c":["ä","4"]}`,
		} {
			r := httptest.NewRequest("POST", path, strings.NewReader(`{}`))
			r.URL.RawQuery = query
			a := s.send(r)
			if a.StatusCode != 202 {
				t.Errorf("%s answered %d %s", query, a.StatusCode, a.body)
				continue
			}
			if run := s.run(a.decoded(t)["run_id"]); !strings.Contains(string(run.Trigger), seen) || seen == "" && strings.Contains(string(run.Trigger), "query") {
				t.Errorf("%s: the run sees %s", query, run.Trigger)
			}
		}
		if kept := s.deliveries(""); len(kept) != 5 {
			t.Errorf("%d are kept", len(kept))
		}
	})
}
