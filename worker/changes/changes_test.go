package changes

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"workflows/worker/notify"
	"workflows/worker/senders"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

const otherID = "01930000-0000-7000-8000-000000000001"

func naming() Naming {
	return Naming{Types: steps.All(steps.Options{}), Workflows: map[string]string{otherID: "Monthly report"}}
}

// unspoken is what people are not to read: braces, ids, technical names, lengths of time as
// they are typed, and a way out of saying what differs.
var unspoken = regexp.MustCompile(`[{}_]|[0-9a-f]{8}-|\bnull\b|\bnil\b|%!|\b[0-9]+[smh]\b|written differently`)

func check(t *testing.T, what string, changes []Change) {
	t.Helper()
	if len(changes) == 0 {
		t.Errorf("%s: nothing is said", what)
	}
	for _, change := range changes {
		for _, text := range []string{change.Sentence, change.Start, change.Was, change.Is, change.End} {
			if found := unspoken.FindString(text); found != "" {
				t.Errorf("%s: “%s” is in: %s", what, found, text)
			}
		}
		if !strings.HasSuffix(change.Sentence, ".") {
			t.Errorf("%s: no sentence: %s", what, change.Sentence)
		}
	}
}

// around is a workflow in which a step stands after one whose data it may use.
func around(step workflow.Step) workflow.Definition {
	return workflow.Definition{
		Format: 1, Name: "Orders", Inputs: []workflow.Input{{Name: "order_id", Type: "number", Label: "Order number"}},
		Steps: []workflow.Step{{ID: "ask_the_shop", Type: "http_request", Name: "Ask the shop", Config: map[string]any{"url": "https://shop.example.com"}}, step},
	}
}

// samples are values of a field, each of which differs from the others.
func samples(t *testing.T, field workflow.Field) []any {
	first, second := any("first words"), any("then {{ steps.ask_the_shop.body.order_total }} for {{ input.order_id }}")
	switch {
	case len(field.Options) > 0:
		var values []any
		for _, option := range field.Options {
			values = append(values, option.Value)
		}
		return values
	case field.Kind.Rows != nil && field.Kind.Rows.Component == "conditions":
		condition := func(other any) any {
			return map[string]any{"value": "{{ steps.ask_the_shop.body.status }}", "operator": "not_equals", "other": other}
		}
		return []any{[]any{condition("ok")}, []any{condition("status"), map[string]any{"match": "any", "conditions": []any{condition(json.Number("1")), condition("b")}}}}
	case field.Kind.Name == "asked":
		return []any{[]any{map[string]any{"name": "total", "type": "number"}}, []any{map[string]any{"name": "total", "type": "text", "description": "the sum"}}, []any{map[string]any{"name": "kind", "type": "choice"}}}
	case field.Kind.Rows != nil:
		return []any{map[string]any{"Accept": "a", "Size": json.Number("1")}, map[string]any{"Accept": "{{ steps.ask_the_shop.body.kind }}", "Size": "1"}, map[string]any{"More": map[string]any{"a": []any{true, nil}}}}
	case field.Kind.Name == "boolean":
		return []any{true, false}
	case field.Kind.Name == "number":
		return []any{json.Number("41"), json.Number("42"), "{{ steps.ask_the_shop.body.most }}"}
	case field.Kind.Name == "duration":
		return []any{"41m", "2h", "{{ steps.ask_the_shop.body.pause }}"}
	case field.Kind.Name == "time":
		return []any{"2026-12-24T18:00:00Z", "2026-12-25T18:00:00Z"}
	case field.Kind.Entry.Choices == workflow.ChoicesWorkflows:
		return []any{otherID, "01930000-0000-7000-8000-000000000002"}
	case field.Kind.Name == "json", field.Kind.Name == "content":
		return []any{first, second, map[string]any{"order": "{{ steps.ask_the_shop.body.id }}"}, []any{json.Number("1"), "two"}}
	}
	if field.Wants == "list" {
		return []any{"{{ steps.ask_the_shop.body.orders }}", []any{"Ada", "Bob"}}
	}
	if field.Kind.Schema != nil {
		t.Fatalf("a field of kind %s has no samples here", field.Kind.Name)
	}
	return []any{first, second, "two\nlines {{ steps.ask_the_shop.body.order_total }}\nand a third one that is long enough to stand in no sentence"}
}

