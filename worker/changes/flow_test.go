package changes

import (
	"strings"
	"testing"

	"workflows/worker/notify"
	"workflows/worker/workflow"
)

const watch = `{"format": 1, "name": "Watch the shop", "inputs": [{"name": "order_id", "type": "number", "label": "Order number"}],
	"triggers": [{"id": "weekdays", "type": "schedule", "cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"}],
	"steps": [
		{"id": "fetch", "type": "http_request", "name": "Ask the shop", "config": {"url": "https://shop.example.com/orders/{{ input.order_id }}"}},
		{"id": "decide", "type": "condition", "config": {"conditions": [{"value": "{{ steps.fetch.body.status }}", "operator": "not_equals", "other": "ok"}]},
			"then": [{"id": "tell", "type": "send_email", "name": "Tell the team", "config": {"to": "anna@example.com", "subject": "Down", "text": "Dear Anna,\nthe shop is down since this morning. Please look at it as soon as you can.\nYours"}}]}]}`

func loaded(t *testing.T, change func(d *workflow.Definition)) workflow.Definition {
	t.Helper()
	d, err := workflow.Load([]byte(watch))
	if err != nil {
		t.Fatal(err)
	}
	change(&d)
	return d
}

func TestWhatChangesIsSaidAsPeopleWould(t *testing.T) {
	old := loaded(t, func(*workflow.Definition) {})
	if said := Between(old, old, naming()); len(said) > 0 {
		t.Errorf("nothing changed, but: %v", said)
	}
	condition := func(d *workflow.Definition) map[string]any {
		return d.Steps[1].Config["conditions"].([]any)[0].(map[string]any)
	}
	for name, c := range map[string]struct {
		change func(d *workflow.Definition)
		want   []string
	}{
		"a condition": {func(d *workflow.Definition) { condition(d)["other"] = "status" }, []string{"Step “Decide”: Conditions are now status of Ask the shop is not ‘status’ instead of status of Ask the shop is not ‘ok’."}},
		"a text in which a word changes": {func(d *workflow.Definition) {
			text := d.Steps[1].Then[0].Config["text"].(string)
			d.Steps[1].Then[0].Config["text"] = strings.Replace(text, "this morning", "last night", 1)
		}, []string{"Step “Tell the team”: Text changes: “this morning.” is now “last night.”."}},
		"an address":  {func(d *workflow.Definition) { d.Steps[0].Config["url"] = "https://example.com/{{ input.order_id }}" }, []string{"Step “Ask the shop”: Address is now “https://example.com/[Order number]” instead of “https://shop.example.com/orders/[Order number]”."}},
		"a schedule":  {func(d *workflow.Definition) { d.Triggers[0].Cron = "0 8 * * 1-5" }, []string{"It now starts every weekday (Monday to Friday) at 08:00, Europe/Berlin; before: every weekday (Monday to Friday) at 09:00, Europe/Berlin."}},
		"no schedule": {func(d *workflow.Definition) { d.Triggers[0] = workflow.Trigger{ID: "shop", Type: "webhook"} }, []string{"It now starts when another program calls its address; it gets an address of its own.", "It no longer starts every weekday (Monday to Friday) at 09:00, Europe/Berlin."}},
		"a step's first name, which is its id too": {func(d *workflow.Definition) {
			workflow.RenameStep(d, "decide", "is_it_down")
			d.Steps[1].Name = "Is it down?"
		}, []string{"Step “Decide” is now called “Is it down?”."}},
		"a name on which others lean": {func(d *workflow.Definition) {
			workflow.RenameStep(d, "fetch", "ask")
			d.Steps[0].Name = "Ask"
		}, []string{"Step “Ask the shop” is now called “Ask”."}},
		"a name and more at once": {func(d *workflow.Definition) {
			workflow.RenameStep(d, "tell", "warn")
			d.Steps[1].Then[0].Name, d.Steps[1].Then[0].Config["subject"] = "Warn the team", "It is down"
		}, []string{"Step “Tell the team” is now called “Warn the team”.", "Step “Warn the team”: Subject is now “It is down” instead of “Down”."}},
		"a step comes": {func(d *workflow.Definition) {
			d.Steps[1].Else = []workflow.Step{{ID: "end", Type: "stop", Name: "Done", Config: map[string]any{"message": "All is well"}}}
		}, []string{"Step “Done” is added under “If no” of “Decide”: Ends the run as succeeded: “All is well”."}},
		"a step goes": {func(d *workflow.Definition) { d.Steps[1].Then = nil }, []string{"Step “Tell the team” is removed: To anna@example.com: Down."}},
		"a step moves": {func(d *workflow.Definition) {
			d.Steps = append(d.Steps, d.Steps[1].Then[0])
			d.Steps[1].Then = nil
		}, []string{"Step “Tell the team” is moved out of “Decide”, to the steps that always run."}},
		"another order":   {func(d *workflow.Definition) { d.Steps[0], d.Steps[1] = d.Steps[1], d.Steps[0] }, []string{"Step “Decide” runs first now."}},
		"an attempt more": {func(d *workflow.Definition) { d.Steps[0].Retry = &workflow.Retry{MaxAttempts: 3} }, []string{"Step “Ask the shop” is now tried 3 times instead of once."}},
		"what is meant anyhow": {func(d *workflow.Definition) {
			d.Steps[0].Config["method"], d.Steps[0].Timeout, d.Settings.Priority, d.Steps[0].Retry = "GET", "60s", "normal", &workflow.Retry{MaxAttempts: 1}
		}, nil},
	} {
		got := Sentences(Between(old, loaded(t, c.change), naming()))
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n%s", name, strings.Join(got, "\n"))
		}
	}
}

