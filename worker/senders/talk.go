package senders

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

// slack signs the time with the content.
// https://docs.slack.dev/authentication/verifying-requests-from-slack/
func slack() Sender {
	return Sender{
		Name: "slack", Label: "Slack", Secret: "the signing secret",
		Enter: []string{
			"At api.slack.com/apps, open your app. Under Basic Information stands its signing secret: store it as a secret and publish. Then enter the address above under Event Subscriptions, Interactivity or Slash Commands. Slack asks at once whether it answers.",
		},
		Verify: func(call Call) error {
			return signedWithTime(call, "Slack", "X-Slack-Request-Timestamp", "X-Slack-Signature")
		},
		Proven: verifiesURL,
		Key:    func(call Call) string { return textAt(call.Body, "event_id") },
		Example: func(Scheme) Example {
			return Example{Before: []string{timeNow, macIn("sha256", "hex", "v0:$TIME:$BODY")}, Headers: []string{"X-Slack-Request-Timestamp: $TIME", "X-Slack-Signature: v0=$SIGNATURE"}}
		},
	}
}

// zoom signs as Slack does, and asks every three days to have a text signed with the
// secret. https://developers.zoom.us/docs/api/webhooks/
func zoom() Sender {
	return Sender{
		Name: "zoom", Label: "Zoom", Secret: "the secret token",
		Enter: []string{
			"At marketplace.zoom.us, open your app, Features → Access. There stands its secret token: store it as a secret and publish. Then enter the address above as event notification endpoint URL and press Validate.",
			"Zoom asks again every three days. It is answered without a run.",
		},
		Verify: func(call Call) error {
			return signedWithTime(call, "Zoom", "X-Zm-Request-Timestamp", "X-Zm-Signature")
		},
		Proven: provesSecret,
		Key:    func(Call) string { return "" },
		Example: func(Scheme) Example {
			return Example{Before: []string{timeNow, macIn("sha256", "hex", "v0:$TIME:$BODY")}, Headers: []string{"X-Zm-Request-Timestamp: $TIME", "X-Zm-Signature: v0=$SIGNATURE"}}
		},
	}
}

func signedWithTime(call Call, label, timeHeader, header string) error {
	stamp, sent := call.Header.Get(timeHeader), call.Header.Get(header)
	if stamp == "" || sent == "" {
		return refuse("missing", "Sign the request as "+label+" does: with the headers "+timeHeader+" and "+header+".")
	}
	if err := fresh(stamp, call.Now, tolerance); err != nil {
		return err
	}
	return signed(sha256.New, keysOf(call.Secrets), "v0:"+stamp+":"+string(call.Content), inHex(strings.TrimPrefix(sent, "v0="))...)
}

// plainToken is what Zoom asks to have signed. Anything else could be the content of a
// call, which whoever asks would have signed with the secret. Its length is looked at
// apart: as {1,255} the pattern alone takes a quarter of a megabyte in every process.
var plainToken = regexp.MustCompile(`^[A-Za-z0-9_=+/-]+$`)

const maxPlainToken = 255

func provesSecret(call Call) (*Answer, error) {
	sent := textAt(call.Body, "payload", "plainToken")
	keys := keysOf(call.Secrets)
	if textAt(call.Body, "event") != "endpoint.url_validation" || len(sent) > maxPlainToken || !plainToken.MatchString(sent) || len(keys) == 0 {
		return nil, nil
	}
	mac := hmac.New(sha256.New, keys[0])
	mac.Write([]byte(sent))
	return &Answer{Says: asked("Zoom"), JSON: map[string]string{"plainToken": sent, "encryptedToken": hex.EncodeToString(mac.Sum(nil))}}, nil
}

// meta signs the content alone, and sends a token of its own only when it asks.
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started
func meta() Sender {
	return Sender{
		Name: "meta", Label: "Meta", Choice: "Meta (WhatsApp, Instagram, Messenger)", Secret: "the app secret", Token: "the verify token",
		Enter: []string{
			"At developers.facebook.com, your app shows its app secret under App settings → Basic: store it as a secret. Make up a verify token and store it as another one. Choose both in this webhook’s form and publish.",
			"Then enter the address above as callback URL and the verify token under Webhooks. Meta asks at once whether both fit.",
		},
		Verify: signedBy("X-Hub-Signature-256", "sha256=", "Meta", inHex),
		Unproven: func(call Call) (*Answer, error) {
			return subscribes(call, oneOf(call.Tokens), func(challenge string) *Answer { return echo(asked("Meta"), challenge) })
		},
		Key:     func(Call) string { return "" },
		Example: signs("hex", "X-Hub-Signature-256: sha256=$SIGNATURE"),
	}
}
