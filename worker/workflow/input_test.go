package workflow

import (
	"reflect"
	"testing"
)

func testInputs() []Input {
	return []Input{
		{Name: "order", Type: "number", Label: "Order number", Required: true},
		{Name: "note", Type: "text"},
		{Name: "size", Type: "choice", Options: []string{"small", "large"}, Default: "small"},
		{Name: "rush", Type: "boolean"},
		{Name: "day", Type: "date"},
		{Name: "extra", Type: "json"},
	}
}

func TestInputIsCompletedWithDefaultsAndEmptyValues(t *testing.T) {
	got, problems := CheckInput(testInputs(), map[string]any{"order": number("7"), "rush": false, "day": "2026-02-28", "extra": []any{}})
	want := map[string]any{"order": number("7"), "note": nil, "size": "small", "rush": false, "day": "2026-02-28", "extra": []any{}}
	if len(problems) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v %+v", got, problems)
	}
}

func TestClearedInputTakesNoDefault(t *testing.T) {
	inputs := []Input{
		{Name: "note", Type: "text", Default: "please call"},
		{Name: "size", Type: "choice", Options: []string{"small"}, Default: "small"},
		{Name: "count", Type: "number", Default: number("1")},
		{Name: "must", Type: "text", Default: "x", Required: true},
	}
	got, problems := CheckInput(inputs, map[string]any{"note": Cleared{}, "size": Cleared{}})
	want := map[string]any{"note": nil, "size": nil, "count": number("1"), "must": "x"}
	if len(problems) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v %+v", got, problems)
	}
	_, problems = CheckInput(inputs, map[string]any{"must": Cleared{}})
	assertProblem(t, problems, "input.must", "required")
}

func TestInputThatDoesNotFitIsRefusedAtItsField(t *testing.T) {
	for path, c := range map[string]struct {
		given map[string]any
		code  string
	}{
		"input.order": {map[string]any{}, "required"},
		"input.note":  {map[string]any{"order": number("1"), "note": number("5")}, "wrong_type"},
		"input.size":  {map[string]any{"order": number("1"), "size": "medium"}, "invalid_value"},
		"input.rush":  {map[string]any{"order": number("1"), "rush": "true"}, "wrong_type"},
		"input.day":   {map[string]any{"order": number("1"), "day": "2026-02-30"}, "invalid_value"},
		"input.ordr":  {map[string]any{"order": number("1"), "ordr": number("1")}, "unknown_field"},
	} {
		_, problems := CheckInput(testInputs(), c.given)
		assertProblem(t, problems, path, c.code)
	}
	_, problems := CheckInput(testInputs(), map[string]any{"order": "7"})
	assertProblem(t, problems, "input.order", "wrong_type")
}

func TestFormTextsBecomeTypedValues(t *testing.T) {
	inputs := testInputs()
	for _, c := range []struct {
		input int
		text  string
		want  any
	}{
		{0, " 42 ", number("42")},
		{0, "", nil},
		{1, " two ", " two "},
		{1, "", nil},
		{2, "large", "large"},
		{3, "", false},
		{3, "on", true},
		{3, "no", false},
		{4, "2026-12-24", "2026-12-24"},
		{5, `{"a":[1]}`, map[string]any{"a": []any{number("1")}}},
	} {
		got, problem := ParseFormInput(inputs[c.input], c.text)
		if problem != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %q: got %#v %+v", inputs[c.input].Name, c.text, got, problem)
		}
	}
	for _, c := range []struct {
		input int
		text  string
	}{{0, "1,5"}, {0, "abc"}, {0, "1e999999"}, {0, "0x10"}, {0, `"5"`}, {1, "a\x00b"}, {2, "medium"}, {3, "perhaps"}, {4, "24.12.2026"}, {5, "{"}, {5, `{"a":1,"a":2}`}, {5, `"\u0000"`}} {
		_, problem := ParseFormInput(inputs[c.input], c.text)
		if problem == nil {
			t.Errorf("%s: %q was taken", inputs[c.input].Name, c.text)
			continue
		}
		assertSentence(t, problem.Message)
	}
}