func TestThatNobodyIsToldIsTheSameAsNoWordOfIt(t *testing.T) {
	none := loaded(t, func(*workflow.Definition) {})
	nobody := loaded(t, func(d *workflow.Definition) { d.Settings.Notify = []notify.Rule{} })
	anna := loaded(t, func(d *workflow.Definition) {
		d.Settings.Notify = []notify.Rule{{On: notify.Events()[:2], Email: []string{"anna@example.com"}, ChatSecret: "TEAM", Quiet: "22:00-07:00"}}
	})
	if said := Between(none, nobody, naming()); len(said) > 0 {
		t.Errorf("nobody is told before and after, but: %v", said)
	}
	want := "New: anna@example.com and the chat TEAM are told when a run fails and when it works again, but not from 22:00 to 07:00.\nNo longer: Nobody is told."
	if said := strings.Join(Sentences(Between(nobody, anna, naming())), "\n"); said != want {
		t.Error(said)
	}
}

func TestAStepThatOnlyStandsElsewhereBecauseOthersMovedHasNotMoved(t *testing.T) {
	old := loaded(t, func(*workflow.Definition) {})
	new := loaded(t, func(d *workflow.Definition) {
		d.Steps = append([]workflow.Step{{ID: "zero", Type: "stop"}}, d.Steps...)
	})
	if said := Between(old, new, naming()); len(said) != 1 {
		t.Errorf("%v", said)
	}
	new = loaded(t, func(d *workflow.Definition) { d.Steps[1].Else, d.Steps[1].Then = d.Steps[1].Then, nil })
	if said := Sentences(Between(old, new, naming())); len(said) != 1 || said[0] != "Step “Tell the team” is moved: it runs under “If no” of “Decide” now." {
		t.Errorf("%v", said)
	}
}

func TestALongTextIsKeptWholeAndItsDifferenceMarked(t *testing.T) {
	c := differing("Dear Anna,\nthe shop is down.\nYours", "Dear Ben,\nthe shop is down.\nYours")
	if c != (Change{Start: "Dear ", Was: "Anna,", Is: "Ben,", End: "\nthe shop is down.\nYours"}) {
		t.Errorf("%+v", c)
	}
	for _, pair := range [][2]string{{"", "a b"}, {"a b", ""}, {"a a", "a a a"}, {"one two", "one"}, {"äb c", "äd c"}} {
		if c := differing(pair[0], pair[1]); c.Start+c.Was+c.End != pair[0] || c.Start+c.Is+c.End != pair[1] {
			t.Errorf("%q: %+v", pair, c)
		}
	}
}
