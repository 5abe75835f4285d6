package workflow

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	"workflows/worker/document"
)

// What a call keeps of a scope gives the same as the scope, and is small until it is
// opened.
func TestANarrowedScopeGivesTheSame(t *testing.T) {
	large := map[string]any{"id": number("12345678901234567890"), "text": strings.Repeat("x", FreeBytes), "list": []any{map[string]any{"a": "b"}}}
	scope := Scope{
		Input: map[string]any{"name": "Anna"}, Trigger: map[string]any{"type": "manual"}, Run: map[string]any{"id": "r"},
		Steps: map[string]any{"a": large, "off": Off{}}, Item: map[string]any{"n": number("7")}, Index: 3,
		Secrets: map[string]string{"KEY": "first"},
	}
	config := map[string]any{
		"whole": "{{ steps.a }}", "part": "{{ steps.a.id }}", "entry": "{{ steps.a.list[0].a }}", "nothing": "{{ steps.off.x }}",
		"text": "{{ input.name }}: {{ steps.a.text }}, {{ index }} {{ item.n }} {{ trigger.type }} {{ run.id }}",
		"deep": []any{map[string]any{"auth": "Bearer {{ secrets.KEY }}"}}, "plain": number("1"),
	}
	kind := testTypes()["call"]
	want, err := kind.Resolve(config, scope)
	if err != nil {
		t.Fatal(err)
	}
	narrow, bytes := scope.Narrowed(config)
	if bytes < 2*FreeBytes || bytes > 3*FreeBytes {
		t.Errorf("%d bytes are laid aside", bytes)
	}
	if len(narrow.Steps) > 0 || narrow.Secrets != nil {
		t.Errorf("it keeps %v", narrow)
	}
	open, err := narrow.Opened()
	if err != nil {
		t.Fatal(err)
	}
	open.Secrets = map[string]string{"KEY": "first"}
	got, err := kind.Resolve(config, open)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("it gives %v, %v", got, err)
	}
	open.Secrets["KEY"] = "second"
	if got, _ = kind.Resolve(config, open); got["deep"].([]any)[0].(map[string]any)["auth"] != "Bearer second" {
		t.Errorf("a secret that has changed gives %v", got["deep"])
	}

	missing := map[string]any{"a": "{{ steps.a.nothing }}", "b": "<{{ steps.other }}>"}
	narrow, _ = scope.Narrowed(missing)
	if got, err := kind.Resolve(missing, narrow); err != nil || !reflect.DeepEqual(got, map[string]any{"a": nil, "b": "<>"}) {
		t.Errorf("what is missing is %v, %v", got, err)
	}
}

// Inside a for_each a step has an item around it, and may go through items of its own.
func TestANarrowedScopeFillsInItsOwnItems(t *testing.T) {
	config := map[string]any{"list": "{{ item.orders }}", "name": map[string]any{"text": "{{ item.id }} of {{ input.shop }}, {{ index }}"}}
	narrow, _ := Scope{Input: map[string]any{"shop": "S"}, Item: map[string]any{"orders": []any{}}, Index: 1}.Narrowed(config)
	filled, err := sift().PerItem(narrow)("{{ item.id }} of {{ input.shop }}, {{ index }}", map[string]any{"id": number("9")}, 0)
	if err != nil || filled != "9 of S, 0" {
		t.Errorf("it is filled in as %v, %v", filled, err)
	}
	if resolved, err := sift().Resolve(config, narrow); err != nil || !reflect.DeepEqual(resolved["list"], []any{}) {
		t.Errorf("it is resolved as %v, %v", resolved, err)
	}
}

func TestWordsThatDependOnAStepsOwnItemChangeWhatEarlierStepsGave(t *testing.T) {
	stepType := StepType{Fields: []Field{{Name: "by", Kind: textKind(), Reference: true, Each: true}}}
	rows := []any{"x", "y", strings.Repeat("z", FreeBytes)}
	scope := Scope{Input: map[string]any{"n": 10}, Steps: map[string]any{"a": map[string]any{"rows": rows}}}
	text := "{{ steps.a.rows | at index }} {{ input.n | plus item }} {{ steps.a.rows | count }}"
	narrow, _ := scope.Narrowed(map[string]any{"by": text})
	narrow, err := narrow.Opened()
	if err != nil {
		t.Fatal(err)
	}
	for name, scope := range map[string]Scope{"whole": scope, "narrowed": narrow} {
		fill := stepType.PerItem(scope)
		for i, want := range []string{"x 15 3", "y 15 3"} {
			if got, err := fill(text, 5, i); err != nil || got != want {
				t.Errorf("%s: item %d gives %v, %v; want %s", name, i, got, err, want)
			}
		}
	}
}

func TestALargeOutputIsReadAFewTimesHoweverOftenItIsInserted(t *testing.T) {
	large := []byte(`{"body":[` + strings.Repeat(`"abc",`, 200_000) + `1]}`)
	read := func(times int) (made uint64) { // each entry that is read is made
		scope := Scope{Steps: map[string]any{"a": document.NewLazy(large)}}
		text := strings.Repeat("{{ steps.a.body | count }} ", times)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := StepType{}.Resolve(map[string]any{"text": text}, scope)
		runtime.ReadMemStats(&after)
		if want := strings.Repeat("200001 ", times); err != nil || got["text"] != want {
			t.Errorf("%v %v", got, err)
		}
		return after.Mallocs - before.Mallocs
	}
	once := read(1)
	if often := read(200); once < 200_000 || often > 10*once {
		t.Errorf("200 times make %d things, once %d", often, once)
	}
}
