package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

const (
	hubSecret      = "It's a Secret to Everybody"
	standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

func github(secret string) func(string) []string {
	return func(body string) []string {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(body))
		return []string{"Content-Type", "application/json", "X-Hub-Signature-256", "sha256=" + hex.EncodeToString(mac.Sum(nil))}
	}
}

// standard signs as Standard Webhooks does, as if it were that much later.
func standard(secret string, later time.Duration) func(string) []string {
	return func(body string) []string {
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		at := fmt.Sprint(time.Now().Add(later).Unix())
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "msg_1.%s.%s", at, body)
		return []string{
			"Content-Type", "application/json", "webhook-id", "msg_1", "webhook-timestamp", at,
			"webhook-signature", "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		}
	}
}

func badDeliveries() []badInput {
	json := []string{"Content-Type", "application/json"}
	call := func(name, path, body string, status int, says ...string) badInput {
		return badInput{name: name, as: "nobody", path: path, body: body, headers: json, status: status, says: says}
	}
	signed := func(name, path string, sign func(string) []string, says string) badInput {
		return badInput{name: name, as: "nobody", path: path, body: "{}", sign: sign, status: 401, says: []string{says}}
	}
	return []badInput{
		call("unknown token", "/hooks/nothing-like-this", "{}", 404),
		call("paused", "{paused.address}", "{}", 409, "paused"),
		call("signature missing", "{github.address}", "{}", 401, "signature_missing"),
		signed("signature of another secret", "{github.address}", github("another"), "signature_wrong"),
		{name: "signature of nonsense", as: "nobody", path: "{github.address}", body: "{}", headers: []string{"Content-Type", "application/json", "X-Hub-Signature-256", "sha256=zz"}, status: 401, says: []string{"signature_wrong"}},
		signed("of another content", "{github.address}", func(string) []string { return github(hubSecret)("other") }, "signature_wrong"),
		signed("stale", "{standard.address}", standard(standardSecret, -time.Hour), "signature_stale"),
		signed("future", "{standard.address}", standard(standardSecret, time.Hour), "signature_stale"),
		signed("standard, of another secret", "{standard.address}", standard("whsec_"+base64.StdEncoding.EncodeToString([]byte("another secret of some length")), 0), "signature_wrong"),
		call("over 1 MB", "{hook.address}", `"`+strings.Repeat("x", 1<<20)+`"`, 413),
		call("flood", "{rated.address}", "{}", 429),
		call("broken JSON", "{hook.address}", `{"a":`, 400),
		call("U+0000", "{hook.address}", `{"a":"\u0000"}`, 422),
		{name: "wrong method", as: "nobody", method: "PUT", path: "{hook.address}", status: 405},
	}
}

func badForms() []badInput {
	htmx := []string{"HX-Request", "true"}
	return []badInput{
		{name: "no session", as: "nobody", method: "GET", path: "/runs", status: 303, says: []string{"/login?next="}},
		{name: "no session, a fragment", as: "nobody", method: "GET", path: "/live/runs", headers: htmx, status: 401, says: []string{"Hx-Redirect"}},
		{name: "no session, a form", as: "nobody", path: "/workflows", body: "name=A", status: 303, says: []string{"/login"}},
		{name: "open redirect", as: "nobody", method: "GET", path: "/login?next=https://evil.example/", status: 200},
		{name: "cross-site", as: "editor", path: "/workflows", body: "name=A", headers: []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, status: 403},
		{name: "cross-site, by an older browser", as: "editor", path: "/workflows", body: "name=A", headers: []string{"Origin", "https://evil.example"}, status: 403},
		{name: "over 256 kB", as: "editor", path: "/workflows", body: "name=" + strings.Repeat("x", 257<<10), status: 413},
		{name: "not a form", as: "editor", path: "/workflows", body: `{"name":"A"}`, headers: []string{"Content-Type", "application/json"}, status: 415},
		{name: "files", as: "editor", path: "/workflows", body: "--x", headers: []string{"Content-Type", "multipart/form-data; boundary=x"}, status: 415},
		{name: "U+0000", as: "editor", path: "/workflows", body: "name=a%00b", status: 422},
		{name: "not UTF-8", as: "editor", path: "/workflows", body: "name=%ff", status: 422},
		{name: "no name; what was typed is kept", as: "editor", path: "/workflows/{flow}/edit/details", body: "revision=1&name=&description=kept+text", status: 422, says: []string{"kept text"}},
		{name: "back and sent again: another revision", as: "editor", path: "/workflows/{flow}/edit/details", body: "revision=99&name=mine+alone", status: 409, says: []string{"mine alone"}},
		{name: "viewer on an edit page", as: "viewer", method: "GET", path: "/workflows/{flow}/edit", status: 403},
		{name: "viewer sends a form", as: "viewer", path: "/workflows", body: "name=A", status: 403},
		{name: "viewer makes himself an administrator", as: "viewer", path: "/settings/people", body: "email=x@example.com&role=administrator", status: 403},
		{name: "mass assignment", as: "viewer", path: "/settings/profile", body: "name=Otto&email=viewer%40example.com&time_zone=UTC&role=administrator", status: 303},
		{name: "viewer is still one", as: "viewer", method: "GET", path: "/settings/people", status: 403},
		{name: "percent in a search", as: "editor", method: "GET", path: "/workflows?q=%25", status: 200, says: []string{"No workflow"}},
		{name: "underscore in a search", as: "editor", method: "GET", path: "/workflows?q=_", status: 200, says: []string{"No workflow"}},
		{name: "script in a search", as: "editor", method: "GET", path: "/workflows?q=%3Cscript%3E", status: 200, says: []string{"&lt;script&gt;"}},
		{name: "wrong input", as: "editor", path: "/workflows/{flow}/run", body: "form=1&input.n=many", status: 422, says: []string{`value="many"`}},
		{name: "unknown invitation", as: "nobody", method: "GET", path: "/invitations/nothing", status: 404},
		{name: "unknown approval", as: "nobody", method: "GET", path: "/approvals/nothing", status: 404},
		{name: "unknown form", as: "nobody", method: "GET", path: "/forms/nothing", status: 404},
		{name: "wrong password", as: "nobody", path: "/login", body: "email=anna%40example.com&password=wrong+one+here", status: 422, says: []string{"anna@example.com"}},
	}
}
