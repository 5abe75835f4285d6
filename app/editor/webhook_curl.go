package editor

import (
	"strings"

	"workflows/worker/workflow"
)

// curlOf is a call of a webhook that can be pasted into a terminal. It signs with
// what stands in SECRET.
func curlOf(url string, t workflow.Trigger) string {
	const hmac = `$(printf '%s' "CONTENT" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/^.* //')`
	signed := func(content string) string { return "SIGNATURE=" + strings.Replace(hmac, "CONTENT", content, 1) }
	before := []string{`BODY='{"hello": "world"}'`}
	var headers []string
	switch t.Signature {
	case workflow.SignatureToken:
		headers = []string{"Authorization: Bearer $SECRET"}
	case workflow.SignatureGitHub:
		before = append(before, signed("$BODY"))
		headers = []string{"X-Hub-Signature-256: sha256=$SIGNATURE"}
	case workflow.SignatureStripe:
		before = append(before, "TIME=$(date +%s)", signed("$TIME.$BODY"))
		headers = []string{"Stripe-Signature: t=$TIME,v1=$SIGNATURE"}
	case workflow.SignatureSlack:
		before = append(before, "TIME=$(date +%s)", signed("v0:$TIME:$BODY"))
		headers = []string{"X-Slack-Request-Timestamp: $TIME", "X-Slack-Signature: v0=$SIGNATURE"}
	case workflow.SignatureStandard: // its key is in base64 and may hold any byte
		before = append(before, "TIME=$(date +%s)", "ID=msg_$TIME$RANDOM",
			`KEY=$(printf '%s' "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')`,
			`SIGNATURE=$(printf '%s' "$ID.$TIME.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | openssl base64 -A)`)
		headers = []string{"webhook-id: $ID", "webhook-timestamp: $TIME", "webhook-signature: v1,$SIGNATURE"}
	}
	call := []string{"curl -X POST '" + url + "'", "-H 'Content-Type: application/json'"}
	for _, header := range headers {
		call = append(call, `-H "`+header+`"`)
	}
	call = append(call, `-d "$BODY"`)
	return strings.Join(append(before, strings.Join(call, " \\\n  ")), "\n")
}
