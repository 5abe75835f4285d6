package routes_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/modelstest"
)

// asks makes a published workflow with a public form that asks for these inputs, and
// returns the workflow's id and the form's path.
func (s *site) asks(trigger object, inputs ...object) (flow, link string) {
	s.t.Helper()
	form := object{"id": "form", "type": "form", "rate_per_minute": 6000}
	for name, value := range trigger {
		form[name] = value
	}
	made := s.api("POST", "/workflows", object{
		"format": 1, "name": "Contact", "publish": true, "triggers": []object{form}, "inputs": inputs,
		"steps": []object{{"id": "copy", "type": "set_values", "config": object{"values": object{"a": "b"}}}},
	})
	if made.StatusCode != 201 {
		s.t.Fatalf("making it answered %d %s", made.StatusCode, made.body)
	}
	said := made.decoded(s.t)
	return said["id"].(string), strings.TrimPrefix(said["triggers"].([]any)[0].(object)["url"].(string), host)
}

// newest is the input of the run that was started last.
func (s *site) newest() map[string]any {
	s.t.Helper()
	rows := s.api("GET", "/runs", nil).decoded(s.t)["data"].([]any)
	if len(rows) == 0 {
		s.t.Fatal("there is no run")
	}
	var input map[string]any
	if err := json.Unmarshal(s.run(rows[0].(object)["id"].(string)).Input, &input); err != nil {
		s.t.Fatal(err)
	}
	return input
}

// sentFile is a file of a form.
type sentFile struct{ field, name, kind, data string }

