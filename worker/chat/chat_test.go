package chat_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"workflows/worker/chat"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

func TestTheKindIsToldByThePathAndNotByTheHost(t *testing.T) {
	for address, want := range map[string]chat.Kind{
		"https://hooks.slack.com/services/T0/B0/abc":                                                                  chat.Slack,
		"https://hooks.slack.com/triggers/T0/123/abc":                                                                 chat.Slack,
		"https://proxy.example.com/services/T0/B0/abc":                                                                chat.Slack,
		"https://discord.com/api/webhooks/1/abc":                                                                      chat.Discord,
		"https://canary.discord.com/api/webhooks/1/abc?wait=true":                                                     chat.Discord,
		"https://discord.com/api/webhooks/1/abc/slack":                                                                chat.Slack,
		"https://prod-12.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?api-version=1&sig=x": chat.Teams,
		"https://x.0.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/1/triggers/manual/paths/invoke?sig=x": chat.Teams,
		"https://example.webhook.office.com/webhookb2/1@2/IncomingWebhook/3/4":                                                              chat.Teams,
		"https://chat.example.com/hooks/abcdefgh":                                                                                           chat.Mattermost,
		"https://example.com/mattermost/hooks/abcdefgh":                                                                                     chat.Mattermost,
		"https://rocket.example.com/hooks/1/abcdefgh":                                                                                       chat.Other,
		"https://chat.googleapis.com/v1/spaces/AAA/messages?key=k&token=t":                                                                  chat.GoogleChat,
		"https://api.telegram.org/bot12:abc/sendMessage?chat_id=-100":                                                                       chat.Telegram,
		"https://bots.example.com/tg/bot12:abc/sendmessage?chat_id=1":                                                                       chat.Telegram,
		"https://ntfy.sh/topic":          chat.Ntfy,
		"https://ntfy.example.com/topic": chat.Ntfy,
		"https://example.com/tell":       chat.Other,
	} {
		parsed, err := url.Parse(address)
		if err != nil || chat.Guess(parsed) != want {
			t.Errorf("%s is taken for %s, not %s (%v)", address, chat.Guess(parsed), want, err)
		}
	}
}

var toTelegram = url.Values{"chat_id": {"-100123"}}

// said is the text of a message as a kind of chat will read it.
func said(t *testing.T, kind chat.Kind, m chat.Message) (string, chat.Post) {
	t.Helper()
	post, err := chat.Compose(kind, toTelegram, m)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return textOf(t, kind, post), post
}

// textOf is what a chat shows of a post.
func textOf(t *testing.T, kind chat.Kind, post chat.Post) string {
	t.Helper()
	if kind == chat.Ntfy {
		return string(post.Body)
	}
	value, err := document.Value(post.Body)
	if err != nil {
		t.Fatalf("%s: %s", kind, post.Body)
	}
	body := value.(map[string]any)
	switch kind {
	case chat.Discord:
		return body["content"].(string)
	case chat.Teams:
		blocks := body["attachments"].([]any)[0].(map[string]any)["content"].(map[string]any)["body"].([]any)
		return blocks[len(blocks)-1].(map[string]any)["text"].(string)
	}
	return body["text"].(string)
}

func TestEachKindGetsItsTextAndTitle(t *testing.T) {
	m := chat.Message{Title: "Order\n42", Text: " 1 < 2 & \"x\"\r\nsecond\x00 line "}
	for kind, want := range map[chat.Kind]string{
		chat.Slack:      "*Order 42*\n1 &lt; 2 &amp; \"x\"\nsecond line",
		chat.Teams:      "1 < 2 & \"x\"\n\nsecond line",
		chat.Discord:    "**Order 42**\n1 < 2 & \"x\"\nsecond line",
		chat.Mattermost: "**Order 42**\n1 < 2 & \"x\"\nsecond line",
		chat.GoogleChat: "*Order 42*\n1 < 2 & \"x\"\nsecond line",
		chat.Telegram:   "Order 42\n\n1 < 2 & \"x\"\nsecond line",
		chat.Ntfy:       "1 < 2 & \"x\"\nsecond line",
		chat.Other:      "1 < 2 & \"x\"\nsecond line",
	} {
		if got, post := said(t, kind, m); got != want || post.Cut != "" {
			t.Errorf("%s gets %q, not %q (%s)", kind, got, want, post.Cut)
		}
	}
	_, post := said(t, chat.Ntfy, chat.Message{Title: "Größe", Text: "x"})
	if title := post.Header.Get("Title"); title != "=?utf-8?q?Gr=C3=B6=C3=9Fe?=" {
		t.Errorf("ntfy's title is %q", title)
	}
	_, post = said(t, chat.Telegram, m)
	if body := string(post.Body); post.Query != nil || !strings.Contains(body, `"chat_id":"-100123"`) || strings.Contains(body, "parse_mode") {
		t.Errorf("Telegram gets %s beside %v", body, post.Query)
	}
}

