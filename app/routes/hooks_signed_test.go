package routes_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestSignedWebhookBelievesTwoSecretsWhileOneIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "HUB", "value": "first secret"})
		_, path := s.hooked(object{"signature": "github", "secret": "HUB"})
		call := func(secret string) answer {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(`{"a":1}`))
			return s.deliver(path, `{"a":1}`, "X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		}
		expect := func(when, secret string, status int) {
			t.Helper()
			if a := call(secret); a.StatusCode != status {
				t.Errorf("%s, %s: %d %s", when, secret, a.StatusCode, a.body)
			}
		}
		expect("at first", "first secret", 202)
		expect("at first", "second secret", 401)
		if a := s.deliver(path, `{"a":1}`); a.StatusCode != 401 || a.code(t) != "signature_missing" {
			t.Errorf("unsigned it answered %d %s", a.StatusCode, a.body)
		}
		s.api("POST", "/secrets", object{"name": "HUB", "value": "second secret"})
		expect("replaced", "first secret", 202)
		expect("replaced", "second secret", 202)
		expect("replaced", "third secret", 401)
		s.now.forward(25 * time.Hour)
		expect("a day later", "first secret", 401)
		expect("a day later", "second secret", 202)
		s.api("POST", "/secrets", object{"name": "HUB", "value": "third secret"})
		if err := s.secrets.EndPrevious(t.Context(), "HUB"); err != nil {
			t.Fatal(err)
		}
		expect("ended", "second secret", 401)
		if a := s.api("DELETE", "/secrets/HUB", nil); a.StatusCode != 409 {
			t.Errorf("a webhook's secret can be deleted: %d", a.StatusCode)
		}
		newest := s.deliveries("?limit=1")[0].(object)
		if newest["outcome"] != "rejected" || newest["code"] != "signature_wrong" {
			t.Errorf("the newest delivery is %v", newest)
		}
	})
}

func TestFilterLetsOnlyWhatItNamesStartARun(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{"filter": object{"conditions": []object{
			{"value": "{{ trigger.body.type }}", "operator": "equals", "other": "order.paid"},
			{"value": "{{ trigger.body.data.total }}", "operator": "greater_than", "other": 100},
		}}})
		for body, starts := range map[string]bool{
			`{"type":"order.paid","data":{"total":101}}`: true, `{"type":"order.paid","data":{"total":"100.5"}}`: true,
			`{"type":"order.paid","data":{"total":100}}`: false, `{"type":"order.made","data":{"total":500}}`: false, `{}`: false, `[1]`: false, `{"type":"order.paid"}`: false,
		} {
			a := s.deliver(path, body)
			if a.StatusCode != 202 || (a.decoded(t)["run_id"] != nil) != starts {
				t.Errorf("%s answered %d %s", body, a.StatusCode, a.body)
			}
			if newest := s.deliveries("?limit=1")[0].(object); (newest["outcome"] == "accepted") != starts || (newest["reason"] == "") != starts {
				t.Errorf("%s is kept as %v", body, newest)
			}
		}
		bad := object{"format": 1, "name": "Bad", "publish": true, "triggers": []object{{"id": "shop", "type": "webhook", "cron": "* * * * *", "signature": "sha1", "respond": "later", "rate_per_minute": -1, "filter": object{"conditions": []object{{"value": "{{ secrets.X }}", "operator": "is_like"}}}}}, "steps": []object{{"id": "a", "type": "stop", "config": object{"outcome": "succeeded"}}}}
		a := s.api("POST", "/workflows", bad)
		for _, path := range []string{"triggers[0].cron", "triggers[0].signature", "triggers[0].respond", "triggers[0].rate_per_minute", "triggers[0].filter.conditions[0].value", "triggers[0].filter.conditions[0].operator"} {
			if a.StatusCode != 422 || !strings.Contains(a.body, `"path":"`+path+`"`) {
				t.Errorf("%s is not refused: %d %s", path, a.StatusCode, a.body)
			}
		}
	})
}

func TestWhoCannotSignUsesUpNobodysBudgetButTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "SHARED", "value": "shared secret"})
		_, path := s.hooked(object{"signature": "github", "secret": "SHARED", "rate_per_minute": 30})
		call := func(address string, signed bool) answer {
			r := httptest.NewRequest("POST", path, strings.NewReader("{}"))
			r.RemoteAddr = net.JoinHostPort(address, "4711")
			if headers := s.signedBy("github", "{}"); signed {
				r.Header.Set(headers[0], headers[1])
			}
			return s.send(r)
		}
		flood := func(addresses ...string) map[int]int {
			seen := map[int]int{}
			for i := range 200 {
				a := call(addresses[i%len(addresses)], false)
				if seen[a.StatusCode]++; a.StatusCode == 429 && a.Header.Get("Retry-After") == "" {
					t.Errorf("it answered %v %s", a.Header, a.body)
				}
			}
			return seen
		}
		if seen := flood("203.0.113.7"); seen[401] < 20 || seen[429] < 100 || len(seen) != 2 {
			t.Errorf("a flood from one address was answered %v", seen)
		}
		if seen := flood("2001:db8:1:2::1", "2001:db8:1:2:ffff::2"); seen[429] < 100 {
			t.Errorf("a flood from one network of IPv6 was answered %v", seen)
		}
		for _, address := range []string{"203.0.113.7", "203.0.113.8"} { // also from where the flood comes
			if a := call(address, true); a.StatusCode != 202 {
				t.Errorf("signed, from %s: %d %s", address, a.StatusCode, a.body)
			}
		}
		if a := call("203.0.113.9", false); a.StatusCode != 401 {
			t.Errorf("unsigned from elsewhere: %d %s", a.StatusCode, a.body)
		}
		accepted := 0
		for range 40 {
			if call("203.0.113.8", true).StatusCode == 202 {
				accepted++
			}
		}
		if accepted > 20 {
			t.Errorf("%d signed ones were taken at once", accepted)
		}
	})
}
