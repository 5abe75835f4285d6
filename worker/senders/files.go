package senders

import (
	"crypto/sha1" // #nosec G505 -- the sender signs with it, as HMAC
)

// dropbox signs the content alone. https://www.dropbox.com/developers/reference/webhooks
func dropbox() Sender {
	return Sender{
		Name: "dropbox", Label: "Dropbox", Secret: "the app secret",
		Enter: []string{
			"At dropbox.com/developers/apps, your app shows its app secret: store it as a secret and publish. Then add the address above under Webhooks. Dropbox asks at once whether it answers.",
		},
		Verify:   signedBy("X-Dropbox-Signature", "", "Dropbox", inHex),
		Unproven: challenges("Dropbox"),
		Key:      func(Call) string { return "" },
		Example:  signs("hex", "X-Dropbox-Signature: $SIGNATURE"),
	}
}

// trello signs the content with the address behind it. It asks by HEAD, to which every
// address here answers.
// https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/
func trello() Sender {
	return Sender{
		Name: "trello", Label: "Trello", Secret: "the secret of the API key", Proof: "X-Trello-Webhook",
		Enter: []string{
			"At trello.com/power-ups/admin, your Power-Up shows a secret beside its API key: store it as a secret and publish. Then make the webhook by Trello’s API (POST /1/webhooks) with exactly the address above as callbackURL. Trello asks at once whether it answers.",
		},
		Verify: func(call Call) error {
			sent := call.Header.Get("X-Trello-Webhook")
			if sent == "" {
				return missing("Trello", "X-Trello-Webhook")
			}
			return signed(sha1.New, keysOf(call.Secrets), string(call.Content)+call.URL, inBase64(sent)...)
		},
		Key: func(Call) string { return "" },
		Example: func(Scheme) Example {
			return Example{Before: []string{macIn("sha1", "base64", "$BODY$URL")}, Headers: []string{"X-Trello-Webhook: $SIGNATURE"}}
		},
	}
}
