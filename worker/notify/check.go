package notify

import (
	"fmt"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/entry"
	"workflows/worker/moment"
)

// Check says what is wrong with the list, at paths from the list on: "[0].quiet".
func Check(rules []Rule) []document.Problem {
	if len(rules) > MaxRules {
		return []document.Problem{{Code: "too_many", Message: fmt.Sprintf("There are at most %d entries here. Put people who are told of the same into one.", MaxRules)}}
	}
	var problems []document.Problem
	for i, rule := range rules {
		for _, problem := range rule.check() {
			problem.Path = document.Item("", i) + "." + problem.Path
			problems = append(problems, problem)
		}
	}
	return problems
}

func (r Rule) check() []document.Problem {
	var problems []document.Problem
	add := func(path, code, message string) {
		problems = append(problems, document.Problem{Path: path, Code: code, Message: message})
	}
	if len(r.On) == 0 {
		add("on", "required", "Say of what they are told: "+strings.Join(Events(), ", ")+".")
	}
	for i, event := range r.On {
		switch at := document.Item("on", i); {
		case !slices.Contains(Events(), event):
			problems = append(problems, document.Problem{Path: at, Code: "invalid_value", Unknown: true, Message: "Nobody can be told of “" + document.Shorten(event, 40) + "”. Use " + strings.Join(Events(), ", ") + "." + document.DidYouMean(event, Events())})
		case slices.Contains(r.On[:i], event):
			add(at, "duplicate", "“"+event+"” is there already. Remove one.")
		}
	}
	if len(r.Email) == 0 && r.ChatSecret == "" && r.WebhookURL == "" {
		add("email", "required", "Say who is told: give e-mail addresses, the secret of a chat, or a web address.")
	}
	if len(r.Email) > MaxAddresses {
		add("email", "too_many", fmt.Sprintf("There are more than %d addresses. Use that of a list, or a chat.", MaxAddresses))
	}
	for i, address := range r.Email {
		if !entry.Email(address) {
			add(document.Item("email", i), "invalid_value", "“"+document.Shorten(address, 60)+"” is not an e-mail address. Write it like anna@example.com.")
		}
	}
	if r.WebhookURL != "" && !entry.WebAddress(r.WebhookURL) {
		add("webhook_url", "invalid_url", "This is not a web address that can be called. Write it like https://ops.example.com/told, without a user name or password.")
	}
	if r.WebhookSecret != "" && r.WebhookURL == "" {
		add("webhook_secret", "not_applicable", "Only calls of a web address are signed. Give webhook_url too, or remove this.")
	}
	problems = append(problems, r.checkQuiet()...)
	return problems
}

func (r Rule) checkQuiet() []document.Problem {
	if r.Quiet == "" {
		if r.TimeZone != "" {
			return []document.Problem{{Path: "time_zone", Code: "not_applicable", Message: "Only quiet hours have a time zone. Give them too, or remove this."}}
		}
		return nil
	}
	if _, ok := hours(r.Quiet); !ok {
		return []document.Problem{{Path: "quiet", Code: "invalid_value", Message: "These are not quiet hours. Write when they begin and end, like 22:00-07:00."}}
	}
	if _, err := moment.LoadZone(r.TimeZone); r.TimeZone != "" && err != nil {
		return []document.Problem{{Path: "time_zone", Code: "unknown_time_zone", Message: "There is no time zone “" + document.Shorten(r.TimeZone, 60) + "”. Use a name such as Europe/Berlin."}}
	}
	return nil
}
