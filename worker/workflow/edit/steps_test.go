package edit

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// branching is a definition with a step in each branch of a condition.
func branching() workflow.Definition {
	return workflow.Definition{
		Format: 1, Name: "Branches",
		Steps: []workflow.Step{
			{ID: "fetch", Type: "http_request", Name: "Fetch", Config: map[string]any{"url": "https://example.com"}},
			{
				ID: "large", Type: "condition", Name: "Is it large?",
				Config: map[string]any{"conditions": []any{map[string]any{"value": "{{ steps.fetch.status }}", "operator": "equals", "other": "200"}}},
				Then: []workflow.Step{
					{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"a": "{{ steps.fetch.body }}"}}},
					{ID: "after_note", Type: "set_values", Config: map[string]any{"values": map[string]any{"b": "{{ steps.note.a }}"}}},
				},
				Else: []workflow.Step{{ID: "end", Type: "stop"}},
			},
		},
	}
}

// order lists the ids in document order.
func order(d workflow.Definition) string {
	var ids []string
	workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		ids = append(ids, step.ID)
		return true
	})
	return strings.Join(ids, " ")
}

func TestStepMovesWithinItsListOnly(t *testing.T) {
	d := branching()
	for _, by := range []int{1, 1, -1, 1} { // the second one is beyond the end of its list
		if err := Move(&d, "note", by); err != nil {
			t.Fatal(err)
		}
	}
	if got := order(d); got != "fetch large after_note note end" {
		t.Fatalf("order is %s", got)
	}
}

func TestStepMovesIntoAnotherBranchAndOut(t *testing.T) {
	types := steps.All(steps.Options{})
	for target, want := range map[string]string{
		"large.then@2": "large note after_note fetch end",
		"large.else@0": "large note after_note fetch end",
		"@0":           "fetch large note after_note end",
		"@2":           "large note after_note end fetch",
	} {
		d := branching()
		to, ok := ReadPlace(target)
		if !ok || to.String() != target {
			t.Fatalf("%q reads as %q", target, to)
		}
		if err := MoveTo(&d, "fetch", to, types); err != nil {
			t.Fatal(err)
		}
		if got := order(d); got != want {
			t.Errorf("moved to %s: %s, want %s", target, got, want)
		}
	}
}

func TestStepCannotMoveIntoItselfOrNowhere(t *testing.T) {
	types := steps.All(steps.Options{})
	for _, target := range []string{"large.then@0", "fetch.then@0", "gone.then@0", "large.do@0"} {
		d := branching()
		to, _ := ReadPlace(target)
		if err := MoveTo(&d, "large", to, types); err == nil {
			t.Errorf("moving to %s is allowed", target)
		}
		if got := order(d); got != order(branching()) {
			t.Errorf("a refused move changed the order to %s", got)
		}
	}
}

func TestDuplicateKeepsReferencesInsideTheCopy(t *testing.T) {
	d := branching()
	id, err := Duplicate(&d, "large")
	if err != nil {
		t.Fatal(err)
	}
	if id != "large_2" || order(d) != "fetch large note after_note end large_2 note_2 after_note_2 end_2" {
		t.Fatalf("copy is %s in %s", id, order(d))
	}
	inner, _, _ := workflow.FindStep(&d, "after_note_2")
	if got := inner.Config["values"].(map[string]any)["b"]; got != "{{ steps.note_2.a }}" {
		t.Errorf("the copy refers to %s", got)
	}
	original, _, _ := workflow.FindStep(&d, "after_note")
	if got := original.Config["values"].(map[string]any)["b"]; got != "{{ steps.note.a }}" {
		t.Errorf("the original now refers to %s", got)
	}
}

func TestNoOrderOfEditsLosesOrDoublesAStep(t *testing.T) {
	types := steps.All(steps.Options{})
	rapid.Check(t, func(t *rapid.T) {
		d := branching()
		for range rapid.IntRange(1, 12).Draw(t, "edits") {
			ids := strings.Fields(order(d))
			id := rapid.SampledFrom(ids).Draw(t, "step")
			if rapid.Bool().Draw(t, "swap") {
				_ = Move(&d, id, rapid.SampledFrom([]int{-1, 1}).Draw(t, "by"))
			} else {
				host := rapid.SampledFrom(append(ids, "")).Draw(t, "host")
				to := Place{Step: host, Index: rapid.IntRange(0, 3).Draw(t, "index")}
				if host != "" {
					to.Block = rapid.SampledFrom([]string{"then", "else"}).Draw(t, "block")
				}
				_ = MoveTo(&d, id, to, types) // a refusal must change nothing
			}
			got, want := strings.Fields(order(d)), strings.Fields(order(branching()))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("steps are %v", got)
			}
		}
	})
}
