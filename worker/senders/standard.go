package senders

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// standard is what Svix has begun and many do by now: standardwebhooks.com.
func standard() Sender {
	return Sender{
		Name: "standard_webhooks", Label: "Standard Webhooks", Choice: "Standard Webhooks (Svix and many others)", Secret: "the signing secret, whsec_…",
		Enter: []string{
			"Enter the address above at the sender. It shows a signing secret that begins with whsec_: store it as a secret, as it stands.",
		},
		Verify: verifyStandard,
		Key:    func(call Call) string { id, _, _ := standardHeaders(call.Header); return id },
		Example: func(Scheme) Example { // its key is in base64 and may hold any byte
			return Example{
				Before: []string{
					timeNow, "ID=msg_$TIME$RANDOM",
					`KEY=$(printf '%s' "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')`,
					`SIGNATURE=$(printf '%s' "$ID.$TIME.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | openssl base64 -A)`,
				},
				Headers: []string{"webhook-id: $ID", "webhook-timestamp: $TIME", "webhook-signature: v1,$SIGNATURE"},
			}
		},
	}
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

func verifyStandard(call Call) error {
	id, stamp, sent := standardHeaders(call.Header)
	if id == "" || stamp == "" || sent == "" {
		return refuse("missing", "Sign the request as Standard Webhooks does: with the headers webhook-id, webhook-timestamp and webhook-signature.")
	}
	if err := fresh(stamp, call.Now, tolerance); err != nil {
		return err
	}
	var given []string
	for part := range strings.FieldsSeq(sent) {
		if encoded, isV1 := strings.CutPrefix(part, "v1,"); isV1 {
			given = append(given, encoded)
		}
	}
	return signed(sha256.New, standardKeys(call.Secrets), id+"."+stamp+"."+string(call.Content), inBase64(given...)...)
}

// standardKeys are the keys that secrets in base64 stand for; one that is no base64 is
// the key itself.
func standardKeys(secrets []string) [][]byte {
	var keys [][]byte
	for _, key := range keysOf(secrets) {
		if decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(key), "whsec_")); err == nil {
			key = decoded
		}
		if len(key) > 0 {
			keys = append(keys, key)
		}
	}
	return keys
}

// SignStandard is the header webhook-signature of what we send ourselves.
func SignStandard(secret, id, stamp string, content []byte) string {
	var signatures []string
	for _, key := range standardKeys([]string{secret}) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(content)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(signatures, " ")
}
