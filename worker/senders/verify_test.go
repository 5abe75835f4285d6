package senders_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"workflows/worker/senders"
)

// example is a signed request.
type example struct {
	sender, secret, body string
	at                   int64 // seconds; 0: the signature holds no time
	headers              map[string]string
	url                  string
	scheme               senders.Scheme
}

const (
	address = "https://flows.example.com/hooks/abc?a=1&b=%C3%A4"
	sent    = `{"id":"evt_1","text":"Grüße & <b>\"x\"</b>"}`
	form    = "Body=Gr%C3%BC%C3%9Fe+%26+Co&From=%2B15005550006&MediaUrl=https%3A%2F%2Fb.example.com%2F2&MediaUrl=https%3A%2F%2Fa.example.com%2F1&MediaUrl=https%3A%2F%2Fb.example.com%2F2&Empty="
	later   = 1800000000
	whsec   = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// examples are those that the senders have published, and what their own libraries for
// Node have signed: standardwebhooks 1.1.1 and svix 1.99.1, stripe 23.1.0,
// @octokit/webhooks-methods 6.0.0, @shopify/shopify-api 13.1.0, twilio 6.3.1. Of Zoom it
// is what @zoom/rivet 0.4.0 has believed. For Trello, Meta and Bitbucket there are
// neither: these are made as their documentation says.
func examples() map[string]example {
	return map[string]example{
		"Standard Webhooks": {sender: "standard_webhooks", secret: whsec, body: `{"test": 2432232314}`, at: 1614265330, headers: map[string]string{
			"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		}},
		"Svix (library)": {sender: "standard_webhooks", secret: whsec, body: sent, at: later, headers: map[string]string{
			"svix-id": "msg_1", "svix-timestamp": "1800000000", "svix-signature": "v1,KRdzv3RyeS6yKS63pvTft+fA4UhBWNykUMfYD+K7k/8=",
		}},
		"GitHub": {sender: "github", secret: "It's a Secret to Everybody", body: "Hello, World!", headers: map[string]string{
			"X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
		}},
		"GitHub (library)": {sender: "github", secret: "open sesame", body: sent, headers: map[string]string{
			"X-Hub-Signature-256": "sha256=5e1a54fede7092b4e4265c379aeacd16eb7accfb3dd9ce315e17d33c5ed5013b",
		}},
		"Bitbucket": {sender: "bitbucket", secret: "open sesame", body: sent, headers: map[string]string{
			"X-Hub-Signature": "sha256=5e1a54fede7092b4e4265c379aeacd16eb7accfb3dd9ce315e17d33c5ed5013b",
		}},
		"Meta": {sender: "meta", secret: "open sesame", body: sent, headers: map[string]string{
			"X-Hub-Signature-256": "sha256=5e1a54fede7092b4e4265c379aeacd16eb7accfb3dd9ce315e17d33c5ed5013b",
		}},
		"Dropbox": {sender: "dropbox", secret: "the_secret", body: `{"delta": {"users": [12345]}}`, headers: map[string]string{ // of hapi-dropbox-webhooks 1.1.0
			"X-Dropbox-Signature": "0a8c16b085420b960dc78664279fe09e936a2a01b1f91064869d9e77dfd64529",
		}},
		"Shopify (library)": {sender: "shopify", secret: "hush", body: sent, headers: map[string]string{"X-Shopify-Hmac-Sha256": "AQ+7VbvEMZxE+TTGIeunbXZIFwlt71O+pV4HYvpF+e4="}},
		"Slack": {
			sender: "slack", secret: "8f742231b10e8888abcd99yyyzzz85a5",
			body:    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
			at:      1531420618,
			headers: map[string]string{"X-Slack-Request-Timestamp": "1531420618", "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"},
		},
		"Zoom (library)": {sender: "zoom", secret: "zoom secret", body: `{"event":"meeting.started","payload":{"account_id":"A","object":{"id":1}},"event_ts":1}`, at: later, headers: map[string]string{
			"x-zm-request-timestamp": "1800000000", "x-zm-signature": "v0=3de2fd4eaea23c868d32aa136e207b8ff837ec00eebf7b32bcb1762cc1ab6020",
		}},
		"Stripe (library)": {sender: "stripe", secret: "whsec_test", body: sent, at: later, headers: map[string]string{
			"Stripe-Signature": "t=1800000000,v1=db1af2497e0940704dc9f7a96542a5a0488b678055946b3911937043dddb63be,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39",
		}},
		"Trello": {sender: "trello", secret: "open sesame", body: sent, headers: map[string]string{"X-Trello-Webhook": base64.StdEncoding.EncodeToString(mac(sha1.New, "open sesame", sent+address))}},
		"Twilio, of its documentation": {
			sender: "twilio", secret: "12345", url: "https://mycompany.com/myapp.php?foo=1&bar=2",
			body:    "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212",
			headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ="},
		},
		"Twilio (library)": {sender: "twilio", secret: "12345", body: form, headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "X-Twilio-Signature": "5cjPkoImFiCjBqGkzG547eSHLz0="}},
		"Twilio, with a port (library)": {sender: "twilio", secret: "12345", body: form, headers: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "0LTA354wb4nd1X72bzZ+trlve58=",
		}},
		"Twilio, by a shared key (library)": {sender: "twilio", secret: "12345", body: form, headers: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "T0uNr3D5YdztL9s1GP3tvJ7o5iSboTxedpIHC4x5CBo=",
			"X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
		}},
		"Twilio, JSON (library)": {
			sender: "twilio", secret: "12345", body: sent, url: address + "&bodySHA256=ccc0ee051d8b93c817a304cb03843e2f314bf3ca748f436dbac6e7a239cab36a",
			headers: map[string]string{"Content-Type": "application/json", "X-Twilio-Signature": "CO8gxIjQk7w6JEi8qWkk2RVtmM0="},
		},
		"Microsoft Graph": {sender: "microsoft_graph", secret: "open sesame", body: `{"value":[{"clientState":"open sesame","changeType":"created"},{"clientState":"open sesame"}]}`},
		"bearer token":    {sender: "token", secret: "open sesame", headers: map[string]string{"Authorization": "Bearer open sesame"}},
		"token header":    {sender: "token", secret: "open sesame", headers: map[string]string{"X-Webhook-Token": "open sesame"}},
		"token (GitLab)":  {sender: "token", secret: "open sesame", headers: map[string]string{"X-Gitlab-Token": "open sesame"}},
		"GitLab":          {sender: "gitlab", secret: "open sesame", headers: map[string]string{"X-Gitlab-Token": "open sesame"}},
		"GitLab, signed": {sender: "gitlab", secret: whsec, body: sent, at: later, headers: map[string]string{
			"webhook-id": "msg_1", "webhook-timestamp": "1800000000", "webhook-signature": "v1,KRdzv3RyeS6yKS63pvTft+fA4UhBWNykUMfYD+K7k/8=",
		}},
		"one's own": {sender: "hmac", secret: "hush", body: sent, headers: map[string]string{"X-Sum": "AQ+7VbvEMZxE+TTGIeunbXZIFwlt71O+pV4HYvpF+e4="}, scheme: senders.Scheme{Header: "X-Sum", Encoding: "base64"}},
		"one's own, with a time": {
			sender: "hmac", secret: "hush", body: sent, at: later, scheme: senders.Scheme{Header: "X-Sum", Before: "sha1=", Algorithm: "sha1", Text: "{time}:{url}:{body}", TimeIn: "X-Time", Tolerance: "5m"},
			headers: map[string]string{"X-Time": "1800000000123", "X-Sum": "sha1=" + hex.EncodeToString(mac(sha1.New, "hush", "1800000000123:"+address+":"+sent))},
		},
		"one's own, as Stripe": {
			sender: "hmac", secret: "whsec_test", body: sent, at: later, scheme: senders.Scheme{Header: "X-Sum", Before: "v1=", Text: "{time}.{body}"},
			headers: map[string]string{"X-Sum": "t=1800000000,v1=db1af2497e0940704dc9f7a96542a5a0488b678055946b3911937043dddb63be"},
		},
	}
}

