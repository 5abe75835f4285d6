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
)

func TestCallThatIsShownIsBelieved(t *testing.T) {
	for _, program := range []string{"bash", "openssl", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			modelstest.Missing(t, program)
			t.Skip("it takes " + program)
		}
	}
	for _, preset := range []string{"none", "token", "standard_webhooks", "github", "stripe", "slack"} {
		s := newSite(t, modelstest.SQLite(t))
		server := httptest.NewServer(s.site)
		t.Cleanup(server.Close)
		secret, trigger := "it's a $ecret", object{"signature": preset, "secret": "SHARED"}
		switch preset {
		case "none":
			trigger = object{}
		case "standard_webhooks": // with a byte 0 and a line's end in the key
			secret = "whsec_AAoNIMKg/39hYmNkZWZnaGlqa2xtbm8="
		}
		s.api("POST", "/secrets", object{"name": "SHARED", "value": secret})
		flow, path := s.hooked(trigger)
		page := s.signedIn(auth.Operator).get("/workflows/" + flow + "/webhooks/shop")
		command := commandIn(t, page.body)
		if !strings.Contains(command, host+path) || strings.Contains(page.text(), "export SECRET=") != (preset != "none") {
			t.Errorf("%s: the page shows %s", preset, page.text())
		}
		call := exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(command, host, server.URL))
		call.Env = append(os.Environ(), "SECRET="+secret, "NO_PROXY=*", "no_proxy=*")
		out, err := call.Output()
		if err != nil || !strings.Contains(string(out), `"run_id":"`) {
			t.Errorf("%s: %s\nanswered %s, %v", preset, command, out, err)
		}
		call = exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(command, host, server.URL))
		call.Env = append(os.Environ(), "SECRET=another", "NO_PROXY=*", "no_proxy=*")
		if out, _ := call.Output(); preset != "none" && !strings.Contains(string(out), "signature_wrong") {
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
