package documents_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/worker/workflow"
)

const shop = `{"format":1,"name":"Shop / watch","description":"Says \"hello\"","triggers":[{"id":"nine","type":"schedule","cron":"0 9 * * 1-5","time_zone":"Europe/Berlin"}],
	"steps":[{"id":"ask","type":"http_request","name":"Ask","config":{"url":"https://shop.example.com","auth":{"type":"bearer","token":"{{ secrets.SHOP_KEY }}"}}},
		{"id":"is_down","type":"condition","config":{"conditions":[{"value":"{{ steps.ask.body.status }}","operator":"not_equals","other":"ok"}]},"then":[{"id":"end","type":"stop","config":{"outcome":"failed","message":"Down"}}]}]}`

// send sends the form as a browser does, with a file where one is given.
func send(t *testing.T, b *sitetest.Browser, file string, fields url.Values, status int) sitetest.Answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name := range fields {
		if err := w.WriteField(name, fields.Get(name)); err != nil {
			t.Fatal(err)
		}
	}
	name := ""
	if file != "" {
		name = "shop.yaml"
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(file))
	_ = w.Close()
	return b.Upload("/workflows/import", w.FormDataContentType(), body.Bytes(), status)
}

func TestAWorkflowLeavesAsAFileAndComesBackAsTheSame(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(shop)
	_, kept := s.Stored(address)
	for _, kind := range []string{"yaml", "json"} {
		answer := b.Send(http.MethodGet, address+"/export/"+kind, nil, nil)
		if answer.Status != http.StatusOK || answer.Header.Get("Content-Disposition") != `attachment; filename="Shop - watch.`+kind+`"` {
			t.Fatalf("%d, %s", answer.Status, answer.Header.Get("Content-Disposition"))
		}
		documents, problems, err := workflow.ParseYAML([]byte(answer.Body))
		if err != nil || len(problems[0]) > 0 || string(documents[0].Marshal()) != string(kept.Marshal()) {
			t.Errorf("%s does not read as what it was: %v %v", kind, problems, err)
		}
		file := strings.Replace(answer.Body, "Shop / watch", "From "+kind, 1)
		asked := send(t, b, file, nil, http.StatusOK)
		sitetest.Shows(t, asked.Body, "Secrets that are missing here", "SHOP_KEY", `/settings/secrets?name=SHOP_KEY"`)
		made := send(t, b, "", url.Values{"text": {file}, "import": {"yes"}}, http.StatusSeeOther)
		w, d := s.Stored(strings.TrimSuffix(made.Location, "/edit"))
		if w.Name != "From "+kind || w.VersionID != nil || len(d.Steps) != 2 || d.Triggers[0].Cron != "0 9 * * 1-5" {
			t.Errorf("%+v", d)
		}
	}
	if answer := b.Send(http.MethodGet, address+"/export/exe", nil, nil); answer.Status != http.StatusNotFound {
		t.Errorf("%d", answer.Status)
	}
}

func TestAFileHasANameWhateverTheWorkflowIsCalled(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	address := s.Keep(strings.Replace(shop, "Shop / watch", "...", 1))
	answer := b.Send(http.MethodGet, address+"/export/yaml", nil, nil)
	if got := answer.Header.Get("Content-Disposition"); got != "attachment; filename=workflow.yaml" {
		t.Error(got)
	}
}