// Any change of any field of any step type is said, with what it was and what it is.
func TestEveryFieldOfEveryStepTypeIsSaidInWords(t *testing.T) {
	names := naming()
	for _, stepType := range names.Types.List() {
		var walk func(fields []workflow.Field, inside func(map[string]any) map[string]any)
		walk = func(fields []workflow.Field, inside func(map[string]any) map[string]any) {
			for _, field := range fields {
				if field.Kind.Parts {
					walk(field.Fields, func(config map[string]any) map[string]any { return inside(map[string]any{field.Name: config}) })
					continue
				}
				values := append([]any{nil}, samples(t, field)...)
				for i, was := range values {
					for j, is := range values {
						if i == j || meantAnyhow(field, was) && meantAnyhow(field, is) {
							continue
						}
						step := func(value any) workflow.Definition {
							config := map[string]any{}
							if value != nil {
								config = inside(map[string]any{field.Name: value})
							}
							return around(workflow.Step{ID: "do_it", Type: stepType.Name, Name: "Do it", Config: config})
						}
						what := fmt.Sprintf("%s.%s from %v to %v", stepType.Name, field.Name, was, is)
						said := Between(step(was), step(is), names)
						check(t, what, said)
						all := fmt.Sprint(said)
						if !strings.Contains(all, "“Do it”") || !strings.Contains(all, field.Label) {
							t.Errorf("%s does not say where: %s", what, all)
						}
					}
				}
			}
		}
		walk(stepType.Fields, func(config map[string]any) map[string]any { return config })
	}
}

func meantAnyhow(field workflow.Field, value any) bool {
	if field.Kind.Name == "boolean" {
		return value == nil && field.Default != "true" || value == false && field.Default != "true" || (value == nil || value == true) && field.Default == "true"
	}
	return value == nil || value == field.Default
}

// fill sets one field of a struct to two values that differ.
func fill(t *testing.T, field reflect.StructField) []any {
	switch field.Name {
	case "Type":
		return []any{"number", "choice"}
	case "Display":
		return []any{"", "radio"}
	case "TimeZone":
		return []any{"Europe/Berlin", "Asia/Tokyo"}
	case "Default":
		return []any{"one", "two words"}
	case "Options":
		return []any{[]string{"a", "b"}, []string{"b", "a"}, []string{"a", "c"}}
	case "NotBetween":
		return []any{[]string(nil), []string{"22:00-06:00"}, []string{"22:00-06:00", "12:00-13:00"}}
	case "Cron":
		return []any{"0 9 * * 1-5", "0 8 * * 1-5"}
	case "Missed":
		return []any{"", "skip", "all"}
	case "Overlap":
		return []any{"", "queue", "allow", "replace"}
	case "FreeDays":
		return []any{"", "move"}
	case "MissedMaxAge", "Timeout", "MaxDuration", "Delay", "MaxDelay", "SameWithin", "Jitter":
		return []any{"10m", "2h"}
	case "StartDate":
		return []any{"2026-12-01", "2026-12-02"}
	case "EndDate":
		return []any{"2027-12-01", "2027-12-02"}
	case "OnLimit":
		return []any{"", "skip", "reject"}
	case "Priority":
		return []any{"", "high", "low"}
	case "OnError":
		return []any{"", "continue"}
	case "OnUnknown":
		return []any{"", "repeat", "fail"}
	case "Backoff":
		return []any{"", "exponential"}
	case "Signature":
		return []any{"", "github", "hmac"}
	case "Respond":
		return []any{"", "output", "answer"}
	case "Redirect":
		return []any{"", "https://example.com/thanks"}
	case "On":
		return []any{[]string{"failed"}, []string{"failed", "recovered"}}
	case "Quiet":
		return []any{"22:00-07:00", "21:00-07:00"}
	case "Time":
		return []any{"07:00", "08:00"}
	case "Days":
		return []any{[]int{1}, []int{1, 2}}
	case "CORS":
		return []any{&workflow.CORS{Origins: []string{"https://a.example.com"}}, &workflow.CORS{Origins: []string{"https://b.example.com"}}}
	case "Answer":
		return []any{&workflow.WebhookAnswer{Text: "a"}, &workflow.WebhookAnswer{Text: "b", Status: 200}}
	case "Filter":
		return []any{&workflow.Filter{Conditions: []workflow.Condition{{Value: "{{ trigger.body.a }}", Operator: "equals", Other: "b"}}}, &workflow.Filter{Match: "any", Conditions: []workflow.Condition{{Value: "{{ trigger.body.a }}", Operator: "equals", Other: "c"}}}}
	case "Keep":
		return []any{&workflow.Keep{Days: new(30)}, &workflow.Keep{Days: new(30), FailedDays: new(90)}, &workflow.Keep{Last: 100}}
	case "HMAC":
		return []any{&senders.Scheme{Header: "X-A"}, &senders.Scheme{Header: "X-A", Text: "{time}.{body}", Tolerance: "10m"}}
	}
	switch field.Type.Kind() {
	case reflect.String:
		return []any{"", "one", "two"}
	case reflect.Bool:
		return []any{false, true}
	case reflect.Int:
		return []any{2, 3}
	case reflect.Slice:
		return []any{[]string{"a@example.com"}, []string{"b@example.com"}}
	}
	t.Fatalf("%s has no samples here", field.Name)
	return nil
}

