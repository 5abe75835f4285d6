package catalog

import (
	"embed"
	"fmt"

	"workflows/worker/workflow"
)

//go:embed templates/*.json
var templateFiles embed.FS

// Template is a workflow to begin with instead of a blank page.
type Template struct {
	ID, Title, Summary string
	Definition         workflow.Definition
}

// Templates returns the templates in the order in which "New" offers them. Each
// can be published as it is, where the secrets that it names exist, and calls only
// addresses under https://example.com.
func Templates() []Template {
	templates := []Template{
		{ID: "watch_website", Title: "Watch a website", Summary: "Calls an address every five minutes, tries again when it does not answer, and ends as failed when it is down."},
		{ID: "watch_addresses", Title: "Watch addresses and tell", Summary: "Calls several addresses every fifteen minutes and tells a chat which of them does not answer well. The chat's address is the secret TEAM_CHAT."},
		{ID: "check_order", Title: "Check an order's total", Summary: "Asks for an order number, fetches the order, and takes one way for large orders and another for all others."},
		{ID: "pass_on_orders", Title: "Pass on each order", Summary: "Fetches a list of orders every morning and passes each one on, five at a time; says which could not be passed on."},
		{ID: "feed_to_chat", Title: "New entries of a feed to a chat", Summary: "Looks at a feed every half hour and tells a chat each new entry, once. The chat's address is the secret TEAM_CHAT."},
		{ID: "large_orders", Title: "Large orders by e-mail", Summary: "Fetches the orders every weekday morning, keeps those over 100, and sends them as a table by e-mail."},
		{ID: "wait_for_report", Title: "Wait for a report", Summary: "Asks another system for a report, waits, and looks whether the report is ready."},
	}
	for i := range templates {
		templates[i].Definition = load(templates[i].ID)
	}
	return templates
}

// load reads a file that is part of the program: the tests read each.
func load(id string) workflow.Definition {
	data, err := templateFiles.ReadFile("templates/" + id + ".json")
	if err != nil {
		panic(fmt.Sprintf("template %s: %v", id, err))
	}
	d, err := workflow.Load(data)
	if err != nil {
		panic(fmt.Sprintf("template %s: %v", id, err))
	}
	return d
}
