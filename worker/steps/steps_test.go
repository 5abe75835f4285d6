package steps

import (
	"strings"
	"testing"
	"time"

	"workflows/worker/workflow"
)

func TestAllStepTypesAreWhole(t *testing.T) {
	var names []string
	for _, stepType := range All(Options{}).List() {
		names = append(names, stepType.Name)
		if stepType.Title == "" || !strings.HasSuffix(stepType.Summary, ".") || stepType.Icon == "" || stepType.Execute == nil || stepType.Effects == nil || stepType.Check == nil {
			t.Errorf("%s is not whole", stepType.Name)
		}
		for _, field := range stepType.Fields {
			if field.Label == "" || field.Kind.Name == "" {
				t.Errorf("%s.%s has no label or kind", stepType.Name, field.Name)
			}
		}
		if stepType.Sentence(nil) == "" || stepType.Sentence(map[string]any{"url": 5, "values": "x", "conditions": 1, "for": true}) == "" {
			t.Errorf("%s has no sentence for an odd config", stepType.Name)
		}
		stepType.Check(map[string]any{"url": 5, "headers": []any{1}, "body": true, "expect_status": map[string]any{}, "for": 1, "until": []any{}})
	}
	if got := strings.Join(names, " "); got != "http_request read_feed send_email chat_message ask_model query_database set_values condition for_each filter_list remember read_data make_data wait approval run_workflow stop" {
		t.Errorf("got %s", got)
	}
}

func TestOnlyCallsThatMayChangeSomethingHaveEffects(t *testing.T) {
	types := All(Options{})
	for method, want := range map[string]bool{"": false, "GET": false, "HEAD": false, "OPTIONS": false, "POST": true, "PUT": true, "PATCH": true, "DELETE": true} {
		if got := types["http_request"].Effects(map[string]any{"method": method}); got != want {
			t.Errorf("%s: %v", method, got)
		}
	}
	for _, name := range []string{"ask_model", "set_values", "condition", "for_each", "filter_list", "remember", "read_data", "make_data", "wait", "run_workflow", "stop"} {
		if types[name].Effects(nil) {
			t.Errorf("%s has effects", name)
		}
	}
}

func TestSetValuesGivesItsValuesWithTheirTypes(t *testing.T) {
	config := map[string]any{"values": map[string]any{"a": true, "b": "text", "c": []any{nil}}}
	outcome, err := execute(t, Options{}, "set_values", config)
	if err != nil {
		t.Fatal(err)
	}
	output := outcome.Output.(map[string]any)
	if output["a"] != true || output["b"] != "text" || len(output["c"].([]any)) != 1 {
		t.Errorf("got %#v", output)
	}
	gives := All(Options{})["set_values"].Gives(config)
	if len(gives) != 3 || gives[0].Name != "a" || gives[0].Type != "boolean" || gives[2].Type != "list" {
		t.Errorf("got %+v", gives)
	}
	if !hasProblem(problemsOf(Options{}, "set_values", nil), "values", "required") {
		t.Error("no values passed")
	}
}

func TestConditionGoesOnInOneBranch(t *testing.T) {
	yes := map[string]any{"value": "a", "operator": "equals", "other": "a"}
	no := map[string]any{"value": "a", "operator": "equals", "other": "b"}
	odd := map[string]any{"value": "a", "operator": "greater_than", "other": "b"}
	for name, c := range map[string]struct {
		match      string
		conditions []any
		branch     string
	}{
		"all true": {"all", []any{yes, yes}, "then"}, "one false": {"all", []any{yes, no}, "else"},
		"default is all": {"", []any{yes, no}, "else"}, "any true": {"any", []any{no, yes}, "then"}, "none true": {"any", []any{no, no}, "else"},
		"what is decided is not looked at": {"any", []any{yes, odd}, "then"},
	} {
		outcome, err := execute(t, Options{}, "condition", map[string]any{"match": c.match, "conditions": c.conditions})
		if err != nil || outcome.Branch != c.branch || outcome.Output.(map[string]any)["result"] != (c.branch == "then") {
			t.Errorf("%s: %+v %v", name, outcome, err)
		}
	}
	_, err := execute(t, Options{}, "condition", map[string]any{"conditions": []any{yes, odd}})
	if failed := assertFails(t, err, "invalid_condition", true); !strings.HasPrefix(failed.Message, "Condition 2 ") {
		t.Error(failed.Message)
	}
	if sentence := All(Options{})["condition"].Sentence(map[string]any{"match": "any", "conditions": []any{yes, no}}); sentence != "If a is a or a is b" {
		t.Error(sentence)
	}
}

func TestTheRecordOfADecisionShowsGroupsWithTheirConditions(t *testing.T) {
	yes := map[string]any{"value": "a", "operator": "equals", "other": "a"}
	no := map[string]any{"value": "a", "operator": "equals", "other": "b"}
	kind := All(Options{})["condition"]
	config := map[string]any{"conditions": []any{yes, map[string]any{"match": "any", "conditions": []any{no, map[string]any{"match": "all", "conditions": []any{yes, no}}}}}}
	outcome, err := execute(t, Options{}, "condition", config)
	if err != nil || outcome.Branch != "else" {
		t.Errorf("%+v %v", outcome, err)
	}
	var lines []string
	for _, fact := range kind.RunPart(config, outcome.Output).Facts {
		lines = append(lines, fact.Label+" "+fact.Value)
	}
	want := "a is a yes; At least one of: no; – a is b no; – All of: no; – – a is a yes; – – a is b no"
	if got := strings.Join(lines, "; "); got != want {
		t.Error(got)
	}
	if sentence := kind.Sentence(config); sentence != "If a is a and (a is b or (a is a and a is b))" {
		t.Error(sentence)
	}
}