// each sets one field after the other of a struct, and has what it says checked.
func each[T any](t *testing.T, base T, leave []string, between func(was, is T) []Change) {
	t.Helper()
	kind := reflect.TypeFor[T]()
	for i := range kind.NumField() {
		field := kind.Field(i)
		if slices.Contains(leave, field.Name) {
			continue
		}
		values := fill(t, field)
		for a := range values {
			for b := range values {
				if a == b {
					continue
				}
				was, is := base, base
				reflect.ValueOf(&was).Elem().Field(i).Set(reflect.ValueOf(values[a]))
				reflect.ValueOf(&is).Elem().Field(i).Set(reflect.ValueOf(values[b]))
				check(t, fmt.Sprintf("%s.%s from %v to %v", kind.Name(), field.Name, values[a], values[b]), between(was, is))
			}
		}
	}
}

// What a later field is called stands here, so that it is not forgotten: each walks
// through what the structs have.
func TestEveryRuleIsSaidInWords(t *testing.T) {
	names := naming()
	workflows := func(change func(d *workflow.Definition)) workflow.Definition {
		d := around(workflow.Step{ID: "do_it", Type: "stop", Name: "Do it"})
		change(&d)
		return d
	}
	between := func(was, is func(d *workflow.Definition)) []Change {
		return Between(workflows(was), workflows(is), names)
	}
	each(t, workflow.Input{Name: "order_id", Type: "text", Label: "Order"}, []string{"Name"}, func(was, is workflow.Input) []Change {
		return between(func(d *workflow.Definition) { d.Inputs = []workflow.Input{was} }, func(d *workflow.Definition) { d.Inputs = []workflow.Input{is} })
	})
	trigger := func(was, is workflow.Trigger) []Change {
		return between(func(d *workflow.Definition) { d.Triggers = []workflow.Trigger{was} }, func(d *workflow.Definition) { d.Triggers = []workflow.Trigger{is} })
	}
	ofWebhook := []string{"Signature", "Secret", "VerifySecret", "HMAC", "Filter", "Respond", "Answer", "SameWithin", "CORS", "RatePerMinute", "Thanks", "Redirect"}
	each(t, workflow.Trigger{ID: "at_nine", Type: "schedule", Cron: "0 9 * * 1-5", TimeZone: "Europe/Berlin", Calendar: "Germany"},
		append(ofWebhook, "ID", "Type", "Every", "At", "Times", "MonthDay", "WeekdayOfMonth", "DayInterval", "WeekInterval", "MonthInterval"), trigger)
	rest := slices.DeleteFunc(fieldNames[workflow.Trigger](), func(name string) bool { return slices.Contains(ofWebhook, name) })
	each(t, workflow.Trigger{ID: "from_shop", Type: "webhook", Signature: "hmac", HMAC: &senders.Scheme{Header: "X"}, Respond: "answer", Answer: &workflow.WebhookAnswer{Text: "a"}}, append(rest, "Thanks", "Redirect"), trigger)
	each(t, workflow.Trigger{ID: "ask_us", Type: "form"}, append(append(rest, ofWebhook[:9]...), "ID"), trigger)
	for _, pair := range [][2]workflow.Trigger{
		{{Every: "15m"}, {Every: "20m"}},
		{{At: "2027-03-01T09:00:00Z"}, {At: "2027-03-02T09:00:00Z"}},
		{{Times: []string{"09:00"}}, {Times: []string{"09:00", "16:30"}}},
		{{Cron: "0 9 * * *", MonthDay: "last_day"}, {Cron: "0 9 * * *", MonthDay: "first_business_day"}},
		{{Cron: "0 9 * * *", WeekdayOfMonth: "first mon"}, {Cron: "0 9 * * *", WeekdayOfMonth: "last sun"}},
		{{Cron: "0 9 * * 1", WeekInterval: 2, StartDate: "2026-12-01"}, {Cron: "0 9 * * 1", WeekInterval: 3, StartDate: "2026-12-01"}},
		{{Cron: "0 9 * *"}, {Cron: "0 9 * * 1"}},
	} {
		for i := range pair {
			pair[i].ID, pair[i].Type = "at_nine", "schedule"
		}
		check(t, fmt.Sprint(pair), trigger(pair[0], pair[1]))
	}
	each(t, workflow.Settings{MaxRunning: 5}, []string{"MustSucceedBy", "Notify"}, func(was, is workflow.Settings) []Change {
		return between(func(d *workflow.Definition) { d.Settings = was }, func(d *workflow.Definition) { d.Settings = is })
	})
	each(t, workflow.Deadline{Time: "07:00"}, []string{"Calendar"}, func(was, is workflow.Deadline) []Change {
		return between(func(d *workflow.Definition) { d.Settings.MustSucceedBy = []workflow.Deadline{was} }, func(d *workflow.Definition) { d.Settings.MustSucceedBy = []workflow.Deadline{is} })
	})
	each(t, notify.Rule{On: []string{"failed"}, Email: []string{"anna@example.com"}, WebhookURL: "https://ops.example.com/told", Quiet: "22:00-07:00"}, nil, func(was, is notify.Rule) []Change {
		return between(func(d *workflow.Definition) { d.Settings.Notify = []notify.Rule{was} }, func(d *workflow.Definition) { d.Settings.Notify = []notify.Rule{is} })
	})
	each(t, workflow.Step{ID: "do_it", Type: "stop", Name: "Do it"}, []string{"ID", "Type", "Config", "Retry", "Then", "Else", "Do"}, func(was, is workflow.Step) []Change {
		return between(func(d *workflow.Definition) { d.Steps[1] = was }, func(d *workflow.Definition) { d.Steps[1] = is })
	})
	each(t, workflow.Retry{MaxAttempts: 4, Backoff: "exponential"}, nil, func(was, is workflow.Retry) []Change {
		return between(func(d *workflow.Definition) { d.Steps[1].Retry = &was }, func(d *workflow.Definition) { d.Steps[1].Retry = &is })
	})
	each(t, around(workflow.Step{ID: "do_it", Type: "stop"}), []string{"Format", "Inputs", "Triggers", "Steps", "Settings"}, func(was, is workflow.Definition) []Change { return Between(was, is, names) })
}

func fieldNames[T any]() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		names = append(names, field.Name)
	}
	return names
}
