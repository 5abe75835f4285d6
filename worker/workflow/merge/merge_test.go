package merge

import (
	"slices"
	"strings"
	"testing"

	"workflows/worker/changes"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// shop is what everybody began with.
const shop = `{"format":1,"name":"Shop","inputs":[{"name":"order","type":"text","label":"Order"}],
"triggers":[{"id":"daily","type":"schedule","cron":"0 9 * * *","time_zone":"Europe/Berlin"}],
"steps":[
 {"id":"ask","type":"http_request","name":"Ask the shop","config":{"url":"https://shop.example/a","headers":{"Accept":"text/html"}},"timeout":"10s"},
 {"id":"decide","type":"condition","name":"Decide","config":{"conditions":[{"value":"{{ steps.ask.body.status }}","operator":"equals","other":"down"}]},
  "then":[{"id":"wait","type":"wait","config":{"for":"1m"}}],"else":[{"id":"call","type":"http_request","name":"Call","config":{"url":"https://b.example"}}]},
 {"id":"end","type":"stop","name":"End","config":{"message":"one"}}],
"settings":{"timeout":"1h","max_running":3}}`

// changed is the shop with texts in the place of others, one after the other.
func changed(t *testing.T, pairs ...string) workflow.Definition {
	t.Helper()
	text := shop
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("there is no %s", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	d, err := workflow.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var naming = changes.Naming{Types: steps.All(steps.Options{}), Workflows: map[string]string{report: "Monthly report"}}

const report = "01930000-0000-7000-8000-000000000001"

const (
	end    = ` {"id":"end","type":"stop","name":"End","config":{"message":"one"}}],`
	end1   = `{"id":"end","type":"stop","name":"End","config":{"message":"one"}}`
	wait   = `{"id":"wait","type":"wait","config":{"for":"1m"}}`
	call   = `{"id":"call","type":"http_request","name":"Call","config":{"url":"https://b.example"}}`
	noCall = `"else":[` + call + `]`
	decide = ` {"id":"decide","type":"condition","name":"Decide","config":{"conditions":[{"value":"{{ steps.ask.body.status }}","operator":"equals","other":"down"}]},
  "then":[` + wait + `],` + noCall + `},
`
)

func TestWhatEachHasChangedIsKept(t *testing.T) {
	pairs := func(texts ...string) []string { return texts }
	for name, c := range map[string]struct{ mine, theirs, both []string }{
		"nothing":                   {nil, nil, nil},
		"only mine":                 {pairs(`"Shop"`, `"Mine"`), nil, pairs(`"Shop"`, `"Mine"`)},
		"only theirs":               {nil, pairs(`"Shop"`, `"Theirs"`), pairs(`"Shop"`, `"Theirs"`)},
		"both the same":             {pairs(`"10s"`, `"20s"`), pairs(`"10s"`, `"20s"`), pairs(`"10s"`, `"20s"`)},
		"fields of a step":          {pairs(`shop.example/a`, `shop.example/mine`), pairs(`text/html`, `text/plain`, `,"timeout":"10s"`, ``), pairs(`shop.example/a`, `shop.example/mine`, `text/html`, `text/plain`, `,"timeout":"10s"`, ``)},
		"settings":                  {pairs(`"timeout":"1h",`, ``), pairs(`"max_running":3`, `"max_running":3,"notify":[]`), pairs(`"timeout":"1h",`, ``, `"max_running":3`, `"max_running":3,"notify":[]`)},
		"a schedule and its zone":   {pairs(`"cron":"0 9 * * *"`, `"every":"5m"`), pairs(`Europe/Berlin`, `Asia/Tokyo`), pairs(`"cron":"0 9 * * *"`, `"every":"5m"`, `Europe/Berlin`, `Asia/Tokyo`)},
		"an input":                  {pairs(`"label":"Order"`, `"label":"Number"`), pairs(`"type":"text"`, `"type":"number"`), pairs(`"label":"Order"`, `"label":"Number"`, `"type":"text"`, `"type":"number"`)},
		"removed and another field": {pairs(noCall, `"else":[]`), pairs(`"one"`, `"two"`), pairs(noCall, `"else":[]`, `"one"`, `"two"`)},
		"both removed":              {pairs(wait, ``), pairs(wait, ``), pairs(wait, ``)},
		"moved and changed": {
			pairs(wait, ``, end, ` {"id":"end","type":"stop","name":"End","config":{"message":"one"}},`+wait+`],`), pairs(`"1m"`, `"2m"`),
			pairs(wait, ``, end, ` {"id":"end","type":"stop","name":"End","config":{"message":"one"}},`+strings.Replace(wait, "1m", "2m", 1)+`],`),
		},
		"moved and what was around it removed": {
			pairs(noCall, `"else":[]`, `"steps":[`, `"steps":[`+call+`,`), pairs(wait, ``), pairs(noCall, `"else":[]`, wait, ``, `"steps":[`, `"steps":[`+call+`,`),
		},
		"added in two places": {
			pairs(`"steps":[`, `"steps":[{"id":"first","type":"stop"},`), pairs(wait, wait+`,{"id":"second","type":"stop"}`),
			pairs(`"steps":[`, `"steps":[{"id":"first","type":"stop"},`, wait, wait+`,{"id":"second","type":"stop"}`),
		},
		"added in one place under one name": {
			pairs(wait, wait+`,{"id":"stop","type":"stop","config":{"message":"mine"}}`), pairs(wait, wait+`,{"id":"stop","type":"stop","config":{"message":"theirs"}}`),
			pairs(wait, wait+`,{"id":"stop","type":"stop","config":{"message":"theirs"}},{"id":"stop_2","type":"stop","config":{"message":"mine"}}`),
		},
		"added the same twice": {
			pairs(wait, wait+`,{"id":"stop","type":"stop"}`), pairs(wait, wait+`,{"id":"stop","type":"stop"}`), pairs(wait, wait+`,{"id":"stop","type":"stop"}`),
		},
		"a new name for a step that the other uses": {
			pairs(`"id":"ask","type":"http_request","name":"Ask the shop"`, `"id":"shop","type":"http_request","name":"Shop"`, `steps.ask.body.status`, `steps.shop.body.status`),
			pairs(`"one"`, `"{{ steps.ask.body.text }}"`, `"10s"`, `"11s"`),
			pairs(`"id":"ask","type":"http_request","name":"Ask the shop"`, `"id":"shop","type":"http_request","name":"Shop"`, `steps.ask.body.status`, `steps.shop.body.status`, `"one"`, `"{{ steps.shop.body.text }}"`, `"10s"`, `"11s"`),
		},
	} {
		got, clashes, ok := Join(changed(t), changed(t, c.mine...), changed(t, c.theirs...), nil)
		if want := string(changed(t, c.both...).Marshal()); !ok || len(clashes.Paths) > 0 || string(got.Marshal()) != want {
			t.Errorf("%s: %v %v\n%s\nwant\n%s", name, ok, clashes, got.Marshal(), want)
		}
	}
}

func TestWhatBothHaveChangedIsAskedInWords(t *testing.T) {
	for name, c := range map[string]struct {
		mine, theirs []string
		asked        Clash
	}{
		"a name": {[]string{`"Shop"`, `"Mine"`}, []string{`"Shop"`, `"Theirs"`}, Clash{"name", "Name of the workflow", "Mine", "Theirs"}},
		"an address": {
			[]string{`shop.example/a`, `shop.example/mine`},
			[]string{`shop.example/a`, `shop.example/{{ input.order }}`},
			Clash{"steps.ask.config.url", "Step “Ask the shop”: Address", "https://shop.example/mine", "https://shop.example/[Order]"},
		},
		"rows": {
			[]string{`text/html`, `text/plain`},
			[]string{`{"Accept":"text/html"}`, `{"Accept":"text/html","X-Shop":1}`},
			Clash{"steps.ask.config.headers", "Step “Ask the shop”: Headers", "Accept: “text/plain”", "Accept: “text/html”\nX-Shop: 1"},
		},
		"conditions": {
			[]string{`"other":"down"`, `"other":"gone"`},
			[]string{`"operator":"equals"`, `"operator":"contains"`},
			Clash{"steps.decide.config.conditions", "Step “Decide”: Conditions", "status of Ask the shop is ‘gone’", "status of Ask the shop contains ‘down’"},
		},
		"removed by mine": {[]string{noCall, `"else":[]`}, []string{`https://b.example`, `https://c.example`}, Clash{"steps.call", "Step “Call”", "It is removed", "Reads https://c.example"}},
		"removed by theirs with what is inside": {
			[]string{`"1m"`, `"2m"`},
			[]string{decide, ``},
			Clash{"steps.decide", "Step “Decide”", "If [status of Ask the shop] is down\nWith the steps inside it", "It is removed"},
		},
		"times": {
			[]string{`"cron":"0 9 * * *"`, `"every":"5m"`}, []string{`0 9`, `0 10`}, Clash{"triggers.daily.when", "When it starts", "Every 5 minutes", "Every day at 10:00, Europe/Berlin"},
		},
		"a workflow that is run": {
			[]string{call, `{"id":"call","type":"run_workflow","name":"Call","config":{"workflow":"` + report + `"}}`},
			[]string{call, `{"id":"call","type":"run_workflow","name":"Call","config":{"workflow":"` + report[:35] + `2"}}`},
			Clash{"steps.call.config.workflow", "Step “Call”: Workflow", "Monthly report", "a workflow that is gone"},
		},
		"a rule of a step": {
			[]string{`"timeout":"10s"`, `"timeout":"20s"`}, []string{`,"timeout":"10s"`, ``}, Clash{"steps.ask.timeout", "Step “Ask the shop”: Longest time", "20 seconds", "1 minute"},
		},
		"an input": {
			[]string{`"label":"Order"`, `"label":"Number"`}, []string{`,"label":"Order"`, ``}, Clash{"inputs.order.label", "“Number”, which a run asks for: Label", "Number", "Nothing"},
		},
		"a rule of a schedule": {
			[]string{`Europe/Berlin"`, `Europe/Berlin","missed":"all"`},
			[]string{`Europe/Berlin"`, `Europe/Berlin","missed":"skip"`},
			Clash{"triggers.daily.missed", "What starts it: Of the times that were missed", "all are made up for", "none is made up for"},
		},
		"who is told": {
			[]string{`"max_running":3`, `"max_running":3,"notify":[]`},
			[]string{`"max_running":3`, `"max_running":3,"notify":[{"on":["failed"],"email":["anna@example.com"]}]`},
			Clash{"settings.notify", "Who is told", "Nobody is told.", "anna@example.com is told when a run fails."},
		},
		"the order of steps": {
			[]string{`"steps":[`, `"steps":[` + end1 + `,`, end, ``, decide, strings.TrimSuffix(decide, ",\n") + `],`},
			[]string{decide, ``, `"steps":[`, `"steps":[` + decide},
			Clash{"order:steps", "The order of the steps", "End\nAsk the shop\nDecide", "Decide\nAsk the shop\nEnd"},
		},
		"places": {
			[]string{wait, ``, `"else":[`, `"else":[` + wait + `,`},
			[]string{wait, ``, `"steps":[`, `"steps":[` + wait + `,`},
			Clash{"place:wait", "Where “Wait” stands", "Under “If no” of “Decide”", "Among the steps that always run"},
		},
	} {
		base, mine, theirs := changed(t), changed(t, c.mine...), changed(t, c.theirs...)
		_, clashes, ok := Join(base, mine, theirs, nil)
		if told := clashes.InWords(naming); !ok || !slices.Equal(told, []Clash{c.asked}) {
			t.Errorf("%s: %v, %+v", name, ok, told)
			continue
		}
		for choice, want := range map[Choice]workflow.Definition{Mine: mine, Theirs: theirs} {
			got, clashes, _ := Join(base, mine, theirs, map[string]Choice{c.asked.Path: choice})
			if len(clashes.Paths) > 0 || string(got.Marshal()) != string(want.Marshal()) {
				t.Errorf("%s, %s: %v\n%s\nwant\n%s", name, choice, clashes, got.Marshal(), want.Marshal())
			}
		}
	}
}

func TestStepsThatBothPutIntoOneAnotherStandAsTheirs(t *testing.T) {
	loops := func(text string) workflow.Definition {
		d, err := workflow.Load([]byte(`{"format":1,"name":"Loops","steps":` + text + `}`))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	base := loops(`[{"id":"a","type":"for_each"},{"id":"b","type":"for_each"}]`)
	mine := loops(`[{"id":"b","type":"for_each","do":[{"id":"a","type":"for_each"}]}]`)
	theirs := loops(`[{"id":"a","type":"for_each","do":[{"id":"b","type":"for_each"}]}]`)
	got, _, ok := Join(base, mine, theirs, nil)
	if !ok || string(got.Marshal()) != string(theirs.Marshal()) {
		t.Errorf("%v %s", ok, got.Marshal())
	}
	order := loops(`[{"id":"b","type":"for_each"},{"id":"a","type":"for_each"}]`)
	got, clashes, _ := Join(base, order, loops(`[{"id":"a","type":"for_each"},{"id":"c","type":"stop"},{"id":"b","type":"for_each"}]`), nil)
	if want := loops(`[{"id":"b","type":"for_each"},{"id":"a","type":"for_each"},{"id":"c","type":"stop"}]`); len(clashes.Paths) > 0 || string(got.Marshal()) != string(want.Marshal()) {
		t.Errorf("%v %s", clashes, got.Marshal())
	}
}

func TestOnePartThatDiffersIsFound(t *testing.T) {
	for want, pairs := range map[string][]string{
		"name": {`"Shop"`, `"Other"`}, "steps.ask.config.url": {`shop.example/a`, `shop.example/b`}, "steps.ask.timeout": {`,"timeout":"10s"`, ``},
		"triggers.daily.when": {`"cron":"0 9 * * *"`, `"every":"5m"`}, "": {wait, ``},
	} {
		if got := Touched(changed(t), changed(t, pairs...)); got != want {
			t.Errorf("%v: %q and not %q", pairs, got, want)
		}
	}
	if got := Touched(changed(t), changed(t, `"Shop"`, `"Other"`, `"one"`, `"two"`)); got != "" {
		t.Errorf("two parts are told as %q", got)
	}
}
