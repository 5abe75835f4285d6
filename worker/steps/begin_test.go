package steps

import (
	"slices"
	"strings"
	"testing"

	"workflows/worker/workflow"
)

func TestAnEmailInABranchTellsWhatWasDecidedByAndNotHowTheDecisionWent(t *testing.T) {
	above := []workflow.Value{
		{Reference: "{{ steps.decide.result }}", Name: "result", Type: "boolean", Source: "decide itself", Now: true, Example: true},
		{Reference: "{{ steps.shop.body.checked }}", Name: "checked", Type: "text", Source: "shop", Now: "today"},
		{Reference: "{{ steps.shop.body.status }}", Name: "status", Type: "text", Source: "shop", Now: "down"},
		{Reference: "{{ steps.shop.status }}", Name: "answer code", Type: "number", Source: "shop itself", Now: 200},
	}
	for name, c := range map[string]struct {
		around *workflow.Condition
		want   string
	}{
		"in a branch":                       {&workflow.Condition{Value: "{{ steps.shop.body.status }}"}, "checked: {{ steps.shop.body.checked }}\nstatus: {{ steps.shop.body.status }}"},
		"decided by what nobody knows":      {&workflow.Condition{Value: "{{ steps.old.body.x }}"}, "result: {{ steps.decide.result }}"},
		"decided by something else than it": {&workflow.Condition{Value: []any{"a"}}, "result: {{ steps.decide.result }}"},
		"in no branch":                      {nil, "result: {{ steps.decide.result }}"},
	} {
		config, _ := beginEmail(workflow.Beginning{Workflow: "Shop", By: "ann@example.com", Above: above, Around: c.around})
		if config["text"] != c.want {
			t.Errorf("%s: %q", name, config["text"])
		}
	}
}

func TestAFewWordsSayWhatAStepIsToDo(t *testing.T) {
	types := All(Options{})
	for said, want := range map[string]string{
		"send a mail to anna": "send_email", "e-mail": "send_email", "email": "send_email", "send an email": "send_email", "Tell the person by mail": "send_email",
		"wait two hours": "wait", "wait 10 minutes": "wait", "in three days": "wait", "pause": "wait",
		"ask my boss": "approval", "ask": "approval", "approval": "approval", "somebody has to confirm": "approval",
		"if": "condition", "if the total is over 100": "condition", "when it is less than 5": "condition", "decide": "condition",
		"post to Teams": "chat_message", "chat message": "chat_message", "tell the team on slack": "chat_message", "discord": "chat_message",
		"every order": "for_each", "for each": "for_each", "for all customers": "for_each",
		"only new ones": "remember", "only what is new": "remember",
		"query the database": "query_database", "database": "query_database", "sql": "query_database",
		"call": "http_request", "get a web page": "http_request", "check the website": "http_request",
		"filter": "filter_list", "sort the list": "filter_list", "rss": "read_feed", "news feed": "read_feed",
		"summarise it": "ask_model", "language model": "ask_model", "stop": "stop", "set values": "set_values", "run another workflow": "run_workflow",
	} {
		if fitting, clear := workflow.Fitting(types, said); !clear || fitting[0].Name != want {
			t.Errorf("%q is %v, clear: %v", said, namesOf(fitting), clear)
		}
	}
	for said, want := range map[string][]string{"excel": {"make_data", "read_data"}, "send": {"chat_message", "send_email"}, "read": {"http_request", "read_data", "read_feed"}} {
		fitting, clear := workflow.Fitting(types, said)
		got := namesOf(fitting)
		if slices.Sort(got); clear || !slices.Equal(got, want) {
			t.Errorf("%q is %v, clear: %v", said, got, clear)
		}
	}
	for _, said := range []string{"", " , ", "xyzzy", "to the", "100", "make coffee", strings.Repeat("a b ", 100000)} {
		if fitting, clear := workflow.Fitting(types, said); clear || len(fitting) > 0 {
			t.Errorf("%.40q is %v", said, namesOf(fitting))
		}
	}
}

func namesOf(types []workflow.StepType) []string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.Name
	}
	return names
}

func TestAStepSaysWhatItHasDone(t *testing.T) {
	types := All(Options{})
	for kind, c := range map[string]struct {
		config map[string]any
		want   string
	}{
		"send_email":   {map[string]any{"to": "anna@example.com, ben@example.com", "subject": "To: nobody"}, "It was sent to anna@example.com, ben@example.com."},
		"http_request": {map[string]any{"url": "https://example.com/orders"}, "It was sent to https://example.com/orders."},
		"chat_message": {map[string]any{"webhook_secret": "TEAM_CHAT", "url": "x"}, "The chat of “TEAM_CHAT” was told."},
	} {
		if got := types[kind].Did(c.config); got != c.want {
			t.Errorf("%s says %q", kind, got)
		}
	}
}

