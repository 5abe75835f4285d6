package steps

import (
	"net/http"
	"strings"
	"testing"

	"workflows/worker/content/samples"
	"workflows/worker/document"
)

// The webhooks are held to the same table (app/routes).
func TestAnswersAreReadAsWebhooksReadWhatIsSent(t *testing.T) {
	for name, c := range samples.Sent() {
		url := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{c.Label}
			w.Write([]byte(c.Body))
		})
		outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": url})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := string(document.JSON(outcome.Output.(map[string]any)["body"])); got != c.Value {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAnswersAreReadAsTheStepSays(t *testing.T) {
	status, body := 200, "a;b\n1;2"
	url := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(status)
		w.Write([]byte(body))
	})
	outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": url, "read_as": "csv"})
	if got := string(document.JSON(outcome.Output.(map[string]any)["body"])); err != nil || got != `[{"a":"1","b":"2"}]` {
		t.Errorf("%s %v", got, err)
	}
	_, err = execute(t, loopback(), "http_request", map[string]any{"url": url, "read_as": "xml"})
	failed := assertFails(t, err, "unreadable_answer", true)
	if failed.Output.(map[string]any)["body"] != body || !strings.Contains(failed.Message, "XML") {
		t.Errorf("%+v", failed)
	}
	status = 503
	_, err = execute(t, loopback(), "http_request", map[string]any{"url": url, "read_as": "xml"})
	assertFails(t, err, "unexpected_status", false)
	if !hasProblem(problemsOf(loopback(), "http_request", map[string]any{"url": "https://example.com", "read_as": "yaml"}), "read_as", "invalid_value") {
		t.Error("another kind passed")
	}
}
