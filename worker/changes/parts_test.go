package changes

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workflows/worker/notify"
	"workflows/worker/senders"
	"workflows/worker/workflow"
)

// said checks what a part is called and what it is with each of several values: in words,
// and differently.
func said(t *testing.T, what string, parts ...Part) {
	t.Helper()
	for i, part := range parts {
		if part.Label == "" || unspoken.MatchString(part.Label) || unspoken.MatchString(part.Words) {
			t.Errorf("%s is said as %q", what, part)
		}
		for _, other := range parts[:i] {
			if other.Words == part.Words || other.Label != part.Label {
				t.Errorf("%s is said as %q and as %q", what, other, part)
			}
		}
	}
}

func TestEveryFieldOfEveryStepIsSaidByItself(t *testing.T) {
	words := naming().Words(around(workflow.Step{ID: "do_it", Type: "stop"}))
	for _, stepType := range naming().Types.List() {
		for _, field := range stepType.Fields {
			if field.Kind.Parts {
				continue // what is in it is said as what changes is
			}
			var parts []Part
			for _, value := range samples(t, field) {
				parts = append(parts, words.Step(workflow.Step{Type: stepType.Name, Config: map[string]any{field.Name: value}}, "config."+field.Name))
			}
			said(t, stepType.Name+"."+field.Name, parts...)
		}
	}
}

// eachPart sets one field after the other of a struct: a later one is not forgotten.
func eachPart[T any](t *testing.T, base T, leave []string, of func(value T, part string) Part) {
	t.Helper()
	kind := reflect.TypeFor[T]()
	for i := range kind.NumField() {
		field := kind.Field(i)
		if slices.Contains(leave, field.Name) {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		var parts []Part
		for _, value := range fill(t, field) {
			filled := base
			reflect.ValueOf(&filled).Elem().Field(i).Set(reflect.ValueOf(value))
			parts = append(parts, of(filled, name))
		}
		said(t, fmt.Sprintf("%s.%s", kind.Name(), field.Name), parts...)
	}
}

func TestEveryRuleIsSaidByItself(t *testing.T) {
	words := naming().Words(around(workflow.Step{ID: "do_it", Type: "stop"}))
	eachPart(t, workflow.Step{ID: "do_it", Type: "stop", Name: "Do it"}, []string{"ID", "Type", "Config", "Retry", "Then", "Else", "Do"}, words.Step)
	said(t, "a step's kind", words.Step(workflow.Step{Type: "stop"}, "type"), words.Step(workflow.Step{Type: "wait"}, "type"), words.Step(workflow.Step{Type: "of_a_newer_program"}, "type"))
	said(t, "a setting of a newer program", words.Step(workflow.Step{Type: "stop", Config: map[string]any{"brand_new": "x"}}, "config.brand_new"))
	eachPart(t, workflow.Retry{MaxAttempts: 4, Backoff: "exponential"}, nil, func(value workflow.Retry, _ string) Part {
		return words.Step(workflow.Step{Type: "stop", Retry: &value}, "retry")
	})
	eachPart(t, workflow.Input{Name: "order_id", Type: "text"}, []string{"Name"}, words.Input)
	when := []string{"ID", "Type", "Cron", "Every", "At", "Times", "MonthDay", "WeekdayOfMonth", "DayInterval", "WeekInterval", "MonthInterval"}
	ofWebhook := []string{"Signature", "Secret", "VerifySecret", "HMAC", "Filter", "Respond", "Answer", "SameWithin", "CORS"}
	ofForm := []string{"Thanks", "Redirect"}
	ofSchedule := slices.DeleteFunc(fieldNames[workflow.Trigger](), func(name string) bool {
		return slices.Contains(slices.Concat(when, ofWebhook, ofForm), name) || name == "Disabled" || name == "RatePerMinute"
	})
	eachPart(t, workflow.Trigger{Type: "schedule", Cron: "0 9 * * 1-5", Calendar: "Germany"}, slices.Concat(when, ofWebhook, ofForm, []string{"RatePerMinute"}), words.Trigger)
	eachPart(t, workflow.Trigger{Type: "webhook", Signature: "hmac", HMAC: &senders.Scheme{Header: "X"}, Respond: "answer", Answer: &workflow.WebhookAnswer{Text: "a"}}, slices.Concat(when, ofSchedule, ofForm), words.Trigger)
	eachPart(t, workflow.Trigger{Type: "form"}, slices.Concat(when, ofSchedule, ofWebhook), words.Trigger)
	said(t, "when it starts", words.Trigger(workflow.Trigger{Type: "schedule", Every: "5m"}, "when"), words.Trigger(workflow.Trigger{Type: "webhook"}, "type"))
	eachPart(t, workflow.Settings{}, []string{"MustSucceedBy", "Notify"}, words.Settings)
	said(t, "deadlines", words.Settings(workflow.Settings{}, "must_succeed_by"), words.Settings(workflow.Settings{MustSucceedBy: []workflow.Deadline{{Time: "07:00"}, {Time: "08:00"}}}, "must_succeed_by"))
	said(t, "who is told", words.Settings(workflow.Settings{}, "notify"), words.Settings(workflow.Settings{Notify: []notify.Rule{{On: []string{"failed"}, Email: []string{"anna@example.com"}}}}, "notify"))
	eachPart(t, workflow.Definition{}, []string{"Format", "Inputs", "Triggers", "Steps", "Settings"}, words.Workflow)
}
