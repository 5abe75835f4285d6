package chat_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"workflows/worker/chat"
	"workflows/worker/document"
)

// callingByID and callingByName are what these chats read as a call, wherever it stands:
// the latter but in a word, as an address is one.
var (
	callingByID   = regexp.MustCompile(`<(!|@|users/)`)
	callingByName = regexp.MustCompile(`@[\pL\pN_]`)
)

func callsSomebody(text string) bool {
	for _, at := range callingByName.FindAllStringIndex(text, -1) {
		if before, _ := utf8.DecodeLastRuneInString(text[:at[0]]); at[0] == 0 || !unicode.In(before, unicode.L, unicode.N) {
			return true
		}
	}
	return callingByID.MatchString(text)
}

func units(text string) (n int) { // as JavaScript counts
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

func FuzzATextStaysAText(f *testing.F) {
	f.Add("Order", "1 < 2 & <!channel> @here", 200)
	f.Add("", "@@all\r\n@anna", 5000)
	f.Add("😀\x00", "é\xff", 1)
	f.Fuzz(func(t *testing.T, title, part string, times int) {
		for _, kind := range []chat.Kind{chat.Slack, chat.Teams, chat.Discord, chat.Mattermost, chat.GoogleChat, chat.Telegram, chat.Ntfy, chat.Other} {
			most := 4_200 // bytes, just over what most take
			switch kind {
			case chat.Discord:
				most = 2_100
			case chat.Slack, chat.Mattermost, chat.Other: // which take far more
				most = 600
			}
			text := strings.Repeat(part, min(max(times, 1), most/max(len(part), 1)+1))
			post, err := chat.Compose(kind, toTelegram, chat.Message{Title: title, Text: text})
			if err != nil {
				continue // nothing is left to tell
			}
			if kind == chat.Ntfy {
				if header := post.Header.Get("Title"); len(post.Body) > 4096 || strings.ContainsAny(header, "\r\n") {
					t.Errorf("ntfy gets %d bytes below %q", len(post.Body), header)
				}
				continue
			}
			got := textOf(t, kind, post)
			switch {
			case kind == chat.Slack && (units(got) > 40_000 || strings.ContainsAny(got, "<>")),
				kind == chat.Discord && units(got) > 2000,
				kind == chat.Mattermost && (utf8.RuneCountInString(got) > 16_383 || callsSomebody(got)),
				kind == chat.GoogleChat && (len(got) > 4096 || callsSomebody(got)),
				kind == chat.Telegram && (units(got) > 4096 || callsSomebody(got)),
				kind == chat.Teams && len(document.JSON(string(post.Body))) > 28_000:
				t.Errorf("%s gets %d characters: %.300q", kind, units(got), got)
			}
		}
	})
}

func FuzzAnswersAreRead(f *testing.F) {
	f.Add("slack", 400, []byte("invalid_payload"))
	f.Add("telegram", 429, []byte(`{"ok":false,"parameters":{"retry_after":3}}`))
	f.Fuzz(func(t *testing.T, kind string, status int, body []byte) {
		refused := chat.Refused(chat.Kind(kind), &url.URL{Path: "/hooks/abcd"}, status, body)
		if refused != nil && (!utf8.ValidString(refused.Message) || len(refused.Message) > 1000 || !strings.HasSuffix(refused.Message, ".") || refused.RetryAfter < 0) {
			t.Errorf("%+v", refused)
		}
	})
}
