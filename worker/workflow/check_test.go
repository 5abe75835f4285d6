package workflow

import (
	"fmt"
	"strings"
	"testing"

	"workflows/worker/document"
)

func checked(t *testing.T, text string) []Problem {
	t.Helper()
	var d Definition
	problems, err := document.Read([]byte(text), &d)
	if err != nil || len(problems) > 0 {
		t.Fatalf("decode: %v %+v", err, problems)
	}
	d.fill()
	return Checker{Types: testTypes()}.Check(d)
}

func TestACompleteDefinitionHasNoProblems(t *testing.T) {
	if problems := checked(t, complete); len(problems) > 0 {
		t.Errorf("got %+v", problems)
	}
}

// steps wraps steps into a definition that is otherwise complete.
func withSteps(steps string) string {
	return `{"name":"x","inputs":[{"name":"n","type":"number"}],"steps":[` + steps + `]}`
}

// loop is a step "l" that does the steps inside it for each item.
func loop(do string) string {
	return `{"id":"l","type":"repeat","config":{"list":"{{ input.n }}"},"do":[` + do + `]}`
}

func call(id, url string) string {
	return fmt.Sprintf(`{"id":"%s","type":"call","config":{"url":"%s"}}`, id, url)
}

func TestAnIdThatIsTakenNamesWhatHasIt(t *testing.T) {
	for document, has := range map[string]string{
		withSteps(`{"id":"a","type":"call","name":"Ask them","config":{"url":"u"}},` + call("a", "u")):          "the step “Ask them”",
		`{"name":"x","triggers":[{"id":"a","type":"schedule","every":"15m"}],"steps":[` + call("a", "u") + `]}`: "what starts the workflow",
	} {
		if problems := checked(t, document); len(problems) != 1 || problems[0].Message != "The id “a” is already that of "+has+". Choose another." {
			t.Errorf("got %+v", problems)
		}
	}
}

