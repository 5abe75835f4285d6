package workflow

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/worker/document"
)

func testScope() Scope {
	return Scope{
		Input:   map[string]any{"order_id": number("42"), "note": nil, "name": "Ada", "sneaky": "{{ secrets.X }}"},
		Trigger: map[string]any{"type": "manual"},
		Run:     map[string]any{"id": "r1"},
		Steps: map[string]any{"fetch": map[string]any{
			"status":  200,
			"body":    map[string]any{"total": number("100.50"), "items": []any{map[string]any{"name": "tea"}, "x"}, "a b": true, "empty": nil},
			"headers": map[string]any{"content-type": "application/json"},
		}},
		Item: "i", Index: 3,
	}
}

func TestReferencesAreFilledIn(t *testing.T) {
	for text, want := range map[string]any{
		"plain":                                  "plain",
		"{{ input.order_id }}":                   number("42"),
		"{{input.order_id}}":                     number("42"),
		"Order {{ input.order_id }}!":            "Order 42!",
		" {{ input.order_id }}":                  " 42",
		"{{ input.note }}":                       nil,
		"[{{ input.note }}]":                     "[]",
		"{{ steps.fetch.status }}":               200,
		"{{ steps.fetch.body.total }}":           number("100.50"),
		"{{ steps.fetch.body.items[0].name }}":   "tea",
		"{{ steps.fetch.body.items.1 }}":         "x",
		`{{ steps.fetch.body["a b"] }}`:          true,
		"{{ steps.fetch.headers.content-type }}": "application/json",
		"{{ steps.fetch.body.items }}":           []any{map[string]any{"name": "tea"}, "x"},
		"as {{ steps.fetch.body.items }}":        `as [{"name":"tea"},"x"]`,
		"{{ item }}{{ index }}":                  "i3",
		"{{ run.id }}/{{ trigger.type }}":        "r1/manual",
		`{"a":{"b":1}}`:                          `{"a":{"b":1}}`,
		"}} only":                                "}} only",
		// What is inserted is data: it is never read again.
		"{{ input.sneaky }}":      "{{ secrets.X }}",
		"say {{ input.sneaky }}!": "say {{ secrets.X }}!",
	} {
		got, err := resolved(text, testScope())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v; want %#v", text, got, err, want)
		}
	}
}

func TestWhatASwitchedOffStepWouldGiveIsEmpty(t *testing.T) {
	scope := testScope()
	scope.Steps["off"] = Off{}
	for text, want := range map[string]any{"{{ steps.off }}": nil, "{{ steps.off.body.items[0].name }}": nil, "[{{ steps.off.body }}]": "[]"} {
		if got, err := resolved(text, scope); err != nil || got != want {
			t.Errorf("%s: got %#v, %v", text, got, err)
		}
	}
}

func TestReferencesInsideListsAndObjectsAreFilledInWithoutChangingTheConfig(t *testing.T) {
	config := map[string]any{"l": []any{"{{ input.name }}", number("1")}, "{{ input.name }}": true}
	got, err := resolved(config, testScope())
	if err != nil || !reflect.DeepEqual(got, map[string]any{"l": []any{"Ada", number("1")}, "{{ input.name }}": true}) {
		t.Errorf("got %#v, %v", got, err)
	}
	if config["l"].([]any)[0] != "{{ input.name }}" {
		t.Error("the config was changed")
	}
}

func TestReferencesThatCannotBeFilledInFailTheStep(t *testing.T) {
	for text, code := range map[string]string{
		"{{ secrets.TOKEN }}":                    "unknown_secret",
		"Bearer {{ secrets.TOKEN }}":             "unknown_secret",
		"{{ }}":                                  "invalid_reference",
		"{{":                                     "invalid_reference",
		"{{ input.name":                          "invalid_reference",
		"{{ {{ input.name }} }}":                 "invalid_reference",
		"{{ input. }}":                           "invalid_reference",
		"{{ input..name }}":                      "invalid_reference",
		"{{ .name }}":                            "invalid_reference",
		"{{ input[x] }}":                         "invalid_reference",
		"{{ input.name | uper }}":                "invalid_reference",
		"{{ 1 + 1 }}":                            "invalid_reference",
		"{{ " + strings.Repeat("a", 501) + " }}": "invalid_reference",
	} {
		_, err := resolved(text, testScope())
		t.Run(document.Shorten(text, 30), func(t *testing.T) { assertStepError(t, err, code) })
	}
}