func mac(newHash func() hash.Hash, secret, content string) []byte {
	mac := hmac.New(newHash, []byte(secret))
	mac.Write([]byte(content))
	return mac.Sum(nil)
}

// whole reports whether all that is sent is signed.
func (e example) whole() bool {
	switch e.sender {
	case "token", "microsoft_graph":
		return false
	case "gitlab":
		return e.at != 0
	}
	return true
}

func (e example) verify(secrets []string, body string, now time.Time, change func(http.Header)) string {
	sender, _ := senders.Named(e.sender)
	call := senders.Call{Method: "POST", URL: e.url, Header: http.Header{}, Content: []byte(body), Secrets: secrets, Scheme: e.scheme, Now: now}
	if call.URL == "" {
		call.URL = address
	}
	if parsed, err := url.Parse(call.URL); err == nil {
		call.Query = parsed.Query()
	}
	for name, value := range e.headers {
		call.Header.Set(name, value)
	}
	if change != nil {
		change(call.Header)
	}
	var refusal *senders.Refusal
	if err := sender.Verify(call); errors.As(err, &refusal) {
		return refusal.Code
	} else if err != nil {
		return err.Error()
	}
	return "good"
}

func TestEverySenderWhoSignsHasAnExample(t *testing.T) {
	shown := map[string]bool{}
	for _, e := range examples() {
		shown[e.sender] = true
	}
	for _, s := range senders.All() {
		if (s.Verify != nil) != shown[s.Name] {
			t.Errorf("%s has no signed example, or one without a signature", s.Name)
		}
		if s.Label == "" || len(s.Enter) == 0 || (s.Verify != nil && s.Secret == "") {
			t.Errorf("%s does not say how it is called, what is entered there, or what its secret is", s.Name)
		}
	}
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
		if e.whole() {
			got["another body"] = e.verify([]string{e.secret}, e.body+" ", now, nil)
		}
		if len(e.headers) == 0 { // it proves itself by its content
			delete(got, "nonsense")
			got["no header"] = e.verify([]string{e.secret}, "{}", now, nil)
		}
		for what, code := range got {
			if code != "missing" && code != "wrong" && code != "stale" {
				t.Errorf("%s, %s: %s", name, what, code)
			}
		}
		if got["no header"] != "missing" || got["another secret"] != "wrong" {
			t.Errorf("%s: %v", name, got)
		}
		if e.at == 0 {
			continue
		}
		for _, apart := range []time.Duration{6 * time.Minute, -6 * time.Minute, 24 * time.Hour} {
			if code := e.verify([]string{e.secret}, e.body, now.Add(apart), nil); code != "stale" {
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
		for _, empty := range []string{"", "   ", "\n"} {
			// Signed with an empty key, by somebody who knows no secret.
			forged := forge(e)
			if got := forged.verify([]string{empty}, forged.body, time.Unix(e.at, 0), nil); got != "wrong" && got != "missing" {
				t.Errorf("%s, %q: %s", name, empty, got)
			}
			if got := e.verify([]string{empty, e.secret}, e.body, time.Unix(e.at, 0), nil); got != "good" {
				t.Errorf("%s, %q beside the right one: %s", name, empty, got)
			}
		}
	}
	standard := forge(examples()["Standard Webhooks"])
	for _, empty := range []string{"whsec_", " whsec_\n"} {
		if got := standard.verify([]string{empty}, standard.body, time.Unix(standard.at, 0), nil); got != "wrong" {
			t.Errorf("%q: %s", empty, got)
		}
	}
}

// forge is signed with an empty key, as far as that is told by its headers.
func forge(e example) example {
	e.headers = maps.Clone(e.headers)
	sum := func(content string) string { return hex.EncodeToString(mac(sha256.New, "", content)) }
	sum64 := func(content string) string { return base64.StdEncoding.EncodeToString(mac(sha256.New, "", content)) }
	for name := range e.headers {
		switch strings.ToLower(name) {
		case "authorization":
			e.headers[name] = "Bearer "
		case "x-webhook-token", "x-gitlab-token":
			e.headers[name] = " "
		case "x-hub-signature-256", "x-hub-signature":
			e.headers[name] = "sha256=" + sum(e.body)
		case "x-dropbox-signature":
			e.headers[name] = sum(e.body)
		case "x-shopify-hmac-sha256", "x-sum":
			e.headers[name] = sum64(e.body)
		case "stripe-signature":
			e.headers[name] = "t=" + e.stamp() + ",v1=" + sum(e.stamp()+"."+e.body)
		case "x-slack-signature", "x-zm-signature":
			e.headers[name] = "v0=" + sum("v0:"+e.stamp()+":"+e.body)
		case "webhook-signature", "svix-signature":
			id := e.headers["webhook-id"] + e.headers["svix-id"]
			e.headers[name] = "v1," + sum64(id+"."+e.stamp()+"."+e.body)
		}
	}
	if e.sender == "microsoft_graph" {
		e.body = `{"value":[{"clientState":""}]}`
	}
	return e
}

func (e example) stamp() string { return strconv.FormatInt(e.at, 10) }

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
		if mixed != "missing" {
			t.Errorf("%s among the others of Svix: %s", name, mixed)
		}
	}
}

