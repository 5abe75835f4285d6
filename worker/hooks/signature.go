package hooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

// tolerance is by how much the time in a signature may differ from now, as all
// presets that have one recommend.
const tolerance = 5 * time.Minute

func refuse(code, message string) error {
	return &models.StrangerError{Code: "signature_" + code, Message: message}
}

// Verify reports, as a *models.StrangerError, whether a request was not sent by somebody who
// knows one of the secrets. The rules are those that each sender has published:
// standardwebhooks.com, docs.github.com/webhooks, docs.stripe.com/webhooks,
// api.slack.com/authentication/verifying-requests-from-slack.
func Verify(signature string, secrets []string, header http.Header, body []byte, now time.Time) error {
	keys := keysOf(signature, secrets)
	switch signature {
	case "", workflow.SignatureNone:
		return nil
	case workflow.SignatureToken:
		return verifyToken(keys, header)
	case workflow.SignatureStandard:
		return verifyStandard(keys, header, body, now)
	case workflow.SignatureGitHub:
		return verifyGitHub(keys, header, body)
	case workflow.SignatureStripe:
		return verifyStripe(keys, header, body, now)
	case workflow.SignatureSlack:
		return verifySlack(keys, header, body, now)
	}
	return refuse("unknown", "This webhook has a kind of signature that this program does not know.")
}

// keysOf are the keys that secrets stand for. One that holds nothing stands for
// none: anybody can sign with an empty key.
func keysOf(signature string, secrets []string) [][]byte {
	var keys [][]byte
	for _, secret := range secrets {
		key := []byte(strings.TrimSpace(secret))
		if signature == workflow.SignatureStandard {
			if decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(key), "whsec_")); err == nil {
				key = decoded
			}
		}
		if len(key) > 0 {
			keys = append(keys, key)
		}
	}
	return keys
}

func verifyToken(keys [][]byte, header http.Header) error {
	kind, sent, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		sent = header.Get("X-Webhook-Token")
	}
	if sent == "" {
		sent = header.Get("X-Gitlab-Token")
	}
	if sent = strings.TrimSpace(sent); sent == "" {
		return refuse("missing", "Send the token in the header Authorization: Bearer TOKEN, or in X-Webhook-Token.")
	}
	given := sha256.Sum256([]byte(sent))
	for _, key := range keys {
		known := sha256.Sum256(key)
		if hmac.Equal(given[:], known[:]) {
			return nil
		}
	}
	return refuse("wrong", "The token is not the one of this webhook.")
}

// standardHeaders are the three of Standard Webhooks, or those of Svix, from which
// they come, where there are none: always three of one kind.
func standardHeaders(header http.Header) (id, stamp, signatures string) {
	id, stamp, signatures = header.Get("Webhook-Id"), header.Get("Webhook-Timestamp"), header.Get("Webhook-Signature")
	if id+stamp+signatures == "" {
		return header.Get("Svix-Id"), header.Get("Svix-Timestamp"), header.Get("Svix-Signature")
	}
	return id, stamp, signatures
}

func verifyStandard(keys [][]byte, header http.Header, body []byte, now time.Time) error {
	id, stamp, sent := standardHeaders(header)
	if id == "" || stamp == "" || sent == "" {
		return refuse("missing", "Sign the request as Standard Webhooks does: with the headers webhook-id, webhook-timestamp and webhook-signature.")
	}
	if err := fresh(stamp, now); err != nil {
		return err
	}
	content := id + "." + stamp + "." + string(body)
	for _, key := range keys {
		wanted := sign(key, content)
		for part := range strings.FieldsSeq(sent) {
			encoded, isV1 := strings.CutPrefix(part, "v1,")
			if given, err := base64.StdEncoding.DecodeString(encoded); isV1 && err == nil && hmac.Equal(given, wanted) {
				return nil
			}
		}
	}
	return wrong()
}

func verifyGitHub(keys [][]byte, header http.Header, body []byte) error {
	sent := header.Get("X-Hub-Signature-256")
	if sent == "" {
		return refuse("missing", "Sign the request as GitHub does: with the header X-Hub-Signature-256.")
	}
	return anyHex(keys, string(body), []string{strings.TrimPrefix(sent, "sha256=")})
}

func verifyStripe(keys [][]byte, header http.Header, body []byte, now time.Time) error {
	sent := header.Get("Stripe-Signature")
	if sent == "" {
		return refuse("missing", "Sign the request as Stripe does: with the header Stripe-Signature.")
	}
	stamp := ""
	var given []string
	for part := range strings.SplitSeq(sent, ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "t":
			stamp = value
		case "v1":
			given = append(given, value)
		}
	}
	if err := fresh(stamp, now); err != nil {
		return err
	}
	return anyHex(keys, stamp+"."+string(body), given)
}

func verifySlack(keys [][]byte, header http.Header, body []byte, now time.Time) error {
	stamp, sent := header.Get("X-Slack-Request-Timestamp"), header.Get("X-Slack-Signature")
	if stamp == "" || sent == "" {
		return refuse("missing", "Sign the request as Slack does: with the headers X-Slack-Request-Timestamp and X-Slack-Signature.")
	}
	if err := fresh(stamp, now); err != nil {
		return err
	}
	return anyHex(keys, "v0:"+stamp+":"+string(body), []string{strings.TrimPrefix(sent, "v0=")})
}

// anyHex accepts any of the signatures, in hexadecimal, under any of the keys.
func anyHex(keys [][]byte, content string, sent []string) error {
	for _, key := range keys {
		wanted := sign(key, content)
		for _, text := range sent {
			if given, err := hex.DecodeString(text); err == nil && hmac.Equal(given, wanted) {
				return nil
			}
		}
	}
	return wrong()
}

func sign(key []byte, content string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(content))
	return mac.Sum(nil)
}

func wrong() error {
	return refuse("wrong", "The signature does not fit the content and the secret of this webhook. Compare the secret on both sides, and sign the body byte for byte.")
}

// fresh refuses a time in seconds that is more than tolerance from now: an old
// request could be one that somebody has copied.
func fresh(stamp string, now time.Time) error {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 {
		return refuse("missing", "The signature holds no time in seconds since 1970.")
	}
	if apart := now.Sub(time.Unix(seconds, 0)); apart > tolerance || apart < -tolerance {
		return refuse("stale", "The signature is more than five minutes from this server's clock. Send the request when it is signed, and set both clocks.")
	}
	return nil
}