// upload sends a form with files as a browser does.
func (b *browser) upload(path string, form url.Values, files ...sentFile) answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, value := range values {
			_ = w.WriteField(name, strings.ReplaceAll(value, "\n", "\r\n"))
		}
	}
	for _, file := range files {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name="` + file.field + `"; filename="` + file.name + `"`}, "Content-Type": {file.kind},
		})
		if err != nil {
			b.t.Fatal(err)
		}
		_, _ = part.Write([]byte(file.data))
	}
	_ = w.Close()
	sender := &browser{site: b.site, cookies: b.cookies, headers: http.Header{"Content-Type": {w.FormDataContentType()}}}
	return sender.do("POST", path, &body)
}

// SparkDevNetwork/Rock#7051
func TestRequiredTickMustBeTickedInForms(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, link := s.asks(nil, object{"name": "terms", "type": "boolean", "label": "I agree", "required": true}, object{"name": "news", "type": "boolean"})
		outside, inside := s.visitor(), s.signedIn(auth.Operator)
		page := outside.get(link)
		if !strings.Contains(page.body, `aria-required="true"`) || !strings.Contains(page.text(), "I agree required") {
			t.Errorf("the page does not mark it: %s", page.body)
		}
		for name, a := range map[string]answer{
			"unticked": outside.post(link, url.Values{"input.news": {"true"}}), "said to be false": outside.post(link, url.Values{"input.news": {"true"}, "input.terms": {"false"}}),
			"unticked in the run form": inside.post("/workflows/"+flow+"/run", url.Values{"form": {"1"}, "input.news": {"true"}}),
		} {
			if a.StatusCode != 422 || !strings.Contains(a.text(), "Tick “I agree”") || !strings.Contains(a.body, `id="input.terms-error"`) || !strings.Contains(a.body, `name="input.news" value="true" checked`) || strings.Contains(a.body, `name="input.terms" value="true" checked`) {
				t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
			}
		}
		if a := outside.post(link, url.Values{"input.terms": {"true"}}); a.StatusCode != 303 {
			t.Fatalf("ticked: %d %s", a.StatusCode, a.text())
		}
		if got := s.newest(); !reflect.DeepEqual(got, map[string]any{"terms": true, "news": false}) {
			t.Errorf("the run's input is %v", got)
		}
		// A program's false is an answer, as it has always been, unless the input says otherwise.
		if a := s.api("POST", "/workflows/"+flow+"/runs", object{"input": object{"terms": false}}); a.StatusCode != 202 {
			t.Errorf("a program's false answered %d %s", a.StatusCode, a.body)
		}
		strict, link := s.asks(nil, object{"name": "terms", "type": "boolean", "required": true, "must_be_true": true})
		if a := s.api("POST", "/workflows/"+strict+"/runs", object{"input": object{"terms": false}}); a.StatusCode != 422 || !strings.Contains(a.body, `"must_be_true"`) || a.paths(t)[0] != "input.terms" {
			t.Errorf("where it must be true, false answered %d %s", a.StatusCode, a.body)
		}
		if a := outside.post(link, url.Values{"input.terms": {"true"}}); a.StatusCode != 303 {
			t.Errorf("where it must be true, a tick answered %d %s", a.StatusCode, a.text())
		}
	})
}

func kinds() []object {
	return []object{
		{"name": "name", "type": "text", "label": "Your name"},
		{"name": "message", "type": "long_text", "label": "Message", "required": true},
		{"name": "email", "type": "email", "label": "E-mail"},
		{"name": "phone", "type": "phone"},
		{"name": "site", "type": "url"},
		{"name": "day", "type": "date"},
		{"name": "at", "type": "time"},
		{"name": "starts", "type": "date_time", "time_zone": "Europe/Berlin", "default": "2026-12-24T17:30:00Z"},
		{"name": "size", "type": "choice", "display": "radio", "options": []string{"S", "M"}},
		{"name": "list", "type": "choice", "options": []string{"A", "B"}},
		{"name": "extras", "type": "choices", "options": []string{"milk", "sugar, brown"}, "default": []string{"milk"}},
		{"name": "sure", "type": "boolean", "display": "radio"},
	}
}

// kestra#3881
func TestFormAsksForEachKindOfInput(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, link := s.asks(nil, kinds()...)
		outside, inside := s.visitor(), s.signedIn(auth.Operator)
		for _, page := range []string{outside.get(link).body, inside.get("/workflows/" + flow + "/run").body} {
			for _, part := range []string{
				`<input type="text" id="input.name" name="input.name" value="" class="" autocomplete="name">`, `<textarea id="input.message"`,
				`<input type="email" id="input.email" name="input.email" value="" class="" autocomplete="email">`, `<input type="tel" id="input.phone" name="input.phone" value="" class="" autocomplete="tel">`,
				`<input type="url" id="input.site" name="input.site" value="" class="" autocomplete="url">`, `<input type="time" id="input.at"`,
				`<input type="datetime-local" id="input.starts" name="input.starts" value="2026-12-24T18:30"`, "In the time of Europe/Berlin.",
				`<input type="radio" id="input.size-1" name="input.size" value="M">`, `<select id="input.list"`, `<input type="checkbox" id="input.extras-0" name="input.extras" value="milk" checked>`,
				`<input type="radio" id="input.sure-1" name="input.sure" value="false">`, "novalidate",
			} {
				if !strings.Contains(page, part) {
					t.Errorf("the page has no %s in\n%s", part, page)
				}
			}
		}
		typed := url.Values{
			"input.message": {"one\r\ntwo"}, "input.email": {"anna"}, "input.phone": {"call me"}, "input.site": {"nothing"}, "input.at": {"later"}, "input.day": {"2026-02-30"},
			"input.starts": {"2026-03-29T02:30"}, "input.size": {"XL"}, "input.extras": {"milk", "tea"}, "input.sure": {"perhaps"}, "input.name": {"Ann"}, "form": {"1"},
		}
		for name, a := range map[string]answer{"outside": outside.post(link, typed), "inside": inside.post("/workflows/"+flow+"/run", typed)} {
			if a.StatusCode != 422 || strings.Count(a.body, `class="error" id="input.`) != 9 {
				t.Errorf("%s, wrong answers answered %d %s", name, a.StatusCode, a.body)
			}
			for _, kept := range []string{">\none\ntwo</textarea>", `value="anna"`, `value="call me"`, `value="2026-03-29T02:30"`, `value="Ann"`, `value="milk" checked`} {
				if !strings.Contains(a.body, kept) {
					t.Errorf("%s, it has lost %s in\n%s", name, kept, a.body)
				}
			}
		}
		right := url.Values{
			"input.message": {"one\r\ntwo"}, "input.email": {"anna@example.com"}, "input.phone": {"+49 30 123"}, "input.site": {"example.com"}, "input.at": {"18:30"}, "input.day": {""},
			"input.starts": {"2026-12-24T18:30"}, "input.size": {"M"}, "input.list": {""}, "input.extras": {"milk", "sugar, brown"}, "input.name": {""}, "form": {"1"},
		}
		want := map[string]any{
			"message": "one\ntwo", "email": "anna@example.com", "phone": "+49 30 123", "site": "https://example.com", "at": "18:30", "day": nil, "name": nil,
			"starts": "2026-12-24T18:30:00+01:00", "size": "M", "list": nil, "extras": []any{"milk", "sugar, brown"}, "sure": nil,
		}
		for name, a := range map[string]answer{"outside": outside.post(link, right), "inside": inside.post("/workflows/"+flow+"/run", right)} {
			if a.StatusCode != 303 {
				t.Fatalf("%s, right answers answered %d %s", name, a.StatusCode, a.text())
			}
			if got := s.newest(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, the run's input is %v", name, got)
			}
		}
		if a := s.api("POST", "/workflows/"+flow+"/runs", object{"input": want}); a.StatusCode != 202 {
			t.Errorf("the same from a program answered %d %s", a.StatusCode, a.body)
		}
		if a := s.api("POST", "/workflows/"+flow+"/runs", object{"input": object{"message": "x", "email": "anna", "extras": "milk"}}); a.StatusCode != 422 || len(a.paths(t)) != 2 {
			t.Errorf("wrong answers of a program: %d %s", a.StatusCode, a.body)
		}
	})
}

