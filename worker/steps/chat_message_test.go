package steps

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"workflows/worker/workflow"
)

// chats is a server that takes messages at the paths of all kinds as these document it,
// and keeps what it has shown to people.
type chats struct{ shown []string }

func (c *chats) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	var body map[string]any
	isJSON := json.Unmarshal(data, &body) == nil && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	answer := func(status int, text string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
	text, _ := body["text"].(string)
	switch path := r.URL.Path; {
	case r.Method != http.MethodPost:
		answer(405, "")
	case strings.HasPrefix(path, "/services/") && !isJSON:
		answer(400, "invalid_payload")
	case strings.HasPrefix(path, "/services/"):
		c.shown = append(c.shown, text)
		answer(200, "ok")
	case strings.HasPrefix(path, "/powerautomate/"): // it answers first, and then goes through the attachments
		if cards, _ := body["attachments"].([]any); len(cards) > 0 && r.Host != "" && r.URL.Query().Get("sig") == "s" {
			c.shown = append(c.shown, string(data))
		}
		answer(202, "")
	case strings.HasPrefix(path, "/api/webhooks/"):
		content, _ := body["content"].(string)
		if content == "" || len([]rune(content)) > 2000 {
			answer(400, `{"message":"Invalid Form Body","code":50035}`)
			return
		}
		c.shown = append(c.shown, content)
		answer(204, "")
	case strings.HasPrefix(path, "/hooks/"):
		if !isJSON && !strings.HasPrefix(string(data), "payload=") {
			answer(400, `{"id":"web.incoming_webhook.parse.app_error","message":"Unable to parse incoming data.","status_code":400}`)
			return
		}
		c.shown = append(c.shown, text)
		answer(200, "ok")
	case strings.HasPrefix(path, "/v1/spaces/") && len(text) > 4096:
		answer(400, `{"error":{"code":400,"message":"Message is longer than 4096 characters","status":"INVALID_ARGUMENT"}}`)
	case strings.HasPrefix(path, "/v1/spaces/"):
		c.shown = append(c.shown, text)
		answer(200, `{"name":"spaces/A/messages/B"}`)
	case strings.HasPrefix(path, "/bot"):
		if body["chat_id"] != "7" {
			answer(400, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`)
			return
		}
		c.shown = append(c.shown, text)
		answer(200, `{"ok":true,"result":{"message_id":1}}`)
	case path == "/ntfy/topic":
		user, password, _ := r.BasicAuth()
		if user != "anna" || password != "pass" {
			answer(403, `{"code":40301,"http":403,"error":"forbidden"}`)
			return
		}
		shown := r.Header.Get("Title") + "|" + string(data)
		if len(data) > 4096 {
			shown = "attachment.txt"
		}
		c.shown = append(c.shown, shown)
		answer(200, `{"id":"x","event":"message"}`)
	case path == "/busy/api/webhooks/1/x":
		w.Header().Set("Retry-After", "1")
		answer(429, `{"message":"You are being rate limited.","retry_after":2.5,"global":false}`)
	case path == "/busy":
		w.Header().Set("Retry-After", "30")
		answer(503, "")
	case path == "/moved":
		http.Redirect(w, r, "/services/T/B/x", http.StatusFound)
	default:
		c.shown = append(c.shown, string(data))
		answer(200, "thanks")
	}
}

func TestAMessageIsTakenByEachKindOfChat(t *testing.T) {
	c := &chats{}
	base := server(t, c.ServeHTTP)
	for _, chat := range []struct{ kind, path, takenBy, shown string }{
		{"auto", "/services/T/B/x", "slack", "*Order 42*\n1 &lt; 2"},
		{"auto", "/powerautomate/automations/direct/workflows/1/triggers/manual/paths/invoke?sig=s", "teams", `"text":"1 < 2"`},
		{"auto", "/api/webhooks/1/x", "discord", "**Order 42**\n1 < 2"},
		{"auto", "/hooks/x", "mattermost", "**Order 42**\n1 < 2"},
		{"auto", "/v1/spaces/A/messages?key=k&token=t", "google_chat", "*Order 42*\n1 < 2"},
		{"auto", "/bot1:x/sendMessage?chat_id=7", "telegram", "Order 42\n\n1 < 2"},
		{"ntfy", "/ntfy/topic", "ntfy", "Order 42|1 < 2"},
		{"auto", "/tell", "other", `{"text":"1 < 2","title":"Order 42"}`},
		{"slack", "/proxy", "slack", `{"link_names":false,"text":"*Order 42*\n1 &lt; 2"}`},
	} {
		address := base + chat.path
		if chat.kind == "ntfy" {
			address = strings.Replace(address, "http://", "http://anna:pass@", 1)
		}
		outcome, err := execute(t, loopback(), "chat_message", map[string]any{"kind": chat.kind, "webhook_secret": address + "\n", "title": "Order 42", "text": "1 < 2"})
		if err != nil {
			t.Errorf("%s: %v", chat.path, err)
			continue
		}
		output := outcome.Output.(map[string]any)
		if output["taken_by"] != chat.takenBy || output["cut"] != false || output["status"].(json.Number)[0] != '2' {
			t.Errorf("%s: %v", chat.path, output)
		}
		if len(c.shown) == 0 || !strings.Contains(c.shown[len(c.shown)-1], chat.shown) {
			t.Errorf("%s: people see %q", chat.path, c.shown)
		}
	}
	for _, path := range []string{"/services/T/B/x", "/api/webhooks/1/x", "/v1/spaces/A/messages", "/bot1:x/sendMessage?chat_id=7", "/hooks/x"} {
		outcome, err := execute(t, loopback(), "chat_message", map[string]any{"webhook_secret": base + path, "text": strings.Repeat("ä😀", 60_000)})
		if err != nil {
			t.Errorf("%s: a long text: %v", path, err)
		} else if output := outcome.Output.(map[string]any); output["cut"] != true || !strings.Contains(output["note"].(string), "longer than") {
			t.Errorf("%s: a long text: %v", path, output)
		}
	}
}

func TestAChatThatTakesNothingFailsTheStepInWords(t *testing.T) {
	c := &chats{}
	base := server(t, c.ServeHTTP)
	for name, x := range map[string]struct {
		address, text, code string
		lasting             bool
		wait                time.Duration
	}{
		"asked to wait":        {base + "/busy/api/webhooks/1/x", "a", "too_many_messages", false, 2500 * time.Millisecond},
		"asked by a header":    {base + "/busy", "a", "chat_refused", false, 30 * time.Second},
		"no chat":              {base + "/bot1:x/sendMessage?chat_id=8", "a", "chat_refused", true, 0},
		"no number of a chat":  {base + "/bot1:x/sendMessage", "a", "invalid_config", true, 0},
		"leads elsewhere":      {base + "/moved", "a", "chat_refused", true, 0},
		"nothing to tell":      {base + "/tell", " \n\x00", "missing_value", true, 0},
		"no address":           {"T0KEN/very-secret", "a", "invalid_config", true, 0},
		"no web address":       {"ftp://example.com/very-secret", "a", "invalid_url", true, 0},
		"nobody there":         {"http://127.0.0.1:1/very-secret", "a", "connection_refused", false, 0},
		"a network of our own": {"http://10.0.0.1/very-secret", "a", "blocked_address", true, 0},
		"no such host":         {"http://very-secret.invalid/x", "a", "host_not_found", false, 0},
	} {
		_, err := execute(t, loopback(), "chat_message", map[string]any{"webhook_secret": x.address, "text": x.text})
		failed := assertFails(t, err, x.code, x.lasting)
		if failed.RetryAfter != x.wait || failed.Output != nil || strings.Contains(failed.Message, "very-secret") || strings.Contains(failed.Message, "127.0.0.1") {
			t.Errorf("%s: %+v", name, failed)
		}
	}
	if len(c.shown) > 0 {
		t.Errorf("people see %q", c.shown)
	}
}

func TestTryingAMessageShowsItAndSendsNothing(t *testing.T) {
	types := All(loopback())
	for kind, want := range map[string]string{"auto": "[secret CHAT]", "teams": "AdaptiveCard", "telegram": "(as the address says)", "ntfy": "Title: Order 42"} {
		part, err := types["chat_message"].Try(workflow.Call{Config: map[string]any{"kind": kind, "webhook_secret": "[secret CHAT]", "title": "Order 42", "text": "1 < 2"}})
		if err != nil || !strings.Contains(part.Text, want) || !strings.Contains(part.Text, "1 < 2") {
			t.Errorf("%s: %q %v", kind, part.Text, err)
		}
	}
}

func TestAChatMessageIsChecked(t *testing.T) {
	for path, c := range map[string]struct {
		config map[string]any
		code   string
	}{
		"webhook_secret": {map[string]any{"text": "a"}, "required"},
		"text":           {map[string]any{"webhook_secret": "CHAT"}, "required"},
		"mention":        {map[string]any{"webhook_secret": "CHAT", "text": "a", "kind": "teams", "mention": "channel"}, "not_applicable"},
		"kind":           {map[string]any{"webhook_secret": "CHAT", "text": "a", "kind": "irc"}, "invalid_value"},
	} {
		if problems := problemsOf(Options{}, "chat_message", c.config); !hasProblem(problems, path, c.code) {
			t.Errorf("%s: %+v", path, problems)
		}
	}
	if problems := problemsOf(Options{}, "chat_message", map[string]any{"webhook_secret": "CHAT", "text": "{{ input.x }}", "mention": "{{ input.x }}"}); len(problems) > 0 {
		t.Errorf("got %+v", problems)
	}
	if problems := problemsOf(Options{}, "chat_message", map[string]any{"webhook_secret": "{{ secrets.CHAT }}", "text": "a"}); !hasProblem(problems, "webhook_secret", "reference_not_allowed") {
		t.Errorf("got %+v", problems)
	}
}

// A part of a secret is not recognised where the secret as a whole is taken out.
func TestAChatsWordsHoldNothingOfItsAddress(t *testing.T) {
	for _, said := range []string{
		`{"message":"Route POST:/hooks/T0pS3cretToken?key=An0therSecret not found","error":"Not Found","statusCode":404}`,
		`No handler for /hooks/T0pS3cretToken`, `{"message":"unknown key An0therSecret"}`, `{"error":"t0ps3crettoken"}`,
		`{"message":"anna may not; Pa55w0rd+9 is wrong"}`, `{"message":"Pa55w0rd%2B9"}`,
	} {
		base := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			_, _ = io.WriteString(w, said)
		})
		address := strings.Replace(base, "http://", "http://anna:Pa55w0rd%2B9@", 1) + "/hooks/T0pS3cretToken?key=An0therSecret"
		_, err := execute(t, loopback(), "chat_message", map[string]any{"kind": "other", "webhook_secret": address, "text": "hello"})
		if err == nil {
			t.Fatalf("%s was taken", said)
		}
		for _, part := range []string{"s3cret", "an0ther", "pa55"} {
			if strings.Contains(strings.ToLower(err.Error()), part) {
				t.Errorf("the message is %q", err)
			}
		}
	}
}
