package editor_test

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/worker/workflow"
)

func TestLoopIsBuiltByFormsAlone(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	edit := submitTo(b, "/workflows/new", "/workflows", url.Values{"name": {"Orders"}}, http.StatusSeeOther).Location
	add := func(at, kind string) string { return added(b, edit, at, kind) }
	const none = "Add at least one step."
	sitetest.Shows(t, b.Get(edit, http.StatusOK), "!"+none)
	sitetest.Shows(t, b.Get(edit+"?check=1", http.StatusOK), none)
	b.Submit(add("@0", "http_request"), url.Values{"name": {"Fetch"}, "config.url": {"https://example.com/orders"}}, http.StatusSeeOther)
	loop := add("@1", "for_each")
	b.Submit(loop, url.Values{"name": {"Each order"}, "config.list": {"{{ steps.fetch.body }}"}, "config.max_parallel": {"5"}, "config.on_item_error": {"continue"}}, http.StatusSeeOther)
	sitetest.Shows(t, b.Get(edit, http.StatusOK), "Add a step for each item", "Add at least one step to do for each item.", "add:send_email:each_order.do@0", "For each item of [content of Fetch], 5 at the same time")

	sitetest.Shows(t, b.Get(edit+"/new-step?at=each_order.do@0", http.StatusOK), "/edit/steps/each_order", "add:set_values:each_order.do@0", "in “For each item” of “Each order”")
	post := add("each_order.do@0", "http_request")
	form := b.Get(post, http.StatusOK)
	offered := b.Get(edit+"/data?step="+post[strings.LastIndex(post, "/")+1:]+"&for=config.url", http.StatusOK)
	sitetest.Shows(t, offered, " {{ item }}", " {{ index }}", " {{ steps.fetch.body }}", "! {{ steps.each_order.items }}")
	sitetest.Shows(t, form, "open:each_order", "If the worker is lost or stopped while this step may have acted")
	b.Submit(post, url.Values{"name": {"Pass on"}, "config.method": {"POST"}, "config.url": {"https://example.com/{{ item.id }}"}, "on_unknown": {"repeat"}}, http.StatusSeeOther)
	sum := add("@2", "set_values")
	offered = b.Get(edit+"/data?step="+sum[strings.LastIndex(sum, "/")+1:]+"&for=config.values.value", http.StatusOK)
	sitetest.Shows(t, offered, " {{ steps.each_order.items }}", " {{ steps.each_order.errors }}", "! {{ item }}", "! {{ steps.pass_on.body }}")
	sitetest.Shows(t, b.Get(sum, http.StatusOK), "!If the worker is lost")
	b.Submit(sum, url.Values{"name": {"Sum up"}, "config.values.name": {"n"}, "config.values.kind": {"number"}, "config.values.value": {"{{ steps.each_order.count }}"}}, http.StatusSeeOther)

	_, d := s.Stored(edit)
	want := `"steps":[{"id":"fetch","type":"http_request","name":"Fetch","config":{"url":"https://example.com/orders"}},` +
		`{"id":"each_order","type":"for_each","name":"Each order","config":{"list":"{{ steps.fetch.body }}","max_parallel":5,"on_item_error":"continue"},` +
		`"do":[{"id":"pass_on","type":"http_request","name":"Pass on","config":{"method":"POST","url":"https://example.com/{{ item.id }}"},"on_unknown":"repeat"}]},` +
		`{"id":"sum_up","type":"set_values","name":"Sum up","config":{"values":{"n":"{{ steps.each_order.count }}"}}}]}`
	d.Settings.Notify = nil // who makes it is told, see editor_notify_test.go
	if got := string(d.Marshal()); !strings.HasSuffix(got, want) {
		t.Errorf("the forms made\n%s\nand not\n%s", got, want)
	}
	sitetest.Shows(t, b.Get(strings.TrimSuffix(edit, "/edit")+"/publish", http.StatusOK), "Publish version 1", "For each item")
}

func TestWhatAStepsTypeTellsStandsBesideItsForm(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(rich), s.As(auth.Editor)
	mail := added(b, address+"/edit", "@0", "send_email")
	sitetest.Shows(t, b.Get(mail, http.StatusOK), "No e-mail can leave: this installation has no mail server.")
	wait := added(b, address+"/edit", "@0", "wait")
	sitetest.Shows(t, b.Get(wait, http.StatusOK), "!No e-mail can leave")
}

func TestStepsInsideALoopAreMovedAndDuplicated(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(rich), s.As(auth.Editor)
	press(b, address+"/edit", "duplicate:other")
	press(b, address+"/edit", "move:other:up")
	submitTo(b, address+"/edit/steps/act/move", address+"/edit/steps/act/move", url.Values{"to": {"loop.do@0"}}, http.StatusSeeOther)
	_, d := s.Stored(address)
	var ids []string
	for _, inside := range d.Steps[2].Do {
		ids = append(ids, inside.ID)
	}
	if got := strings.Join(ids, " "); got != "act other inner other_2" {
		t.Errorf("the loop holds %s", got)
	}
}

func TestStepIsSwitchedOffAndOn(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(rich), s.As(auth.Editor)
	step := address + "/edit/steps/large"
	disabled := func() bool { _, d := s.Stored(address); return d.Steps[1].Disabled }
	press(b, address+"/edit", "switch:large:off")
	page := b.Get(address+"/edit", http.StatusOK)
	if !disabled() || strings.Count(page, "Switched off") < 4+4 { // with the three inside it, and the loop's
		t.Errorf("it is off: %v; the page says so %d times", disabled(), strings.Count(page, "Switched off"))
	}
	sitetest.Shows(t, b.Get(step, http.StatusOK), "This step is switched off")
	sitetest.Shows(t, b.Get(address, http.StatusOK), "Switched off")
	b.Submit(step, url.Values{"timeout": {"9s"}}, http.StatusSeeOther)
	if !disabled() {
		t.Error("saving its form switched it on")
	}
	press(b, step, "switch:large:on")
	if disabled() {
		t.Error("it is still off")
	}
}