func TestWhatCannotBeImportedSaysWhyAndKeepsTheText(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	before := b.Get("/workflows", http.StatusOK)
	for text, want := range map[string]string{
		"":                 "Choose a file, or paste what stands in one.",
		"name: [unclosed":  "",
		"just words":       "A workflow begins with names and values",
		"name: A\nname: B": "“name” stands here twice.</a> <code>name: B</code>",
		`{"name": "A",` + "\n" + `"steps": [{"id": "a",` + "\n" + `"type": "stopp"}]}`:       "In line 3:</span> <code>&#34;type&#34;: &#34;stopp&#34;}]}</code>",
		"name: A\nsteps: []\n---\nname: B\nsteps: []\n":                                      "It holds 2 workflows",
		"format: 99\nname: A\nsteps: []\n":                                                   "This program reads format 1",
		"name: A\nsteps:\n- {id: a, type: stop, nmae: x}":                                    "In line 3:</span> <code>- {id: a, type: stop, nmae: x}</code>",
		"name: A\nsteps:\n- {id: a, type: stop}\n- {id: a, type: stop}":                      "In line 4:</span> <code>- {id: a, type: stop}</code>",
		"name: A\nsteps:\n- {id: a, type: http_request, config: {url: 'ftp://example.com'}}": "In line 3:</span> <code>- {id: a, type: http_request, config: {url: &#39;ftp://example.com&#39;}}</code>",
		strings.Repeat("# 200 kB are too many\n", 10_000):                                    "This is longer than 200 kB",
	} {
		answer := send(t, b, "", url.Values{"text": {text}, "import": {"yes"}}, http.StatusUnprocessableEntity)
		sitetest.Shows(t, answer.Body, want, `id="error-summary"`)
		kept := sitetest.FormOf(t, answer.Body, "/workflows/import").Get("text")
		if strings.TrimSpace(strings.ReplaceAll(kept, "\r", "")) != strings.TrimSpace(text) {
			t.Errorf("%.40q became %.40q", text, kept)
		}
	}
	answer := send(t, b, "\xff\xfe\x00", nil, http.StatusUnprocessableEntity)
	sitetest.Shows(t, answer.Body, "“shop.yaml” is not a text.")
	answer = send(t, b, strings.Repeat("x", 300<<10), url.Values{"text": {"name: kept"}}, http.StatusUnprocessableEntity)
	sitetest.Shows(t, answer.Body, "“shop.yaml” is larger than 200 kB.", "name: kept")
	if after := b.Get("/workflows", http.StatusOK); strings.Count(after, `href="/workflows/0`) != strings.Count(before, `href="/workflows/0`) {
		t.Error("something was made all the same")
	}
	for _, role := range []auth.Role{auth.Viewer, auth.Operator} {
		send(t, s.As(role), "", url.Values{"text": {"name: A\nsteps: []\n"}}, http.StatusForbidden)
	}
}

func TestANameThatIsTakenAsksWhatBecomesOfIt(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	plain := `{"format":1,"name":"Report","steps":[{"id":"end","type":"stop","name":"End","config":{"message":"One"}}]}`
	address := s.Keep(plain)
	id := strings.TrimPrefix(address, "/workflows/")
	other := strings.Replace(plain, "One", "Two", 1)
	asked := send(t, b, other, nil, http.StatusOK)
	sitetest.Shows(t, asked.Body, "There is a workflow “Report” already", "Message is now “Two” instead of “One”")
	form := sitetest.FormOf(t, asked.Body, "/workflows/import")
	if form.Get("as") != "new" || form.Get("name") != "Report (imported)" {
		t.Fatalf("%v", form)
	}
	form.Del("file")
	form.Set("import", "yes")
	made := send(t, b, "", form, http.StatusSeeOther)
	if w, d := s.Stored(strings.TrimSuffix(made.Location, "/edit")); w.Name != "Report (imported)" || d.Steps[0].Config["message"] != "Two" {
		t.Errorf("%+v", d)
	}
	form.Set("name", "Report (imported)") // which is taken by now
	send(t, b, "", form, http.StatusUnprocessableEntity)

	form.Set("as", id)
	b.Submit(address+"/publish", nil, http.StatusSeeOther)
	stale := url.Values{"text": {other}, "as": {id}, "revision": {"7"}, "import": {"yes"}}
	sitetest.Shows(t, send(t, b, "", stale, http.StatusConflict).Body, "has changed since you looked")
	done := send(t, b, "", form, http.StatusSeeOther)
	w, d := s.Stored(address)
	if done.Location != address+"/edit" || w.Name != "Report" || d.Steps[0].Config["message"] != "Two" || *w.Version != 1 {
		t.Errorf("%s %+v", done.Location, d)
	}
	sitetest.Shows(t, b.Get(address+"/compare?from=1&to=draft", http.StatusOK), "From version 1 to the draft", "Message is now “Two” instead of “One”")
	sitetest.Shows(t, b.Get(address+"/compare?from=draft&to=1", http.StatusOK), "Message is now “One” instead of “Two”")
	sitetest.Shows(t, b.Get(address+"/compare?from=1&to=1", http.StatusOK), "they mean the same")
	b.Get(address+"/compare?from=9", http.StatusNotFound)
	b.Get(address+"/compare?from=x", http.StatusNotFound)
}
