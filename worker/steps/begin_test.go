package steps

import (
	"slices"
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
