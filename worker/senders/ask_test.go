package senders_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"workflows/worker/senders"
)

// question is a call that may only ask whether the address is ours.
type question struct {
	sender, method, query, body, header string
	answer                              string // "" is none, "refused" is one
}

func (q question) ask(t *testing.T) string {
	t.Helper()
	s, known := senders.Named(q.sender)
	if !known {
		t.Fatalf("there is no sender %q", q.sender)
	}
	query, err := url.ParseQuery(q.query)
	if err != nil {
		t.Fatal(err)
	}
	call := senders.Call{Method: q.method, Query: query, Header: map[string][]string{}, Content: []byte(q.body), Secrets: []string{"zoom secret"}, Tokens: []string{"meatyhamhock"}}
	if name, value, is := strings.Cut(q.header, ": "); is {
		call.Header.Set(name, value)
	}
	if q.body != "" {
		if err := json.Unmarshal([]byte(q.body), &call.Body); err != nil {
			t.Fatal(err)
		}
	}
	for _, ask := range []func(senders.Call) (*senders.Answer, error){s.Unproven, s.Proven} {
		if ask == nil {
			continue
		}
		answer, err := ask(call)
		switch {
		case errors.As(err, new(*senders.Refusal)):
			return "refused"
		case err != nil:
			t.Fatal(err)
		case answer != nil && answer.JSON != nil:
			return fmt.Sprint(answer.JSON)
		case answer != nil:
			return answer.Text
		}
	}
	return ""
}

func TestWhoAsksWhetherTheAddressIsOursIsAnsweredAsTheyWantIt(t *testing.T) {
	const zoomed = `{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}`
	for _, q := range []question{
		{"meta", "GET", "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock", "", "", "1158201444"},
		{"meta", "GET", "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=another", "", "", "refused"},
		{"meta", "GET", "hub.mode=subscribe&hub.challenge=1158201444", "", "", "refused"},
		{"meta", "POST", "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock", "", "", ""},
		{"token", "GET", "hub.mode=subscribe&hub.challenge=7&hub.verify_token=zoom+secret", "", "", "7"},
		{"token", "GET", "hub.mode=subscribe&hub.challenge=7&hub.verify_token=another", "", "", "refused"},
		{"none", "GET", "hub.mode=subscribe&hub.challenge=7&hub.topic=https%3A%2F%2Fexample.com%2Ffeed", "", "", "7"},
		{"strava", "GET", "hub.verify_token=zoom+secret&hub.challenge=15f7d1a91c1f40f8a748fd134752feb3&hub.mode=subscribe", "", "", "map[hub.challenge:15f7d1a91c1f40f8a748fd134752feb3]"},
		{"strava", "GET", "hub.verify_token=another&hub.challenge=15f7d1a91c1f40f8a748fd134752feb3&hub.mode=subscribe", "", "", "refused"},
		{"microsoft_graph", "POST", "validationToken=Validation%3A+Testing+client%26+1", "", "", "Validation: Testing client& 1"},
		{"none", "POST", "validationToken=abc", "", "", "abc"},
		{"none", "POST", "validationToken=abc", `{"order":7}`, "", ""}, // that is a delivery
		{"dropbox", "GET", "challenge=abc%26d", "", "", "abc&d"},
		{"dropbox", "POST", "challenge=abc", `{"delta":{}}`, "", ""},
		{"none", "GET", "challenge=abc", "", "", "abc"},
		{"slack", "POST", "", `{"token":"x","challenge":"3eZbrw1aB","type":"url_verification"}`, "", "map[challenge:3eZbrw1aB]"},
		{"none", "POST", "", `{"token":"x","challenge":"3eZbrw1aB","type":"url_verification"}`, "", "map[challenge:3eZbrw1aB]"},
		{"monday", "POST", "", `{"challenge":"3eZbrw1aBm2r"}`, "", "map[challenge:3eZbrw1aBm2r]"},
		{"none", "POST", "", `{"challenge":"3eZbrw1aBm2r"}`, "", "map[challenge:3eZbrw1aBm2r]"},
		{"none", "POST", "", `{"challenge":"a duel","order":7}`, "", ""},
		{"none", "POST", "", `{"challenge":7}`, "", ""},
		{"zoom", "POST", "", zoomed, "", "map[encryptedToken:33c87763eeee7760422d82e566d46fe8b5eaca6c3da5abf7923e6e8765c76a26 plainToken:qgg8vlvZRS6UYooatFL8Aw]"},
		{"none", "GET", "", "", "X-Okta-Verification-Challenge: fRCDr0", "map[verification:fRCDr0]"},
		{"none", "POST", "", `[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d38b6"}}]`, "", "map[validationResponse:512d38b6]"},
		{"github", "GET", "challenge=abc", "", "", ""},
		{"trello", "HEAD", "", "", "", ""},
	} {
		if got := q.ask(t); got != q.answer {
			t.Errorf("%s %s ?%s %s: %q, want %q", q.sender, q.method, q.query, q.body, got, q.answer)
		}
	}
}

func TestNothingIsSentBackThatCouldBeMoreThanAText(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 4097), "a\nb", "a\x00b", "\xff", "\x7f", ""} {
		q := question{sender: "none", method: "GET", query: url.Values{"challenge": {text}}.Encode()}
		if got := q.ask(t); got != "" {
			t.Errorf("%.20q is sent back as %.40q", text, got)
		}
	}
}

// What Zoom asks to have signed is signed with the secret that its calls are signed with:
// whoever could have any text signed could sign a call.
func TestNobodyHasACallSignedByAsking(t *testing.T) {
	for _, text := range []string{"v0:1800000000:{}", `{"event":"meeting.started"}`, strings.Repeat("x", 256), "a b", "a\n"} {
		body, _ := json.Marshal(map[string]any{"event": "endpoint.url_validation", "payload": map[string]any{"plainToken": text}})
		q := question{sender: "zoom", method: "POST", body: string(body)}
		if got := q.ask(t); got != "" {
			t.Errorf("%q is signed: %s", text, got)
		}
	}
}