// What is unticked stays so: the default of several choices does not come back.
func TestSeveralChoicesCanAllBeTakenBack(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, link := s.asks(nil, object{"name": "extras", "type": "choices", "options": []string{"milk"}, "default": []string{"milk"}})
		if a := s.visitor().post(link, url.Values{"key": {models.NewID()}}); a.StatusCode != 303 {
			t.Fatalf("it answered %d %s", a.StatusCode, a.text())
		}
		if got := s.newest(); !reflect.DeepEqual(got, map[string]any{"extras": nil}) {
			t.Errorf("the run's input is %v", got)
		}
	})
}

// What nobody has to answer says so, and whoever presses Send by mistake starts nothing.
func TestFormWithoutAnyAnswerIsNotTaken(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	_, link := s.asks(nil, object{"name": "note", "type": "text", "label": "Your note"}, object{"name": "extras", "type": "choices", "options": []string{"milk"}}, object{"name": "news", "type": "boolean"}, object{"name": "from", "type": "text", "hidden": true, "default": "web"})
	outside := s.visitor()
	if page := outside.get(link); strings.Count(page.body, `<span class="required">optional</span>`) != 3 || strings.Contains(page.body, "aria-required") {
		t.Errorf("it does not say that all is optional: %s", page.body)
	}
	empty := url.Values{"input.note": {" "}, "input.from": {"web"}, "key": {models.NewID()}}
	if a := outside.post(link, empty); a.StatusCode != 422 || !strings.Contains(a.text(), "Answer at least one question") || !strings.Contains(a.body, `href="#input.note"`) {
		t.Errorf("sent empty, it answered %d %s", a.StatusCode, a.text())
	}
	if runs := s.api("GET", "/runs", nil).decoded(t)["data"].([]any); len(runs) > 0 {
		t.Errorf("it has started %d runs", len(runs))
	}
	for name, answer := range map[string]url.Values{
		"a text": {"input.note": {"x"}}, "a box": {"input.extras": {"milk"}}, "a tick": {"input.news": {"true"}}, "what its address says": {"input.from": {"spring"}},
	} {
		answer.Set("key", models.NewID())
		if a := outside.post(link, answer); a.StatusCode != 303 {
			t.Errorf("with %s it answered %d %s", name, a.StatusCode, a.text())
		}
	}
	for name, asked := range map[string][]object{
		"asks nothing": nil, "has only a box to tick": {{"name": "news", "type": "boolean"}},
	} {
		_, link := s.asks(nil, asked...)
		if a := outside.post(link, url.Values{"key": {models.NewID()}}); a.StatusCode != 303 {
			t.Errorf("a form that %s answered %d %s", name, a.StatusCode, a.text())
		}
	}
}