func TestATextCallsNobody(t *testing.T) {
	text := "@here x.@all <!channel> <@U012AB3CD> <users/all> @@channel @_@channel, write to anna@example.com"
	for _, kind := range []chat.Kind{chat.Mattermost, chat.GoogleChat, chat.Telegram} {
		got, _ := said(t, kind, chat.Message{Text: text})
		for _, calls := range []string{"@here", "@all", "<!", "<@", "<users/", "@channel"} {
			if strings.Contains(got, calls) {
				t.Errorf("%s gets %q, with %q", kind, got, calls)
			}
		}
		if !strings.HasSuffix(got, "anna@example.com") {
			t.Errorf("%s: the address has changed: %q", kind, got)
		}
	}
	if got, post := said(t, chat.Slack, chat.Message{Text: text}); strings.Contains(got, "<") || !strings.Contains(string(post.Body), `"link_names":false`) {
		t.Errorf("Slack gets %s", post.Body)
	}
	if got, post := said(t, chat.Discord, chat.Message{Text: text}); got != text || !strings.Contains(string(post.Body), `"allowed_mentions":{"parse":[]}`) {
		t.Errorf("Discord gets %s", post.Body)
	}
}

func TestWhoIsMentionedIsCalledAsTheChatWantsIt(t *testing.T) {
	for kind, c := range map[chat.Kind]struct{ mention, want string }{
		chat.Slack:      {"channel U012AB3CD S012AB3CD", "<!channel> <@U012AB3CD> <!subteam^S012AB3CD> a &lt;!here&gt;"},
		chat.Discord:    {"channel 80351110224678912 &41771983423143936", "@everyone <@80351110224678912> <@&41771983423143936> a <\u200b!here>"},
		chat.Mattermost: {"here anna", "@here @anna a <\u200b!here>"},
		chat.GoogleChat: {"here 123456", "<users/all> <users/123456> a <\u200b!here>"},
	} {
		got, post := said(t, kind, chat.Message{Text: "a <!here>", Mention: strings.Fields(c.mention)})
		if got != c.want {
			t.Errorf("%s gets %q, not %q", kind, got, c.want)
		}
		if allowed := `"allowed_mentions":{"parse":["everyone"],"roles":["41771983423143936"],"users":["80351110224678912"]}`; kind == chat.Discord && !strings.Contains(string(post.Body), allowed) {
			t.Errorf("Discord gets %s", post.Body)
		}
	}
	for kind, mention := range map[chat.Kind]string{chat.Slack: "anna", chat.Discord: "@everyone", chat.Mattermost: "x y!", chat.Teams: "channel", chat.Ntfy: "here", chat.Other: "here"} {
		if _, err := chat.Compose(kind, nil, chat.Message{Text: "a", Mention: []string{mention}}); err == nil {
			t.Errorf("%s mentions %q", kind, mention)
		}
	}
}

func TestATextIsCutAtTheLimitOfEachKindAsItCounts(t *testing.T) {
	units := func(text string) int { return len(utf16.Encode([]rune(text))) }
	bytes := func(text string) int { return len(text) }
	runes := func(text string) int { return len([]rune(text)) }
	for kind, c := range map[chat.Kind]struct {
		most  int
		count func(string) int
	}{
		chat.Slack: {40_000, units}, chat.Discord: {2_000, units}, chat.Mattermost: {16_383, runes}, chat.GoogleChat: {4_096, bytes},
		chat.Telegram: {4_096, units}, chat.Ntfy: {4_096, bytes}, chat.Other: {100_000, runes},
	} {
		for _, character := range []string{"a", "ä", "😀", "&"} {
			got, post := said(t, kind, chat.Message{Text: strings.Repeat(character, 200_000), Title: "T"})
			if n := c.count(got); n > c.most || n < c.most-12 || !strings.HasSuffix(got, "…") || !strings.HasSuffix(post.Cut, "the rest was left out.") {
				t.Errorf("%s gets %d of %d of %q (%s)", kind, n, c.most, character, post.Cut)
			}
		}
		whole := strings.Repeat("a", c.most)
		if got, post := said(t, kind, chat.Message{Text: whole}); got != whole || post.Cut != "" {
			t.Errorf("%s cuts what fits: %s", kind, post.Cut)
		}
	}
	for _, character := range []string{"a", "ä", "\"", "😀", "a\n"} {
		_, post := said(t, chat.Teams, chat.Message{Text: strings.Repeat(character, 100_000)})
		if n := len(document.JSON(string(post.Body))); n > 28_000 || post.Cut == "" {
			t.Errorf("Teams gets %d bytes of %q (%s)", n, character, post.Cut)
		}
	}
}

