package offer

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"workflows/worker/workflow"
)

// watching reads a list, keeps some of it, and goes through what is left.
func watching() (workflow.Definition, workflow.Types) {
	types := testTypes()
	d := workflow.Definition{Steps: []workflow.Step{
		{ID: "fetch", Type: "call", Name: "Fetch"},
		{ID: "keep", Type: "sift", Config: map[string]any{"list": "{{ steps.fetch.body.orders }}"}},
		{ID: "loop", Type: "repeat", Config: map[string]any{"list": "{{ steps.keep.items }}"}, Do: []workflow.Step{
			{ID: "tell", Type: "call"},
			{ID: "lines", Type: "repeat", Config: map[string]any{"list": "{{ item.lines }}"}, Do: []workflow.Step{{ID: "line", Type: "call"}}},
		}},
	}}
	return d, types
}

// anything is a field that takes whatever a step may refer to.
func anything() workflow.Field { return workflow.Field{Reference: true} }

// all lists what is offered, with what is inside.
func all(sources []Source) []Data {
	var list []Data
	var walk func([]Data)
	walk = func(data []Data) {
		for _, d := range data {
			list = append(list, d)
			walk(d.Parts)
		}
	}
	for _, source := range sources {
		walk(source.Data)
	}
	return list
}

func referencesOf(sources []Source) []string {
	var list []string
	for _, data := range all(sources) {
		list = append(list, data.Reference)
	}
	return list
}

func TestInsertDataOffersThePartsOfWhatStepsGaveLately(t *testing.T) {
	d, types := watching()
	order := map[string]any{"id": number("7"), "customer": map[string]any{"full name": "Ada\nByron"}, "lines": []any{map[string]any{"sku": "a"}}, `odd"]`: true, "{{": 1}
	seen := Seen{"fetch": map[string]any{"status": number("200"), "body": map[string]any{"orders": []any{order}}}}
	known := Know(d, types, Samples{Steps: seen, StepsFrom: map[string]Origin{"fetch": {Kind: FromTry}}})
	tell := known.Offered("tell", anything())
	for _, want := range []Data{
		{Reference: "{{ steps.fetch.body.orders }}", Name: "orders", Words: "orders of Fetch", Type: "list", Shown: "1 entry"},
		{Reference: "{{ steps.fetch.body.orders | count }}", Name: "number of them", Words: "number of orders of Fetch", Type: "number", Shown: "1"},
		{Reference: "{{ steps.fetch.body.orders[0].id }}", Name: "id", Words: "orders › entry 1 › id of Fetch", Type: "number", Shown: "7"},
		{Reference: `{{ steps.fetch.body.orders | pick "id" }}`, Name: "id", Words: "id of each of orders of Fetch", Type: "list", Shown: "1 entry: 7"},
		{Reference: "{{ item.id }}", Name: "id", Words: "id of the item", Type: "number", Shown: "7"},
		{Reference: `{{ item.customer["full name"] }}`, Name: "full name", Words: "customer › full name of the item", Type: "text", Shown: "Ada Byron"},
		{Reference: "{{ item.lines }}", Name: "lines", Words: "lines of the item", Type: "list", Shown: "1 entry"},
	} {
		if !slices.ContainsFunc(all(tell), func(d Data) bool {
			return d.Reference == want.Reference && d.Name == want.Name && d.Words == want.Words && d.Type == want.Type && d.Shown == want.Shown && d.Known
		}) {
			t.Errorf("%+v is missing", want)
		}
	}
	if list := strings.Join(referencesOf(tell), " "); strings.Contains(list, "odd") {
		t.Errorf("what cannot be written is offered: %s", list)
	}
	if i := slices.IndexFunc(tell, func(s Source) bool { return s.StepID == "fetch" }); i < 0 || tell[i].From.Kind != FromTry || tell[i].Title != "Fetch" {
		t.Errorf("it is not said where that is from: %+v", tell[i])
	}
	if line := referencesOf(known.Offered("line", anything())); !slices.Contains(line, "{{ item.sku }}") || slices.Contains(line, "{{ item.id }}") {
		t.Errorf("the inner item is %v", line)
	}
	conditions, _ := types["sift"].Field("conditions")
	if own := referencesOf(known.Offered("keep", conditions)); !slices.Contains(own, "{{ item.id }}") {
		t.Errorf("the step's own item is %v", own)
	}
}

func TestWhatWasNeverSeenHasNoPartsUnlessTheyAreCertain(t *testing.T) {
	d, types := watching()
	item := func(seen Seen) bool {
		return slices.ContainsFunc(referencesOf(Know(d, types, Samples{Steps: seen}).Offered("tell", anything())), func(r string) bool { return strings.HasPrefix(r, "{{ item.id ") })
	}
	if item(nil) {
		t.Error("parts that nobody knows are offered")
	}
	fetch := types["call"]
	fetch.Outputs = []workflow.Output{{Name: "body", Type: "object", Certain: true, Example: map[string]any{"orders": []any{map[string]any{"id": 1}}}}}
	types["call"] = fetch
	for _, seen := range []Seen{nil, {"fetch": map[string]any{"body": nil}}, {"keep": map[string]any{"items": []any{}}}} {
		if !item(seen) {
			t.Errorf("of %v no parts are known", seen)
		}
	}
}

