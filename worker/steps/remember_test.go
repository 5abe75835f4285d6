package steps

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// past is what earlier runs have left behind, in the place of the engine.
type past struct {
	t      *testing.T
	kind   workflow.StepType
	scopes map[string]*workflow.Recalled
}

func newPast(t *testing.T, options Options, name string) *past {
	return &past{t, All(options)[name], map[string]*workflow.Recalled{}}
}

func (p *past) recall(_ context.Context, scope string, items []string) (workflow.Recalled, error) {
	known := p.scopes[scope]
	if known == nil {
		return workflow.Recalled{}, nil
	}
	found := *known
	found.Seen = map[string]bool{}
	for _, item := range items {
		if known.Seen[item] {
			found.Seen[item] = true
		}
	}
	return found, nil
}

func (p *past) call(config map[string]any) workflow.Call {
	return workflow.Call{StepID: "s", Config: config, Now: pastNow, PerItem: p.kind.PerItem(workflow.Scope{}), Recall: p.recall}
}

var pastNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// leave remembers what a step leaves behind.
func (p *past) leave(outcome workflow.Outcome) {
	p.t.Helper()
	for _, left := range outcome.Leaves {
		seen := left.(workflow.Remembered)
		if !slices.Contains(p.kind.Keeps, seen.LeftAs()) || len(slices.Compact(slices.Sorted(slices.Values(slices.Concat(seen.New, seen.Again))))) != len(seen.New)+len(seen.Again) {
			p.t.Errorf("left is %+v", seen)
		}
		known := p.scopes[seen.Scope]
		if known == nil {
			known = &workflow.Recalled{Since: pastNow, Seen: map[string]bool{}}
			p.scopes[seen.Scope] = known
		}
		for _, item := range seen.New {
			known.Seen[item] = true
		}
		known.Note, known.Count, known.Stale = seen.Note, len(known.Seen), false
	}
}

// run executes the step and leaves behind what it leaves behind.
func (p *past) run(config map[string]any) (map[string]any, error) {
	p.t.Helper()
	outcome, err := p.kind.Execute(p.t.Context(), p.call(config))
	p.leave(outcome)
	output, _ := outcome.Output.(map[string]any)
	return output, err
}

func TestRememberGivesWhatNoEarlierRunHasSeen(t *testing.T) {
	p := newPast(t, Options{}, "remember")
	for i, c := range []struct{ list, items string }{
		{`[]`, `[]`},
		{`[{"id": 1, "x": 1}, {"id": 2}, {"id": 1, "x": 2}]`, `[{"id":1,"x":1},{"id":2}]`},
		{`[{"id": 2, "x": 5}, {"id": 1.0}, {"id": 3}]`, `[{"id":3}]`},
		{`[{"id": "3"}]`, `[]`},
		{`[{"name": "no id"}, {"name": "no id"}, {"name": "another"}]`, `[{"name":"no id"},{"name":"another"}]`},
		{`[{"name": "no id"}, {"id": 4}]`, `[{"id":4}]`},
	} {
		output, err := p.run(map[string]any{"list": valueOf(t, c.list), "key": "id"})
		if got := string(document.JSON(output["items"])); err != nil || got != c.items || fmt.Sprint(output["count"]) != fmt.Sprint(len(output["items"].([]any))) {
			t.Errorf("%d: %s %v", i, got, err)
		}
	}
	output, err := p.run(map[string]any{"list": []any{}, "key": "{{ item.id }}"})
	if err != nil || output["remembered"] != 6 || output["since"] != "2026-11-23T12:00:00.000000Z" {
		t.Errorf("%v %v", output, err)
	}
	if part := p.kind.RunPart(nil, output); part == nil || len(part.Facts) != 3 || part.Facts[2].Value != "23 November 2026, 12:00 UTC" {
		t.Errorf("%+v", part)
	}
}

func TestRememberCanBeginWithWhatComesLater(t *testing.T) {
	p := newPast(t, Options{}, "remember")
	for i, c := range []struct{ list, items string }{{`["a", "b"]`, `[]`}, {`["a", "c"]`, `["c"]`}} {
		output, err := p.run(map[string]any{"list": valueOf(t, c.list), "first_run": "none"})
		if got := string(document.JSON(output["items"])); err != nil || got != c.items {
			t.Errorf("%d: %s %v", i, got, err)
		}
	}
}

func TestRememberStoresNothingWhereNothingIsNew(t *testing.T) {
	p := newPast(t, Options{}, "remember")
	stored := func() int {
		t.Helper()
		outcome, err := p.kind.Execute(t.Context(), workflow.Call{Config: map[string]any{"list": []any{"a"}}, Recall: p.recall})
		if err != nil {
			t.Fatal(err)
		}
		return len(outcome.Leaves)
	}
	if stored() != 1 {
		t.Error("the first run leaves nothing")
	}
	if _, err := p.run(map[string]any{"list": []any{"a"}}); err != nil || stored() != 0 {
		t.Errorf("what is known is stored again, %v", err)
	}
	for known := range maps.Values(p.scopes) {
		known.Stale = true
	}
	if stored() != 1 {
		t.Error("what has been seen all the time is never renewed")
	}
}

func TestRememberIsBounded(t *testing.T) {
	p := newPast(t, Options{}, "remember")
	_, err := p.run(map[string]any{"list": []any{"a", "b", "c"}, "keep": 2})
	assertFails(t, err, "too_many_items", true)
	_, err = p.run(map[string]any{"list": "abc"})
	assertFails(t, err, "not_a_list", true)
	for _, keep := range []any{0, 100_001, 1.5} {
		if !hasProblem(problemsOf(Options{}, "remember", map[string]any{"list": []any{"a"}, "keep": keep}), "keep", "out_of_range") {
			t.Errorf("%v passed", keep)
		}
	}
	if problems := problemsOf(Options{}, "remember", map[string]any{"list": "{{ input.x }}", "key": "{{ item.id }}", "first_run": "none", "keep": 5}); len(problems) > 0 {
		t.Errorf("%+v", problems)
	}
}
