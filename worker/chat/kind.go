// Package chat knows how chats take a message: which one an address belongs to, what
// each wants to be sent and how much of it, and what its answers mean. It sends
// nothing itself. What it says of each is what that documents; a test server in
// worker/steps behaves in the same way.
package chat

import (
	"net/url"
	"strings"

	"workflows/worker/pattern"
)

// Kind is a kind of chat, by the word that stands in a definition.
type Kind string

// The kinds of chats. Other is a program that takes {"text": …, "title": …}.
const (
	Auto       Kind = "auto" // told by the address
	Slack      Kind = "slack"
	Teams      Kind = "teams"
	Discord    Kind = "discord"
	Mattermost Kind = "mattermost"
	GoogleChat Kind = "google_chat"
	Telegram   Kind = "telegram"
	Ntfy       Kind = "ntfy"
	Other      Kind = "other"
)

// Title is how people call it.
func (k Kind) Title() string {
	switch k {
	case Slack:
		return "Slack"
	case Teams:
		return "Microsoft Teams"
	case Discord:
		return "Discord"
	case Mattermost:
		return "Mattermost"
	case GoogleChat:
		return "Google Chat"
	case Telegram:
		return "Telegram"
	case Ntfy:
		return "ntfy"
	}
	return "the chat"
}

var (
	slackPath      = pattern.Of(`^/(services|workflows|triggers)/[^/]+/[^/]+/[^/]+`)
	mattermostPath = pattern.Of(`/hooks/[^/]+/?$`)
	telegramPath   = pattern.Of(`(?i)/bot[0-9]+:[^/]+/(test/)?sendMessage/?$`)
	spacesPath     = pattern.Of(`/v1/spaces/[^/]+/messages`)
)

// Guess tells the kind by what all addresses of a kind have in common. That is their
// path: hosts move, and a company may have a proxy before them. Discord takes messages
// of Slack's form at an address that ends in /slack.
func Guess(address *url.URL) Kind {
	path := address.Path
	switch {
	case telegramPath().MatchString(path):
		return Telegram
	case strings.Contains(path, "/api/webhooks/") && strings.HasSuffix(strings.TrimSuffix(path, "/"), "/slack"):
		return Slack
	case strings.Contains(path, "/api/webhooks/"):
		return Discord
	case spacesPath().MatchString(path):
		return GoogleChat
	case strings.Contains(path, "/workflows/") && strings.Contains(path, "/triggers/"), strings.Contains(path, "/webhookb2/"):
		return Teams
	case mattermostPath().MatchString(path):
		return Mattermost
	case slackPath().MatchString(path):
		return Slack
	case strings.Contains(address.Hostname(), "ntfy"):
		return Ntfy
	}
	return Other
}