func TestAnswersAreReadAsEachKindMeansThem(t *testing.T) {
	long := strings.Repeat("x", 400)
	for name, c := range map[string]struct {
		kind    chat.Kind
		status  int
		body    string
		code    string
		lasting bool
		says    string
	}{
		"Slack":                  {chat.Slack, 200, "ok", "", false, ""},
		"Slack's flow":           {chat.Slack, 200, `{"ok":true}`, "", false, ""},
		"Slack's flow, no":       {chat.Slack, 200, `{"ok":false,"error":"invalid_webhook_triggers"}`, "chat_refused", true, "invalid_webhook_triggers"},
		"Slack, 200 that is no":  {chat.Slack, 200, "invalid_token", "chat_refused", true, "withdrawn"},
		"Slack, archived":        {chat.Slack, 410, "channel_is_archived", "chat_refused", true, "the channel is archived"},
		"Slack, too many":        {chat.Slack, 429, "rate_limited", "too_many_messages", false, "Try again later"},
		"Slack, a fault":         {chat.Slack, 500, "rollup_error", "chat_refused", false, "Try again later."},
		"a page":                 {chat.Mattermost, 200, "<!doctype html>", "not_a_chat", true, "web page"},
		"a page elsewhere":       {chat.Other, 200, "<html>", "", false, ""},
		"a page with an error":   {chat.Slack, 502, "<html>bad gateway</html>", "chat_refused", false, "(502). Try again later."},
		"Teams":                  {chat.Teams, 202, "", "", false, ""},
		"Teams' connector":       {chat.Teams, 200, "1", "", false, ""},
		"Teams' connector, no":   {chat.Teams, 200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413", "chat_refused", true, "413"},
		"Teams' connector, much": {chat.Teams, 200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429", "chat_refused", false, "429"},
		"Teams, gone":            {chat.Teams, 400, `{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"Could not execute workflow"}}`, "chat_refused", true, "Could not execute workflow"},
		"Discord":                {chat.Discord, 204, "", "", false, ""},
		"Discord, unknown":       {chat.Discord, 404, `{"message":"Unknown Webhook","code":10015}`, "chat_refused", true, "404: Unknown Webhook). Check the address in the secret"},
		"Google":                 {chat.GoogleChat, 200, `{"name":"spaces/A/messages/B"}`, "", false, ""},
		"Google, no":             {chat.GoogleChat, 400, `{"error":{"code":400,"message":"Message cannot be empty.","status":"INVALID_ARGUMENT"}}`, "chat_refused", true, "400: Message cannot be empty)"},
		"Telegram":               {chat.Telegram, 200, `{"ok":true,"result":{}}`, "", false, ""},
		"Telegram, 200 no":       {chat.Telegram, 200, `{"ok":false,"description":"Bad Request: chat not found"}`, "chat_refused", true, "chat not found"},
		"Telegram, not it":       {chat.Telegram, 200, `welcome`, "chat_refused", true, "welcome"},
		"Telegram, moved":        {chat.Telegram, 400, `{"ok":false,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-100987}}`, "chat_refused", true, "-100987"},
		"ntfy":                   {chat.Ntfy, 200, `{"id":"x","event":"message"}`, "", false, ""},
		"ntfy, forbidden":        {chat.Ntfy, 403, `{"code":40301,"http":403,"error":"forbidden"}`, "chat_refused", true, "forbidden"},
		"other, no":              {chat.Other, 200, `{"success":false,"error":"no such room"}`, "chat_refused", true, "no such room"},
		"elsewhere":              {chat.Other, 302, "", "chat_refused", true, "leads to another one"},
		"too large":              {chat.Other, 413, long, "chat_refused", true, "(413). Shorten"},
		"a body that is no text": {chat.Other, 400, "\xff\x00", "chat_refused", true, "(400"},
	} {
		refused := chat.Refused(c.kind, &url.URL{}, c.status, []byte(c.body))
		if refused == nil {
			refused = &workflow.StepError{}
		}
		if refused.Code != c.code || refused.Permanent != c.lasting || !strings.Contains(refused.Message, c.says) || strings.Contains(refused.Message, long) {
			t.Errorf("%s: %s (%v) %q, not %s (%v) with %q", name, refused.Code, refused.Permanent, refused.Message, c.code, c.lasting, c.says)
		}
	}
	for body, want := range map[string]time.Duration{
		`{"message":"You are being rate limited.","retry_after":0.5,"global":false}`: 500 * time.Millisecond,
		`{"ok":false,"parameters":{"retry_after":7}}`:                                7 * time.Second,
		`{"retry_after":1e300}`:  24 * time.Hour,
		`{"retry_after":-1}`:     0,
		`{"retry_after":"soon"}`: 0,
	} {
		if got := chat.Refused(chat.Discord, &url.URL{}, 429, []byte(body)).RetryAfter; got != want {
			t.Errorf("%s asks to wait %s, not %s", body, got, want)
		}
	}
}