// All that is wrong is said at once.
func TestFormSaysAllThatIsWrongInTheOrderOfItsFields(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	flow, link := s.asks(
		nil, object{"name": "first", "type": "text", "required": true}, object{"name": "second", "type": "number"}, object{"name": "third", "type": "choices", "options": []string{"a"}, "required": true},
		object{"name": "fourth", "type": "boolean", "required": true}, object{"name": "fifth", "type": "email", "required": true},
	)
	typed := url.Values{"input.second": {"many"}, "input.fifth": {"x"}, "form": {"1"}}
	for _, a := range []answer{s.visitor().post(link, typed), s.signedIn(auth.Operator).post("/workflows/"+flow+"/run", typed)} {
		said, _, _ := strings.Cut(a.body, "<form method=\"post\" action=\""+link)
		at := -1
		for _, name := range []string{"first", "second", "third", "fourth", "fifth"} {
			place := strings.Index(said, `href="#input.`+name+`"`)
			if place <= at || strings.Count(a.body, `id="input.`+name+`-error"`) != 1 {
				t.Errorf("%s is not said in its place: %s", name, a.body)
			}
			at = place
		}
	}
}

func TestFormTakesFilesUpToALimit(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, link := s.asks(nil, object{"name": "note", "type": "text"}, object{"name": "cv", "type": "file", "label": "CV", "required": true}, object{"name": "photos", "type": "files"})
		outside, inside := s.visitor(), s.signedIn(auth.Operator)
		if page := outside.get(link); !strings.Contains(page.body, `enctype="multipart/form-data"`) || !strings.Contains(page.body, `<input type="file" id="input.photos" name="input.photos" multiple`) || !strings.Contains(page.text(), "At most 1 MB.") {
			t.Errorf("the page is %s", page.body)
		}
		typed, none := url.Values{"input.note": {"two\nlines"}, "form": {"1"}}, sentFile{"input.photos", "", "application/octet-stream", ""}
		cv := sentFile{"input.cv", `C:\fakepath\cv.pdf`, "application/pdf", "%PDF\x00\xff"}
		for name, a := range map[string]answer{"outside": outside.upload(link, typed, cv, none), "inside": inside.upload("/workflows/"+flow+"/run", typed, cv, none)} {
			if a.StatusCode != 303 {
				t.Fatalf("%s, it answered %d %s", name, a.StatusCode, a.text())
			}
			got := s.newest()
			if got["note"] != "two\nlines" || got["photos"] != nil || !reflect.DeepEqual(got["cv"], map[string]any{"name": `C:\fakepath\cv.pdf`, "type": "application/pdf", "size": 6.0, "data": "JVBERgD/"}) {
				t.Errorf("%s, the run's input is %v", name, got)
			}
		}
		large := strings.Repeat("x", 1<<20)
		photo := func(name, data string) sentFile { return sentFile{"input.photos", name, "image/png", data} }
		for name, c := range map[string]struct {
			files []sentFile
			says  string
		}{
			"none":             {nil, "Enter a value for “CV”."},
			"too large":        {[]sentFile{{"input.cv", "big.pdf", "application/pdf", large + "y"}}, "“big.pdf” is larger than 1 MB. Choose a smaller file."},
			"too large of all": {[]sentFile{photo("a.png", large[:600_000]), {"input.cv", "b.pdf", "application/pdf", large[:600_000]}}, "The files of this form are larger than 1 MB together."},
			"two for one":      {[]sentFile{cv, cv}, "There are too many files for “CV”."},
			"very large":       {[]sentFile{{"input.cv", "big.pdf", "application/pdf", strings.Repeat("x", 5<<20)}}, "is larger than 1 MB"},
		} {
			a := outside.upload(link, typed, c.files...)
			if a.StatusCode != 422 || !strings.Contains(a.text(), c.says) || !strings.Contains(a.body, `name="input.note" value="two`) {
				t.Errorf("%s: %d %s", name, a.StatusCode, a.text())
			}
			if c.files != nil && !strings.Contains(a.text(), "again: a form that comes back has lost its files.") {
				t.Errorf("%s: it does not say that files must be chosen again: %s", name, a.text())
			}
		}
		if a := outside.upload(link, typed, sentFile{"input.cv", "huge.iso", "", strings.Repeat("x", 33<<20)}); a.StatusCode != 413 || !strings.Contains(a.text(), "too large, so nothing of it was read") || !strings.Contains(a.body, `id="input.note"`) {
			t.Errorf("what is far too large answered %d %s", a.StatusCode, a.text())
		}
		if a := outside.upload(link, url.Values{"input.note": {strings.Repeat("x", 300<<10)}}, cv); a.StatusCode != 413 {
			t.Errorf("a text of 300 kB answered %d", a.StatusCode)
		}
		file := object{"name": "a.txt", "type": "text/plain", "size": 3, "data": "YWJj"}
		if a := s.api("POST", "/workflows/"+flow+"/runs", object{"input": object{"cv": file, "photos": []object{file}}}); a.StatusCode != 202 {
			t.Errorf("a program's files answered %d %s", a.StatusCode, a.body)
		}
		if a := s.api("POST", "/workflows/"+flow+"/runs", object{"input": object{"cv": "a.txt"}}); a.StatusCode != 422 {
			t.Errorf("a program's text for a file answered %d %s", a.StatusCode, a.body)
		}
	})
}

