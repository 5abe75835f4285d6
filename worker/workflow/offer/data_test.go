package offer

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// Whatever was seen: what is offered can be read, is what it is said to be, and is bounded.
func TestWhateverWasSeenWhatIsOfferedIsWhatItIsShownToBe(t *testing.T) {
	d, types := watching()
	value := rapid.Deferred(func() *rapid.Generator[any] { return anyValue(4) })
	rapid.Check(t, func(t *rapid.T) {
		seen := Seen{}
		for _, id := range []string{"fetch", "keep", "loop", "tell"} {
			seen[id] = map[string]any{"body": value.Draw(t, id+" body"), "status": value.Draw(t, id+" status"), "items": value.Draw(t, id+" items")}
		}
		sent := map[string]any{"body": value.Draw(t, "sent"), "headers": map[string]any{}, "query": map[string]any{}}
		d.Triggers = []workflow.Trigger{{ID: "hook", Type: "webhook"}}
		for _, id := range []string{"tell", "line", "keep", "nowhere"} {
			known := Know(d, types, Samples{Steps: seen, StepsFrom: map[string]Origin{"fetch": {Kind: FromRun}, "keep": {Kind: FromRun}}, Trigger: sent})
			sources := known.Offered(id, anything())
			offered := all(sources)
			if len(offered) > mostInAll+60 {
				t.Fatalf("%d are offered", len(offered))
			}
			scope := workflow.Scope{Steps: seen, Trigger: sent, Item: known.loopItem(id)}
			for _, source := range sources {
				if source.StepID != "" && source.From.Kind == "" {
					continue // it follows another list, which was not seen of this step
				}
				for _, data := range all([]Source{source}) {
					if data.Reference == "" {
						continue
					}
					if strings.ContainsAny(data.Name+data.Words+data.Shown, "\n\r\t") {
						t.Fatalf("%+v breaks a line", data)
					}
					r, one := workflow.TheReference(data.Reference)
					if !one {
						t.Fatalf("%q cannot be read", data.Reference)
					}
					given, err := resolved(data.Reference, scope)
					if err != nil {
						t.Fatalf("%q fails: %v", data.Reference, err)
					}
					if shown := ShownShort(given); data.Known && shown != data.Shown && r.Path != nil && source.From.Kind != "" {
						t.Fatalf("%s is %q and is shown as %q", data.Reference, shown, data.Shown)
					}
				}
			}
		}
	})
}

func TestWhatIsVeryLargeIsCutAndSaid(t *testing.T) {
	d, types := watching()
	many := map[string]any{}
	for i := range 10_000 {
		many["field"+strconv.Itoa(i)] = strings.Repeat("x", 400) // four megabytes
	}
	var deep any = "end"
	for range 100 {
		deep = map[string]any{"a": deep}
	}
	list := make([]any, 100_000)
	for i := range list {
		list[i] = map[string]any{"id": json.Number(strconv.Itoa(i))}
	}
	offered := func(body any) (Data, int) {
		sources := Know(d, types, Samples{Steps: Seen{"fetch": map[string]any{"body": body}}}).Offered("tell", anything())
		i := slices.IndexFunc(sources, func(s Source) bool { return s.StepID == "fetch" })
		for _, data := range sources[i].Data {
			if data.Reference == "{{ steps.fetch.body }}" {
				return data, len(all(sources))
			}
		}
		t.Fatal("there is no body")
		return Data{}, 0
	}
	body, count := offered(many)
	if len(body.Parts) != mostBeside || body.Left != 10_000-mostBeside || count > mostOfOne {
		t.Errorf("of 10,000 fields there are %d, %d are left out", len(body.Parts), body.Left)
	}
	body, _ = offered(deep)
	levels := 0
	for len(body.Parts) == 1 {
		body, levels = body.Parts[0], levels+1
	}
	if levels != deepestPart || body.Left != 1 {
		t.Errorf("it goes down %d levels and leaves out %d", levels, body.Left)
	}
	body, _ = offered(list)
	if body.Shown != "100000 entries" {
		t.Errorf("a long list is %q", body.Shown)
	}
	each := body.Parts[len(body.Parts)-1].Parts[0]
	if !strings.HasSuffix(each.Shown, ": 0, 1, 2, …") {
		t.Errorf("one field of each is %q", each.Shown)
	}
}