func TestWhatIsNotThereIsEmptyAndSaid(t *testing.T) {
	for text, why := range map[string]string{
		"{{ input.nope }}":                  "The workflow has no input “nope”.",
		"{{ steps.nope.body }}":             "The step “nope” has not run.",
		"{{ steps.fetch.body.totel }}":      "“steps.fetch.body” has no “totel”. Did you mean “total”?",
		"{{ steps.fetch.body.items[9] }}":   "“steps.fetch.body.items” is a list with 2 entries; [9] is beyond its end (the first is [0]).",
		"{{ steps.fetch.body.items.name }}": "“steps.fetch.body.items” is a list: choose an entry first, such as [0].",
		"{{ steps.fetch.body.empty.x }}":    "“steps.fetch.body.empty” is empty, so it has no “x”.",
		"{{ steps.fetch.status.x }}":        "“steps.fetch.status” is a single value and has no “x”.",
		"{{ trigger.body.x }}":              "",
		// What need not be there is nothing to talk about.
		"{{ trigger.body }}":             "",
		"{{ trigger.headers }}":          "",
		"{{ steps.fetch.error }}":        "",
		"{{ steps.fetch.error.code }}":   "",
		"{{ input.note }}":               "",
		"{{ steps.fetch.body.empty }}":   "",
		"{{ trigger.schedule_id }}":      "",
		"{{ steps.fetch.body.nothing }}": "“steps.fetch.body” has no “nothing”.",
	} {
		scope, said := testScope(), ""
		scope.Absent = func(reference string, reason func() string) {
			if reference != text {
				t.Errorf("%s is called %s", text, reference)
			}
			said = reason()
		}
		if got, err := resolved(text, scope); got != nil || err != nil || said != why {
			t.Errorf("%s: got %#v, %v; said %q, want %q", text, got, err, said, why)
		}
		if got, err := resolved("<"+text+">", testScope()); got != "<>" || err != nil {
			t.Errorf("<%s>: got %#v, %v", text, got, err)
		}
	}
}

func TestWhyNothingIsThereIsFoundOutOnlyForWhoAsks(t *testing.T) {
	many := map[string]any{}
	for i := range 100_000 {
		many["name_"+itoa(i)] = i
	}
	told := 0
	scope := Scope{Steps: map[string]any{"a": many}, Absent: func(string, func() string) { told++ }}
	began := processorTime(t)
	if _, err := resolved(strings.Repeat("{{ steps.a.nam }}", 1000), scope); err != nil || told != 1000 {
		t.Errorf("%d were told, %v", told, err)
	}
	if spent := processorTime(t) - began; spent > time.Second {
		t.Errorf("it took a processor for %s", spent)
	}
}

func TestReferencesCannotMultiplyALargeAnswer(t *testing.T) {
	scope := Scope{Steps: map[string]any{"a": strings.Repeat("x", 4<<20)}}
	began := processorTime(t)
	_, err := resolved(strings.Repeat("{{ steps.a }}", 1000), scope)
	assertStepError(t, err, "too_large")
	if spent := processorTime(t) - began; spent > time.Second {
		t.Errorf("it took a processor for %s", spent)
	}
	list := []any{}
	for range 1000 {
		list = append(list, "{{ steps.a }}")
	}
	_, err = resolved(list, scope)
	assertStepError(t, err, "too_large")
}

