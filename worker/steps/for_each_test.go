package steps

import (
	"fmt"
	"testing"

	"workflows/worker/workflow"
)

func TestForEachGoesThroughListsOnly(t *testing.T) {
	long := make([]any, MaxItems+1)
	for name, c := range map[string]struct {
		list any
		code string
		n    int
	}{
		"list": {[]any{1, "b", nil}, "", 3}, "empty list": {[]any{}, "", 0}, "list in a text": {` ["a", 2]`, "", 2},
		"text": {"a, b", "not_a_list", 0}, "broken list": {"[1,", "not_a_list", 0}, "a number beyond all": {"[1e999999999]", "not_a_list", 0}, "object in a text": {`{"a": 1}`, "not_a_list", 0},
		"nothing": {nil, "not_a_list", 0}, "object": {map[string]any{}, "not_a_list", 0}, "number": {7, "not_a_list", 0},
		"too long": {long, "too_many_items", 0}, "as long as it may be": {long[1:], "", MaxItems},
	} {
		outcome, err := execute(t, Options{}, "for_each", map[string]any{"list": c.list})
		if c.code != "" {
			assertFails(t, err, c.code, true)
			continue
		}
		if err != nil || outcome.Items == nil || len(outcome.Items.List) != c.n || outcome.Items.MaxParallel != 1 || outcome.Items.OnItemError != "fail" {
			t.Errorf("%s: %+v %v", name, outcome, err)
		}
	}
}

func TestForEachIsCheckedAsFarAsItCanBeKnown(t *testing.T) {
	for name, c := range map[string]struct {
		config     map[string]any
		path, code string
	}{
		"no list":        {map[string]any{}, "list", "required"},
		"a text":         {map[string]any{"list": "orders"}, "list", "not_a_list"},
		"an object":      {map[string]any{"list": map[string]any{"a": 1}}, "list", "not_a_list"},
		"too long":       {map[string]any{"list": make([]any, MaxItems+1)}, "list", "too_many"},
		"0 at a time":    {map[string]any{"list": []any{1}, "max_parallel": 0}, "max_parallel", "out_of_range"},
		"51 at a time":   {map[string]any{"list": []any{1}, "max_parallel": 51}, "max_parallel", "out_of_range"},
		"half at a time": {map[string]any{"list": []any{1}, "max_parallel": 1.5}, "max_parallel", "out_of_range"},
		"other on_error": {map[string]any{"list": []any{1}, "on_item_error": "stop"}, "on_item_error", "invalid_value"},
	} {
		if problems := problemsOf(Options{}, "for_each", c.config); !hasProblem(problems, c.path, c.code) {
			t.Errorf("%s: %+v", name, problems)
		}
	}
	for _, config := range []map[string]any{{"list": "{{ input.x }}", "max_parallel": 50, "on_item_error": "continue"}, {"list": []any{"{{ input.x }}"}}, {"list": `["a"]`}} {
		if problems := problemsOf(Options{}, "for_each", config); len(problems) != 1 || problems[0].Path != "steps[0].do" || !problems[0].Incomplete {
			t.Errorf("%v: %+v", config, problems)
		}
	}
}

func TestListsTypedIntoTheFormBecomeLists(t *testing.T) {
	for text, want := range map[string]string{`["a", 1]`: "[a 1]", "{{ input.x }}": "{{ input.x }}", "[1": "[1"} {
		typed := map[string]any{"list": text}
		tidied := All(Options{})["for_each"].Tidied(typed)
		if got := fmt.Sprint(tidied["list"]); got != want || typed["list"] != text {
			t.Errorf("%s became %s, typed is %v", text, got, typed)
		}
	}
}

func TestRunWorkflowStartsTheChosenWorkflow(t *testing.T) {
	outcome, err := execute(t, Options{}, "run_workflow", map[string]any{"workflow": "w1", "input": map[string]any{"a": 1}})
	child, _ := outcome.Wait.(*workflow.Child)
	if err != nil || child == nil || child.Workflow != "w1" || !child.Wait || fmt.Sprint(child.Input["a"]) != "1" {
		t.Errorf("%+v %v", outcome, err)
	}
	outcome, err = execute(t, Options{}, "run_workflow", map[string]any{"workflow": "w1", "wait": false})
	if err != nil || outcome.Wait.(*workflow.Child).Wait {
		t.Errorf("%+v %v", outcome, err)
	}
	if !hasProblem(problemsOf(Options{}, "run_workflow", nil), "workflow", "required") || !hasProblem(problemsOf(Options{}, "run_workflow", map[string]any{"workflow": "{{ input.x }}"}), "workflow", "reference_not_allowed") {
		t.Error("a step without a workflow of its own passed")
	}
}

func TestFlowSentences(t *testing.T) {
	types := All(Options{})
	for want, step := range map[string]workflow.Step{
		"For each item of {{ input.x }}":                     {Type: "for_each", Config: map[string]any{"list": "{{ input.x }}"}},
		"For each item of {{ input.x }}, 5 at the same time": {Type: "for_each", Config: map[string]any{"list": "{{ input.x }}", "max_parallel": 5}},
		"For each of 2 items":                                {Type: "for_each", Config: map[string]any{"list": []any{1, 2}, "max_parallel": 1}},
		"Goes through no list yet":                           {Type: "for_each"},
		"Runs no workflow yet":                               {Type: "run_workflow"},
		"Runs w1 and waits for its end":                      {Type: "run_workflow", Config: map[string]any{"workflow": "w1"}},
		"Starts w1 and goes on at once":                      {Type: "run_workflow", Config: map[string]any{"workflow": "w1", "wait": false}},
	} {
		if got := workflow.StepSentence(step, types); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
