package workflow

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// watching reads a list, keeps some of it, and goes through what is left.
func watching() (Definition, Types) {
	types := testTypes()
	types["sift"] = sift()
	d := Definition{Steps: []Step{
		{ID: "fetch", Type: "call", Name: "Fetch"},
		{ID: "keep", Type: "sift", Config: map[string]any{"list": "{{ steps.fetch.body.orders }}"}},
		{ID: "loop", Type: "repeat", Config: map[string]any{"list": "{{ steps.keep.items }}"}, Do: []Step{
			{ID: "tell", Type: "call"},
			{ID: "lines", Type: "repeat", Config: map[string]any{"list": "{{ item.lines }}"}, Do: []Step{{ID: "line", Type: "call"}}},
		}},
	}}
	return d, types
}

func referencesOf(inserts []Insert) []string {
	list := make([]string, len(inserts))
	for i, insert := range inserts {
		list[i] = insert.Reference
	}
	return list
}

func TestInsertDataOffersThePartsOfWhatStepsGaveLately(t *testing.T) {
	d, types := watching()
	order := map[string]any{"id": number("7"), "customer": map[string]any{"full name": "Ada\nByron"}, "lines": []any{map[string]any{"sku": "a"}}, `odd"]`: true, "{{": 1}
	seen := Seen{"fetch": map[string]any{"status": number("200"), "body": map[string]any{"orders": []any{order}}}}
	tell := Available(d, "tell", types, seen)
	for _, want := range []Insert{
		{"{{ steps.fetch.body.orders }}", "Fetch → body → orders (a list)", "list"},
		{"{{ item.id }}", "Each item → id (such as 7)", "number"},
		{`{{ item.customer["full name"] }}`, "Each item → customer → full name (such as Ada Byron)", "text"},
		{"{{ item.lines }}", "Each item → lines (a list)", "list"},
	} {
		if !slices.Contains(tell, want) {
			t.Errorf("%v is missing in %v", want, tell)
		}
	}
	if all := strings.Join(referencesOf(tell), " "); strings.Contains(all, "odd") {
		t.Errorf("what cannot be written is offered: %s", all)
	}
	if line := referencesOf(Available(d, "line", types, seen)); !slices.Contains(line, "{{ item.sku }}") || slices.Contains(line, "{{ item.id }}") {
		t.Errorf("the inner item is %v", line)
	}
	conditions, _ := types["sift"].Field("conditions")
	if own := referencesOf(conditions.Offers(Available(d, "keep", types, seen), OwnItem(d, "keep", types, seen))); !slices.Contains(own, "{{ item.id }}") {
		t.Errorf("the step's own item is %v", own)
	}
}

func TestWhatWasNeverSeenHasNoPartsUnlessTheyAreCertain(t *testing.T) {
	d, types := watching()
	if tell := referencesOf(Available(d, "tell", types, nil)); slices.ContainsFunc(tell, func(r string) bool { return strings.HasPrefix(r, "{{ item.") }) {
		t.Errorf("parts that nobody knows: %v", tell)
	}
	fetch := types["call"]
	fetch.Outputs = []Output{{Name: "body", Type: "object", Certain: true, Example: map[string]any{"orders": []any{map[string]any{"id": 1}}}}}
	types["call"] = fetch
	for _, seen := range []Seen{nil, {"fetch": map[string]any{"body": nil}}, {"keep": map[string]any{"items": []any{}}}} {
		if tell := referencesOf(Available(d, "tell", types, seen)); !slices.Contains(tell, "{{ item.id }}") {
			t.Errorf("of %v the parts are %v", seen, tell)
		}
	}
}

func TestListsThatLeadInACircleEnd(t *testing.T) {
	d, types := watching()
	d.Steps[1].Config["list"] = "{{ steps.keep.items }}"
	d.Steps[2].Config["list"] = "{{ item }}"
	if tell := Available(d, "tell", types, nil); len(tell) == 0 {
		t.Error("nothing is offered")
	}
}

func TestWhateverWasSeenWhatIsOfferedCanBeReadAndIsBounded(t *testing.T) {
	d, types := watching()
	value := rapid.Deferred(func() *rapid.Generator[any] { return anyValue(4) })
	rapid.Check(t, func(t *rapid.T) {
		seen := Seen{}
		for _, id := range []string{"fetch", "keep", "loop", "tell"} {
			seen[id] = value.Draw(t, id)
		}
		for _, id := range []string{"tell", "line", "keep", "nowhere"} {
			offered := append(Available(d, id, types, seen), OwnItem(d, id, types, seen)...)
			if len(offered) > 2*mostParts+30 {
				t.Fatalf("%d are offered", len(offered))
			}
			for _, insert := range offered {
				if read, err := References(insert.Reference); err != nil || len(read) != 1 || strings.ContainsAny(insert.Label, "\n\r\t") {
					t.Fatalf("%q %q: %v", insert.Reference, insert.Label, err)
				}
			}
		}
	})
}

func anyValue(deep int) *rapid.Generator[any] {
	leaves := rapid.OneOf(rapid.Just[any](nil), rapid.Map(rapid.String(), func(s string) any { return s }), rapid.Map(rapid.Bool(), func(b bool) any { return b }))
	if deep == 0 {
		return leaves
	}
	names := rapid.OneOf(rapid.SampledFrom([]string{"body", "items", "orders", "lines", "0", "a b", `"]`, "}}"}), rapid.String())
	return rapid.OneOf(
		leaves,
		rapid.Map(rapid.MapOfN(names, anyValue(deep-1), 0, 5), func(m map[string]any) any { return m }),
		rapid.Map(rapid.SliceOfN(anyValue(deep-1), 0, 3), func(l []any) any { return l }),
	)
}
