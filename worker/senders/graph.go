package senders

import "workflows/worker/document"

// graph sends a secret of the subscription with each change that it tells.
// https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
func graph() Sender {
	return Sender{
		Name: "microsoft_graph", Label: "Microsoft Graph", Secret: "the client state",
		Enter: []string{
			"Make up a text of at most 128 characters and store it as a secret, then publish. Make the subscription (POST /subscriptions) with the address above as notificationUrl, also as lifecycleNotificationUrl, and the text as clientState. Microsoft asks at once whether the address answers.",
			"Microsoft counts every answer from 200 to 299 as taken. Changes with their data in them come encrypted and cannot be read here.",
		},
		Verify:   verifyGraph,
		Unproven: validates("Microsoft Graph"),
		Key:      func(Call) string { return "" },
		Example: func(Scheme) Example {
			return Example{Body: `'{"value": [{"clientState": "'"$SECRET"'", "changeType": "updated"}]}'`}
		},
	}
}

func verifyGraph(call Call) error {
	var sent struct {
		Value []struct {
			ClientState string `json:"clientState"`
		} `json:"value"`
	}
	if err := document.Decode(call.Content, &sent); err != nil || len(sent.Value) == 0 {
		return refuse("missing", "Send changes as Microsoft Graph does: in a list named value, each with the clientState of its subscription.")
	}
	keys := keysOf(call.Secrets)
	for _, change := range sent.Value {
		switch {
		case change.ClientState == "":
			return refuse("missing", "Make the subscription with a clientState: what comes without one is not believed.")
		case !same(change.ClientState, keys):
			return refuse("wrong", "The clientState is not the one of this webhook. Enter the same on both sides.")
		}
	}
	return nil
}