func TestWhatIsTypedFillsInWhatItSays(t *testing.T) {
	types := All(Options{})
	for typed, want := range map[string]struct{ kind, field, value string }{
		"wait two hours":                                   {"wait", "for", "2h"},
		"wait 10 minutes, please":                          {"wait", "for", "10m"},
		"sleep an hour":                                    {"wait", "for", "1h"},
		"pause for 3 weeks":                                {"wait", "for", "21d"},
		"mail to anna@example.com, please":                 {"send_email", "to", "anna@example.com"},
		"call shop.example.com/orders":                     {"http_request", "url", "https://shop.example.com/orders"},
		"shop.example.com/status":                          {"http_request", "url", "https://shop.example.com/status"},
		"get https://shop.example.com/{{ item.id }}/x now": {"http_request", "url", "https://shop.example.com/{{ item.id }}/x"},
		"https://shop.example.com/a.":                      {"http_request", "url", "https://shop.example.com/a."},
		"https://shop.example.com/{{ item.a }}":            {"http_request", "url", "https://shop.example.com/{{ item.a }}"},
	} {
		config, _ := types[want.kind].Begins(workflow.Beginning{Typed: typed})
		if config[want.field] != want.value {
			t.Errorf("%q begins with %v", typed, config)
		}
	}
	for _, typed := range []string{"wait", "wait a bit", "wait 99 weeks", "wait 0 hours", "wait for 5", "wait 1.5.2", "wait 1.5 hours", "wait 2,5 hours", "wait 1:30 hours", "wait half an hour", "wait 1 hour 30 minutes", "wait 1 hour 30"} {
		if config, _ := types["wait"].Begins(workflow.Beginning{Typed: typed}); config != nil {
			t.Errorf("%q begins with %v", typed, config)
		}
	}
	for typed, takes := range map[string]bool{
		"shop.example.com/status": true, "https://127.0.0.1:8080/x": true, "example.com": true, "orders.csv": false, "read Report.xlsx": false, "https://orders.csv": true, "shop.example.com/orders.csv": true,
		"version 2.5": false, "2.5": false, "anna@example.com": false, "send a mail": false, "{{ steps.a.b }}": false, "e.g. this": false, "ftp://example.com": false,
	} {
		if got := types["http_request"].Takes(typed); got != takes {
			t.Errorf("%q is taken for an address: %v", typed, got)
		}
	}
}

func TestWhatASuggestionSaysToOutsidersNamesNoMachine(t *testing.T) {
	const named = "shop.example.com/status"
	for workflowName, want := range map[string]string{"Refunds": "May “Refunds” go on?", named: "May it go on?", "New workflow": "May it go on?"} {
		if config, _ := beginQuestion(workflow.Beginning{Workflow: workflowName}); config["question"] != want {
			t.Errorf("%s asks %q", workflowName, config["question"])
		}
	}
	customer := []workflow.Value{{Reference: "{{ item.email }}", Name: "email", Type: "email"}}
	if config, _ := beginEmail(workflow.Beginning{Workflow: named, Above: customer}); config["subject"] != nil {
		t.Errorf("whoever the data names reads %q", config["subject"])
	}
	if config, _ := beginEmail(workflow.Beginning{Workflow: named, By: "ann@example.com"}); config["subject"] != named {
		t.Errorf("whoever makes it reads %q", config["subject"])
	}
}

func TestACallSendsOnceSomebodyChoosesWhatItSends(t *testing.T) {
	fields := All(Options{})["http_request"].Fields
	method := fields[slices.IndexFunc(fields, func(f workflow.Field) bool { return f.Name == "method" })]
	for name, c := range map[string]struct{ was, now, method, want string }{
		"a form is chosen":          {"none", "form", "", "POST"},
		"JSON, of nothing":          {"", "json", "", "POST"},
		"it reads by its own words": {"", "json", "GET", "POST"},
		"it was chosen before":      {"form", "form", "GET", ""},
		"another kind":              {"form", "json", "", ""},
		"nothing is sent any more":  {"form", "none", "", ""},
		"another setting is chosen": {"", "", "", ""},
		"it replaces":               {"", "json", "PUT", ""},
	} {
		was, config := map[string]any{"body_type": c.was, "method": c.method}, map[string]any{"body_type": c.now, "method": c.method}
		if got := method.Followed(was, config, fields); got != c.want {
			t.Errorf("%s: it becomes %q", name, got)
		}
	}
}
