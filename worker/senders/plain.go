package senders

import "strings"

// nobody proves anything. All who ask whether the address is ours are told so.
func nobody() Sender {
	return Sender{
		Name: None, Label: "Not signed", Choice: "Whoever knows the address",
		Enter: []string{
			"Enter the address above at the sender. That is all it takes.",
			"Where the sender asks first whether the address answers, as Microsoft Graph, Dropbox, monday.com, Azure Event Grid and Okta do, it is told so.",
		},
		Unproven: anyOf(func(call Call) (*Answer, error) {
			return subscribes(call, anybody, func(challenge string) *Answer { return echo(asked("The sender"), challenge) })
		}, validates("The sender"), challenges("The sender"), verifiesHeader),
		Proven: anyOf(verifiesURL, challengesAlone("The sender"), validatesSubscription),
	}
}

// token is sent as it is, in a header.
func token() Sender {
	return Sender{
		Name: "token", Label: "Token in a header", Choice: "Who sends a token in a header", Secret: "the token",
		Enter: []string{
			"Make up a long token, store it as a secret, and have the sender send it with each call, in the header Authorization: Bearer TOKEN, or in X-Webhook-Token.",
		},
		Verify: verifyToken,
		Unproven: func(call Call) (*Answer, error) {
			return subscribes(call, oneOf(call.Secrets), func(challenge string) *Answer { return echo(asked("The sender"), challenge) })
		},
		Example: func(Scheme) Example { return Example{Headers: []string{"Authorization: Bearer $SECRET"}} },
	}
}

func verifyToken(call Call) error {
	kind, sent, _ := strings.Cut(call.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		sent = first(call.Header, "X-Webhook-Token", "X-Gitlab-Token")
	}
	if sent = strings.TrimSpace(sent); sent == "" {
		return refuse("missing", "Send the token in the header Authorization: Bearer TOKEN, or in X-Webhook-Token.")
	}
	if !same(sent, keysOf(call.Secrets)) {
		return refuse("wrong", "The token is not the one of this webhook.")
	}
	return nil
}

// monday.com signs nothing, and asks once, when the address is entered.
func monday() Sender {
	return Sender{
		Name: "monday", Label: "monday.com", Choice: "monday.com (not signed)",
		Enter: []string{
			"At monday.com, open Integrate on the board, choose webhooks, and enter the address above. monday.com asks at once whether it answers, so publish first.",
			"monday.com signs nothing: whoever knows the address may call.",
		},
		Proven: challengesAlone("monday.com"),
		Key:    func(call Call) string { return textAt(call.Body, "event", "triggerUuid") },
	}
}

// strava sends a token when it asks whether the address is ours, and signs nothing.
// https://developers.strava.com/docs/webhooks/
func strava() Sender {
	return Sender{
		Name: "strava", Label: "Strava", Choice: "Strava (not signed)", Secret: "the verify token",
		Enter: []string{
			"Make up a verify token and store it as a secret. Make the subscription by Strava’s API (POST /api/v3/push_subscriptions) with the address above as callback_url and the token as verify_token. Strava asks at once, so publish first.",
			"Strava signs nothing that it sends later: whoever knows the address may call.",
		},
		Unproven: func(call Call) (*Answer, error) {
			return subscribes(call, oneOf(call.Secrets), func(challenge string) *Answer {
				return echoJSON(asked("Strava"), "hub.challenge", challenge)
			})
		},
		Key: func(Call) string { return "" },
	}
}