func TestFormWithFilesThatCannotBeReadIsRefused(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	_, link := s.asks(nil, object{"name": "cv", "type": "file"})
	_, plain := s.asks(nil, object{"name": "note", "type": "text"})
	for name, c := range map[string]struct {
		path, kind, body string
		status           int
	}{
		"cut off":          {link, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"input.cv\"; filename=\"a\"\r\n\r\nabc", 400},
		"no boundary":      {link, "multipart/form-data", "--x--", 400},
		"nonsense":         {link, "multipart/form-data; boundary=x", "nonsense", 400},
		"U+0000":           {link, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\x00\r\n--x--\r\n", 422},
		"many parts":       {link, "multipart/form-data; boundary=x", strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n", 1001) + "--x--", 400},
		"for a plain form": {plain, "multipart/form-data; boundary=x", "--x--", 400},
		"JSON":             {link, "application/json", "{}", 415},
		"nothing":          {link, "multipart/form-data; boundary=x", "--x--\r\n", 400},
	} {
		sender := &browser{site: s, cookies: map[string]string{}, headers: http.Header{"Content-Type": {c.kind}}}
		if a := sender.do("POST", c.path, strings.NewReader(c.body)); a.StatusCode != c.status || strings.Contains(a.body, "multipart:") {
			t.Errorf("%s answered %d instead of %d: %s", name, a.StatusCode, c.status, a.text())
		}
	}
}

// activepieces#6150
func TestFormIsFilledInByItsAddress(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, link := s.asks(
			nil, object{"name": "name", "type": "text", "default": "nobody"}, object{"name": "size", "type": "choice", "options": []string{"S", "M"}}, object{"name": "extras", "type": "choices", "options": []string{"milk", "tea"}},
			object{"name": "many", "type": "number", "default": 3}, object{"name": "terms", "type": "boolean", "required": true}, object{"name": "news", "type": "boolean"}, object{"name": "long", "type": "long_text"},
		)
		query := "?name=Ann+%22B%22+{{+secrets.X+}}&size=M&extras=milk&extras=tea&many=x&terms=true&news=yes&other=1&long=" + strings.Repeat("x", 10_001)
		for _, page := range []answer{s.visitor().get(link + query), s.signedIn(auth.Operator).get("/workflows/" + flow + "/run" + query)} {
			for _, part := range []string{
				`value="Ann &#34;B&#34; {{ secrets.X }}"`, `<option value="M" selected>`, `value="milk" checked`, `value="tea" checked`,
				`name="input.many" value="3"`, `name="input.terms" value="true" aria-required="true"`, `name="input.news" value="true" checked`, `<textarea id="input.long" name="input.long" rows="6" class="">` + "\n</textarea>",
			} {
				if page.StatusCode != 200 || !strings.Contains(page.body, part) {
					t.Errorf("the page is %d without %s:\n%s", page.StatusCode, part, page.body)
				}
			}
		}
		if found := s.api("GET", "/runs", nil).decoded(t)["data"].([]any); len(found) > 0 {
			t.Error("looking at it has started a run")
		}
	})
}

