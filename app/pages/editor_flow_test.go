package pages_test

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/worker/workflow"
)

func TestLoopIsBuiltByFormsAlone(t *testing.T) {
	s := newSQLiteSite(t)
	b := s.as(auth.Editor)
	edit := b.submitTo("/workflows/new", "/workflows", url.Values{"name": {"Orders"}}, http.StatusSeeOther).location
	add := func(at, kind string) string {
		return b.submitTo(edit+"/new-step?at="+at, edit+"/new-step", url.Values{"type": {kind}}, http.StatusSeeOther).location
	}
	b.submit(add("@0", "http_request"), url.Values{"name": {"Fetch"}, "config.url": {"https://example.com/orders"}}, http.StatusSeeOther)
	loop := add("@1", "for_each")
	b.submit(loop, url.Values{"name": {"Each order"}, "config.list": {"{{ steps.fetch.body }}"}, "config.max_parallel": {"5"}, "config.on_item_error": {"continue"}}, http.StatusSeeOther)
	shows(t, b.get(edit, http.StatusOK), "Add a step for each item", "Add at least one step to do for each item.", "/edit/new-step?at=each_order.do@0", "For each item of {{ steps.fetch.body }}, 5 at the same time")

	shows(t, b.get(edit+"/new-step?at=each_order.do@0", http.StatusOK), "/edit/steps/each_order", "in “For each item” of “Each order”")
	post := add("each_order.do@0", "http_request")
	form := b.get(post, http.StatusOK)
	shows(t, form, "/edit/steps/each_order", "{{ item }}", "{{ index }}", "{{ steps.fetch.body }}", "!{{ steps.each_order.items }}", "If the worker is lost or stopped while this step may have acted")
	b.submit(post, url.Values{"name": {"Pass on"}, "config.method": {"POST"}, "config.url": {"https://example.com/{{ item.id }}"}, "on_unknown": {"repeat"}}, http.StatusSeeOther)
	sum := add("@2", "set_values")
	shows(t, b.get(sum, http.StatusOK), "{{ steps.each_order.items }}", "{{ steps.each_order.errors }}", "!{{ item }}", "!{{ steps.pass_on.body }}", "!If the worker is lost")
	b.submit(sum, url.Values{"name": {"Sum up"}, "config.values.name": {"n"}, "config.values.kind": {"number"}, "config.values.value": {"{{ steps.each_order.count }}"}}, http.StatusSeeOther)

	_, d := s.stored(edit)
	want := `"steps":[{"id":"fetch","type":"http_request","name":"Fetch","config":{"url":"https://example.com/orders"}},` +
		`{"id":"each_order","type":"for_each","name":"Each order","config":{"list":"{{ steps.fetch.body }}","max_parallel":5,"on_item_error":"continue"},` +
		`"do":[{"id":"pass_on","type":"http_request","name":"Pass on","config":{"method":"POST","url":"https://example.com/{{ item.id }}"},"on_unknown":"repeat"}]},` +
		`{"id":"sum_up","type":"set_values","name":"Sum up","config":{"values":{"n":"{{ steps.each_order.count }}"}}}]}`
	if got := string(d.Marshal()); !strings.HasSuffix(got, want) {
		t.Errorf("the forms made\n%s\nand not\n%s", got, want)
	}
	shows(t, b.get(strings.TrimSuffix(edit, "/edit")+"/publish", http.StatusOK), "Publish version 1", "For each item")
}

func TestStepsInsideALoopAreMovedAndDuplicated(t *testing.T) {
	s := newSQLiteSite(t)
	address, b := s.keep(rich), s.as(auth.Editor)
	step := address + "/edit/steps/other"
	b.submitTo(address+"/edit", step+"/duplicate", nil, http.StatusSeeOther)
	b.submitTo(address+"/edit", step+"/move", url.Values{"to": {"up"}}, http.StatusSeeOther)
	b.submitTo(address+"/edit/steps/act/move", address+"/edit/steps/act/move", url.Values{"to": {"loop.do@0"}}, http.StatusSeeOther)
	_, d := s.stored(address)
	var ids []string
	for _, inside := range d.Steps[2].Do {
		ids = append(ids, inside.ID)
	}
	if got := strings.Join(ids, " "); got != "act other inner other_2" {
		t.Errorf("the loop holds %s", got)
	}
}

