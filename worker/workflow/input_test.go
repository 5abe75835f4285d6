package workflow

import (
	"reflect"
	"slices"
	"strings"
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
		{0, "1.234,50", number("1234.50")},
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
	}{{0, "1,234"}, {0, "abc"}, {0, "1e999999"}, {0, "0x10"}, {0, `"5"`}, {1, "a\x00b"}, {2, "medium"}, {3, "perhaps"}, {4, "24.12.2026"}, {5, "{"}, {5, `{"a":1,"a":2}`}, {5, `"\u0000"`}} {
		_, problem := ParseFormInput(inputs[c.input], c.text)
		if problem == nil {
			t.Errorf("%s: %q was taken", inputs[c.input].Name, c.text)
			continue
		}
		assertSentence(t, problem.Message)
	}
}

// kindInputs are those of the kinds that a form for people without an account needs
// (kestra#3881: several lines; SparkDevNetwork/Rock#7051: a tick that must be ticked).
func kindInputs() []Input {
	return []Input{
		{Name: "message", Type: "long_text"},
		{Name: "email", Type: "email"},
		{Name: "phone", Type: "phone"},
		{Name: "site", Type: "url"},
		{Name: "at", Type: "time"},
		{Name: "when", Type: "date_time", TimeZone: "Europe/Berlin"},
		{Name: "sizes", Type: "choices", Options: []string{"S", "M", "L, wide"}},
		{Name: "cv", Type: "file"},
		{Name: "photos", Type: "files"},
		{Name: "sure", Type: "boolean", Display: DisplayRadio},
	}
}

func TestInputOfEachKindIsChecked(t *testing.T) {
	file := map[string]any{"name": "a.txt", "type": "text/plain", "size": number("3"), "data": "YWJj"}
	right := map[string]any{
		"message": "two\nlines", "email": "anna@example.com", "phone": "+49 30 1234567", "site": "https://example.com/a?b", "at": "18:30",
		"when": "2026-12-24T18:30:00+01:00", "sizes": []any{"S", "L, wide"}, "cv": file, "photos": []any{file, file}, "sure": false,
	}
	if got, problems := CheckInput(kindInputs(), right); len(problems) > 0 || !reflect.DeepEqual(got, right) {
		t.Errorf("got %#v %+v", got, problems)
	}
	many := make([]any, 11)
	for i := range many {
		many[i] = file
	}
	for _, c := range []struct {
		name  string
		value any
		code  string
	}{
		{"message", number("1"), "wrong_type"},
		{"email", "anna", "invalid_value"},
		{"email", []any{"anna@example.com"}, "invalid_value"},
		{"phone", "call me", "invalid_value"},
		{"site", "javascript:alert(1)", "invalid_value"},
		{"at", "half past six", "invalid_value"},
		{"when", "2026-12-24T18:30", "invalid_value"},
		{"sizes", "S", "invalid_value"},
		{"sizes", []any{"S", "XL"}, "invalid_value"},
		{"sizes", []any{"S", "S"}, "invalid_value"},
		{"cv", "YWJj", "invalid_value"},
		{"cv", []any{file}, "invalid_value"},
		{"photos", file, "invalid_value"},
		{"photos", many, "invalid_value"},
		{"sure", "false", "wrong_type"},
	} {
		_, problems := CheckInput(kindInputs(), map[string]any{c.name: c.value})
		assertProblem(t, problems, "input."+c.name, c.code)
		for _, problem := range problems {
			assertSentence(t, problem.Message)
		}
	}
}

