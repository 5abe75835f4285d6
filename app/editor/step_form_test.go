package editor

import (
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

func TestAnyStepFormGetsAnAnswerAndShowsWhatWasTyped(t *testing.T) {
	types := steps.All(steps.Options{})
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(types.List()).Draw(t, "type")
		form := url.Values{}
		typed := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "json", "basic", "true", "{{", "{{ input.a }}", "1", `{"a":1}`, "number", "equals", "any", "end"}))
		for _, name := range []string{"config.body_type", "config.body", "config.url", "config.auth.type", "config.auth.token", "retry.max_attempts", "retry.delay", "timeout", "name", "id", "config.for"} {
			form.Set(name, typed.Draw(t, name))
		}
		for _, name := range []string{"config.headers.name", "config.headers.value", "config.values.name", "config.values.kind", "config.values.value", "config.conditions.kind", "config.conditions.value", "config.conditions.operator", "config.conditions.other"} {
			form[name] = rapid.SliceOfN(typed, 0, 4).Draw(t, name)
		}
		f := readStepForm(form, workflow.Step{ID: "a", Type: kind.Name}, kind)
		step := f.step
		step.Config = kind.Tidied(step.Config)
		d := workflow.Definition{Format: 1, Name: "Any", Steps: []workflow.Step{step}}
		f.take(workflow.Checker{Types: types}.Check(d))
		b := formBuilder{form: f}
		b.summary(nil)
		plain, _ := b.fields("config", kind.Fields, f.step.Config)
		for _, field := range plain {
			if field.Field != nil && field.Field.Name == "config.url" && f.step.Config["url"] != nil && field.Field.Value != f.step.Config["url"] {
				t.Fatalf("the address %q is shown as %q", f.step.Config["url"], field.Field.Value)
			}
		}
		changeRows(form, rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"add config.headers", "remove config.headers 0", "remove config.values 9", "remove config.values -1", "group config.conditions", "add config.conditions 1", "group config.conditions 1", "remove config.conditions 0"})).Draw(t, "command"))
	})
}

func TestAProblemOfARowStandsAtThePartThatHoldsIt(t *testing.T) {
	kind := steps.All(steps.Options{})["ask_model"]
	step := workflow.Step{ID: "a", Type: "ask_model", Config: map[string]any{"fields": []any{map[string]any{"name": "total", "type": "number", "description": "With taxes"}}}}
	form := newStepForm(step, kind)
	form.problems = map[string]string{"config.fields[0].name": "A name.", "config.fields[0].type": "A type.", "config.fields[0].description": "A word."}
	builder := formBuilder{form: form}
	fields, _ := builder.fields("config", kind.Fields, step.Config)
	rows := fields[len(fields)-1].Rows
	if row := rows.Rows[0]; row.Value != "With taxes" || row.Kind != "number" || row.NameError != "A name." || row.KindError != "A type." {
		t.Errorf("the row is %+v", row)
	}
	if id := builder.controlFor("config.fields[0].description", fields); id != "config-fields-0-value" {
		t.Errorf("the description's problem leads to %s", id)
	}
	if len(rows.Kinds) != 6 || rows.Hint == "" {
		t.Errorf("the row offers %+v", rows.Kinds)
	}
}

