package workflow_test

import (
	"strings"
	"testing"

	"workflows/worker/workflow"
)

func TestOneTrueConditionIsEnoughAlsoBesideOneThatCannotBeDecided(t *testing.T) {
	filter := workflow.Filter{Match: "any", Conditions: []workflow.Condition{
		{Value: "{{ trigger.body.total }}", Operator: "greater_than", Other: "100"},
		{Value: "{{ trigger.body.vip }}", Operator: "is_true"},
	}}
	passes := func(body map[string]any) (bool, error) {
		passes, _, err := filter.Passes(map[string]any{"body": body})
		return passes, err
	}
	if ok, err := passes(map[string]any{"vip": true}); !ok || err != nil {
		t.Errorf("the second one holds: %v, %v", ok, err)
	}
	if ok, err := passes(map[string]any{"vip": false}); ok || err == nil || !strings.Contains(err.Error(), "Condition 1 of the filter cannot be decided") {
		t.Errorf("none holds: %v, %v", ok, err)
	}
	if ok, err := passes(map[string]any{"vip": false, "total": "7"}); ok || err != nil {
		t.Errorf("both are false: %v, %v", ok, err)
	}
	filter.Match = "all"
	if ok, err := passes(map[string]any{"vip": true}); ok || err == nil {
		t.Errorf("all must be true: %v, %v", ok, err)
	}
}