func TestStepIsSwitchedOffAndOn(t *testing.T) {
	s := newSQLiteSite(t)
	address, b := s.keep(rich), s.as(auth.Editor)
	step := address + "/edit/steps/large"
	disabled := func() bool { _, d := s.stored(address); return d.Steps[1].Disabled }
	b.submitTo(address+"/edit", step+"/switch", nil, http.StatusSeeOther)
	page := b.get(address+"/edit", http.StatusOK)
	if !disabled() || strings.Count(page, "Switched off") < 4+4 { // with the three inside it, and the loop's
		t.Errorf("it is off: %v; the page says so %d times", disabled(), strings.Count(page, "Switched off"))
	}
	shows(t, b.get(step, http.StatusOK), "This step is switched off")
	shows(t, b.get(address, http.StatusOK), "Switched off")
	b.submit(step, url.Values{"timeout": {"9s"}}, http.StatusSeeOther)
	if !disabled() {
		t.Error("saving its form switched it on")
	}
	b.submitTo(step, step+"/switch", nil, http.StatusSeeOther)
	if disabled() {
		t.Error("it is still off")
	}
}

func TestAnotherWorkflowIsChosenAndAskedForItsInputs(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		b := s.as(auth.Editor)
		orders := s.order().ID
		draft := strings.TrimPrefix(s.keep(`{"name":"Half made","steps":[]}`), "/workflows/")
		address := s.keep(`{"name":"Caller","steps":[{"id":"call","type":"run_workflow"}]}`)
		page := address + "/edit/steps/call"
		shows(t, b.get(page, http.StatusOK), `value="`+orders+`"`, "Half made (not published yet)", `!<option value="`+strings.TrimPrefix(address, "/workflows/"))
		asked := formOf(t, b.submit(page, url.Values{"config.workflow": {orders}, "row": {"show"}}, http.StatusOK).body, page)
		if !slices.Contains(asked["config.input.name"], "order_id") {
			t.Fatalf("its inputs are not offered: %v", asked)
		}
		b.post(page, asked, http.StatusSeeOther) // empty rows are not values
		if _, d := s.stored(address); d.Steps[0].Config["workflow"] != orders || d.Steps[0].Config["input"] != nil {
			t.Fatalf("stored %v", d.Steps[0].Config)
		}
		shows(t, b.get(address+"/edit", http.StatusOK), "Runs “Orders &lt;script", page+"?check=1#config-input", "Enter a value for")
		b.submit(page, url.Values{"config.input.name": {"order_id"}, "config.input.kind": {"number"}, "config.input.value": {"7"}}, http.StatusSeeOther)
		shows(t, b.get(address+"/publish", http.StatusOK), "Publish version 1")
		b.submit(page, url.Values{"config.workflow": {draft}}, http.StatusSeeOther)
		shows(t, b.get(address+"/publish", http.StatusOK), "has never been published", "!Publish version 1")
		itself := strings.TrimPrefix(address, "/workflows/")
		shows(t, b.submit(page, url.Values{"config.workflow": {itself}}, http.StatusUnprocessableEntity).body, "A workflow cannot run itself.")
	})
}

func TestRulesForManyRunsAreAskedInWords(t *testing.T) {
	s := newSQLiteSite(t)
	address, b := s.keep(`{"name":"A","steps":[]}`), s.as(auth.Editor)
	page := address + "/edit/details"
	for typed, problem := range map[string]string{"many": "Use a whole number", "-1": "Use a number between 0", "1001": "Use a number between 0"} {
		shows(t, b.submit(page, url.Values{"settings.max_running": {typed}}, http.StatusUnprocessableEntity).body, problem, `value="`+typed+`"`)
	}
	b.submit(page, url.Values{"settings.max_running": {" 3 "}, "settings.on_limit": {"skip"}, "settings.priority": {"high"}}, http.StatusSeeOther)
	if _, d := s.stored(address); !reflect.DeepEqual(d.Settings, workflow.Settings{MaxRunning: 3, OnLimit: "skip", Priority: "high"}) {
		t.Errorf("stored %+v", d.Settings)
	}
	shows(t, b.get(address+"/edit", http.StatusOK), "At most 3; more are skipped", "High: before others")
}