func TestRenamingAStepUpdatesItsReferences(t *testing.T) {
	original := parsed(t, complete)
	d := original.Copy()
	RenameStep(&d, "fetch", "load")
	if was := parsed(t, complete); string(original.Marshal()) != string(was.Marshal()) {
		t.Errorf("what it was copied from became %s", original.Marshal())
	}
	text := string(d.Marshal())
	if strings.Contains(text, "steps.fetch") || !strings.Contains(text, "{{ steps.load.body.total }}") || !strings.Contains(text, "{{ steps.load.status }}") || d.Steps[0].ID != "load" {
		t.Error(text)
	}
	if got := renameIn(`a {{ steps.x["a b"][0].c }} {{ steps.xy }} {{ input.x }} {{`, "x", "y"); got != `a {{ steps.x["a b"][0].c }} {{ steps.xy }} {{ input.x }} {{` {
		t.Errorf("an unreadable text was changed: %s", got)
	}
	if got := renameIn(`a {{steps.x["a b"][0].c}} {{ steps.xy }} {{ input.x }}`, "x", "y"); got != `a {{ steps.y["a b"][0].c }} {{ steps.xy }} {{ input.x }}` {
		t.Errorf("got %s", got)
	}
}

func TestDeletingAStepNamesWhatBreaks(t *testing.T) {
	d := parsed(t, complete)
	problems := BrokenBy(d, "fetch", nil)
	assertProblem(t, problems, "steps[1].config.conditions[0].value", "reference_broken")
	assertProblem(t, problems, "steps[1].then[0].config.url", "reference_broken")
	if len(BrokenBy(d, "is_large", nil)) != 0 || BrokenBy(d, "nope", nil) != nil {
		t.Error("something breaks without need")
	}
}

func FuzzReferences(f *testing.F) {
	for _, seed := range []string{"{{ input.order_id }}", `{{ steps.fetch.body["a b"][0] }} x {{`, "{{ {{ }} }}", "{{ a[0][1].b }}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		references, err := References(text)
		if err != nil {
			return
		}
		for _, reference := range references {
			again, err := References(reference.String())
			if err != nil || len(again) != 1 || again[0].Root != reference.Root || strings.Join(again[0].Path, "\x00") != strings.Join(reference.Path, "\x00") {
				t.Fatalf("%q is written as %q, which reads as %+v, %v", reference.Text, reference, again, err)
			}
		}
		value, err := resolved(text, testScope())
		if err == nil && len(references) == 0 && value != text {
			t.Fatalf("a text without references changed: %q → %v", text, value)
		}
	})
}

func resolved(value any, scope Scope) (any, error) {
	return newResolver(scope, maxInserted).resolve(value)
}

func TestAFieldThatNamesASecretIsGivenItsValue(t *testing.T) {
	type config struct {
		Key  string `json:"key" label:"Key" kind:"secret"`
		Auth struct {
			Key string `json:"key" label:"Key" kind:"secret"`
		} `json:"auth" label:"Sign in"`
		Text string `json:"text" label:"Text" ref:"true"`
	}
	kind := NewStepType(StepType{}, func(context.Context, Call, config) (Outcome, error) { return Outcome{}, nil })
	named := map[string]any{"key": "A", "auth": map[string]any{"key": "B"}, "text": "A {{ input.b }}"}
	if names := kind.SecretsOf(named); !slices.Equal(names, []string{"A", "B"}) {
		t.Errorf("it uses %v", names)
	}
	uses := (Types{"": kind}).SecretsIn(Definition{Steps: []Step{{Config: named}}})
	if len(uses) != 2 || uses[1] != (SecretUse{"steps[0].config.auth.key", "B"}) {
		t.Errorf("it uses %v", uses)
	}
	scope := Scope{Input: map[string]any{"b": "B"}, Secrets: map[string]string{"A": "first", "B": "{{ secrets.A }}"}}
	got, err := kind.Resolve(named, scope)
	if want := map[string]any{"key": "first", "auth": map[string]any{"key": "{{ secrets.A }}"}, "text": "A B"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := kind.Resolve(map[string]any{"key": ""}, scope); err != nil || got["key"] != "" {
		t.Errorf("of none: %v, %v", got, err)
	}
	_, err = kind.Resolve(map[string]any{"key": "C"}, scope)
	assertStepError(t, err, "unknown_secret")
	if !TakesSecrets(kind.Fields) || InsertsSecrets(kind.Fields) {
		t.Error("the form is not given the names of the secrets")
	}
}
