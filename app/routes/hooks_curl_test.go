package routes_test

import (
	"html"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models/modelstest"
	"workflows/worker/senders"
)

func TestCallThatIsShownIsBelieved(t *testing.T) {
	for _, program := range []string{"bash", "openssl", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			modelstest.Missing(t, program)
			t.Skip("it takes " + program)
		}
	}
	for _, sender := range senders.All() {
		preset := sender.Name
		s := newSite(t, modelstest.SQLite(t))
		server := httptest.NewServer(s.site)
		t.Cleanup(server.Close)
		secret, trigger := "it's a $ecret", object{"signature": preset, "secret": "SHARED"}
		if sender.Secret == "" {
			trigger = object{"signature": preset}
		}
		switch preset {
		case "meta":
			trigger["verify_secret"] = "SHARED"
		case "hmac":
			trigger["hmac"] = object{"header": "X-Sum", "before": "v1=", "text": `{time}."$` + "`" + `\\.{body}.{url}`, "encoding": "base64", "algorithm": "sha512", "time_header": "X-Time"}
		case "standard_webhooks": // with a byte 0 and a line's end in the key
			secret = "whsec_AAoNIMKg/39hYmNkZWZnaGlqa2xtbm8="
		}
		s.api("POST", "/secrets", object{"name": "SHARED", "value": secret})
		flow, path := s.hooked(trigger)
		page := s.signedIn(auth.Operator).get("/workflows/" + flow + "/webhooks/shop")
		command := commandIn(t, page.body)
		if !strings.Contains(command, host+path) || strings.Contains(page.text(), "export SECRET=") != (sender.Verify != nil) {
			t.Errorf("%s: the page shows %s", preset, page.text())
		}
		// Only the call itself goes elsewhere: some sign the address as it is shown.
		command = strings.Replace(command, "curl -X POST '"+host, "curl -X POST '"+server.URL, 1)
		call := exec.CommandContext(t.Context(), "bash", "-c", command)
		call.Env = append(os.Environ(), "SECRET="+secret, "NO_PROXY=*", "no_proxy=*")
		out, err := call.Output()
		if err != nil || !strings.Contains(string(out), `"run_id":"`) {
			t.Errorf("%s: %s\nanswered %s, %v", preset, command, out, err)
		}
		call = exec.CommandContext(t.Context(), "bash", "-c", command)
		call.Env = append(os.Environ(), "SECRET=another", "NO_PROXY=*", "no_proxy=*")
		if out, _ := call.Output(); sender.Verify != nil && !strings.Contains(string(out), "signature_wrong") {
			t.Errorf("%s: with another secret it answered %s", preset, out)
		}
	}
}

// commandIn is the call that a webhook's page shows.
func commandIn(t *testing.T, page string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `id="webhook-curl"`)
	_, rest, _ = strings.Cut(rest, ">")
	command, _, ended := strings.Cut(rest, "</")
	if !found || !ended {
		t.Fatal("the page shows no call")
	}
	return html.UnescapeString(command)
}
