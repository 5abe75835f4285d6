package senders

import (
	"crypto/sha256"
	"strings"
)

// stripe signs the time with the content. https://docs.stripe.com/webhooks
func stripe() Sender {
	return Sender{
		Name: "stripe", Label: "Stripe", Secret: "the signing secret, whsec_…",
		Enter: []string{
			"At Stripe, open Workbench → Webhooks → Add destination and enter the address above. Stripe then shows a signing secret that begins with whsec_: store it as a secret.",
		},
		Verify: verifyStripe,
		Key:    func(call Call) string { return textAt(call.Body, "id") },
		Example: func(Scheme) Example {
			return Example{Before: []string{timeNow, macIn("sha256", "hex", "$TIME.$BODY")}, Headers: []string{"Stripe-Signature: t=$TIME,v1=$SIGNATURE"}}
		},
	}
}

func verifyStripe(call Call) error {
	sent := call.Header.Get("Stripe-Signature")
	if sent == "" {
		return missing("Stripe", "Stripe-Signature")
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
	if err := fresh(stamp, call.Now, tolerance); err != nil {
		return err
	}
	return signed(sha256.New, keysOf(call.Secrets), stamp+"."+string(call.Content), inHex(given...)...)
}

// shopify signs the content alone.
// https://shopify.dev/docs/apps/build/webhooks/subscribe/https
func shopify() Sender {
	return Sender{
		Name: "shopify", Label: "Shopify", Secret: "the signing secret of the shop, or the client secret of the app",
		Enter: []string{
			"At Shopify, open Settings → Notifications → Webhooks → Create webhook, choose JSON, and enter the address above. Below the list Shopify shows what your webhooks are signed with: store it as a secret. An app’s webhooks are signed with its client secret.",
		},
		Verify:  signedBy("X-Shopify-Hmac-Sha256", "", "Shopify", inBase64),
		Key:     sentIn("X-Shopify-Webhook-Id"),
		Example: signs("base64", "X-Shopify-Hmac-Sha256: $SIGNATURE"),
	}
}