func TestFormTextsOfEachKindBecomeValues(t *testing.T) {
	inputs := map[string]Input{}
	for _, input := range kindInputs() {
		inputs[input.Name] = input
	}
	for _, c := range []struct {
		name  string
		texts []string
		want  any
	}{
		{"message", []string{" two\nlines\n"}, " two\nlines\n"},
		{"message", []string{" \n"}, nil},
		{"email", []string{" anna@example.com "}, "anna@example.com"},
		{"site", []string{"example.com/a"}, "https://example.com/a"},
		{"when", []string{"2026-12-24T18:30"}, "2026-12-24T18:30:00+01:00"},
		{"when", []string{"2026-07-24T18:30Z"}, nil},
		{"sizes", nil, nil},
		{"sizes", []string{""}, nil},
		{"sizes", []string{"S", "L, wide"}, []any{"S", "L, wide"}},
		{"sizes", []string{"L, wide"}, []any{"L, wide"}},
		{"sizes", []string{"S, M"}, []any{"S", "M"}},
		{"sizes", []string{"S\nL, wide\n"}, []any{"S", "L, wide"}},
		{"sizes", []string{"S", "S"}, []any{"S"}},
		{"cv", []string{""}, nil},
		{"sure", []string{"false"}, false},
		{"sure", []string{"true"}, true},
	} {
		got, problem := ParseFormInput(inputs[c.name], c.texts...)
		if c.name == "when" && c.want == nil {
			if problem == nil {
				t.Errorf("%q was taken as %v", c.texts, got)
			}
			continue
		}
		if problem != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %q: got %#v %+v", c.name, c.texts, got, problem)
		}
	}
	for name, text := range map[string]string{
		"email": "anna", "phone": "none", "site": "nothing", "at": "6", "when": "2026-03-29T02:30", "sizes": "S, XL", "cv": "a.txt", "message": "a\x00b",
	} {
		_, problem := ParseFormInput(inputs[name], text)
		if problem == nil {
			t.Errorf("%s: %q was taken", name, text)
			continue
		}
		assertSentence(t, problem.Message)
	}
}

// A program that sends false for a boolean that is required has always been taken:
// only a definition that says so refuses it.
func TestRequiredBooleanTakesFalseUnlessItMustBeTrue(t *testing.T) {
	old := []Input{{Name: "terms", Type: "boolean", Required: true}}
	if _, problems := CheckInput(old, map[string]any{"terms": false}); len(problems) > 0 {
		t.Errorf("false is refused: %+v", problems)
	}
	_, problems := CheckInput(old, map[string]any{})
	assertProblem(t, problems, "input.terms", "required")
	must := []Input{{Name: "terms", Type: "boolean", Required: true, MustBeTrue: true}}
	if _, problems := CheckInput(must, map[string]any{"terms": true}); len(problems) > 0 {
		t.Errorf("true is refused: %+v", problems)
	}
	for given, code := range map[any]string{false: "must_be_true", nil: "required", "{{ input.x }}": "wrong_type"} {
		_, problems := CheckInput(must, map[string]any{"terms": given})
		assertProblem(t, problems, "input.terms", code)
	}
}

func TestWhatAnInputCannotBeIsSaid(t *testing.T) {
	for path, input := range map[string]Input{
		"options":      {Type: "text", Options: []string{"a"}},
		"display":      {Type: "text", Display: DisplayRadio},
		"must_be_true": {Type: "boolean", MustBeTrue: true},
		"hidden":       {Type: "file", Hidden: true},
		"time_zone":    {Type: "date", TimeZone: "Europe/Berlin"},
		"default":      {Type: "file", Default: map[string]any{"name": "a"}},
	} {
		input.Name = "x"
		problems := Checker{Types: testTypes()}.Check(Definition{Format: 1, Name: "N", Inputs: []Input{input}})
		assertProblem(t, problems, "inputs[0]."+path, "not_applicable")
	}
	for path, c := range map[string]struct {
		input Input
		code  string
	}{
		"inputs[0].hidden":     {Input{Type: "boolean", Required: true, Hidden: true}, "not_applicable"},
		"inputs[0].display":    {Input{Type: "choice", Options: []string{"a"}, Display: "list"}, "invalid_value"},
		"inputs[0].time_zone":  {Input{Type: "date_time", TimeZone: "Berlin"}, "unknown_time_zone"},
		"inputs[0].options":    {Input{Type: "choices"}, "required"},
		"inputs[0].default":    {Input{Type: "choices", Options: []string{"a"}, Default: []any{"b"}}, "invalid_value"},
		"inputs[0].type":       {Input{Type: "colour"}, "invalid_value"},
		"inputs[0].options[1]": {Input{Type: "choices", Options: []string{"a", "a"}}, "duplicate_value"},
	} {
		c.input.Name = "x"
		problems := Checker{Types: testTypes()}.Check(Definition{Format: 1, Name: "N", Inputs: []Input{c.input}})
		assertProblem(t, problems, path, c.code)
	}
}

