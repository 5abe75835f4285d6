package routes_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"

	"workflows/models"
)

// signedBy are the headers with which a sender of this preset signs a body; its
// secret is "shared secret".
func (s *site) signedBy(preset, body string) []string {
	s.t.Helper()
	stamp := fmt.Sprint(s.now.read().Unix())
	mac := func(content string) []byte {
		mac := hmac.New(sha256.New, []byte("shared secret"))
		mac.Write([]byte(content))
		return mac.Sum(nil)
	}
	switch preset {
	case "stripe":
		return []string{"Stripe-Signature", "t=" + stamp + ",v1=" + hex.EncodeToString(mac(stamp+"."+body))}
	case "slack":
		return []string{"X-Slack-Request-Timestamp", stamp, "X-Slack-Signature", "v0=" + hex.EncodeToString(mac("v0:"+stamp+":"+body))}
	case "github":
		return []string{"X-Hub-Signature-256", "sha256=" + hex.EncodeToString(mac(body))}
	case "token":
		return []string{"Authorization", "Bearer shared secret"}
	}
	id := models.NewID()
	return []string{"Svix-Id", id, "Svix-Timestamp", stamp, "Svix-Signature", "v1," + base64.StdEncoding.EncodeToString(mac(id+"."+stamp+"."+body))}
}

// hookedAs is a webhook of that preset.
func (s *site) hookedAs(preset string, more ...object) string {
	s.t.Helper()
	s.api("POST", "/secrets", object{"name": "SHARED", "value": "shared secret"})
	_, path := s.hooked(object{"signature": preset, "secret": "SHARED"}, more...)
	return path
}

func TestOnlyWhatIsSignedTellsADeliveryFromAnother(t *testing.T) {
	others := []string{"Webhook-Id", "Idempotency-Key", "X-GitHub-Delivery", "X-Delivery-Id", "X-Webhook-Id", "Svix-Id", "X-Gitlab-Event-Uuid"}
	each(t, func(t *testing.T, s *site) {
		for preset, body := range map[string]string{"stripe": `{"id":"evt_1"}`, "slack": `{"event_id":"evt_1"}`} {
			path := s.hookedAs(preset)
			first := s.deliver(path, body, s.signedBy(preset, body)...).decoded(t)
			if first["run_id"] == nil {
				t.Fatalf("%s: it answered %v", preset, first)
			}
			for i, header := range others {
				again := s.deliver(path, body, append(s.signedBy(preset, body), header, fmt.Sprint("evt_", i+2))...).decoded(t)
				if again["run_id"] != first["run_id"] || again["repeated"] != true {
					t.Errorf("%s: with %s it came to %v", preset, header, again)
				}
			}
			next := strings.Replace(body, "evt_1", "evt_2", 1)
			if a := s.deliver(path, next, s.signedBy(preset, next)...).decoded(t); a["repeated"] != nil || a["run_id"] == first["run_id"] {
				t.Errorf("%s: the next event came to %v", preset, a)
			}
		}
		github := s.hookedAs("github")
		call := func(headers ...string) any {
			return s.deliver(github, "{}", append(s.signedBy("github", "{}"), headers...)...).decoded(t)["run_id"]
		}
		if call("X-GitHub-Delivery", "1") != call("X-GitHub-Delivery", "1", "Webhook-Id", "2") || call("Webhook-Id", "3") == call("Webhook-Id", "3") {
			t.Error("GitHub's deliveries are not known by its own header alone")
		}
		standard := s.hookedAs("standard_webhooks")
		signed := s.signedBy("standard_webhooks", "{}")
		first := s.deliver(standard, "{}", signed...).decoded(t)
		again := s.deliver(standard, "{}", append(signed, "Idempotency-Key", "another")...).decoded(t)
		if first["run_id"] == nil || again["run_id"] != first["run_id"] {
			t.Errorf("Standard Webhooks: %v, then %v", first, again)
		}
	})
}

func TestLongIDOfADeliveryIsKnownAgainToo(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{})
		long := strings.Repeat("x", 300)
		first, again, other := s.deliver(path, "{}", "Webhook-Id", long).decoded(t), s.deliver(path, "{}", "Webhook-Id", long).decoded(t), s.deliver(path, "{}", "Webhook-Id", long+"y").decoded(t)
		if first["run_id"] == nil || again["run_id"] != first["run_id"] || other["run_id"] == first["run_id"] {
			t.Errorf("%v, then %v, another %v", first, again, other)
		}
		stripe := s.hookedAs("stripe")
		body := `{"id":"` + long + `"}`
		if a, b := s.deliver(stripe, body, s.signedBy("stripe", body)...), s.deliver(stripe, body, s.signedBy("stripe", body)...); a.decoded(t)["run_id"] != b.decoded(t)["run_id"] {
			t.Errorf("%s, then %s", a.body, b.body)
		}
	})
}

func TestFilteredDeliveryIsJudgedAnewWhenItComesAgain(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, path := s.hooked(object{"filter": object{"conditions": []object{{"value": "{{ trigger.body.kind }}", "operator": "equals", "other": "wrong"}}}})
		if a := s.deliver(path, `{"kind":"right"}`, "X-GitHub-Delivery", "1"); a.StatusCode != 202 || a.decoded(t)["run_id"] != nil {
			t.Fatalf("it answered %d %s", a.StatusCode, a.body)
		}
		mended := object{"format": 1, "name": "Takes orders", "triggers": []object{{"id": "shop", "type": "webhook"}}, "steps": []object{{"id": "end", "type": "stop", "config": object{"outcome": "succeeded"}}}}
		s.api("PUT", "/workflows/"+flow, mended)
		s.api("POST", "/workflows/"+flow+"/publish", nil)
		first, again := s.deliver(path, `{"kind":"right"}`, "X-GitHub-Delivery", "1").decoded(t), s.deliver(path, `{"kind":"right"}`, "X-GitHub-Delivery", "1").decoded(t)
		if first["run_id"] == nil || again["run_id"] != first["run_id"] || again["repeated"] != true {
			t.Errorf("with the filter mended: %v, then %v", first, again)
		}
	})
}

func TestSameDeliveryAtOnceIsNotRefusedByTheLimitThatItFills(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{}, object{"settings": object{"max_running": 1, "on_limit": "reject"}})
		var mu sync.Mutex
		seen := map[any]int{}
		var callers sync.WaitGroup
		for range 8 {
			callers.Go(func() {
				a := s.deliver(path, `{}`, "Webhook-Id", "msg_1")
				mu.Lock()
				defer mu.Unlock()
				if a.StatusCode != 202 {
					t.Errorf("it answered %d %s", a.StatusCode, a.body)
					return
				}
				seen[a.decoded(t)["run_id"]]++
			})
		}
		callers.Wait()
		if len(seen) != 1 {
			t.Errorf("the runs are %v", seen)
		}
		if a := s.deliver(path, `{}`, "Webhook-Id", "msg_2"); a.StatusCode != 429 {
			t.Errorf("another one answered %d %s", a.StatusCode, a.body)
		}
	})
}
