package senders

import (
	"crypto/sha1" // #nosec G505 -- the sender signs with it, as HMAC
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strings"
)

// twilio signs the address, and the fields of the form or the hash of the content in
// the address. https://www.twilio.com/docs/usage/security
func twilio() Sender {
	return Sender{ // #nosec G101 -- words for people
		Name: "twilio", Label: "Twilio", Secret: "the auth token, or the shared key of a webhooks rule",
		Enter: []string{
			"The console of Twilio shows the auth token of your account: store it as a secret and publish. Then enter exactly the address above for the number or the service, with HTTP POST.",
			"Twilio shows what it is answered to the caller as TwiML: choose an answer of your own below.",
		},
		Verify: verifyTwilio,
		Key:    sentIn("I-Twilio-Idempotency-Token"),
		Example: func(Scheme) Example {
			return Example{
				Body: "'Body=hello&From=%2B15005550006'", Type: "application/x-www-form-urlencoded",
				Before: []string{macIn("sha1", "base64", "${URL}BodyhelloFrom+15005550006")}, Headers: []string{"X-Twilio-Signature: $SIGNATURE"},
			}
		},
	}
}

func verifyTwilio(call Call) error {
	sent := call.Header.Get("X-Twilio-Signature")
	if sent == "" {
		return missing("Twilio", "X-Twilio-Signature")
	}
	newHash, known := twilioHash(call.Header.Get("X-Twilio-Webhooks-Signature-Settings"))
	if !known {
		return refuse("wrong", "Twilio has signed this in a way that this program does not know. Choose HMAC_SHA256 in the webhooks rule.")
	}
	fields, ok := twilioFields(call)
	if !ok {
		return refuse("missing", "The signature does not cover the content. Have Twilio send a form, or JSON with bodySHA256 in the address.")
	}
	for _, address := range twilioAddresses(call.URL) {
		if signed(newHash, keysOf(call.Secrets), address+fields, inBase64(sent)...) == nil {
			return nil
		}
	}
	return refuse("wrong", "The signature does not fit the address, the content and the secret of this webhook. Compare the secret, and the address letter by letter with what Twilio calls.")
}

// twilioHash is the one that a webhooks rule has chosen; SHA-1 without one.
func twilioHash(settings string) (func() hash.Hash, bool) {
	for part := range strings.SplitSeq(settings, ",") {
		name, value, _ := strings.Cut(part, "=")
		if strings.TrimSpace(name) != "algorithm" || strings.TrimSpace(value) == "" {
			continue
		}
		switch strings.ToUpper(strings.TrimSpace(value)) {
		case "HMAC_SHA1":
			return sha1.New, true
		case "HMAC_SHA256":
			return sha256.New, true
		}
		return nil, false
	}
	return sha1.New, true
}

// twilioFields is what is signed behind the address, where that covers the content.
func twilioFields(call Call) (string, bool) {
	if promised := call.Query.Get("bodySHA256"); promised != "" {
		sum := sha256.Sum256(call.Content)
		return "", strings.EqualFold(promised, hex.EncodeToString(sum[:]))
	}
	kind, _, _ := mime.ParseMediaType(call.Header.Get("Content-Type"))
	if len(call.Content) == 0 {
		return "", true
	}
	values, err := url.ParseQuery(string(call.Content))
	if kind != "application/x-www-form-urlencoded" || err != nil {
		return "", false
	}
	var fields strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(values[name]))) {
			fields.WriteString(name + value)
		}
	}
	return fields.String(), true
}

// twilioAddresses are the ways in which Twilio may have written the address: with the
// port that its scheme has, and without one.
func twilioAddresses(address string) []string {
	parsed, err := url.Parse(address)
	if err != nil {
		return []string{address}
	}
	port := ":80"
	if parsed.Scheme == "https" {
		port = ":443"
	}
	_, rest, _ := strings.Cut(address, "://"+parsed.Host)
	bare := strings.TrimSuffix(parsed.Host, ":"+parsed.Port())
	addresses := []string{address, parsed.Scheme + "://" + bare + rest}
	if parsed.Port() == "" {
		addresses = append(addresses, parsed.Scheme+"://"+bare+port+rest)
	}
	return addresses
}
