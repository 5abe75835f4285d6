package editor_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/worker/workflow"
)

func TestOnWhichDataADraftIsTriedIsChosenInTheEditor(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	d, problems, err := workflow.Parse([]byte(`{"format":1,"name":"Watch","inputs":[{"name":"who","type":"text","label":"Who?"},{"name":"many","type":"number","default":1}],"triggers":[{"id":"shop","type":"webhook"}],"steps":[
		{"id":"note","type":"set_values","name":"Note it","config":{"values":{"n":"{{ input.who }}"}}},
		{"id":"down","type":"condition","name":"Is it down?","config":{"conditions":[{"value":"{{ run.id }}","operator":"is_empty"}]},"then":[
			{"id":"pass","type":"http_request","name":"Pass it on","config":{"method":"POST","url":"` + s.Shop.URL + `/orders","body_type":"text","body":"For {{ input.who }} after {{ steps.note.n }}: {{ trigger.body.order }}{{ trigger.query.shop }}{{ trigger.headers.x-kind }}."}}]}]}`))
	s.Check(err)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	w := s.Publish(d)
	ada, bob := s.Execute(s.Start(w, `{"who":"ada"}`).ID), s.Execute(s.Start(w, `{"who":"bob"}`).ID)
	address := "/workflows/" + w.ID
	step, ask := address+"/edit/steps/pass", address+"/edit/try"

	sitetest.Shows(t, b.Get(address+"/edit", http.StatusOK), "Try it all with other data", "Try this branch with other data: “If yes” of “Is it down?”", "try-on:down.then")
	if at := b.Submit(step, url.Values{"do": {"try-on:pass"}, "id": {"pass_on"}}, http.StatusSeeOther).Location; at != ask+"?part=pass_on" {
		t.Errorf("the choice is at %s", at)
	}
	b.Submit(step+"_on", url.Values{"id": {"pass"}}, http.StatusSeeOther)
	sitetest.Shows(t, b.Get(ask+"?part=pass", http.StatusOK), "Try “Pass it on”", "what the newest run was started with", "what the steps before gave last", `value="latest" checked`, ada.ID, bob.ID, "Succeeded", "By hand", "The answers to its questions", "bob", "What its webhook is sent", "Parameters of its address", "Headers that come with it")
	sitetest.Shows(t, b.Get(ask+"?part=down.then", http.StatusOK), "Try “If yes” of “Is it down?”")
	sitetest.Shows(t, b.Get(ask, http.StatusOK), "Try it all", "!steps before")
	b.Get(ask+"?part=down.else", http.StatusNotFound)
	b.Get(ask+"?part=gone", http.StatusNotFound)
	s.As(auth.Operator).Get(ask+"?part=pass", http.StatusForbidden)
	sitetest.Shows(t, b.Get(s.Keep(`{"format":1,"name":"Alone","steps":[]}`)+"/edit/try", http.StatusOK), "nothing has run yet", "!Data that you type")
	sitetest.Shows(t, b.Get(s.Keep(`{"format":1,"name":"Plain","triggers":[{"id":"shop","type":"webhook"}],"steps":[]}`)+"/edit/try", http.StatusOK), "What its webhook is sent", "!null</textarea>", "!Parameters of its address", "!Headers that come with it")

	sent := func(part string, changes url.Values, status int) string {
		t.Helper()
		answer := b.Post(ask, b.Fill(ask+"?part="+part, ask, changes), status)
		return answer.Location + answer.Body
	}
	would := func(run, text string) {
		t.Helper()
		s.Execute(run)
		sitetest.Shows(t, b.Get("/live/runs/"+run+"/detail?step=pass", http.StatusOK), "What would be sent", text)
	}
	would(tryOf(t, sent("pass", nil, http.StatusSeeOther)), "For bob after bob: .")
	would(tryOf(t, sent("pass", url.Values{"data": {ada.ID}}, http.StatusSeeOther)), "For ada after ada: .")
	typed := url.Values{"data": {"typed"}, "typed_input": {`{"who": "carl"}`}, "typed_body": {`{"order": 9}`}, "typed_query": {`{"shop": " of 2"}`}, "typed_headers": {`{"X-Kind": ", new"}`}}
	shown := sent("pass", typed, http.StatusSeeOther)
	run := tryOf(t, shown)
	would(run, "For carl after bob: 9 of 2, new.")
	sitetest.Shows(t, b.Get("/runs/"+run, http.StatusOK), "typed for it")
	page := b.Get(strings.TrimSuffix(shown, "#try"), http.StatusOK)
	sitetest.Shows(t, page, "Tried with the data that were chosen", "act::"+run)
	really := tryOf(t, b.Submit(step, url.Values{"do": {"act::" + run}}, http.StatusSeeOther).Location)
	s.Execute(really)
	sitetest.Shows(t, b.Get("/live/runs/"+really+"/detail?step=pass", http.StatusOK), "Output", "For carl after bob: 9 of 2, new.", "!since this is a try")

	branch, _, _ := strings.Cut(strings.TrimPrefix(sent("down.then", url.Values{"data": {ada.ID}}, http.StatusSeeOther), "/runs/"), "?")
	would(branch, "For ada after ada: .")
	page = b.Get("/runs/"+branch, http.StatusOK)
	sitetest.Shows(t, page, "of an earlier run", "/runs/"+ada.ID, "try:down.then:"+branch, "act:down.then:"+branch)
	again, _, _ := strings.Cut(strings.TrimPrefix(b.Submit(address+"/edit", url.Values{"do": {"try:down.then:" + branch}}, http.StatusSeeOther).Location, "/runs/"), "?")
	would(again, "For ada after ada: .")
	all := strings.TrimPrefix(sent("", typed, http.StatusSeeOther), "/runs/")
	s.Execute(all)
	sitetest.Shows(t, b.Get("/runs/"+all+"?step=note", http.StatusOK), "carl")

	for _, wrong := range []struct {
		changes url.Values
		says    []string
	}{
		{url.Values{"data": {""}}, []string{"Choose the data."}},
		{url.Values{"data": {models.NewID()}}, []string{"not kept any more"}},
		{url.Values{"data": {"typed"}, "typed_body": {`{"order":}`}}, []string{"the value of “order” is missing", "{&#34;order&#34;:}", `value="typed" checked`}},
		{url.Values{"data": {"typed"}, "typed_input": {`{"whom": "x"}`}}, []string{"has no input “whom”", "{&#34;whom&#34;: &#34;x&#34;}"}},
		{url.Values{"data": {"typed"}, "typed_input": {`{"many": "x"}`}}, []string{"“many” must be a number"}},
		{url.Values{"data": {"typed"}, "typed_headers": {`"x"`}}, []string{`id="typed_headers-error"`, "Write each value behind its name"}},
		{url.Values{"data": {"typed"}, "typed_input": {`["x"]`}}, []string{"Write each value behind its name"}},
	} {
		sitetest.Shows(t, sent("pass", wrong.changes, http.StatusUnprocessableEntity), wrong.says...)
	}
}