func TestWhatASignatureDoesNotCoverIsNotBelieved(t *testing.T) {
	now := time.Unix(later, 0)
	twilio := examples()["Twilio (library)"]
	for what, got := range map[string]string{
		"a form called JSON":   twilio.verify([]string{"12345"}, form, now, func(h http.Header) { h.Set("Content-Type", "application/json") }),
		"a field more":         twilio.verify([]string{"12345"}, form+"&X=1", now, nil),
		"an algorithm unknown": twilio.verify([]string{"12345"}, form, now, func(h http.Header) { h.Set("X-Twilio-Webhooks-Signature-Settings", "algorithm=NONE") }),
	} {
		if got == "good" {
			t.Errorf("Twilio, %s: believed", what)
		}
	}
	state := examples()["Microsoft Graph"]
	for _, body := range []string{
		`{"value":[{"clientState":"open sesame"},{"clientState":"another"}]}`, `{"value":[{"clientState":"open sesame"},{}]}`, `{"value":[]}`, `{}`, `[]`, `x`, ``, `{"clientState":"open sesame"}`,
	} {
		if got := state.verify([]string{"open sesame"}, body, now, nil); got == "good" {
			t.Errorf("Microsoft Graph, %s: believed", body)
		}
	}
	// Under a name for the time that the sender did not sign, a copy would stay good for ever.
	timed := examples()["one's own, with a time"]
	if got := timed.verify([]string{"hush"}, sent, now, func(h http.Header) { h.Set("X-Time", "1800000000124") }); got != "wrong" {
		t.Errorf("another time: %s", got)
	}
}

func FuzzVerify(f *testing.F) {
	for _, e := range examples() {
		for name, value := range e.headers {
			f.Add(e.sender, e.secret, name, value, e.body)
		}
	}
	f.Fuzz(func(t *testing.T, sender, secret, name, value, body string) {
		s, known := senders.Named(sender)
		if !known || s.Verify == nil {
			return
		}
		header := http.Header{"Webhook-Id": {"x"}, "Webhook-Timestamp": {"1"}, "X-Slack-Request-Timestamp": {"1"}, "X-Zm-Request-Timestamp": {"1"}}
		header.Set(name, value)
		verify := func(secret string) error {
			return s.Verify(senders.Call{Header: header, URL: address, Content: []byte(body), Secrets: []string{secret}, Scheme: senders.Scheme{Header: "X-Sum"}, Now: time.Unix(1, 0)})
		}
		if verify(secret) == nil && verify(secret+"x") == nil {
			t.Errorf("%q is believed under two secrets", header)
		}
	})
}
