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
	sitetest.Shows(t, b.Get(edit+"/steps/pass_it_on", http.StatusOK), "!being tried")
}

func TestAWholeDraftIsTriedFromTheEditor(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(rich)
	run := strings.TrimPrefix(press(b, address+"/edit", "try-all"), "/runs/")
	s.Execute(run)
	sitetest.Shows(t, b.Get("/runs/"+run, http.StatusOK), "A try of the draft", "for a day")
}