func TestEveryProblemIsFoundAtItsField(t *testing.T) {
	long := strings.Repeat("a", 64)
	for name, c := range map[string]struct{ document, path, code string }{
		"id missing":             {withSteps(`{"type":"call","config":{"url":"u"}}`), "steps[0].id", "required"},
		"id with capitals":       {withSteps(call("Fetch", "u")), "steps[0].id", "invalid_id"},
		"id too long":            {withSteps(call(long, "u")), "steps[0].id", "invalid_id"},
		"duplicate id":           {withSteps(call("a", "u") + "," + call("a", "u")), "steps[1].id", "duplicate_id"},
		"duplicate nested id":    {withSteps(call("a", "u") + `,{"id":"b","type":"decide","config":{"conditions":[{"value":1,"operator":"equals","other":1}]},"then":[` + call("a", "u") + `]}`), "steps[1].then[0].id", "duplicate_id"},
		"id of a trigger":        {`{"name":"x","triggers":[{"id":"a","type":"schedule","every":"15m"}],"steps":[` + call("a", "u") + `]}`, "steps[0].id", "duplicate_id"},
		"type missing":           {withSteps(`{"id":"a"}`), "steps[0].type", "required"},
		"unknown type":           {withSteps(`{"id":"a","type":"cal"}`), "steps[0].type", "unknown_type"},
		"then at a call":         {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"then":[` + call("b", "u") + `]}`), "steps[0].then", "unexpected_steps"},
		"do at a condition":      {withSteps(`{"id":"a","type":"decide","do":[` + call("b", "u") + `]}`), "steps[0].do", "unexpected_steps"},
		"unknown config field":   {withSteps(`{"id":"a","type":"call","config":{"url":"u","metod":"GET"}}`), "steps[0].config.metod", "unknown_field"},
		"wrong type in config":   {withSteps(`{"id":"a","type":"call","config":{"url":5}}`), "steps[0].config.url", "wrong_type"},
		"not a choice":           {withSteps(`{"id":"a","type":"call","config":{"url":"u","method":"get"}}`), "steps[0].config.method", "invalid_value"},
		"text for yes or no":     {withSteps(`{"id":"a","type":"call","config":{"url":"u","loud":"yes"}}`), "steps[0].config.loud", "wrong_type"},
		"duration in config":     {withSteps(`{"id":"a","type":"call","config":{"url":"u","pause":"soon"}}`), "steps[0].config.pause", "invalid_value"},
		"list for pairs":         {withSteps(`{"id":"a","type":"call","config":{"url":"u","headers":["a"]}}`), "steps[0].config.headers", "wrong_type"},
		"object in pairs":        {withSteps(`{"id":"a","type":"call","config":{"url":"u","headers":{"a":{"b":1}}}}`), "steps[0].config.headers.a", "wrong_type"},
		"unknown in a group":     {withSteps(`{"id":"a","type":"call","config":{"url":"u","sign":{"kimd":"none"}}}`), "steps[0].config.sign.kimd", "unknown_field"},
		"required in a group":    {withSteps(`{"id":"a","type":"call","config":{"url":"u","sign":{"kind":"basic"}}}`), "steps[0].config.sign.user", "required"},
		"conditions not a list":  {withSteps(`{"id":"a","type":"decide","config":{"conditions":{}},"then":[]},{"id":"b","type":"decide","config":{"conditions":"x"}}`), "steps[1].config.conditions", "wrong_type"},
		"unknown operator":       {withSteps(`{"id":"a","type":"decide","config":{"conditions":[{"value":1,"operator":"greater_then","other":1}]}}`), "steps[0].config.conditions[0].operator", "unknown_operator"},
		"other missing":          {withSteps(`{"id":"a","type":"decide","config":{"conditions":[{"value":1,"operator":"less_than"}]}}`), "steps[0].config.conditions[0].other", "required"},
		"other not a number":     {withSteps(`{"id":"a","type":"decide","config":{"conditions":[{"value":1,"operator":"less_than","other":"abc"}]}}`), "steps[0].config.conditions[0].other", "wrong_type"},
		"bad pattern":            {withSteps(`{"id":"a","type":"decide","config":{"conditions":[{"value":"a","operator":"matches","other":"("}]}}`), "steps[0].config.conditions[0].other", "invalid_pattern"},
		"unknown condition part": {withSteps(`{"id":"a","type":"decide","config":{"conditions":[{"left":1,"value":1,"operator":"is_true"}]}}`), "steps[0].config.conditions[0].left", "unknown_field"},
		"timeout 0":              {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"timeout":"0"}`), "steps[0].timeout", "invalid_value"},
		"timeout -5":             {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"timeout":"-5"}`), "steps[0].timeout", "invalid_value"},
		"timeout 999h":           {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"timeout":"999h"}`), "steps[0].timeout", "out_of_range"},
		"timeout abc":            {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"timeout":"abc"}`), "steps[0].timeout", "invalid_value"},
		"timeout under a second": {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"timeout":"500ms"}`), "steps[0].timeout", "out_of_range"},
		"51 attempts":            {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"retry":{"max_attempts":51}}`), "steps[0].retry.max_attempts", "out_of_range"},
		"0 attempts":             {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"retry":{}}`), "steps[0].retry.max_attempts", "out_of_range"},
		"backoff":                {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"retry":{"max_attempts":2,"backoff":"expo"}}`), "steps[0].retry.backoff", "invalid_value"},
		"delay":                  {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"retry":{"max_attempts":2,"delay":"25h"}}`), "steps[0].retry.delay", "out_of_range"},
		"on_error":               {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"on_error":"ignore"}`), "steps[0].on_error", "invalid_value"},
		"nobody is told":         {`{"name":"x","settings":{"notify":[{"on":["failed"]}]}}`, "settings.notify[0].email", "required"},
		"unknown event":          {`{"name":"x","settings":{"notify":[{"on":["failed","crashed"],"email":["a@example.com"]}]}}`, "settings.notify[0].on[1]", "invalid_value"},
		"no address":             {`{"name":"x","settings":{"notify":[{"on":["failed"],"email":["a@b"]}]}}`, "settings.notify[0].email[0]", "invalid_value"},
		"quiet hours":            {`{"name":"x","settings":{"notify":[{"on":["failed"],"email":["a@example.com"],"quiet":"22-7"}]}}`, "settings.notify[0].quiet", "invalid_value"},
		"settings.timeout":       {`{"name":"x","settings":{"timeout":"32d"}}`, "settings.timeout", "out_of_range"},
		"settings.max_running":   {`{"name":"x","settings":{"max_running":1001}}`, "settings.max_running", "out_of_range"},
		"on_unknown":             {withSteps(`{"id":"a","type":"call","config":{"url":"u"},"on_unknown":"ask"}`), "steps[0].on_unknown", "invalid_value"},
		"nothing for each item":  {withSteps(`{"id":"a","type":"repeat","config":{"list":"{{ input.n }}"}}`), "steps[0].do", "required"},
		"settings.priority":      {`{"name":"x","settings":{"priority":"urgent"}}`, "settings.priority", "invalid_value"},
		"kept no day":            {`{"name":"x","settings":{"keep":{"days":0}}}`, "settings.keep.days", "out_of_range"},
		"kept for ever":          {`{"name":"x","settings":{"keep":{"days":3651}}}`, "settings.keep.days", "out_of_range"},
		"failed kept no day":     {`{"name":"x","settings":{"keep":{"failed_days":-1}}}`, "settings.keep.failed_days", "out_of_range"},
		"too many are kept":      {`{"name":"x","settings":{"keep":{"last":10001}}}`, "settings.keep.last", "out_of_range"},
		"max_duration":           {`{"name":"x","settings":{"max_duration":"32d"}}`, "settings.max_duration", "out_of_range"},
		"deadline's time":        {`{"name":"x","settings":{"must_succeed_by":[{"time":"7:00"}]}}`, "settings.must_succeed_by[0].time", "invalid_value"},
		"deadline at no time":    {`{"name":"x","settings":{"must_succeed_by":[{"time":"24:00"}]}}`, "settings.must_succeed_by[0].time", "invalid_value"},
		"deadline's day":         {`{"name":"x","settings":{"must_succeed_by":[{"time":"07:00","days":[7]}]}}`, "settings.must_succeed_by[0].days[0]", "out_of_range"},
		"deadline's day twice":   {`{"name":"x","settings":{"must_succeed_by":[{"time":"07:00","days":[1,1]}]}}`, "settings.must_succeed_by[0].days[1]", "duplicate"},
		"six deadlines":          {`{"name":"x","settings":{"must_succeed_by":[{"time":"01:00"},{"time":"02:00"},{"time":"03:00"},{"time":"04:00"},{"time":"05:00"},{"time":"06:00"}]}}`, "settings.must_succeed_by", "too_many"},
		"settings.on_limit":      {`{"name":"x","settings":{"on_limit":"drop"}}`, "settings.on_limit", "invalid_value"},
		"trigger type":           {`{"name":"x","triggers":[{"id":"a","type":"shedule"}]}`, "triggers[0].type", "unknown_type"},
		"webhook of a schedule":  {`{"name":"x","triggers":[{"id":"a","type":"webhook","every":"5m"}]}`, "triggers[0].every", "not_applicable"},
		"schedule of a webhook":  {`{"name":"x","triggers":[{"id":"a","type":"schedule","every":"5m","signature":"github"}]}`, "triggers[0].signature", "not_applicable"},
		"unsigned with a secret": {`{"name":"x","triggers":[{"id":"a","type":"webhook","secret":"X"}]}`, "triggers[0].secret", "not_applicable"},
		"signed without one":     {`{"name":"x","triggers":[{"id":"a","type":"webhook","signature":"github"}]}`, "triggers[0].secret", "required"},
		"empty filter":           {`{"name":"x","triggers":[{"id":"a","type":"webhook","filter":{"conditions":[]}}]}`, "triggers[0].filter.conditions", "required"},
		"missed":                 {`{"name":"x","triggers":[{"id":"a","type":"schedule","every":"15m","missed":"never"}]}`, "triggers[0].missed", "invalid_value"},
		"input name":             {`{"name":"x","inputs":[{"name":"Order","type":"text"}]}`, "inputs[0].name", "invalid_name"},
		"input twice":            {`{"name":"x","inputs":[{"name":"a","type":"text"},{"name":"a","type":"text"}]}`, "inputs[1].name", "duplicate_name"},
		"input type":             {`{"name":"x","inputs":[{"name":"a","type":"string"}]}`, "inputs[0].type", "invalid_value"},
		"choice without options": {`{"name":"x","inputs":[{"name":"a","type":"choice"}]}`, "inputs[0].options", "required"},
		"options of a text":      {`{"name":"x","inputs":[{"name":"a","type":"text","options":["b"]}]}`, "inputs[0].options", "not_applicable"},
		"default does not fit":   {`{"name":"x","inputs":[{"name":"a","type":"number","default":"5"}]}`, "inputs[0].default", "wrong_type"},
		"default not an option":  {`{"name":"x","inputs":[{"name":"a","type":"choice","options":["b"],"default":"c"}]}`, "inputs[0].default", "invalid_value"},
		"no steps":               {`{"name":"x"}`, "steps", "required"},
		"required field empty":   {withSteps(`{"id":"a","type":"call"}`), "steps[0].config.url", "required"},
	} {
		t.Run(name, func(t *testing.T) { assertProblem(t, checked(t, c.document), c.path, c.code) })
	}
}

func TestReferencesAreCheckedAgainstWhatWillHaveRun(t *testing.T) {
	branches := func(then, otherwise, after string) string {
		return withSteps(call("first", "u") + `,{"id":"check","type":"decide","config":{"conditions":[{"value":"{{ steps.first.body }}","operator":"is_true"}]},"then":[` + call("yes", then) + `],"else":[` + call("no", otherwise) + `]},` + call("last", after))
	}
	for name, c := range map[string]struct{ document, path, code string }{
		"unknown step":          {withSteps(call("a", "{{ steps.b.body }}")), "steps[0].config.url", "unknown_reference"},
		"unknown input":         {withSteps(call("a", "{{ input.m }}")), "steps[0].config.url", "unknown_reference"},
		"unknown root":          {withSteps(call("a", "{{ env.HOME }}")), "steps[0].config.url", "unknown_reference"},
		"unknown in run":        {withSteps(call("a", "{{ run.started }}")), "steps[0].config.url", "unknown_reference"},
		"steps alone":           {withSteps(call("a", "{{ steps }}")), "steps[0].config.url", "invalid_reference"},
		"unbalanced":            {withSteps(call("a", "{{ input.n")), "steps[0].config.url", "invalid_reference"},
		"empty":                 {withSteps(call("a", "x {{ }}")), "steps[0].config.url", "invalid_reference"},
		"too long":              {withSteps(call("a", "{{ input."+strings.Repeat("n", 500)+" }}")), "steps[0].config.url", "invalid_reference"},
		"later step":            {withSteps(call("a", "{{ steps.b.body }}") + "," + call("b", "u")), "steps[0].config.url", "reference_later"},
		"itself":                {withSteps(call("a", "{{ steps.a.body }}")), "steps[0].config.url", "reference_later"},
		"nothing that it gives": {branches("u", "{{ steps.yes.bdy }}", "u"), "steps[1].else[0].config.url", "unknown_reference"},
		"unknown in trigger":    {withSteps(call("a", "{{ trigger.boddy }}")), "steps[0].config.url", "unknown_reference"},
		"part of now":           {withSteps(call("a", "{{ now.hour }}")), "steps[0].config.url", "unknown_reference"},
		"other branch to come":  {branches("{{ steps.no.body }}", "u", "u"), "steps[1].then[0].config.url", "reference_later"},
		"item outside a loop":   {withSteps(call("a", "{{ item }}")), "steps[0].config.url", "unknown_reference"},
		"the loop from inside":  {withSteps(`{"id":"l","type":"repeat","config":{"list":"{{ input.n }}"},"do":[` + call("a", "{{ steps.l.count }}") + `]}`), "steps[0].do[0].config.url", "reference_later"},
		"inside a loop, after":  {withSteps(loop(call("a", "{{ item }}")) + "," + call("b", "{{ steps.a.body }}")), "steps[1].config.url", "reference_other_branch"},
		"from another loop":     {withSteps(loop(call("a", "u")) + `,{"id":"m","type":"repeat","config":{"list":"{{ input.n }}"},"do":[` + call("b", "{{ steps.a.body }}") + `]}`), "steps[1].do[0].config.url", "reference_other_branch"},
		"the list of a loop":    {withSteps(`{"id":"l","type":"repeat","config":{"list":"{{ item }}"},"do":[` + call("a", "u") + `]}`), "steps[0].config.list", "unknown_reference"},
		"secret in a plain one": {withSteps(call("a", "{{ secrets.X }}")), "steps[0].config.url", "secret_not_allowed"},
		"part of a secret":      {withSteps(`{"id":"a","type":"call","config":{"url":"u","token":"{{ secrets.X.y }}"}}`), "steps[0].config.token", "invalid_reference"},
		"field without":         {withSteps(`{"id":"a","type":"call","config":{"url":"u","method":"{{ input.n }}"}}`), "steps[0].config.method", "reference_not_allowed"},
		"part of a group":       {withSteps(`{"id":"a","type":"call","config":{"url":"u","sign":{"kind":"{{ input.n }}"}}}`), "steps[0].config.sign.kind", "reference_not_allowed"},
		"inside a condition":    {withSteps(`{"id":"a","type":"decide","config":{"conditions":[{"value":"{{ steps.zz.x }}","operator":"is_true"}]}}`), "steps[0].config.conditions[0].value", "unknown_reference"},
	} {
		t.Run(name, func(t *testing.T) { assertProblem(t, checked(t, c.document), c.path, c.code) })
	}
	for name, document := range map[string]string{
		"earlier step, condition around, input, run, trigger": branches("{{ steps.first.body }}{{ steps.check.result }}{{ input.n }}{{ run.id }}{{ trigger.body.x }}", "u", "{{ steps.check.result }}"),
		"item in a loop":        withSteps(`{"id":"l","type":"repeat","config":{"list":"{{ input.n }}"},"do":[` + call("a", "{{ item.id }}{{ index }}") + "," + call("b", "{{ steps.a.body }}") + `]}`),
		"the loop's results":    withSteps(loop(call("a", "u")) + "," + call("b", "{{ steps.l.items }}")),
		"a loop in a loop":      withSteps(call("first", "u") + "," + loop(call("a", "u")+`,{"id":"m","type":"repeat","config":{"list":"{{ item.rows }}"},"do":[`+call("b", "{{ steps.first.body }}{{ steps.a.body }}{{ item }}")+`]}`)),
		"a branch in a loop":    withSteps(loop(`{"id":"c","type":"decide","config":{"conditions":[{"value":"{{ item }}","operator":"is_true"}]},"then":[` + call("a", "{{ item }}{{ index }}{{ steps.c.result }}") + `]}`)),
		"a switched-off step":   withSteps(`{"id":"a","type":"call","config":{"url":"u"},"disabled":true},` + call("b", "{{ steps.a.body.x }}")),
		"other branches":        branches("u", "{{ steps.yes.body }}", "{{ steps.yes.body }}{{ steps.no.error.code }}{{ now }}{{ trigger.headers.x }}"),
		"reference in a number": withSteps(`{"id":"a","type":"call","config":{"url":"u","tries":"{{ input.n }}","sign":{"kind":"basic","user":"{{ input.n }}"}}}`),
	} {
		if problems := checked(t, document); len(problems) > 0 {
			t.Errorf("%s: %+v", name, problems)
		}
	}
}

func TestASwitchedOffStepMayLackWhatADraftMayLack(t *testing.T) {
	if problems := checked(t, withSteps(`{"id":"a","type":"call","disabled":true},{"id":"b","type":"decide","disabled":true,"config":{"conditions":[{"value":1,"operator":"is_true"}]},"then":[{"id":"c","type":"call"}]}`)); len(problems) > 0 {
		t.Errorf("got %+v", problems)
	}
	assertProblem(t, checked(t, withSteps(`{"id":"a","type":"call","disabled":true,"config":{"url":5}}`)), "steps[0].config.url", "wrong_type")
	assertProblem(t, checked(t, withSteps(`{"id":"a","type":"call","disabled":true},{"id":"b","type":"call"}`)), "steps[1].config.url", "required")
}

func TestOnlyWhatADraftMayLackIsIncomplete(t *testing.T) {
	for _, problem := range checked(t, withSteps(`{"id":"a","type":"call"},{"id":"b","type":"decide","config":{"conditions":[{"value":"x"}]}}`)) {
		if !problem.Incomplete {
			t.Errorf("%+v", problem)
		}
	}
	for _, problem := range checked(t, withSteps(`{"id":"A","type":"nope"}`)) {
		if problem.Incomplete {
			t.Errorf("%+v", problem)
		}
	}
}

func TestTheTriggersOwnCheckIsHeardOnce(t *testing.T) {
	checker := Checker{Types: testTypes(), Trigger: func(Trigger) []Problem {
		return []Problem{{Path: "cron", Code: "invalid_value", Message: "Minute must be 0–59."}, {Path: "missed", Code: "invalid_value", Message: "No."}}
	}}
	problems := checker.Check(Definition{Format: 1, Name: "x", Triggers: []Trigger{{ID: "a", Type: "schedule", Cron: "x", Missed: "never"}}, Steps: []Step{{ID: "s", Type: "call", Config: map[string]any{"url": "u"}}}})
	if len(problems) != 2 {
		t.Errorf("got %+v", problems)
	}
	assertProblem(t, problems, "triggers[0].cron", "invalid_value")
}

func TestTooManyStepsAreRefused(t *testing.T) {
	steps := make([]string, 201)
	for i := range steps {
		steps[i] = call(fmt.Sprintf("s%d", i), "u")
	}
	assertProblem(t, checked(t, withSteps(strings.Join(steps, ","))), "steps", "too_many")
	if problems := checked(t, withSteps(strings.Join(steps[:200], ","))); len(problems) > 0 {
		t.Errorf("200 steps: %+v", problems[0])
	}
}

func TestWhatPassesTheCheckCanAlwaysBeReadAgain(t *testing.T) {
	inner := []Step{{ID: "s0", Type: "call", Config: map[string]any{"url": "u"}}}
	for depth := 1; depth < 40; depth++ {
		inner = []Step{{ID: fmt.Sprintf("s%d", depth), Type: "decide", Config: map[string]any{"conditions": []any{map[string]any{"value": "{{ run.id }}", "operator": "is_true"}}}, Then: inner}}
		d := Definition{Format: 1, Name: "x", Steps: inner}
		_, _, err := Parse(d.Marshal())
		if problems := (Checker{Types: testTypes()}).Check(d); (len(problems) == 0) != (err == nil) {
			t.Fatalf("depth %d: check says %+v, parse says %v", depth, problems, err)
		}
	}
}

func TestProblemsComeInDocumentOrder(t *testing.T) {
	problems := checked(t, `{"name":"","inputs":[{"name":"A","type":"text"}],"triggers":[{"id":"B","type":"schedule"}],"steps":[{"id":"C","type":"decide","then":[{"id":"D","type":"call"}]},{"id":"E","type":"call"}],"settings":{"on_limit":"x"}}`)
	last := -1
	for _, prefix := range []string{"name", "inputs[0].name", "triggers[0].id", "steps[0].id", "steps[0].config", "steps[0].then[0].id", "steps[0].then[0].config", "steps[1].id", "settings"} {
		at := -1
		for i, problem := range problems {
			if strings.HasPrefix(problem.Path, prefix) {
				at = i
				break
			}
		}
		if at <= last {
			t.Errorf("%s at %d after %d in %+v", prefix, at, last, problems)
		}
		last = at
	}
}
