package workflow

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"workflows/worker/document"
)

func TestWordsChangeWhatIsInserted(t *testing.T) {
	for text, want := range map[string]any{
		"{{ input.name | upper }}":                                  "ADA",
		"Hello {{ input.name | lower | cut 2 }}!":                   "Hello ad!",
		"{{ steps.fetch.body.total | round 0 }}":                    json.Number("101"),
		"{{ steps.fetch.body.total | plus input.order_id }}":        json.Number("142.5"),
		"{{ steps.fetch.body.nothing | default 0 }}":                json.Number("0"),
		"{{ input.note | default input.name }}":                     "Ada",
		"{{ steps.fetch.body.items | count }}":                      json.Number("2"),
		`{{ input.name | replace "A" "}} | {{" }}`:                  "}} | {{da",
		`{{ "{{" }}name{{ "}}" }}`:                                  "{{name}}",
		`{{ "{{" }}`:                                                "{{",
		`{{ "a \"b\"" | upper }}`:                                   `A "B"`,
		`{{ now | date "yyyy" }}`:                                   "2026",
		`{{ steps.fetch.body["a b"] | text }}`:                      "true",
		"{{ item }}-{{ index | plus 1 }}":                           "i-4",
		`{{ steps.nope.list | default "[]" | parse_json | count }}`: json.Number("0"),
	} {
		scope := testScope()
		scope.Now = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
		scope.Absent = func(reference string, why func() string) { t.Errorf("%s: %s", reference, why()) }
		got, err := resolved(text, scope)
		if err != nil || string(document.JSON(got)) != string(document.JSON(want)) {
			t.Errorf("%s: got %#v, %v; want %#v", text, got, err, want)
		}
	}
	_, err := resolved("{{ input.name | plus 1 }}", testScope())
	assertStepError(t, err, "cannot_change")
	_, err = resolved("{{ input.name | uper }}", testScope())
	assertStepError(t, err, "invalid_reference")
	if !strings.Contains(err.Error(), "upper") {
		t.Errorf("the likely word is missing: %v", err)
	}
}

func TestReferencesInWordsAreReferences(t *testing.T) {
	text := `a {{ steps.fetch.x | default steps.other["a b"].y | round 2 }} {{ "{{" }} {{ input.n | plus steps.fetch.z }}`
	var used []string
	for _, reference := range Used(text) {
		used = append(used, strings.Join(append([]string{reference.Root}, reference.Path...), "/"))
	}
	if want := []string{"steps/fetch/x", "steps/other/a b/y", "input/n", "steps/fetch/z"}; !reflect.DeepEqual(used, want) {
		t.Errorf("used are %v", used)
	}
	odd := Reference{Root: "steps", Path: []string{"a", "b|c", "d e", "0"}}
	if again, err := References(odd.String()); err != nil || !reflect.DeepEqual(again[0].Path, odd.Path) {
		t.Errorf("%s reads as %v, %v", odd, again, err)
	}
	renamed := renameIn(renameIn(text, "fetch", "get"), "other", "else")
	if want := `a {{ steps.get.x | default steps.else["a b"].y | round 2 }} {{ "{{" }} {{ input.n | plus steps.get.z }}`; renamed != want {
		t.Errorf("renamed to %s", renamed)
	}
	for name, c := range map[string]struct{ text, code string }{
		"unknown step":        {"{{ input.n | default steps.zz.x }}", "unknown_reference"},
		"unknown word":        {"{{ input.n | rond 2 }}", "invalid_reference"},
		"wrong argument":      {`{{ input.n | round "x" }}`, "invalid_reference"},
		"no braces around it": {`{{ input.n | default {{ input.m }} }}`, "invalid_reference"},
	} {
		t.Run(name, func(t *testing.T) {
			assertProblem(t, checked(t, withSteps(call("a", strings.ReplaceAll(c.text, `"`, `\"`)))), "steps[0].config.url", c.code)
		})
	}
	changed := `{"id":"a","type":"call","config":{"url":"u","token":"{{ secrets.X | upper }}"}}`
	assertProblem(t, checked(t, withSteps(changed)), "steps[0].config.token", "secret_not_allowed")
	changed = `{"id":"a","type":"call","config":{"url":"u","token":"{{ input.n | default secrets.X }}"}}`
	assertProblem(t, checked(t, withSteps(changed)), "steps[0].config.token", "secret_not_allowed")
}

// A word that this program does not know is a newer one's, like a step type; what is
// wrong with a known one is not.
func TestAWordOfANewerProgramIsBeyondThisOne(t *testing.T) {
	for words, beyond := range map[string]bool{"| round 2": false, "| shine": true, `| round "x"`: false, "| round 2 | shine 3": true, "": false} {
		_, what, _ := testTypes().Load([]byte(`{"format":1,"name":"N","steps":[{"id":"a","type":"call","config":{"url":"{{ input.n ` + strings.ReplaceAll(words, `"`, `\"`) + ` }}"}}]}`))
		if (what != "") != beyond {
			t.Errorf("%s: %q is beyond this program", words, what)
		}
	}
	conditions := `{"id":"t","type":"webhook","filter":{"conditions":[{"value":"{{ trigger.body.n | shine }}","operator":"equals","other":"1"}]}}`
	if _, what := BeyondTrigger([]byte(conditions)); what == "" {
		t.Error("a webhook's filter with a newer word is not beyond this program")
	}
}

// A config may hold thousands of references: what their words take together is bounded.
func TestWordsOfManyReferencesAreBoundedTogether(t *testing.T) {
	list := make([]any, 20_000)
	for i := range list {
		list[i] = map[string]any{"n": json.Number(itoa(len(list) - i))}
	}
	began := processorTime(t)
	_, err := newResolver(Scope{Input: map[string]any{"l": list}}, 64*maxInserted).resolve(strings.Repeat(`{{ input.l | sort_by "n" | count }} `, 1000))
	assertStepError(t, err, "cannot_change")
	if spent := processorTime(t) - began; spent > 3*time.Second {
		t.Errorf("it took a processor for %s", spent)
	}
}

func TestANarrowedScopeKeepsWhatWordsNeed(t *testing.T) {
	scope := Scope{Input: map[string]any{"a": "x", "d": "fallback"}, Steps: map[string]any{"s": map[string]any{"n": "7"}}}
	config := map[string]any{"list": []any{}, "a": "{{ input.a | upper }}", "b": "{{ input.zz | default steps.s.n }}", "bad": "{{ input.a | plus 1 }}", "name": map[string]any{"text": "{{ item.no | default input.d }}"}}
	narrow, _ := scope.Narrowed(config)
	if len(narrow.Input)+len(narrow.Steps) > 0 {
		t.Errorf("it keeps %v", narrow)
	}
	for text, want := range map[string]any{"{{ input.a | upper }}": "X", "{{ input.zz | default steps.s.n }}": "7"} {
		if got, err := newResolver(narrow, maxInserted).resolve(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	_, err := newResolver(narrow, maxInserted).resolve("{{ input.a | plus 1 }}")
	assertStepError(t, err, "cannot_change")
	filled, err := sift().PerItem(narrow)("{{ item.no | default input.d }}", map[string]any{}, 0)
	if err != nil || filled != "fallback" {
		t.Errorf("per item: %v, %v", filled, err)
	}
}
