package chat

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// maxSaid is how long the words of a chat are that are shown, in bytes.
const maxSaid = 300

// Refused says for people why a chat did not take a message, by its answer; nil when it
// has taken it, which is all that can be known: Teams takes what it may then fail to
// show. Nothing of the address that was asked is in there. The wait that a header asks for
// is for the caller to add.
func Refused(kind Kind, asked *url.URL, status int, body []byte) *workflow.StepError {
	value, _ := document.Value(body) // nil of what is no JSON
	answer, _ := value.(map[string]any)
	text := strings.TrimSpace(string(body))
	switch {
	case status >= 200 && status <= 299 && kind.took(answer, text):
		return nil
	case status >= 200 && status <= 299 && kind != Other && strings.HasPrefix(text, "<"):
		return &workflow.StepError{Code: "not_a_chat", Permanent: true, Message: "A web page answered, not " + kind.Title() + ". Check the address in the secret."}
	}
	said := reason(kind, asked, answer, text)
	code := fmt.Sprint(status)
	if said != "" {
		code += ": " + said
	}
	failed := &workflow.StepError{Code: "chat_refused", Permanent: lasting(kind, status, text)}
	if status == http.StatusTooManyRequests {
		failed.Code, failed.RetryAfter = "too_many_messages", wait(answer)
	}
	failed.Message = fmt.Sprintf("%s did not take the message (%s). %s", capital(kind.Title()), code, advice(status, answer))
	return failed
}

// took reports whether an answer with a good status says nothing else.
func (k Kind) took(answer map[string]any, text string) bool {
	switch {
	case answer["ok"] == false, answer["success"] == false, k == Telegram && answer["ok"] != true:
		return false
	case k == Slack && answer == nil && slackWords[text] != "":
		return false
	case k == Teams && strings.Contains(text, "delivery failed"): // of connectors, with 200
		return false
	}
	return k == Other || !strings.HasPrefix(text, "<")
}

// slackWords are what Slack answers with, in words.
var slackWords = map[string]string{
	"invalid_payload":                   "it could not read the message",
	"no_text":                           "the text is empty",
	"user_not_found":                    "the person is not there any more",
	"channel_not_found":                 "the channel is not there any more",
	"channel_is_archived":               "the channel is archived",
	"action_prohibited":                 "an administrator of Slack does not allow it",
	"posting_to_general_channel_denied": "an administrator of Slack does not allow messages to this channel",
	"no_service":                        "the address was switched off or deleted",
	"no_service_id":                     "the address is not complete",
	"no_active_hooks":                   "the address was switched off",
	"no_team":                           "there is no such workspace",
	"team_disabled":                     "the workspace was switched off",
	"invalid_token":                     "the address is wrong or was withdrawn",
	"too_many_attachments":              "the message has too many parts",
	"rollup_error":                      "a fault of Slack",
	"message_limit_exceeded":            "the workspace has sent too many messages",
	"invalid_blocks":                    "it could not read the message",
	"msg_too_long":                      "the message is too long",
	"restricted_action":                 "an administrator of Slack does not allow it",
	"org_login_required":                "the workspace is being moved",
}

// reason is what a chat says about a message that it does not take.
func reason(kind Kind, asked *url.URL, answer map[string]any, text string) string {
	said := text
	for _, name := range []string{"description", "message", "error_description", "error"} { // Telegram, Discord and Mattermost, others, ntfy
		value := answer[name]
		if inner, isObject := value.(map[string]any); isObject { // Google, Power Automate
			value = inner["message"]
		}
		if words, isText := value.(string); isText && words != "" {
			said = words
			break
		}
	}
	if words := slackWords[said]; kind == Slack && words != "" {
		return words
	}
	said = strings.Join(strings.FieldsFunc(said, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
	if len(said) > maxSaid || !utf8.ValidString(said) || strings.HasPrefix(said, "<") || strings.HasPrefix(said, "{") {
		return "" // not a part of it: a part of a secret is not recognised
	}
	return strings.TrimSuffix(without(asked, said), ".")
}

// lasting reports whether no further attempt can mend it.
func lasting(kind Kind, status int, text string) bool {
	switch {
	case kind == Teams && status <= 299:
		return !strings.Contains(text, "HTTP error 429") && !strings.Contains(text, "HTTP error 5")
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests:
		return false
	}
	return status < 500
}

func advice(status int, answer map[string]any) string {
	parameters, _ := answer["parameters"].(map[string]any)
	if moved := document.Text(parameters["migrate_to_chat_id"]); moved != "" {
		return "The group has the new number " + moved + ". Put that into the address in the secret."
	}
	switch {
	case status == http.StatusTooManyRequests:
		return "It had too many messages. Try again later, or send fewer."
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return "Try again later."
	case status == http.StatusRequestEntityTooLarge:
		return "Shorten the text."
	case status >= 300 && status <= 399:
		return "The address leads to another one. Store the one at which it ends in the secret."
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusGone:
		return "Check the address in the secret; it may have been withdrawn."
	}
	return "Check the text, and whether “Chat” is the right kind."
}

// wait is how long Discord and Telegram ask to wait, in their answer's own words.
func wait(answer map[string]any) time.Duration {
	parameters, _ := answer["parameters"].(map[string]any)
	for _, value := range []any{answer["retry_after"], parameters["retry_after"]} {
		if number, ok := document.Number(value, false); ok {
			seconds, _ := number.Float64()
			return time.Duration(min(max(seconds, 0), 86_400) * float64(time.Second))
		}
	}
	return 0
}

func capital(title string) string {
	if title == Other.Title() {
		return "The chat"
	}
	return title
}
