package workflow

import (
	"strings"
	"testing"
	"time"

	"workflows/worker/moment"
)

func TestConditions(t *testing.T) {
	list := []any{"a", number("2"), map[string]any{"k": true}}
	for _, c := range []struct {
		value    any
		operator string
		other    any
		want     bool
	}{
		{number("100"), "equals", number("100.0"), true},
		{number("0.1"), "equals", number("0.10"), true},
		{number("9007199254740993"), "equals", number("9007199254740992"), false},
		{number("100"), "equals", "100", true},
		{"100", "equals", number("100"), true},
		{"1.0", "equals", "1", false},
		{200, "equals", number("200"), true},
		{true, "equals", "true", true},
		{"false", "equals", true, false},
		{nil, "equals", nil, true},
		{nil, "equals", "", false},
		{list, "equals", []any{"a", number("2.0"), map[string]any{"k": true}}, true},
		{"a", "not_equals", "b", true},
		{number("100.5"), "greater_than", number("100"), true},
		{number("100"), "greater_than", number("100"), false},
		{"100", "greater_than", "20", true},
		{number("1e2"), "greater_or_equal", number("100"), true},
		{number("0.1"), "less_than", "0.2", true},
		{number("-1"), "less_or_equal", number("0"), true},
		{"2026-01-02", "less_than", "2026-02-01", true},
		{"2026-01-02T10:00:00+02:00", "less_than", "2026-01-02T09:00:00Z", true},
		{"2026-11-28 10:00:00", "equals", "2026-11-28T11:00:00+01:00", true},
		{"Sat, 28 Nov 2026 10:00:00 GMT", "not_equals", "2026-11-28T10:00:00Z", false},
		{"Sat, 28 Nov 2026 10:00:00 GMT", "less_or_equal", "28.11.2026 10:00", true},
		{"28.11.2026", "greater_than", "2026-11-27T23:59:59.9Z", true},
		{"2026-11-28T10:00+0100", "less_than", "2026-11-28T10:00Z", true},
		{"2026", "equals", "2026-01-01", false},
		{"2026-11", "equals", "2026-11-01", false},
		{"06/09/2021", "equals", "2021-09-06", false},
		{"1790000000", "equals", "2026-09-21T14:13:20Z", false},
		{[]any{"2026-11-28"}, "contains", "28.11.2026", true},
		{"abc", "contains", "b", true},
		{"abc", "contains", "x", false},
		{list, "contains", "2", true},
		{list, "contains", map[string]any{"k": true}, true},
		{map[string]any{"k": nil}, "contains", "k", true},
		{nil, "contains", "", false},
		{number("123"), "contains", "2", true},
		{"abc", "not_contains", "x", true},
		{"abc", "starts_with", "ab", true},
		{"abc", "ends_with", "bc", true},
		{nil, "is_empty", nil, true},
		{"  ", "is_empty", nil, true},
		{[]any{}, "is_empty", nil, true},
		{map[string]any{}, "is_empty", nil, true},
		{number("0"), "is_empty", nil, false},
		{false, "is_empty", nil, false},
		{"x", "is_not_empty", nil, true},
		{true, "is_true", nil, true},
		{"TRUE", "is_true", nil, true},
		{"no", "is_false", nil, true},
		{nil, "is_true", nil, false},
		{nil, "is_false", nil, false},
		{"order 42", "matches", `^order \d+$`, true},
		{"order", "matches", `\d`, false},
	} {
		got, err := Condition{Value: c.value, Operator: c.operator, Other: c.other}.Holds()
		if err != nil || got != c.want {
			t.Errorf("%v %s %v: got %v, %v", c.value, c.operator, c.other, got, err)
		}
	}
}

func TestConditionsThatCannotBeDecidedSayWhyAndSoon(t *testing.T) {
	for name, c := range map[string]Condition{
		"not yes or no":     {Value: "maybe", Operator: "is_true", Other: nil},
		"text and number":   {Value: "abc", Operator: "greater_than", Other: number("1")},
		"nothing":           {Value: nil, Operator: "less_than", Other: number("1")},
		"a huge exponent":   {Value: number("1e400000"), Operator: "greater_than", Other: number("1")},
		"unknown operator":  {Value: "a", Operator: "like", Other: "b"},
		"no operator":       {Value: "a", Operator: "", Other: "b"},
		"unreadable":        {Value: "a", Operator: "matches", Other: "("},
		"lookahead":         {Value: "a", Operator: "matches", Other: "(?=a)"},
		"too long":          {Value: "a", Operator: "matches", Other: strings.Repeat("a", 1001)},
		"nested repetition": {Value: "a", Operator: "matches", Other: "((a{100}){100}){100}"},
		"too costly":        {Value: strings.Repeat("a", 5<<20), Operator: "matches", Other: "(a|aa)*(.{500}){2}b"},
	} {
		t.Run(name, func(t *testing.T) {
			began := processorTime(t)
			_, err := c.Holds()
			if err == nil {
				t.Fatal("it was decided")
			}
			assertSentence(t, err.Error())
			if spent := processorTime(t) - began; spent > time.Second {
				t.Errorf("it took a processor for %s", spent)
			}
		})
	}
}

// What holds by <= and >= holds by equals too, in whatever way dates are written.
func TestEqualsAgreesWithTheOrder(t *testing.T) {
	for _, a := range moment.Writings() {
		for _, b := range moment.Writings() {
			at := func(operator string) bool {
				holds, err := Condition{Value: a.Example, Operator: operator, Other: b.Example}.Holds()
				if err != nil {
					t.Error(err)
				}
				return holds
			}
			if at("equals") != (at("less_or_equal") && at("greater_or_equal")) || at("equals") == at("not_equals") {
				t.Errorf("%s and %s", a.Example, b.Example)
			}
		}
	}
}

func TestADateThatCanBeTwoIsSaidToBeSo(t *testing.T) {
	_, err := Condition{Value: "06/09/2021", Operator: "less_than", Other: "2026-01-01"}.Holds()
	if err == nil || !strings.Contains(err.Error(), "can mean two different days") {
		t.Error(err)
	}
}

func TestEveryOperatorOfTheContractHasALabel(t *testing.T) {
	contract := strings.Fields("equals not_equals greater_than greater_or_equal less_than less_or_equal contains not_contains starts_with ends_with is_empty is_not_empty is_true is_false matches")
	operators := Operators()
	if len(operators) != len(contract) {
		t.Fatalf("%d operators", len(operators))
	}
	for i, operator := range operators {
		if operator.Value != contract[i] || operator.Label == "" {
			t.Errorf("got %+v, want %s", operator, contract[i])
		}
	}
	if !OneSided("is_empty") || OneSided("equals") {
		t.Error("OneSided is wrong")
	}
}

func FuzzCondition(f *testing.F) {
	f.Add("1", "2", 2, true)
	f.Add("1e308", "-1e-308", 3, true)
	f.Add("a", "(a|b)*c", 14, false)
	f.Fuzz(func(t *testing.T, value, other string, operator int, asNumbers bool) {
		operators := Operators()
		c := Condition{Value: value, Operator: operators[((operator%len(operators))+len(operators))%len(operators)].Value, Other: other}
		if asNumbers {
			c.Value, c.Other = number(value), number(other)
		}
		began := processorTime(t)
		holds, err := c.Holds()
		if again, errAgain := c.Holds(); again != holds || (err == nil) != (errAgain == nil) {
			t.Fatal("two answers to one question")
		}
		if spent := processorTime(t) - began; spent > 2*time.Second {
			t.Fatalf("it took a processor for %s", spent)
		}
	})
}
