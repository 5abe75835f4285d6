package editor_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/worker/workflow"
)

const asking = `{"format":1,"name":"Contact","description":"We answer within a day.","steps":[],"triggers":[{"id":"form","type":"form"}],"inputs":[
	{"name":"terms","type":"boolean","label":"I agree","required":true},
	{"name":"news","type":"boolean","label":"Send news","required":true,"must_be_true":true},
	{"name":"sure","type":"boolean","display":"radio","required":true,"default":true},
	{"name":"size","type":"choice","display":"radio","options":["S","M"],"default":"M"},
	{"name":"extras","type":"choices","options":["milk","tea"],"default":["milk","tea"]},
	{"name":"starts","type":"date_time","time_zone":"Europe/Berlin","default":"2026-12-24T18:30:00+01:00"},
	{"name":"ref","type":"text","hidden":true},
	{"name":"cv","type":"files","help":"PDF"}]}`

// What is opened and saved says what it said: a tick that was required before there was
// must_be_true is one still.
func TestInputsStayAsTheyAreWhenTheirFormIsSaved(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(asking)
	_, before := s.Stored(address)
	b.Submit(address+"/edit/inputs", nil, http.StatusSeeOther)
	if _, after := s.Stored(address); !reflect.DeepEqual(after.Inputs, before.Inputs) {
		t.Errorf("they have become %+v", after.Inputs)
	}
}

func TestQuestionIsMadeOfEachKind(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(`{"format":1,"name":"Contact","steps":[]}`)
	page := address + "/edit/inputs"
	b.Submit(page, url.Values{
		"input.label": {"Ihr Name", "Ihr Name", "姓名", "2nd name", "I agree", "Sizes", "When", "Ref", "CV"}, "input.name": {"", "", "", "", "", "", "", "ihr_name_3", ""},
		"input.type":     {"text", "long_text", "text", "email", "boolean", "choices", "date_time", "text", "file"},
		"input.required": {"no", "yes", "no", "no", "yes", "no", "no", "no", "no"}, "input.hidden": {"no", "no", "no", "no", "no", "no", "no", "yes", "no"},
		"input.options": {"", "", "", "", "", "S\nM, wide", "left over", "", ""}, "input.default": {"", "", "", "", "", "S", "2026-12-24T18:30", "x", "left over"},
		"input.time_zone": {"Europe/Berlin", "", "", "", "", "", "Europe/Berlin", "", ""}, "input.help": {""},
	}, http.StatusSeeOther)
	_, got := s.Stored(address)
	want := []workflow.Input{
		{Name: "ihr_name", Type: "text", Label: "Ihr Name"},
		{Name: "ihr_name_2", Type: "long_text", Label: "Ihr Name", Required: true},
		{Name: "question", Type: "text", Label: "姓名"},
		{Name: "question_2nd_name", Type: "email", Label: "2nd name"},
		{Name: "i_agree", Type: "boolean", Label: "I agree", Required: true, MustBeTrue: true},
		{Name: "sizes", Type: "choices", Label: "Sizes", Options: []string{"S", "M, wide"}, Default: []any{"S"}},
		{Name: "when", Type: "date_time", Label: "When", TimeZone: "Europe/Berlin", Default: "2026-12-24T18:30:00+01:00"},
		{Name: "ihr_name_3", Type: "text", Label: "Ref", Hidden: true, Default: "x"},
		{Name: "cv", Type: "file", Label: "CV"},
	}
	if !reflect.DeepEqual(got.Inputs, want) {
		t.Errorf("they are %+v", got.Inputs)
	}
}

func TestSeveralQuestionsAreMadeOfAListAndOfWhatTheyAreCalled(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	want := []workflow.Input{
		{Name: "name", Type: "text", Label: "Name", Required: true},
		{Name: "e_mail", Type: "email", Label: "E-mail", Required: true},
		{Name: "how_many", Type: "number", Label: "How many", Required: true},
		{Name: "starts", Type: "date_time", Label: "Date and time", Required: true, TimeZone: "Europe/Berlin"},
	}
	want[3].Name = "date_and_time"
	for _, list := range []string{"Name, E-mail,How many , Date and time", "Name\r\n- E-mail\n\n * How many\nDate and time\n", ",Name,,E-mail, How many, Date and time,", "Name,\nE-mail,\nHow many;\nDate and time"} {
		address := s.Keep(`{"format":1,"name":"Contact","steps":[]}`)
		page := address + "/edit/inputs"
		sitetest.Shows(t, b.Submit(page, url.Values{"inputs.list": {list}, "row": {"show"}}, http.StatusOK).Body, `value="E-mail"`, `<option value="email" selected>`, `id="preview-3" name="input.date_and_time"`)
		b.Submit(page, url.Values{"inputs.list": {list}}, http.StatusSeeOther)
		_, got := s.Stored(address)
		if !reflect.DeepEqual(got.Inputs, want) {
			t.Errorf("%q makes %+v", list, got.Inputs)
		}
		sitetest.Shows(t, b.Get(address+"/edit", http.StatusOK), "It asks for: Name, E-mail (e-mail address), How many (number), Date and time<")
	}
	address := s.Keep(asking) // beside others, and among them one that nobody has given a type
	page := address + "/edit/inputs"
	form := b.Fill(page, page, url.Values{"inputs.list": {"Phone"}})
	for name, value := range map[string]string{"name": "", "was": "", "type": "", "label": "How many guests", "required": "no", "hidden": "no", "help": "", "default": "", "options": "", "time_zone": ""} {
		form["input."+name] = append(form["input."+name], value)
	}
	b.Post(page, form, http.StatusSeeOther)
	_, d := s.Stored(address)
	if n := len(d.Inputs); n != 10 || d.Inputs[8].Type != "number" || d.Inputs[8].Name != "how_many_guests" || d.Inputs[9].Type != "phone" {
		t.Errorf("they are %+v", d.Inputs)
	}
}