// n8n#17318
func TestHiddenInputIsTakenFromTheAddressOfTheForm(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, link := s.asks(nil, object{"name": "message", "type": "text", "required": true}, object{"name": "ref", "type": "text", "hidden": true, "label": "Campaign", "required": true}, object{"name": "n", "type": "number", "hidden": true, "default": 1}, object{"name": "vip", "type": "boolean", "hidden": true})
		outside := s.visitor()
		page := outside.get(link + "?ref=spring&n=x&vip=true")
		if strings.Contains(page.text(), "Campaign") || !strings.Contains(page.body, `<input type="hidden" name="input.ref" value="spring">`) || !strings.Contains(page.body, `<input type="hidden" name="input.n" value="1">`) || !strings.Contains(page.body, `<input type="hidden" name="input.vip" value="true">`) {
			t.Errorf("the page is %s", page.body)
		}
		carried := url.Values{"input.ref": {"spring"}, "input.vip": {"true"}}
		if a := outside.post(link, carried); a.StatusCode != 422 || !strings.Contains(a.body, `<input type="hidden" name="input.ref" value="spring">`) {
			t.Errorf("coming back, it has lost what it carried: %d %s", a.StatusCode, a.body)
		}
		carried.Set("input.message", "Hello")
		a := outside.post(link, carried)
		if a.StatusCode != 303 || a.Header.Get("Location") != link+"?ref=spring&sent=1&vip=true" {
			t.Fatalf("sending it answered %d %s %s", a.StatusCode, a.Header.Get("Location"), a.text())
		}
		if got := s.newest(); !reflect.DeepEqual(got, map[string]any{"message": "Hello", "ref": "spring", "n": 1.0, "vip": true}) {
			t.Errorf("the run's input is %v", got)
		}
		if after := outside.get(a.Header.Get("Location")); !strings.Contains(after.body, `href="`+link+`?ref=spring&amp;vip=true"`) {
			t.Errorf("another one does not begin as this one did: %s", after.body)
		}
		if page := outside.get(link); !strings.Contains(page.text(), "The address of this form is not whole.") {
			t.Errorf("without what it needs it shows %s", page.text())
		}
		if a := outside.post(link, url.Values{"input.message": {"Hello"}}); a.StatusCode != 422 || !strings.Contains(a.text(), "The address of this form is not whole.") {
			t.Errorf("without what it needs it answered %d %s", a.StatusCode, a.text())
		}
		if a := outside.post(link, url.Values{"input.message": {"Hello"}, "input.ref": {"x"}, "input.n": {"many"}}); a.StatusCode != 422 {
			t.Errorf("what is hidden is not checked: %d", a.StatusCode)
		}
		if page := s.signedIn(auth.Operator).get("/workflows/" + flow + "/run?ref=spring"); !strings.Contains(page.text(), "Campaign") || !strings.Contains(page.body, `value="spring"`) {
			t.Errorf("the run form hides it: %s", page.text())
		}
	})
}