func TestListsThatLeadInACircleEnd(t *testing.T) {
	d, types := watching()
	d.Steps[1].Config["list"] = "{{ steps.keep.items | default steps.loop.items }}"
	d.Steps[2].Config["list"] = "{{ item }}"
	if tell := Know(d, types, Samples{}).Offered("tell", anything()); len(tell) == 0 {
		t.Error("nothing is offered")
	}
}

func TestWhatAWebhookWasSentIsOfferedInParts(t *testing.T) {
	d, types := watching()
	d.Triggers = []workflow.Trigger{{ID: "shop", Type: "webhook"}}
	sent := map[string]any{"type": "webhook", "body": map[string]any{"event": "paid"}, "headers": map[string]any{"x-event": "1"}, "query": map[string]any{}}
	known := Know(d, types, Samples{Trigger: sent, TriggerFrom: Origin{Kind: FromDelivery}})
	offered := known.Offered("fetch", anything())
	for _, want := range []string{"{{ trigger.body.event }}", "{{ trigger.headers.x-event }}", "{{ trigger.query }}"} {
		if !slices.Contains(referencesOf(offered), want) {
			t.Errorf("%s is not offered", want)
		}
	}
	if offered[0].From.Kind != FromDelivery || known.OfferedByWebhook().From.Kind != FromDelivery {
		t.Errorf("it is not said that a webhook was sent this: %+v", offered[0])
	}
	if chosen, ok := known.Chosen("fetch", anything(), " {{ trigger.body.event | upper }}"); !ok || chosen != (Chosen{Words: "event of what was sent, in capitals", Type: "text", Shown: "PAID", Known: true}) {
		t.Errorf("it is read as %+v", chosen)
	}
	if reads := known.Reads("fetch", anything(), nil, "The order was {{ trigger.body.event }}, {{ run.id }}"); reads != "The order was paid, [id of the run]" {
		t.Errorf("the text reads %q", reads)
	}
}

func TestOnlyWhatMayBeUsedIsOffered(t *testing.T) {
	d := workflow.Definition{
		Inputs: []workflow.Input{{Name: "order_id", Label: "Order number", Type: "number"}},
		Steps: []workflow.Step{
			{ID: "fetch", Type: "call", Name: "Fetch the order"},
			{ID: "is_large", Type: "call", Then: []workflow.Step{{ID: "tell", Type: "call"}}, Else: []workflow.Step{{ID: "other", Type: "call", Name: "Otherwise"}}},
			{ID: "last", Type: "call"},
		},
	}
	offered := func(id string) string {
		var list []string
		for _, source := range Know(d, testTypes(), Samples{}).Offered(id, anything()) {
			for _, data := range source.Data {
				list = append(list, data.Reference+"="+source.Title+" → "+data.Name+source.Note)
			}
		}
		return strings.Join(list, "\n")
	}
	tell, fetch, last := offered("tell"), offered("fetch"), offered("last")
	for _, want := range []string{"{{ input.order_id }}=What the workflow asks for → Order number", "{{ steps.fetch.body }}=Fetch the order → body", "{{ steps.is_large.status }}=Call → answer code", "{{ run.id }}"} {
		if !strings.Contains(tell, want) {
			t.Errorf("%q is missing in\n%s", want, tell)
		}
	}
	if strings.Contains(fetch, "steps.") || strings.Contains(tell, "{{ item }}") || strings.Contains(tell, "steps.other") {
		t.Errorf("too much is offered:\n%s\n%s", fetch, tell)
	}
	if !strings.Contains(last, "{{ steps.other.body }}=Otherwise → bodyEmpty where that branch did not run.") {
		t.Errorf("it is not said that a branch may not have run:\n%s", last)
	}
	if secrets := Know(d, testTypes(), Samples{}).Offered("tell", workflow.Field{}); secrets != nil {
		t.Errorf("a field that takes no data is offered %v", secrets)
	}
}

func TestInsideALoopItsItemIsOffered(t *testing.T) {
	d := workflow.Definition{Steps: []workflow.Step{
		{ID: "first", Type: "call"}, {ID: "l", Type: "repeat", Do: []workflow.Step{{ID: "a", Type: "call"}, {ID: "b", Type: "call"}}}, {ID: "last", Type: "call"},
	}}
	offered := func(id string) []string { return referencesOf(Know(d, testTypes(), Samples{}).Offered(id, anything())) }
	inside, after := offered("b"), offered("last")
	for _, want := range []string{"{{ item }}", "{{ index }}", "{{ steps.first.body }}", "{{ steps.a.body }}"} {
		if !slices.Contains(inside, want) {
			t.Errorf("%s is missing in %v", want, inside)
		}
	}
	for _, reference := range []string{"{{ item }}", "{{ steps.a.body }}"} {
		if slices.Contains(after, reference) {
			t.Errorf("%s is offered after the loop", reference)
		}
	}
	if slices.Contains(offered("l"), "{{ item }}") {
		t.Error("a loop is offered its own item")
	}
}

