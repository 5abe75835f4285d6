package routes_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"workflows/models/modelstest"
)

// ask calls a webhook's address by any method, without a content unless there is one.
func (s *site) ask(method, address, body string, headers ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest(method, address, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.send(r)
}

// startsNothing checks that the newest delivery has only asked, and returns it.
func (s *site) startsNothing(flow string) object {
	s.t.Helper()
	if runs := s.api("GET", "/runs?workflow_id="+flow, nil).decoded(s.t)["data"].([]any); len(runs) != 0 {
		s.t.Errorf("asking has started %d runs", len(runs))
	}
	newest := s.deliveries("?limit=1")[0].(object)
	if newest["outcome"] != "checked" || newest["status"] != 200.0 || newest["replayable"] != false || newest["run_id"] != nil {
		s.t.Errorf("it is kept as %v", newest)
	}
	return newest
}

// slacked are the headers by which Slack and Zoom sign.
func (s *site) slacked(sender, secret, body string) []string {
	stamp := fmt.Sprint(s.now.read().Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	signature := "v0=" + hex.EncodeToString(mac.Sum(nil))
	if sender == "zoom" {
		return []string{"Content-Type", "application/json", "x-zm-request-timestamp", stamp, "x-zm-signature", signature}
	}
	return []string{"Content-Type", "application/json", "X-Slack-Request-Timestamp", stamp, "X-Slack-Signature", signature}
}

// huginn#2931, #3021, activepieces#1120, #7556: senders that ask first could not be
// connected.
func TestSendersWhoAskFirstAreAnsweredWithoutARun(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "SHARED", "value": "shared secret"})
		s.api("POST", "/secrets", object{"name": "VERIFY", "value": "verify canary"})
		const zoomed, verified = `{"event":"endpoint.url_validation","payload":{"plainToken":"abc123"}}`, `{"type":"url_verification","challenge":"3eZbrw1aB"}`
		mac := hmac.New(sha256.New, []byte("shared secret"))
		mac.Write([]byte("abc123"))
		for _, c := range []struct {
			trigger              object
			method, query, body  string
			headers              []string
			kind, answer, seenAs string
		}{
			{object{}, "HEAD", "", "", nil, "text/plain", "", "Somebody has looked"},
			{object{}, "GET", "", "", nil, "text/plain", "This is the address of a webhook. Programs send to it by POST.\n", "Somebody has looked"},
			{object{"signature": "trello", "secret": "SHARED"}, "HEAD", "", "", nil, "text/plain", "", "Somebody has looked"},
			{object{"signature": "dropbox", "secret": "SHARED"}, "GET", "?challenge=%3Cb%3Ehi%3C/b%3E", "", nil, "text/plain", "<b>hi</b>", "Dropbox has asked"},
			{object{"signature": "microsoft_graph", "secret": "SHARED"}, "POST", "?validationToken=Validation%3A+Testing", "", []string{"Content-Type", "text/plain; charset=utf-8"}, "text/plain", "Validation: Testing", "Microsoft Graph has asked"},
			{object{"signature": "meta", "secret": "SHARED", "verify_secret": "VERIFY"}, "GET", "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify+canary", "", nil, "text/plain", "1158201444", "Meta has asked"},
			{object{"signature": "strava", "secret": "SHARED"}, "GET", "?hub.mode=subscribe&hub.challenge=15f7&hub.verify_token=shared+secret", "", nil, "application/json", `{"hub.challenge":"15f7"}` + "\n", "Strava has asked"},
			{object{"signature": "slack", "secret": "SHARED"}, "POST", "", verified, s.slacked("slack", "shared secret", verified), "application/json", `{"challenge":"3eZbrw1aB"}` + "\n", "Slack has asked"},
			{object{"signature": "monday"}, "POST", "", `{"challenge":"3eZbrw1aB"}`, []string{"Content-Type", "application/json"}, "application/json", `{"challenge":"3eZbrw1aB"}` + "\n", "monday.com has asked"},
			{object{"signature": "zoom", "secret": "SHARED"}, "POST", "", zoomed, s.slacked("zoom", "shared secret", zoomed), "application/json", `{"encryptedToken":"` + hex.EncodeToString(mac.Sum(nil)) + `","plainToken":"abc123"}` + "\n", "Zoom has asked"},
		} {
			flow, path := s.hooked(c.trigger)
			for _, state := range []string{"active", "paused"} {
				if state == "paused" {
					s.api("POST", "/workflows/"+flow+"/pause", nil)
				}
				a := s.ask(c.method, path+c.query, c.body, c.headers...)
				if c.method == "HEAD" {
					a.body = "" // a server sends none
				}
				if a.StatusCode != 200 || a.body != c.answer || !strings.HasPrefix(a.Header.Get("Content-Type"), c.kind) || a.Header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%v, %s %s, %s: %d %v %q", c.trigger, c.method, c.query, state, a.StatusCode, a.Header, a.body)
					continue
				}
				if newest := s.startsNothing(flow); !strings.HasPrefix(newest["reason"].(string), c.seenAs) {
					t.Errorf("%v: it is kept as %v", c.trigger, newest)
				}
			}
		}
		for table, rows := range modelstest.Everything(t, s.db) {
			if strings.Contains(rows, "verify canary") || strings.Contains(rows, "verify+canary") {
				t.Errorf("the verify token stands in the table %s", table)
			}
		}
	})
}