// n8n#13918
func TestFormSaysOrLeadsToWhatItsAuthorWants(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		outside := s.visitor()
		_, link := s.asks(object{"thanks": "We call <b>you</b>\nby Friday."}, object{"name": "a", "type": "text"})
		if a := outside.get(outside.post(link, url.Values{"input.a": {"x"}}).Header.Get("Location")); !strings.Contains(a.body, "<p>We call &lt;b&gt;you&lt;/b&gt;\nby Friday.</p>") || strings.Contains(a.text(), "It was sent.") {
			t.Errorf("it thanks with %s", a.body)
		}
		_, onward := s.asks(object{"redirect": "https://www.example.com/thanks?from=form"}, object{"name": "a", "type": "text", "required": true})
		page := outside.get(onward + "?redirect=https://evil.example&next=https://evil.example")
		if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://www.example.com;") || !strings.Contains(policy, "script-src 'self';") || strings.Contains(page.body, "evil") {
			t.Errorf("its policy is %s", policy)
		}
		if a := outside.post(onward, url.Values{"redirect": {"https://evil.example"}}); a.StatusCode != 422 || !strings.Contains(a.Header.Get("Content-Security-Policy"), "https://www.example.com") {
			t.Errorf("a wrong form answered %d %s", a.StatusCode, a.Header.Get("Location"))
		}
		if a := outside.post(onward+"?redirect=https://evil.example", url.Values{"input.a": {"x"}, "redirect": {"https://evil.example"}}); a.StatusCode != 303 || a.Header.Get("Location") != "https://www.example.com/thanks?from=form" {
			t.Errorf("it leads to %d %s", a.StatusCode, a.Header.Get("Location"))
		}
		if policy := outside.get(link).Header.Get("Content-Security-Policy"); strings.Contains(policy, "https:") {
			t.Errorf("a form that leads nowhere may send to %s", policy)
		}
		for path, trigger := range map[string]object{"triggers[0].redirect": {"redirect": "http://example.com"}, "triggers[0].thanks": {"thanks": strings.Repeat("x", 2001)}} {
			trigger["id"], trigger["type"] = "form", "form"
			if a := s.api("POST", "/workflows", object{"format": 1, "name": "N", "triggers": []object{trigger}, "steps": []object{}}); a.StatusCode != 422 || a.paths(t)[0] != path {
				t.Errorf("%v answered %d %s", trigger, a.StatusCode, a.body)
			}
		}
	})
}

func TestFormFieldsOfAWebhookFillInEachKind(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, hook := s.hooked(object{}, object{"inputs": []object{
			{"name": "extras", "type": "choices", "options": []string{"milk", "tea"}}, {"name": "starts", "type": "date_time"}, {"name": "terms", "type": "boolean", "required": true}, {"name": "photos", "type": "files"},
		}})
		if a := s.deliver(hook, "extras=milk&extras=tea&starts=2026-12-24T18:30&terms=false", "Content-Type", "application/x-www-form-urlencoded"); a.StatusCode != 202 {
			t.Fatalf("it answered %d %s", a.StatusCode, a.body)
		}
		if got := s.newest(); !reflect.DeepEqual(got, map[string]any{"extras": []any{"milk", "tea"}, "starts": "2026-12-24T18:30:00Z", "terms": false, "photos": nil}) {
			t.Errorf("the run's input is %v", got)
		}
		body := "--x\r\nContent-Disposition: form-data; name=\"terms\"\r\n\r\ntrue\r\n--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nabc\r\n--x--\r\n"
		if a := s.deliver(hook, body, "Content-Type", "multipart/form-data; boundary=x"); a.StatusCode != 202 {
			t.Fatalf("with a file it answered %d %s", a.StatusCode, a.body)
		}
		if got := s.newest()["photos"]; !reflect.DeepEqual(got, []any{map[string]any{"name": "a.png", "type": "image/png", "size": 3.0, "data": "YWJj"}}) {
			t.Errorf("the files are %v", got)
		}
	})
}