func TestContentOfACallIsTypedAsTextOrByRows(t *testing.T) {
	call := steps.All(steps.Options{})["http_request"]
	named := url.Values{"config.body_type": {"form"}, "config.body": {""}, "config.body.name": {"name", "mail", ""}, "config.body.value": {"{{ input.name }}", "x", ""}}
	stored := map[string]any{"body_type": "form", "body": "name=Ann"}
	flat := map[string]any{"body_type": "json", "body": map[string]any{"n": json.Number("7")}}
	with := func(form url.Values, more url.Values) url.Values {
		changed := maps.Clone(form)
		maps.Copy(changed, more)
		return changed
	}
	noRows := url.Values{"config.body.name": {""}, "config.body.value": {""}}
	for what, c := range map[string]struct {
		was  map[string]any
		form url.Values
		want any
	}{
		"rows":                           {nil, named, map[string]any{"name": "{{ input.name }}", "mail": "x"}},
		"rows as they were":              {stored, with(named, url.Values{"config.body.name": {"name"}, "config.body.value": {"Ann"}}), "name=Ann"},
		"rows that are taken out":        {stored, with(named, noRows), nil},
		"a text":                         {nil, url.Values{"config.body_type": {"text"}, "config.body": {"hello"}}, "hello"},
		"a text before it became a form": {nil, with(named, with(noRows, url.Values{"config.body": {`{"a": "b"}`}})), `{"a": "b"}`},
		"rows before they became a text": {stored, url.Values{"config.body_type": {"text"}, "config.body": {""}, "config.body.name": {"name"}, "config.body.value": {"Ben"}}, map[string]any{"name": "Ben"}},
		"rows of JSON":                   {nil, with(named, url.Values{"config.body_type": {"json"}, "config.body.kind": {"reference", "text", "text"}}), map[string]any{"name": "{{ input.name }}", "mail": "x"}},
		"JSON that is typed instead":     {flat, url.Values{"config.body_type": {"json"}, "config.body.as": {"typed"}, "config.body": {`{"n": 8}`}, "config.body.name": {""}, "config.body.value": {""}}, `{"n": 8}`},
		"JSON that is typed on":          {map[string]any{"body_type": "json", "body": `{"n": 8}`}, url.Values{"config.body_type": {"json"}, "config.body.as": {"typed"}, "config.body": {`{"n": 88}`}}, `{"n": 88}`},
		"JSON that is typed as it was":   {flat, url.Values{"config.body_type": {"json"}, "config.body.as": {"typed"}, "config.body": {"{\n  \"n\": 7\n}"}}, flat["body"]},
		"JSON beside a form's rows":      {flat, url.Values{"config.body_type": {"json"}, "config.body.as": {"typed"}, "config.body": {`{"n": 8}`}, "config.body.name": {"x"}, "config.body.value": {"y"}}, `{"n": 8}`},
		"JSON that is typed no more":     {flat, url.Values{"config.body_type": {"json"}, "config.body.as": {"typed"}, "config.body": {""}}, nil},
		"a form that is typed on":        {map[string]any{"body_type": "form", "body": "a=1"}, url.Values{"config.body_type": {"form"}, "config.body.as": {"typed"}, "config.body": {"a=12"}}, "a=12"},
		"what rows cannot hold":          {map[string]any{"body_type": "form", "body": "{{ steps.a.body }}"}, url.Values{"config.body_type": {"form"}, "config.body": {"{{ steps.b.body }}"}}, "{{ steps.b.body }}"},
	} {
		read := readStepForm(c.form, workflow.Step{ID: "a", Type: "http_request", Config: c.was}, call)
		if got := read.step.Config["body"]; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %#v", what, got)
		}
	}
}

func TestJSONIsFilledInByRowsOrTypedWithoutLosingAnything(t *testing.T) {
	call := steps.All(steps.Options{})["http_request"]
	const text = "{\n  \"order\": {{ input.id }},\n  \"note\": \"for {{ input.name }}\",\n  \"n\": 7\n}"
	step := workflow.Step{ID: "a", Type: "http_request", Config: map[string]any{"body_type": "json", "body": text}}
	// page is the form as it is sent by the page that shows it, and what that shows.
	page := func(f *stepForm) (url.Values, []views.FormField) {
		sent := url.Values{}
		shown := formBuilder{form: f}.entries("config", bodyOf(call), call.Fields, f.step.Config)
		addSent(sent, append(shown, views.FormField{Field: &ui.FieldProps{Name: "config.body_type", Value: "json"}}))
		return sent, shown
	}
	form := newStepForm(step, call)
	sent, shown := page(form)
	if rows := shown[0].Rows; rows == nil || len(rows.Rows) != 3 || rows.Rows[0].Name != "order" || rows.Rows[0].Kind != "reference" || rows.Instead == nil || shown[1].Field.Value != "" {
		t.Fatalf("it opens as %+v", shown[0])
	}
	turned := func(command string) {
		t.Helper()
		form = readStepForm(sent, step, call)
		form.turned(command, call.Fields)
		form.judges(call)
		sent, shown = page(form)
	}
	turned("typed config.body")
	if field := shown[0].Field; field == nil || field.Value != text || field.Says != "This is JSON." || field.Instead == nil {
		t.Fatalf("typed it is %+v", shown[0])
	}
	if stored := readStepForm(sent, step, call).step.Config["body"]; stored != text {
		t.Errorf("and stored as %v", stored)
	}
	turned("listed config.body")
	if rows := shown[0].Rows; rows == nil || len(rows.Rows) != 3 || readStepForm(sent, step, call).step.Config["body"] != text {
		t.Errorf("back in rows it is %+v", shown[0])
	}
	turned("typed config.body")
	sent.Set("config.body", `{"deep": {"a": 1}}`)
	turned("listed config.body")
	if field := shown[0].Field; field == nil || field.Value != `{"deep": {"a": 1}}` || !strings.Contains(field.Error, "stays typed") {
		t.Errorf("what rows cannot hold becomes %+v", shown[0])
	}
	sent.Set("config.body", "{\n\"a\" 1}")
	turned("")
	if field := shown[0].Field; field == nil || field.Error != "Line 2: a colon is missing after the name “a”." || field.Says+field.Choose.Reads != "" || field.Instead != nil {
		t.Errorf("what is no JSON is %+v", shown[0].Field)
	}
	sent = url.Values{"config.body_type": {"json"}, "config.body": {""}, "config.body.name": {""}, "config.body.kind": {"text"}, "config.body.value": {"nameless"}}
	turned("typed config.body")
	if rows := shown[0].Rows; rows == nil || rows.Rows[0].Value != "nameless" || rows.Rows[0].NameError == "" {
		t.Errorf("a row without a name becomes %+v", shown[0])
	}
}

