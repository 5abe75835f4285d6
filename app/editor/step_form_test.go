package editor

import (
	"net/url"
	"testing"

	"pgregory.net/rapid"

	"workflows/worker/steps"
	"workflows/worker/workflow"
)

func TestAnyStepFormGetsAnAnswerAndShowsWhatWasTyped(t *testing.T) {
	types := steps.All(steps.Options{})
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(types.List()).Draw(t, "type")
		form := url.Values{}
		typed := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "json", "basic", "true", "{{", "{{ input.a }}", "1", `{"a":1}`, "number", "equals"}))
		for _, name := range []string{"config.body_type", "config.body", "config.url", "config.auth.type", "config.auth.token", "retry.max_attempts", "retry.delay", "timeout", "name", "id", "config.for"} {
			form.Set(name, typed.Draw(t, name))
		}
		for _, name := range []string{"config.headers.name", "config.headers.value", "config.values.name", "config.values.kind", "config.values.value", "config.conditions.value", "config.conditions.operator", "config.conditions.other"} {
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
		changeRows(form, rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"add config.headers", "remove config.headers 0", "remove config.values 9", "remove config.values -1"})).Draw(t, "command"))
	})
}