func TestAnotherWorkflowIsChosenAndAskedForItsInputs(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		b := s.As(auth.Editor)
		orders := s.Order().ID
		draft := strings.TrimPrefix(s.Keep(`{"name":"Half made","steps":[]}`), "/workflows/")
		address := s.Keep(`{"name":"Caller","steps":[{"id":"call","type":"run_workflow"}]}`)
		page := address + "/edit/steps/call"
		sitetest.Shows(t, b.Get(page, http.StatusOK), `value="`+orders+`"`, "Half made (not published yet)", `!<option value="`+strings.TrimPrefix(address, "/workflows/"))
		asked := sitetest.FormOf(t, b.Submit(page, url.Values{"config.workflow": {orders}, "row": {"show"}}, http.StatusOK).Body, page)
		if !slices.Contains(asked["config.input.name"], "order_id") {
			t.Fatalf("its inputs are not offered: %v", asked)
		}
		b.Post(page, asked, http.StatusSeeOther) // empty rows are not values
		if _, d := s.Stored(address); d.Steps[0].Config["workflow"] != orders || d.Steps[0].Config["input"] != nil {
			t.Fatalf("stored %v", d.Steps[0].Config)
		}
		sitetest.Shows(t, b.Get(address+"/edit", http.StatusOK), "Runs “Orders &lt;script", "go:/edit/steps/call?check=1#config-input", "Enter a value for")
		b.Submit(page, url.Values{"config.input.name": {"order_id"}, "config.input.kind": {"number"}, "config.input.value": {"7"}}, http.StatusSeeOther)
		sitetest.Shows(t, b.Get(address+"/publish", http.StatusOK), "Publish version 1")
		b.Submit(page, url.Values{"config.workflow": {draft}}, http.StatusSeeOther)
		sitetest.Shows(t, b.Get(address+"/publish", http.StatusOK), "has never been published", "!Publish version 1")
		itself := strings.TrimPrefix(address, "/workflows/")
		sitetest.Shows(t, b.Submit(page, url.Values{"config.workflow": {itself}}, http.StatusUnprocessableEntity).Body, "A workflow cannot run itself.")
	})
}

func TestRulesForManyRunsAreAskedInWords(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(`{"name":"A","steps":[]}`), s.As(auth.Editor)
	page := address + "/edit/details"
	for typed, problem := range map[string]string{"many": "Use a whole number", "-1": "Use a number between 0", "1001": "Use a number between 0"} {
		sitetest.Shows(t, b.Submit(page, url.Values{"settings.max_running": {typed}}, http.StatusUnprocessableEntity).Body, problem, `value="`+typed+`"`)
	}
	b.Submit(page, url.Values{"settings.max_running": {" 3 "}, "settings.on_limit": {"skip"}, "settings.priority": {"high"}}, http.StatusSeeOther)
	if _, d := s.Stored(address); !reflect.DeepEqual(d.Settings, workflow.Settings{MaxRunning: 3, OnLimit: "skip", Priority: "high"}) {
		t.Errorf("stored %+v", d.Settings)
	}
	sitetest.Shows(t, b.Get(address+"/edit", http.StatusOK), "at most 3 at once, more are skipped", "High: before others")
}

func TestHowLongRunsAreKeptIsAskedInWords(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(`{"name":"A","steps":[]}`), s.As(auth.Editor)
	page, edit, days := address+"/edit/details", address+"/edit", "Finished runs are kept"
	sitetest.Shows(t, b.Get(page, http.StatusOK), "Keep finished runs for … days", "Left empty it is 30, as everywhere here.")
	sitetest.Shows(t, b.Get(address, http.StatusOK), days, "30 days (as everywhere here)")
	sitetest.Shows(t, b.Get(edit, http.StatusOK), "!"+strings.ToLower(days))
	for name, wrong := range map[string]map[string]string{
		"settings.keep.days":        {"1.5": "Use a whole number of days", "0": "Use a number of days between 1 and 3650.", "3651": "Use a number of days between 1 and 3650."},
		"settings.keep.failed_days": {"some": "Use a whole number of days", "-1": "Use a number of days between 1 and 3650."},
		"settings.keep.last":        {"all": "Use a whole number of runs", "10001": "Use a number of runs between 0 and 10000."},
	} {
		for typed, problem := range wrong {
			sitetest.Shows(t, b.Submit(page, url.Values{name: {typed}}, http.StatusUnprocessableEntity).Body, problem, `value="`+typed+`"`)
		}
	}
	b.Submit(page, url.Values{"settings.keep.failed_days": {" 90 "}, "settings.keep.last": {"100"}}, http.StatusSeeOther)
	if _, d := s.Stored(address); !reflect.DeepEqual(d.Settings, workflow.Settings{Keep: &workflow.Keep{FailedDays: new(90), Last: 100}}) {
		t.Errorf("stored %+v", d.Settings.Keep)
	}
	kept := "30 days (as everywhere here), failed ones 90 days, at least the last 100"
	sitetest.Shows(t, b.Get(address, http.StatusOK), kept)
	sitetest.Shows(t, b.Get(edit, http.StatusOK), strings.ToLower(days)+" for "+kept)
	b.Submit(page, url.Values{"settings.keep.failed_days": {""}, "settings.keep.last": {""}}, http.StatusSeeOther)
	if _, d := s.Stored(address); d.Settings.Keep != nil {
		t.Errorf("stored %+v", d.Settings.Keep)
	}
}
