package chat

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// shortestPart is from how many characters on a part of an address is looked for.
const shortestPart = 4

// known are parts of addresses that are no secret: all addresses of a kind have them.
var known = []string{
	"hooks", "services", "workflows", "triggers", "webhooks", "slack", "sendmessage", "spaces", "messages", "manual", "paths", "invoke",
	"webhookb2", "incomingwebhook", "powerautomate", "automations", "direct", "test",
}

// without has what a chat says hold nothing of the address that was asked, which is a
// secret: a server that has no such address repeats it, or a part of it, by which the
// secret is not recognised.
func without(address *url.URL, said string) string {
	var parts []string
	add := func(texts ...string) {
		for _, text := range texts {
			if len(text) >= shortestPart && !slices.Contains(known, strings.ToLower(text)) {
				parts = append(parts, regexp.QuoteMeta(text))
			}
		}
	}
	for _, path := range []string{address.Path, address.EscapedPath()} {
		for segment := range strings.SplitSeq(path, "/") {
			add(segment)
			add(strings.Split(strings.TrimPrefix(segment, "bot"), ":")...)
		}
	}
	for name, values := range address.Query() {
		for _, value := range values {
			if value == "" {
				value = name
			}
			add(value, url.QueryEscape(value), url.PathEscape(value))
		}
	}
	if user := address.User; user != nil {
		secret, given := user.Password()
		if !given {
			secret = user.Username()
		}
		add(secret, url.QueryEscape(secret), url.PathEscape(secret))
	}
	if len(parts) == 0 {
		return said
	}
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) }) // a part of another one comes after it
	return regexp.MustCompile("(?i)"+strings.Join(parts, "|")).ReplaceAllLiteralString(said, "***")
}
