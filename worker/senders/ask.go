package senders

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxEcho bounds what is sent back to whoever asks, in bytes.
const maxEcho = 4096

// echo is an answer in plain text, nil where the text is not one that a sender asks
// with: too long, or with signs that a header or a page could take for something else.
func echo(says, text string) *Answer {
	if !plain(text) {
		return nil
	}
	return &Answer{Says: says, Text: text}
}

// echoJSON answers with one field.
func echoJSON(says, name, text string) *Answer {
	if !plain(text) {
		return nil
	}
	return &Answer{Says: says, JSON: map[string]string{name: text}}
}

func plain(text string) bool {
	unfit := func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }
	return text != "" && len(text) <= maxEcho && !strings.ContainsFunc(text, unfit)
}

func asked(who string) string {
	return who + " has asked whether the address answers. It was told so, and no run started."
}

// looked reports whether a call only looks: nothing that is sent that way starts a run.
func looked(call Call) bool { return call.Method == http.MethodGet || call.Method == http.MethodHead }

// subscribes is what Meta, Strava and hubs for feeds ask: hub.challenge goes back to
// those whose token is believed.
func subscribes(call Call, believed func(token string) bool, answer func(challenge string) *Answer) (*Answer, error) {
	challenge := call.Query.Get("hub.challenge")
	if !looked(call) || challenge == "" || call.Query.Get("hub.mode") == "" {
		return nil, nil
	}
	if !believed(call.Query.Get("hub.verify_token")) {
		return nil, refuse("wrong", "The verify token (hub.verify_token) is not the one of this webhook. Enter the same on both sides.")
	}
	return answer(challenge), nil
}

func anybody(string) bool { return true }

// oneOf believes who sends one of these secrets.
func oneOf(secrets []string) func(token string) bool {
	return func(token string) bool { return same(token, keysOf(secrets)) }
}

// validates is what Microsoft Graph asks, and others that do as it does: without a
// content.
func validates(who string) func(Call) (*Answer, error) {
	return func(call Call) (*Answer, error) {
		if len(call.Content) > 0 {
			return nil, nil
		}
		return echo(asked(who), call.Query.Get("validationToken")), nil
	}
}

// challenges is what Dropbox asks, and others that do as it does.
func challenges(who string) func(Call) (*Answer, error) {
	return func(call Call) (*Answer, error) {
		if !looked(call) {
			return nil, nil
		}
		return echo(asked(who), call.Query.Get("challenge")), nil
	}
}

// challengesAlone is what monday.com asks: by a content that holds nothing else.
func challengesAlone(who string) func(Call) (*Answer, error) {
	return func(call Call) (*Answer, error) {
		if fields, _ := call.Body.(map[string]any); len(fields) != 1 {
			return nil, nil
		}
		return echoJSON(asked(who), "challenge", textAt(call.Body, "challenge")), nil
	}
}

// verifiesURL is what Slack asks.
func verifiesURL(call Call) (*Answer, error) {
	if textAt(call.Body, "type") != "url_verification" {
		return nil, nil
	}
	return echoJSON(asked("Slack"), "challenge", textAt(call.Body, "challenge")), nil
}

// verifiesHeader is what Okta asks.
func verifiesHeader(call Call) (*Answer, error) {
	if !looked(call) {
		return nil, nil
	}
	return echoJSON(asked("Okta"), "verification", call.Header.Get("X-Okta-Verification-Challenge")), nil
}

// validatesSubscription is what Azure Event Grid asks: by one event of a kind of its own.
func validatesSubscription(call Call) (*Answer, error) {
	events, _ := call.Body.([]any)
	if len(events) != 1 || textAt(events[0], "eventType") != "Microsoft.EventGrid.SubscriptionValidationEvent" {
		return nil, nil
	}
	return echoJSON(asked("Azure Event Grid"), "validationResponse", textAt(events[0], "data", "validationCode")), nil
}

// anyOf asks one after the other.
func anyOf(asks ...func(Call) (*Answer, error)) func(Call) (*Answer, error) {
	return func(call Call) (*Answer, error) {
		for _, ask := range asks {
			if answer, err := ask(call); answer != nil || err != nil {
				return answer, err
			}
		}
		return nil, nil
	}
}