func TestTheKindOfAValueIsSeenFromIt(t *testing.T) {
	for text, want := range map[string]string{
		"ada@example.com": "email", "@ada": "text", "ada@example": "text", "Ada <ada@example.com>": "text",
		"2026-11-28T10:00:00Z": "date", "2026-11-28": "date", "28.11.2026": "date", "20": "text", "1.5": "text", "10:30": "text", "": "text",
	} {
		if got := typeOf(text); got != want {
			t.Errorf("%q is a %s, want %s", text, got, want)
		}
	}
}

func TestFieldsThatSuitStandFirst(t *testing.T) {
	d, types := watching()
	order := map[string]any{"id": 1, "customer": map[string]any{"email": "ada@example.com", "tags": []any{"a"}}}
	sources := Know(d, types, Samples{Steps: Seen{"fetch": map[string]any{"body": map[string]any{"orders": []any{order, order}}}}}).Offered("tell", anything())
	if suited := Suited(sources, "email"); len(suited) == 0 || suited[0].Reference != "{{ item.customer.email }}" {
		t.Errorf("for recipients there is %+v", suited)
	}
	if suited := Suited(sources, ""); len(suited) != 0 {
		t.Errorf("for anything there is %+v", suited)
	}
}

func TestColumnsAreTheFieldsOfTheItems(t *testing.T) {
	d, types := watching()
	order := map[string]any{"id": 1, "customer": map[string]any{"name": "Ada", "address": map[string]any{"city": "Bonn"}}, "a.b": 1, "total": nil}
	known := Know(d, types, Samples{Steps: Seen{"fetch": map[string]any{"body": []any{nil, order}}}})
	want := []string{"customer.address.city", "customer.name", "id", "total"}
	for _, list := range []any{"{{ steps.fetch.body }}", []any{order}} {
		if names := known.FieldsOfItems("tell", list); !slices.Equal(names, want) {
			t.Errorf("%v has %v", list, names)
		}
	}
	for _, none := range []any{nil, "a text", "{{ steps.fetch.status }}", []any{1, 2}} {
		if names := known.FieldsOfItems("tell", none); len(names) != 0 {
			t.Errorf("%v has %v", none, names)
		}
	}
}

func FuzzAnyAnswerIsOffered(f *testing.F) {
	f.Add(`{"a":[{"b.c":1,"b":{"c":2}},null],"last":{"pick":"x"}}`)
	f.Add(`[[],[[1]],"x",{"":{"":0}}]`)
	d, types := watching()
	f.Fuzz(func(t *testing.T, text string) {
		seen := Seen{"fetch": map[string]any{"body": document.Begun([]byte(text))}}
		known := Know(d, types, Samples{Steps: seen, StepsFrom: map[string]Origin{"fetch": {Kind: FromRun}}})
		scope := workflow.Scope{Steps: seen}
		for _, source := range known.Offered("tell", anything()) {
			for _, data := range all([]Source{source}) {
				_, one := workflow.TheReference(data.Reference)
				if !one || source.StepID != "fetch" || !data.Known {
					continue
				}
				given, err := resolved(data.Reference, scope)
				if shown := ShownShort(given); err != nil || shown != data.Shown {
					t.Fatalf("%s is %q and is shown as %q: %v", data.Reference, shown, data.Shown, err)
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
	names := rapid.OneOf(rapid.SampledFrom([]string{"body", "items", "orders", "lines", "0", "a b", `"]`, "}}", "a.b", "a", "b"}), rapid.String())
	return rapid.OneOf(
		leaves,
		rapid.Map(rapid.MapOfN(names, anyValue(deep-1), 0, 5), func(m map[string]any) any { return m }),
		rapid.Map(rapid.SliceOfN(anyValue(deep-1), 0, 3), func(l []any) any { return l }),
	)
}