func TestInputOfATypeThatIsNotKnownIsOfANewerProgram(t *testing.T) {
	if _, what, _ := testTypes().Load([]byte(`{"format":1,"name":"N","inputs":[{"name":"x","type":"colour"}],"steps":[]}`)); what != "the question “x”" {
		t.Errorf("it is beyond this program in %q", what)
	}
	if _, what, _ := testTypes().Load([]byte(`{"format":1,"name":"N","inputs":[{"name":"x","type":"files"}],"steps":[]}`)); what != "" {
		t.Errorf("a known type is beyond this program: %q", what)
	}
}

func TestFormLeadsToHTTPSOnlyOrSaysSomething(t *testing.T) {
	long := make([]rune, 2001)
	for i := range long {
		long[i] = 'ä'
	}
	for name, c := range map[string]struct {
		trigger    Trigger
		path, code string
	}{
		"http":              {Trigger{Redirect: "http://example.com"}, "redirect", "invalid_value"},
		"a script":          {Trigger{Redirect: "javascript:alert(1)"}, "redirect", "invalid_value"},
		"from what is sent": {Trigger{Redirect: "https://{{ input.host }}/"}, "redirect", "invalid_value"},
		"both":              {Trigger{Redirect: "https://example.com", Thanks: "Thanks."}, "redirect", "not_applicable"},
		"long words":        {Trigger{Thanks: string(long)}, "thanks", "too_long"},
		"of a webhook":      {Trigger{Type: "webhook", Thanks: "Thanks."}, "thanks", "not_applicable"},
		"of a schedule":     {Trigger{Type: "schedule", Redirect: "https://example.com"}, "redirect", "not_applicable"},
	} {
		if c.trigger.ID = "form"; c.trigger.Type == "" {
			c.trigger.Type = "form"
		}
		problems := Checker{Types: testTypes()}.Check(Definition{Format: 1, Name: "N", Triggers: []Trigger{c.trigger}})
		t.Log(name)
		assertProblem(t, problems, "triggers[0]."+c.path, c.code)
	}
	for _, trigger := range []Trigger{{Thanks: string(long[1:])}, {Redirect: "https://example.com/thanks?x=1"}, {}} {
		trigger.ID, trigger.Type = "form", "form"
		if problems := mineOf(Checker{Types: testTypes()}.Check(Definition{Format: 1, Name: "N", Triggers: []Trigger{trigger}}), "triggers"); len(problems) > 0 {
			t.Errorf("%+v is refused: %+v", trigger, problems)
		}
	}
}

func mineOf(problems []Problem, root string) []Problem {
	return slices.DeleteFunc(problems, func(p Problem) bool { return !strings.HasPrefix(p.Path, root) })
}

func TestWhatIsWrongWithAQuestionNamesIt(t *testing.T) {
	input := Input{Name: "q12", Label: "Your data", Type: "json"}
	if _, problem := ParseFormInput(input, "{"); problem == nil || !strings.HasPrefix(problem.Message, "“Your data”: ") {
		t.Errorf("it says %+v", problem)
	}
	definition := Definition{Format: 1, Name: "Ask", Inputs: []Input{{Name: "q12", Label: "Colour", Type: "choice"}}}
	problems := Checker{Types: testTypes()}.Check(definition)
	if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Message == "List what one can choose from in “Colour”." }) {
		t.Errorf("it says %+v", problems)
	}
}