func TestWhoAsksWithoutTheRightTokenOrSignatureIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.api("POST", "/secrets", object{"name": "SHARED", "value": "shared secret"})
		s.api("POST", "/secrets", object{"name": "VERIFY", "value": "verify canary"})
		const zoomed, verified = `{"event":"endpoint.url_validation","payload":{"plainToken":"abc123"}}`, `{"type":"url_verification","challenge":"3eZbrw1aB"}`
		for _, c := range []struct {
			trigger             object
			method, query, body string
			headers             []string
		}{
			{object{"signature": "meta", "secret": "SHARED", "verify_secret": "VERIFY"}, "GET", "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=shared+secret", "", nil},
			{object{"signature": "strava", "secret": "SHARED"}, "GET", "?hub.mode=subscribe&hub.challenge=1158201444", "", nil},
			{object{"signature": "slack", "secret": "SHARED"}, "POST", "", verified, s.slacked("slack", "another", verified)},
			{object{"signature": "zoom", "secret": "SHARED"}, "POST", "", zoomed, s.slacked("zoom", "another", zoomed)},
			{object{"signature": "zoom", "secret": "SHARED"}, "POST", "", zoomed, nil},
		} {
			flow, path := s.hooked(c.trigger)
			for _, paused := range []bool{false, true} {
				if paused {
					s.api("POST", "/workflows/"+flow+"/pause", nil)
				}
				a := s.ask(c.method, path+c.query, c.body, c.headers...)
				if a.StatusCode != 401 && !(paused && a.StatusCode == 409) || strings.Contains(a.body, "1158201444") || strings.Contains(a.body, "3eZbrw1aB") || strings.Contains(a.body, "abc123") {
					t.Errorf("%v, paused %v: %d %s", c.trigger, paused, a.StatusCode, a.body)
				}
			}
		}
		if a := s.ask("GET", "/hooks/unknown?challenge=x", ""); a.StatusCode != 404 {
			t.Errorf("at no address it answered %d %s", a.StatusCode, a.body)
		}
	})
}

func TestAFloodOfQuestionsIsBoundedAndTakesNothingFromDeliveries(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{"rate_per_minute": 3})
		seen := map[int]int{}
		for range 150 {
			seen[s.ask("GET", path, "").StatusCode]++
		}
		if seen[200] < 30 || seen[429] < 50 || len(seen) != 2 {
			t.Errorf("150 questions were answered %v", seen)
		}
		if a := s.deliver(path, `{}`); a.StatusCode != 202 {
			t.Errorf("a delivery beside them answered %d %s", a.StatusCode, a.body)
		}
		if kept := s.deliveries("?outcome=checked&limit=100"); len(kept) > 75 || len(kept) == 0 {
			t.Errorf("%d of them are kept", len(kept))
		}
	})
}
