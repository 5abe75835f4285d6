package workflow

import (
	"slices"
	"testing"
)

// condition checks a definition in which a step decides after a call.
func condition(t *testing.T, condition string) []Problem {
	t.Helper()
	return checked(t, `{"name":"x","inputs":[{"name":"n","type":"number"}],"steps":[{"id":"shop","type":"call","name":"Ask the shop","config":{"url":"https://shop.example.com"}},
		{"id":"a","type":"decide","config":{"conditions":[`+condition+`]}}]}`)
}

func TestTwoFixedSidesOfAConditionCannotBePublished(t *testing.T) {
	for _, fixed := range []string{
		`{"value":"status","operator":"not_equals","other":"ok"}`, `{"value":200,"operator":"equals","other":"ok"}`,
		`{"value":"x","operator":"is_empty"}`, `{"value":"{{ \"status\" }}","operator":"equals","other":"ok"}`,
	} {
		problems := condition(t, fixed)
		assertProblem(t, problems, "steps[1].config.conditions[0].value", "nothing_compared")
		if !problems[0].Incomplete {
			t.Errorf("a draft with %s cannot be kept", fixed)
		}
		assertProblem(t, condition(t, `{"match":"any","conditions":[`+fixed+`]}`), "steps[1].config.conditions[0].conditions[0].value", "nothing_compared")
	}
	for _, chosen := range []string{
		`{"value":"{{ input.n }}","operator":"equals","other":"ok"}`, `{"value":"ok","operator":"equals","other":"{{ input.n }}"}`,
		`{"value":["{{ input.n }}"],"operator":"contains","other":"1"}`, `{"value":"{{ input.n }}","operator":"is_empty"}`,
	} {
		if problems := condition(t, chosen); len(problems) > 0 {
			t.Errorf("%s: %+v", chosen, problems)
		}
	}
}

// What was published before these were problems goes on.
func TestAPublishedConditionWithFixedSidesStaysKnown(t *testing.T) {
	d := parsed(t, `{"name":"x","steps":[{"id":"a","type":"decide","config":{"conditions":[{"value":"status","operator":"equals","other":"ok"}]}}]}`)
	if _, beyond, err := testTypes().Load(d.Marshal()); beyond != "" || err != nil {
		t.Errorf("it is left to a newer program: %q, %v", beyond, err)
	}
}

func TestANumberIsNeverAWord(t *testing.T) {
	for other, path := range map[string]string{
		`{"value":"{{ steps.shop.status }}","operator":"equals","other":"ok"}`:     "other",
		`{"value":"{{ steps.shop.status }}","operator":"not_equals","other":"ok"}`: "other",
		`{"value":"{{ steps.shop.status }}","operator":"contains","other":"ok"}`:   "other",
		`{"value":"{{ steps.shop.status }}","operator":"equals","other":"2xx"}`:    "other",
		`{"value":"ok","operator":"equals","other":"{{ steps.shop.status }}"}`:     "value",
	} {
		assertProblem(t, condition(t, other), "steps[1].config.conditions[0]."+path, "never_equal")
	}
	for _, right := range []string{
		`{"value":"{{ steps.shop.status }}","operator":"equals","other":"200"}`, `{"value":"{{ steps.shop.status }}","operator":"equals","other":200}`,
		`{"value":"{{ steps.shop.body.status }}","operator":"equals","other":"ok"}`, `{"value":"{{ steps.shop.status }}","operator":"starts_with","other":"2"}`,
		`{"value":"{{ steps.shop.status }}","operator":"equals","other":"{{ input.n }}"}`, `{"value":"{{ steps.shop.status | text }}","operator":"equals","other":"ok"}`,
	} {
		if problems := condition(t, right); len(problems) > 0 {
			t.Errorf("%s: %+v", right, problems)
		}
	}
}

func TestTheFilterOfAWebhookComparesSomethingThatWasSent(t *testing.T) {
	d := Definition{Format: 1, Name: "x", Triggers: []Trigger{{ID: "w", Type: "webhook", Filter: &Filter{Conditions: []Condition{{Value: "status", Operator: "equals", Other: "ok"}}}}}, Steps: []Step{{ID: "a", Type: "call"}}}
	assertProblem(t, Checker{Types: testTypes()}.Check(d), "triggers[0].filter.conditions[0].value", "nothing_compared")
}

func TestOperatorsThatSuitStandFirstAndNoneIsLost(t *testing.T) {
	for kind, first := range map[string]string{"number": "greater_than", "boolean": "is_true", "list": "is_not_empty", "date": "greater_than", "text": "equals", "any": ""} {
		suiting, others := OperatorsFor(kind)
		if len(suiting) > 0 && suiting[0].Value != first || len(suiting) == 0 && first != "" {
			t.Errorf("%s begins with %v", kind, suiting)
		}
		every := append(optionValues(suiting), optionValues(others)...)
		slices.Sort(every)
		want := optionValues(Operators())
		slices.Sort(want)
		if !slices.Equal(every, want) {
			t.Errorf("%s has %v", kind, every)
		}
	}
}