func TestDataChosenForARowOfTextsIsInsertedData(t *testing.T) {
	form := url.Values{"config.body.kind": {"text", "number", "any"}, "config.body.value": {"", "", ""}, "config.body.name": {"a", "b", "c"}}
	for row, want := range []string{"reference", "number", "any"} {
		changeRows(form, "choose config.body.value "+strconv.Itoa(row)+" whole {{ input.a }}")
		if got := form["config.body.kind"][row]; got != want || form["config.body.value"][row] != "{{ input.a }}" {
			t.Errorf("row %d is %s, %s", row, got, form["config.body.value"][row])
		}
	}
}

func bodyOf(t workflow.StepType) workflow.Field { body, _ := t.Field("body"); return body }

func TestWhatWasTypedStandsInTheRowsOfAFormThatTakeItsPlace(t *testing.T) {
	call := steps.All(steps.Options{})["http_request"]
	step := workflow.Step{ID: "a", Type: "http_request", Config: map[string]any{"body_type": "json", "body": `{"n": 7}`}}
	for what, command := range map[string]string{"saved": "", "switched over": "listed config.body", "switched over from nothing": "typed config.body", "with one more row": "add config.body"} {
		sent := url.Values{"config.body_type": {"form"}, "config.body.as": {"typed"}, "config.body": {`{"n": 8, "who": "{{ input.who }}"}`}, "config.body.name": {"", ""}, "config.body.value": {"", ""}}
		changeRows(sent, command)
		form := readStepForm(sent, step, call)
		if !form.turned(command, call.Fields) && command != "" {
			form.keepEmptyRows(sent, "config", call.Fields)
		}
		shown := formBuilder{form: form}.entries("config", bodyOf(call), call.Fields, form.step.Config)
		if rows := shown[0].Rows; rows == nil || rows.Rows[0].Name+"="+rows.Rows[0].Value != "n=8" || rows.Rows[1].Name+"="+rows.Rows[1].Value != "who={{ input.who }}" {
			t.Errorf("%s it is %+v", what, shown[0])
		}
		again := url.Values{}
		addSent(again, append(shown, views.FormField{Field: &ui.FieldProps{Name: "config.body_type", Value: "form"}}))
		if body, _ := readStepForm(again, step, call).step.Config["body"].(map[string]any); body["who"] != "{{ input.who }}" || len(body) != 2 {
			t.Errorf("%s and sent as it stands it is %v", what, body)
		}
	}
	if form := readStepForm(url.Values{"config.body_type": {"form"}, "config.body.as": {"typed"}, "config.body": {`{"deep": {"a": 1}}`}, "config.body.name": {""}}, step, call); !form.turned("listed config.body", call.Fields) || form.problems["config.body"] == "" {
		t.Errorf("what rows cannot hold is told as %v", form.problems)
	}
}
