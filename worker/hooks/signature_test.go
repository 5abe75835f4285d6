package hooks_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/hooks"
	"workflows/worker/workflow"
)

// example is a signed request.
type example struct {
	signature, secret, body string
	at                      int64 // seconds; 0: the signature holds no time
	headers                 map[string]string
}

// examples are those that the senders have published, but for Stripe's, which is
// made as its documentation says: it publishes none with its secret.
func examples() map[string]example {
	stripe := func(secret, body string, at int64) string {
		mac := hmac.New(sha256.New, []byte(secret))
		fmt.Fprintf(mac, "%d.%s", at, body)
		return fmt.Sprintf("t=%d,v1=%s,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39", at, hex.EncodeToString(mac.Sum(nil)))
	}
	return map[string]example{
		"Standard Webhooks": {workflow.SignatureStandard, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", `{"test": 2432232314}`, 1614265330, map[string]string{
			"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		}},
		"GitHub": {workflow.SignatureGitHub, "It's a Secret to Everybody", "Hello, World!", 0, map[string]string{
			"X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
		}},
		"Slack": {
			workflow.SignatureSlack, "8f742231b10e8888abcd99yyyzzz85a5",
			"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
			1531420618,
			map[string]string{"X-Slack-Request-Timestamp": "1531420618", "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"},
		},
		"Stripe":         {workflow.SignatureStripe, "whsec_test_secret", `{"id": "evt_test_webhook"}`, 1492774577, map[string]string{"Stripe-Signature": stripe("whsec_test_secret", `{"id": "evt_test_webhook"}`, 1492774577)}},
		"bearer token":   {workflow.SignatureToken, "open sesame", "", 0, map[string]string{"Authorization": "Bearer open sesame"}},
		"token header":   {workflow.SignatureToken, "open sesame", "", 0, map[string]string{"X-Webhook-Token": "open sesame"}},
		"token (GitLab)": {workflow.SignatureToken, "open sesame", "", 0, map[string]string{"X-Gitlab-Token": "open sesame"}},
	}
}

func (e example) verify(secrets []string, body string, now time.Time, change func(http.Header)) string {
	header := http.Header{}
	for name, value := range e.headers {
		header.Set(name, value)
	}
	if change != nil {
		change(header)
	}
	var stranger *models.StrangerError
	if err := hooks.Verify(e.signature, secrets, header, []byte(body), now); errors.As(err, &stranger) {
		return stranger.Code
	} else if err != nil {
		return err.Error()
	}
	return "good"
}

func TestPublishedExamplesAreBelieved(t *testing.T) {
	for name, e := range examples() {
		now := time.Unix(e.at, 0)
		for _, secrets := range [][]string{{e.secret}, {"another", e.secret}, {e.secret, "another"}, {e.secret + "\n"}} {
			if got := e.verify(secrets, e.body, now, nil); got != "good" {
				t.Errorf("%s with %d secrets: %s", name, len(secrets), got)
			}
		}
	}
}

func TestWhatIsNotSignedRightIsRefused(t *testing.T) {
	for name, e := range examples() {
		now := time.Unix(e.at, 0)
		got := map[string]string{
			"another secret": e.verify([]string{"another"}, e.body, now, nil),
			"no secret":      e.verify(nil, e.body, now, nil),
			"empty secret":   e.verify([]string{""}, e.body, now, nil),
			"no header":      e.verify([]string{e.secret}, e.body, now, func(h http.Header) { clear(h) }),
			"nonsense": e.verify([]string{e.secret}, e.body, now, func(h http.Header) {
				for name := range h {
					if !strings.Contains(name, "Timestamp") {
						h.Set(name, "Bearer \xff, t=x v1=zz")
					}
				}
			}),
		}
		if e.signature != workflow.SignatureToken {
			got["another body"] = e.verify([]string{e.secret}, e.body+" ", now, nil)
		}
		for what, code := range got {
			if !strings.HasPrefix(code, "signature_") {
				t.Errorf("%s, %s: %s", name, what, code)
			}
		}
		if got["no header"] != "signature_missing" || got["another secret"] != "signature_wrong" {
			t.Errorf("%s: %v", name, got)
		}
		if e.at == 0 {
			continue
		}
		for _, apart := range []time.Duration{6 * time.Minute, -6 * time.Minute, 24 * time.Hour} {
			if code := e.verify([]string{e.secret}, e.body, now.Add(apart), nil); code != "signature_stale" {
				t.Errorf("%s, %s later: %s", name, apart, code)
			}
		}
		if code := e.verify([]string{e.secret}, e.body, now.Add(4*time.Minute), nil); code != "good" {
			t.Errorf("%s, four minutes later: %s", name, code)
		}
	}
}

func TestSecretThatHoldsNothingBelievesNobody(t *testing.T) {
	for name, e := range examples() {
		for _, empty := range []string{"", "   ", "\n", "whsec_", " whsec_\n"} {
			if got := forged(e).verify([]string{empty}, e.body, time.Unix(e.at, 0), nil); got != "signature_wrong" {
				t.Errorf("%s, %q: %s", name, empty, got)
			}
			if got := e.verify([]string{empty, e.secret}, e.body, time.Unix(e.at, 0), nil); got != "good" {
				t.Errorf("%s, %q beside the right one: %s", name, empty, got)
			}
		}
	}
}

// forged is signed with an empty key, by somebody who knows no secret.
func forged(e example) example {
	mac := func(content string) []byte {
		mac := hmac.New(sha256.New, nil)
		mac.Write([]byte(content))
		return mac.Sum(nil)
	}
	headers := maps.Clone(e.headers)
	switch stamp := fmt.Sprint(e.at); e.signature {
	case workflow.SignatureToken:
		clear(headers)
		headers["X-Webhook-Token"] = "whatever"
	case workflow.SignatureStandard:
		headers["webhook-signature"] = "v1," + base64.StdEncoding.EncodeToString(mac(headers["webhook-id"]+"."+stamp+"."+e.body))
	case workflow.SignatureGitHub:
		headers["X-Hub-Signature-256"] = "sha256=" + hex.EncodeToString(mac(e.body))
	case workflow.SignatureStripe:
		headers["Stripe-Signature"] = "t=" + stamp + ",v1=" + hex.EncodeToString(mac(stamp+"."+e.body))
	case workflow.SignatureSlack:
		headers["X-Slack-Signature"] = "v0=" + hex.EncodeToString(mac("v0:"+stamp+":"+e.body))
	}
	e.headers = headers
	return e
}

func TestStandardWebhooksMayBeNamedAsSvixNamesThem(t *testing.T) {
	e := examples()["Standard Webhooks"]
	svix := e
	svix.headers = map[string]string{"svix-id": e.headers["webhook-id"], "svix-timestamp": e.headers["webhook-timestamp"], "svix-signature": e.headers["webhook-signature"]}
	now := time.Unix(e.at, 0)
	if got := svix.verify([]string{e.secret}, e.body, now, nil); got != "good" {
		t.Errorf("signed by Svix: %s", got)
	}
	for _, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
		mixed := svix.verify([]string{e.secret}, e.body, now, func(h http.Header) {
			h.Set(name, e.headers[strings.ToLower(name)])
			h.Del(strings.Replace(name, "Webhook-", "Svix-", 1))
		})
		if mixed != "signature_missing" {
			t.Errorf("%s among the others of Svix: %s", name, mixed)
		}
	}
}

func FuzzVerify(f *testing.F) {
	for _, e := range examples() {
		for name, value := range e.headers {
			f.Add(e.signature, e.secret, name, value, e.body)
		}
	}
	f.Fuzz(func(t *testing.T, signature, secret, name, value, body string) {
		header := http.Header{"Webhook-Id": {"x"}, "Webhook-Timestamp": {"1"}, "X-Slack-Request-Timestamp": {"1"}}
		header.Set(name, value)
		verify := func(secret string) error {
			return hooks.Verify(signature, []string{secret}, header, []byte(body), time.Unix(1, 0))
		}
		believed := verify(secret) == nil
		if open := signature == "" || signature == workflow.SignatureNone; believed != open && verify(secret+"x") == nil {
			t.Errorf("%q is believed under two secrets", header)
		}
	})
}
