package workflow

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"workflows/worker/document"
)

func conditionsIn(t testing.TB, text string) []Condition {
	t.Helper()
	value, err := document.Value([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return ConditionsOf(value)
}

const (
	holds     = `{"value": 1, "operator": "equals", "other": 1}`
	holdsNot  = `{"value": 1, "operator": "equals", "other": 2}`
	undecided = `{"value": "x", "operator": "is_true"}`
)

func anyOf(conditions ...string) string {
	return `{"match": "any", "conditions": [` + strings.Join(conditions, ",") + `]}`
}

func allOf(conditions ...string) string {
	return `{"match": "all", "conditions": [` + strings.Join(conditions, ",") + `]}`
}

func TestGroupsOfConditionsAreDecidedFromInside(t *testing.T) {
	for _, c := range []struct {
		match, conditions string
		want              bool
		number            int
	}{
		{"all", holds + "," + anyOf(holdsNot, holds), true, 2},
		{"all", holds + "," + anyOf(holdsNot, holdsNot), false, 2},
		{"any", holdsNot + "," + allOf(holds, anyOf(holdsNot, allOf(holds))), true, 2},
		{"any", allOf(holds, holdsNot) + "," + holdsNot, false, 2},
		{"all", `{"conditions": [` + holds + "," + holdsNot + `]}`, false, 1},
		{"any", holds + "," + anyOf(undecided), true, 1},
	} {
		got, number, err := Judge{Holds: Condition.Holds}.Decide(c.match, conditionsIn(t, "["+c.conditions+"]"))
		if err != nil || got != c.want || number != c.number {
			t.Errorf("%s of %s is %v by %d, %v", c.match, c.conditions, got, number, err)
		}
	}
}

func TestAConditionInAGroupThatCannotBeDecidedIsNamed(t *testing.T) {
	conditions := conditionsIn(t, "["+holdsNot+","+anyOf(holdsNot, undecided, holds)+"]")
	_, number, err := Judge{Holds: Condition.Holds}.Decide("any", conditions)
	if number != 2 || err == nil || err.Error() != "In this group, condition 2: “x” is neither true nor false. Compare it with another operator." {
		t.Error(number, err)
	}
	if got, _, err := (Judge{Holds: Condition.Holds, Patient: true}).Decide("any", conditions); !got || err != nil {
		t.Errorf("with patience one that holds is enough: %v, %v", got, err)
	}
	filter := Filter{Conditions: conditionsIn(t, "["+anyOf(`{"value": "{{ trigger.body.a }}", "operator": "equals", "other": "x"}`, `{"value": "{{ trigger.body.b }}", "operator": "is_empty"}`)+"]")}
	for body, want := range map[string]bool{`{"a": "x", "b": 1}`: true, `{}`: true, `{"a": "y", "b": 1}`: false} {
		value, _ := document.Value([]byte(body))
		if got, _, err := filter.Passes(map[string]any{"body": value}); got != want || err != nil {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
}

func TestGroupsAreSaidInBrackets(t *testing.T) {
	got := SentenceOf("all", conditionsIn(t, "["+holds+","+anyOf(holdsNot, allOf(holds, undecided))+"]"))
	if got != "1 is 1 and (1 is 2 or (1 is 1 and x is true))" {
		t.Error(got)
	}
}

func TestGroupsOfConditionsAreChecked(t *testing.T) {
	deep := holds
	for range maxGroups {
		deep = allOf(deep)
	}
	for conditions, want := range map[string]string{
		holds + "," + deep: "",
		allOf(deep):        "conditions[0].conditions[0].conditions[0].conditions[0].conditions[0].conditions[0] too_deep",
		anyOf():            "conditions[0].conditions required",
		`{"match": "any"}`: "conditions[0].conditions required",
		`{"match": "some", "conditions": [` + holds + `]}`:                      "conditions[0].match invalid_value",
		`{"match": "any", "operator": "equals", "conditions": [` + holds + `]}`: "conditions[0].operator not_applicable",
		`{"match": "any", "what": 1, "conditions": [` + holds + `]}`:            "conditions[0].what unknown_field",
		`{"match": "any", "conditions": "x"}`:                                   "conditions[0].conditions wrong_type",
		anyOf(holds, `{"value": "a", "operator": "like"}`):                      "conditions[0].conditions[1].operator unknown_operator",
		anyOf(anyOf(`{"value": "a", "operator": "matches", "other": "("}`)):     "conditions[0].conditions[0].conditions[0].other invalid_pattern",
		anyOf(strings.TrimSuffix(strings.Repeat(holds+",", 100), ",")):          "conditions too_many",
		anyOf(strings.TrimSuffix(strings.Repeat(holds+",", 99), ",")):           "",
	} {
		value, err := document.Value([]byte("[" + conditions + "]"))
		if err != nil {
			t.Fatal(err)
		}
		problems := checkConditions("conditions", value)
		if want == "" {
			if len(problems) > 0 {
				t.Errorf("%.80s: %+v", conditions, problems)
			}
			continue
		}
		path, code, _ := strings.Cut(want, " ")
		assertProblem(t, problems, path, code)
	}
}

// What a form shows of conditions and reads again is the same, however they are nested.
func TestConditionsStayTheSameThroughAForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list func(depth int) []any
		list = func(depth int) []any {
			var conditions []any
			for range rapid.IntRange(1, 3).Draw(t, "entries") {
				if depth < maxGroups && rapid.Bool().Draw(t, "a group") {
					conditions = append(conditions, map[string]any{"match": rapid.SampledFrom([]string{"all", "any"}).Draw(t, "match"), "conditions": list(depth + 1)})
					continue
				}
				conditions = append(conditions, map[string]any{"value": "{{ input.a }}", "operator": "equals", "other": rapid.SampledFrom([]string{"a", "b"}).Draw(t, "other")})
			}
			return conditions
		}
		stored := list(0)
		read, rows := readConditions(rowsOfConditions(stored), nil)
		if !reflect.DeepEqual(read, any(stored)) || !reflect.DeepEqual(rows, rowsOfConditions(stored)) {
			t.Fatalf("%v became %v with rows %v", stored, read, rows)
		}
	})
}

func TestRowsInAnyOrderMakeConditions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []Row
		for range rapid.IntRange(0, 12).Draw(t, "rows") {
			rows = append(rows, Row{Kind: rapid.SampledFrom([]string{"", "all", "any", GroupEnd, "?"}).Draw(t, "kind"), Value: rapid.SampledFrom([]string{"", "a"}).Draw(t, "value"), Operator: "is_empty"})
		}
		value, kept := readConditions(rows, nil)
		again, keptAgain := readConditions(kept, nil)
		if !reflect.DeepEqual(value, again) || !reflect.DeepEqual(kept, keptAgain) {
			t.Fatalf("%v are read as %v, then as %v", rows, value, again)
		}
	})
}