func TestWaitSuspendsUntilItsTime(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		config map[string]any
		until  time.Time
		said   string
	}{
		"for":            {map[string]any{"for": "15m"}, now.Add(15 * time.Minute), "2026-11-23T12:15:00.000000Z"},
		"until a time":   {map[string]any{"until": "2026-11-24T01:00:00+01:00"}, now.Add(12 * time.Hour), "2026-11-24T00:00:00.000000Z"},
		"until a date":   {map[string]any{"until": "2026-11-24"}, now.Add(12 * time.Hour), "2026-11-24T00:00:00.000000Z"},
		"until the past": {map[string]any{"until": "2026-11-22"}, time.Time{}, "2026-11-22T00:00:00.000000Z"},
	} {
		outcome, err := execute(t, Options{}, "wait", c.config)
		wait, _ := outcome.Wait.(workflow.Until)
		if err != nil || !wait.Time.Equal(c.until) || outcome.Output.(map[string]any)["until"] != c.said {
			t.Errorf("%s: %+v %v", name, outcome, err)
		}
	}
	for _, config := range []map[string]any{{}, {"for": "soon"}, {"for": "-5m"}, {"until": "tomorrow"}, {"until": "2999-01-01"}} {
		_, err := execute(t, Options{}, "wait", config)
		assertFails(t, err, "invalid_config", true)
	}
}

func TestWaitNeedsExactlyOneOfItsFields(t *testing.T) {
	for path, c := range map[string]struct {
		config map[string]any
		code   string
	}{
		"for":   {map[string]any{}, "required"},
		"until": {map[string]any{"for": "5m", "until": "2026-12-24"}, "not_applicable"},
	} {
		if problems := problemsOf(Options{}, "wait", c.config); !hasProblem(problems, path, c.code) {
			t.Errorf("%s: %+v", path, problems)
		}
	}
	if !hasProblem(problemsOf(Options{}, "wait", map[string]any{"for": "0s"}), "for", "invalid_value") || !hasProblem(problemsOf(Options{}, "wait", map[string]any{"until": "24.12."}), "until", "invalid_value") {
		t.Error("a wrong time passed")
	}
	if problems := problemsOf(Options{}, "wait", map[string]any{"for": "{{ input.x }}"}); len(problems) > 0 {
		t.Errorf("got %+v", problems)
	}
}

func TestStopEndsTheRun(t *testing.T) {
	outcome, err := execute(t, Options{}, "stop", map[string]any{"message": "Nothing to do"})
	if err != nil || outcome.Stop != workflow.RunSucceeded || outcome.Message != "Nothing to do" {
		t.Errorf("%+v %v", outcome, err)
	}
	outcome, err = execute(t, Options{}, "stop", map[string]any{"outcome": "failed"})
	if err != nil || outcome.Stop != workflow.RunFailed || outcome.Output.(map[string]any)["outcome"] != "failed" {
		t.Errorf("%+v %v", outcome, err)
	}
	if !hasProblem(problemsOf(Options{}, "stop", map[string]any{"outcome": "cancelled"}), "outcome", "invalid_value") {
		t.Error("another outcome passed")
	}
}

func TestTheContractsExampleWithTheTypesOfThisBuildHasNoProblems(t *testing.T) {
	d, problems, err := workflow.Parse([]byte(`{
  "format": 1, "name": "Large order alert", "description": "Tells sales about orders over 100.",
  "inputs": [{"name": "order_id", "type": "number", "label": "Order number", "required": true}],
  "triggers": [{"id": "weekdays", "type": "schedule", "cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin", "missed": "latest", "overlap": "skip"}],
  "steps": [
    {"id": "fetch", "type": "http_request", "name": "Fetch the order",
     "config": {"method": "GET", "url": "https://shop.example.com/orders/{{ input.order_id }}"},
     "retry": {"max_attempts": 5, "backoff": "exponential", "delay": "10s", "max_delay": "10m"}, "timeout": "30s", "on_error": "fail"},
    {"id": "is_large", "type": "condition",
     "config": {"match": "all", "conditions": [{"value": "{{ steps.fetch.body.total }}", "operator": "greater_than", "other": 100}]},
     "then": [{"id": "tell", "type": "set_values", "config": {"values": {"text": "Order {{ input.order_id }}", "nested": {"list": [1, true, "{{ steps.is_large.result }}"]}}}},
              {"id": "pause", "type": "wait", "config": {"for": "1h30m"}}],
     "else": [{"id": "enough", "type": "stop", "config": {"outcome": "succeeded", "message": "Only {{ steps.fetch.body.total }}"}}]}],
  "settings": {"timeout": "1h", "max_running": 10, "on_limit": "queue"}}`))
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	types := All(Options{})
	if problems := (workflow.Checker{Types: types}).Check(d); len(problems) > 0 {
		t.Errorf("got %+v", problems)
	}
	want := []string{
		"Reads https://shop.example.com/orders/{{ input.order_id }}",
		"If {{ steps.fetch.body.total }} is over 100",
		"Sets nested, text",
		"Waits for 1 hour 30 minutes",
		"Ends the run as succeeded: “Only {{ steps.fetch.body.total }}”",
	}
	var got []string
	workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		got = append(got, workflow.StepSentence(*step, types))
		return true
	})
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}