func TestTheItemIsOfferedOnceWhereAFieldIsFilledInPerItem(t *testing.T) {
	d := workflow.Definition{Steps: []workflow.Step{{ID: "a", Type: "sift"}, {ID: "loop", Type: "repeat", Do: []workflow.Step{{ID: "b", Type: "sift"}}}}}
	types := testTypes()
	known := Know(d, types, Samples{})
	for _, id := range []string{"a", "b"} {
		list, _ := types["sift"].Field("list")
		conditions, _ := types["sift"].Field("conditions")
		count := func(field workflow.Field) (times int) {
			for _, reference := range referencesOf(known.Offered(id, field)) {
				if reference == "{{ item }}" {
					times++
				}
			}
			return times
		}
		if count(conditions) != 1 || (count(list) == 1) != (id == "b") {
			t.Errorf("%s: the item is offered %d and %d times", id, count(conditions), count(list))
		}
	}
}

func TestAnAnswerIsOfferedWhatTheRunGaveOnlyWhereItWaitsForThat(t *testing.T) {
	d, types := watching()
	d.Steps = d.Steps[:1]
	known := Know(d, types, Samples{Steps: Seen{"fetch": map[string]any{"body": map[string]any{"due_date": "Friday"}}}})
	if got := referencesOf([]Source{known.OfferedInAnswer(false)}); !slices.Equal(got, []string{"{{ run.id }}"}) {
		t.Errorf("at once it is offered %v", got)
	}
	if got := referencesOf([]Source{known.OfferedInAnswer(true)}); !slices.Equal(got, []string{"{{ run.output }}", "{{ run.output.body }}", "{{ run.output.body.due_date }}", "{{ run.id }}", "{{ run.status }}"}) {
		t.Errorf("afterwards it is offered %v", got)
	}
	if reads := known.Reads("", anything(), nil, "Due: {{ run.output.body.due_date }}, {{ run.output.body.who }}"); reads != "Due: Friday, [body › who of what the run gave]" {
		t.Errorf("it reads %s", reads)
	}
	d.Steps = append(d.Steps, workflow.Step{ID: "if", Type: "call", Then: []workflow.Step{{ID: "more", Type: "call"}}}) // after which another may come
	known = Know(d, types, Samples{Steps: Seen{"if": map[string]any{"result": true}}})
	if got := referencesOf([]Source{known.OfferedInAnswer(true)}); len(got) != 3 {
		t.Errorf("of what nobody knows it is offered %v", got)
	}
}

func TestWhatIsSetReadsAsWhatIsInsertedThere(t *testing.T) {
	typed := map[string]any{"one": "{{ trigger.body.total }}", "text": "for {{ trigger.body.who }}", "list": []any{"{{ trigger.body.who }}", "x"}, "gone": "{{ trigger.body.gone }}"}
	types := workflow.Types{"set": {Name: "set", OutputsOf: func(config map[string]any) (outputs []workflow.Output) {
		for name, value := range config {
			outputs = append(outputs, workflow.Output{Name: name, Type: "any", Example: value, Certain: true})
		}
		return outputs
	}}}
	d := workflow.Definition{Steps: []workflow.Step{{ID: "keep", Type: "set", Config: typed}}}
	known := Know(d, types, Samples{Trigger: map[string]any{"body": map[string]any{"total": number("7"), "who": "Ada"}}})
	for name, want := range map[string]string{"one": "7", "text": "for Ada", "list": "2 entries: Ada, x", "gone": ""} {
		if chosen, _ := known.Chosen("", anything(), "{{ steps.keep."+name+" }}"); chosen.Shown != want {
			t.Errorf("%s is %q", name, chosen.Shown)
		}
	}
	for _, data := range all(known.OfferedBy(&d.Steps[0])) {
		if strings.Contains(data.Shown, "{{") {
			t.Errorf("%s is offered as %s", data.Name, data.Shown)
		}
	}
}

// Each step holds ten times what the one before it holds, and the first one itself.
func TestWhatGrowsWithEachStepIsNotFilledInWithoutEnd(t *testing.T) {
	types, asked := testTypes(), 0
	types["set"] = workflow.StepType{Name: "set", OutputsOf: func(config map[string]any) []workflow.Output {
		if asked++; asked > 100_000 {
			t.Fatal("it does not come to an end")
		}
		return []workflow.Output{{Name: "x", Type: "any", Example: config["x"], Certain: true}}
	}}
	var steps []workflow.Step
	for i := range 10 {
		again := "{{ steps.s" + strconv.Itoa(max(i-1, 0)) + ".x }}"
		held := slices.Repeat([]any{again}, 10)
		if i%2 == 1 {
			held = []any{strings.Repeat(again, 10)}
		}
		steps = append(steps, workflow.Step{ID: "s" + strconv.Itoa(i), Type: "set", Config: map[string]any{"x": held}})
	}
	known := Know(workflow.Definition{Steps: append(steps, workflow.Step{ID: "end", Type: "call"})}, types, Samples{})
	if len(known.Offered("end", anything())) == 0 {
		t.Error("nothing is offered")
	}
}
