package editor_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

// tryOf is the run that a step's form leads to.
func tryOf(t *testing.T, location string) string {
	t.Helper()
	parsed, err := url.Parse(location)
	if err != nil || parsed.Query().Get("try") == "" {
		t.Fatalf("it leads to %s", location)
	}
	return parsed.Query().Get("try")
}

func TestAStepIsTriedFromItsFormAndSaysWhatItWouldDo(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	edit := submitTo(b, "/workflows/new", "/workflows", url.Values{"name": {"Orders"}}, http.StatusSeeOther).Location
	step := added(b, edit, "@0", "http_request")
	typed := url.Values{"name": {"Pass it on"}, "config.method": {"POST"}, "config.url": {s.Shop.URL + "/orders"}, "config.body_type": {"text"}, "config.body": {"Hello {{ run.id }}"}, "do": {"try"}}
	answer := b.Submit(step, typed, http.StatusSeeOther)
	run := tryOf(t, answer.Location)
	sitetest.Shows(t, b.Get(strings.TrimSuffix(answer.Location, "#try"), http.StatusOK), "The step is being tried", edit+"/steps/pass_it_on/tried?", "Do it now, really")
	s.Execute(run)
	detail := b.Get("/live/runs/"+run+"/detail?step=pass_it_on", http.StatusOK)
	sitetest.Shows(t, detail, "Nothing was sent or changed, since this is a try.", "What would be sent", "POST "+s.Shop.URL+"/orders", "Hello "+run, "!Output")
	sitetest.Shows(t, b.Get("/runs/"+run, http.StatusOK), "A try of the draft", "!/retry")
	sitetest.Shows(t, b.Get("/runs", http.StatusOK), "!"+run)

	really := tryOf(t, b.Submit(edit+"/steps/pass_it_on", url.Values{"do": {"act"}, "config.body": {"Hello again"}}, http.StatusSeeOther).Location)
	s.Execute(really)
	sitetest.Shows(t, b.Get("/live/runs/"+really+"/detail?step=pass_it_on", http.StatusOK), "!since this is a try", "Output", "Hello again")
	sitetest.Shows(t, b.Get(edit+"/steps/pass_it_on/tried?acts=yes&try="+really, http.StatusOK), "It was sent to "+s.Shop.URL+"/orders.")
	sitetest.Shows(t, b.Get(edit+"/steps/pass_it_on/tried?try="+run, http.StatusOK), "!It was sent")
	sitetest.Shows(t, b.Get(edit+"/steps/pass_it_on", http.StatusOK), "!being tried")
}

func TestABranchIsTriedFromTheEditorAndDoesWhatItHasShown(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(`{"format":1,"name":"Watch","steps":[{"id":"down","type":"condition","name":"Is it down?","config":{"conditions":[{"value":"{{ run.id }}","operator":"is_empty"}]},"then":[
		{"id":"note","type":"set_values","name":"Note it","config":{"values":{"n":"7"}}},
		{"id":"pass","type":"http_request","name":"Pass it on","config":{"method":"POST","url":"` + s.Shop.URL + `/orders","body_type":"text","body":"Order {{ steps.note.n }}"}}]},
		{"id":"each","type":"for_each","name":"Go through","config":{"list":["a","b"]},"do":[{"id":"keep","type":"set_values","name":"Keep it","config":{"values":{"it":"{{ item }}"}}}]}]}`)
	page := b.Get(address+"/edit", http.StatusOK)
	sitetest.Shows(t, page, "Try this branch: “If yes” of “Is it down?”", "Try it for one item: “For each item” of “Go through”", "!“If no” of")

	press := func(at, command string) string {
		t.Helper()
		run := strings.TrimPrefix(b.Submit(at, url.Values{"do": {command}}, http.StatusSeeOther).Location, "/runs/")
		id, _, _ := strings.Cut(run, "?")
		s.Execute(id)
		return run
	}
	shown := press(address+"/edit", "try:down.then")
	page = b.Get("/runs/"+shown, http.StatusOK)
	sitetest.Shows(t, page, "“If yes” of “Is it down?”", "Nothing was sent or changed", "Only shown, and not done: “Pass it on”.", "It only showed what it would do.", "POST "+s.Shop.URL+"/orders", "Order 7", "Do it now, really", "Try it again", "!Go through")
	sitetest.Shows(t, s.As(auth.Operator).Get("/runs/"+shown, http.StatusOK), "Nothing was sent", "!Do it now", "!Try it again")
	act := sitetest.FormOf(t, page, address+"/edit")
	id, _, _ := strings.Cut(shown, "?")
	act.Set("do", "act:down.then:"+id)
	sitetest.Shows(t, page, act.Get("do"))

	b.Submit(address+"/edit/steps/pass", url.Values{"config.body": {"Order {{ steps.note.n }}, again"}}, http.StatusSeeOther)
	sitetest.Shows(t, b.Post(address+"/edit", act, http.StatusConflict).Body, "has changed since")
	shown = press(address+"/edit", "try:down.then")
	id, _, _ = strings.Cut(shown, "?")
	act.Set("do", "act:down.then:"+id)
	really := b.Post(address+"/edit", act, http.StatusSeeOther).Location
	s.Execute(strings.FieldsFunc(really, func(r rune) bool { return r == '/' || r == '?' })[1])
	sitetest.Shows(t, b.Get(really, http.StatusOK), "Order 7, again", "Done for real: “Pass it on”.", "!othing was sent", "!only showed", "!Do it now")

	page = b.Get("/runs/"+press(address+"/edit", "try:each.do"), http.StatusOK)
	sitetest.Shows(t, page, "“For each item” of “Go through”", "1 item", "Try it again", "!Do it now")
}

func TestAWholeDraftIsTriedFromTheEditor(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(rich)
	run := strings.TrimPrefix(press(b, address+"/edit", "try-all"), "/runs/")
	s.Execute(run)
	page := b.Get("/runs/"+run, http.StatusOK)
	sitetest.Shows(t, page, "A try of the draft", "for a day", "This was a try: nothing was sent or changed.", "Back to the editor", `href="`+address+`/edit"`)
	sitetest.Shows(t, s.As(auth.Viewer).Get("/runs/"+run, http.StatusOK), "This was a try", "!Back to the editor")
}
