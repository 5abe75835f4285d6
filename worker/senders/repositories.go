package senders

// github signs the content alone. https://docs.github.com/webhooks
func github() Sender {
	return Sender{
		Name: "github", Label: "GitHub", Secret: "the secret",
		Enter: []string{
			"At GitHub, open Settings → Webhooks → Add webhook of the repository or the organisation. Enter the address above as payload URL and your secret under Secret. Both content types are read.",
		},
		Verify:  signedBy("X-Hub-Signature-256", "sha256=", "GitHub", inHex),
		Key:     sentIn("X-Github-Delivery"),
		Example: signs("hex", "X-Hub-Signature-256: sha256=$SIGNATURE"),
	}
}

// bitbucket does as GitHub, under another name of the header.
// https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/
func bitbucket() Sender {
	return Sender{
		Name: "bitbucket", Label: "Bitbucket", Secret: "the secret",
		Enter: []string{
			"At Bitbucket, open Repository settings → Webhooks → Add webhook. Enter the address above as URL and your secret under Secret.",
		},
		Verify:  signedBy("X-Hub-Signature", "sha256=", "Bitbucket", inHex),
		Key:     func(call Call) string { return first(call.Header, "X-Request-Uuid", "X-Request-Id") },
		Example: signs("hex", "X-Hub-Signature: sha256=$SIGNATURE"),
	}
}

// gitlab sends a token as it is, or signs as Standard Webhooks does, or both.
// https://docs.gitlab.com/user/project/integrations/webhooks/
func gitlab() Sender {
	return Sender{
		Name: "gitlab", Label: "GitLab", Secret: "the secret token, or the signing token",
		Enter: []string{
			"At GitLab, open Settings → Webhooks of the project or group → Add new webhook. Enter the address above as URL, and your secret as secret token or, where your GitLab offers it, as signing token (whsec_…).",
		},
		Verify: func(call Call) error {
			if call.Header.Get("Webhook-Signature") != "" {
				return verifyStandard(call)
			}
			sent := call.Header.Get("X-Gitlab-Token")
			if sent == "" {
				return refuse("missing", "Send the secret token as GitLab does: in the header X-Gitlab-Token.")
			}
			if !same(sent, keysOf(call.Secrets)) {
				return refuse("wrong", "The secret token is not the one of this webhook. Enter the same on both sides.")
			}
			return nil
		},
		// Not X-Gitlab-Event-UUID: webhooks that calls of other webhooks have caused share it.
		Key:     func(call Call) string { return first(call.Header, "Webhook-Id", "Idempotency-Key") },
		Example: func(Scheme) Example { return Example{Headers: []string{"X-Gitlab-Token: $SECRET"}} },
	}
}