func TestQuestionsAreShownAsPeopleWillSeeThem(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(asking)
	inputs := address + "/edit/inputs"
	page := b.Get(inputs, http.StatusOK)
	for _, part := range []string{"How people see it", "We answer within a day.", "optional", `id="preview-5" name="input.starts" value="2026-12-24T18:30"`, "?ref=…", `<fieldset class="form" disabled>`, `href="` + address + `/forms/form"`} {
		if !strings.Contains(page, part) {
			t.Errorf("the page has no %s", part)
		}
	}
	if strings.Contains(page, "There are no questions yet") {
		t.Error("it says that there are none")
	}
	before, _ := s.Stored(address)
	changed := b.Fill(inputs, inputs, url.Values{"input.label": {"I agree to <b>all</b>", "", "", "", "", "", "", ""}})
	if a := b.Post(inputs+"/preview", changed, http.StatusOK); !strings.Contains(a.Body, "I agree to &lt;b&gt;all&lt;/b&gt;") || strings.Contains(a.Body, "<html") {
		t.Errorf("the preview is %s", a.Body)
	}
	changed.Set("row", "show") // without JavaScript
	if a := b.Post(inputs, changed, http.StatusOK); strings.Count(a.Body, "I agree to &lt;b&gt;all&lt;/b&gt;") != 2 {
		t.Errorf("shown anew, it is %s", sitetest.MainOf(a.Body))
	}
	if after, _ := s.Stored(address); string(after.Draft) != string(before.Draft) {
		t.Error("the preview has changed the draft")
	}
	empty := s.Keep(`{"format":1,"name":"Nothing","steps":[]}`) + "/edit/inputs"
	if page := b.Get(empty, http.StatusOK); strings.Contains(page, "There are no questions yet") || !strings.Contains(page, `id="inputs-0-label"`) || !strings.Contains(page, "There is nothing to fill in.") {
		t.Errorf("one does not begin with a question: %s", sitetest.MainOf(page))
	}
	sitetest.Shows(t, b.Get(empty, http.StatusOK), `<option value="yes" selected>Yes</option>`) // a question is asked to be answered
	b.Submit(empty, nil, http.StatusSeeOther)                                                   // nothing was typed: there is no question
	if _, d := s.Stored(strings.TrimSuffix(empty, "/edit/inputs")); len(d.Inputs) > 0 {
		t.Errorf("it asks for %+v", d.Inputs)
	}
}

func TestPublicFormLeadsToItsQuestionsAndItsWords(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(asking)
	if page := b.Get(address+"/forms/form", http.StatusOK); !strings.Contains(page, `href="`+address+`/edit/inputs"`) || !strings.Contains(page, "I agree") || !strings.Contains(page, "It says: “Thank you. It was sent.”") {
		t.Errorf("its page is %s", sitetest.MainOf(page))
	}
	edit := address + "/edit/forms/form"
	for field, c := range map[string]struct{ value, says string }{
		"config.redirect": {"http://example.com", "begins with https://"}, "config.rate_per_minute": {"many", "Use a whole number"}, "config.thanks": {strings.Repeat("x", 2001), "at most 2000 characters"},
	} {
		a := b.Submit(edit, url.Values{field: {c.value}}, http.StatusUnprocessableEntity)
		if !strings.Contains(a.Body, c.says) || !strings.Contains(a.Body, c.value) {
			t.Errorf("%s: %s", field, sitetest.MainOf(a.Body))
		}
	}
	b.Submit(edit, url.Values{"config.thanks": {"Until\nsoon."}, "config.rate_per_minute": {"5"}}, http.StatusSeeOther)
	if _, d := s.Stored(address); !reflect.DeepEqual(d.Triggers, []workflow.Trigger{{ID: "form", Type: "form", Thanks: "Until\nsoon.", RatePerMinute: 5}}) {
		t.Errorf("it is %+v", d.Triggers)
	}
	if page := b.Get(address+"/forms/form", http.StatusOK); !strings.Contains(page, "Until\nsoon.") {
		t.Errorf("its page is %s", sitetest.MainOf(page))
	}
	if page := s.As(auth.Viewer).Get(address+"/forms/form", http.StatusOK); strings.Contains(page, "/edit/") {
		t.Error("who may not edit is led to where it is done")
	}
	b.Get(address+"/edit/forms/nothing", http.StatusNotFound)
}
