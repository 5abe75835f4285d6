package routes_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/modelstest"
)

// ended is a browser whose person's session has ended while they typed.
func (s *site) ended(user models.User) *browser {
	s.t.Helper()
	b := s.enter(user.Email, password)
	b.headers.Set("Referer", host+"/workflows/new?template=")
	if err := models.EndSessions(s.t.Context(), s.db, user.ID, ""); err != nil {
		s.t.Fatal(err)
	}
	s.now.forward(time.Minute)
	return b
}

// signsInAgain fills in the sign-in page that answered a form.
func (b *browser) signsInAgain(a answer, email, password string) answer {
	b.t.Helper()
	form := sitetest.FormOf(b.t, a.body, "/login")
	form.Set("email", email)
	form.Set("password", password)
	return b.post("/login", form)
}

// dinky#1034
func TestWhatWasTypedIsSentAfterSigningInAgain(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		anna := s.user("anna@example.com", auth.Editor)
		b := s.ended(anna)
		typed := url.Values{"name": {"Typed for an hour\n“äöü”"}, "template": {""}, "twice": {"b", "a"}}
		a := b.post("/workflows", typed)
		if a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.text(), "Your session has ended. Sign in to go on: what you typed is kept.") {
			t.Fatalf("a form of an ended session answered %d: %s", a.StatusCode, a.text())
		}
		if strings.Contains(a.body, "an hour") {
			t.Error("what was typed can be read by whoever comes to the sign-in page")
		}
		a = b.signsInAgain(a, anna.Email, "wrong")
		if a.StatusCode != http.StatusUnprocessableEntity {
			t.Fatalf("a wrong password answered %d", a.StatusCode)
		}
		a = b.signsInAgain(a, anna.Email, password)
		if a.StatusCode != http.StatusOK || !strings.Contains(a.body, `href="/workflows/new?template="`) {
			t.Fatalf("signing in answered %d: %s", a.StatusCode, a.text())
		}
		again := sitetest.FormOf(t, a.body, "/workflows")
		if again.Encode() != typed.Encode() {
			t.Errorf("typed was %v, kept is %v", typed, again)
		}
		if found, _, err := models.ListWorkflows(t.Context(), s.db, models.WorkflowFilter{}); err != nil || len(found) > 0 {
			t.Errorf("it was sent before anybody said so: %d, %v", len(found), err)
		}
		again.Set("name", "Typed for an hour")
		if a := b.post("/workflows", again); a.StatusCode != http.StatusSeeOther || !strings.HasSuffix(a.Header.Get("Location"), "/edit") {
			t.Errorf("sending it answered %d %s: %s", a.StatusCode, a.Header.Get("Location"), a.text())
		}
	})
}

// What a form carries beside what was typed is nothing to read, and nothing is sent off by saving.
func TestWhoSignsInAgainReadsWhatTheyTypedUnderItsLabels(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	flow := s.api("POST", "/workflows", object{"format": 1, "name": "Orders", "inputs": []object{{"name": "who", "type": "email", "label": "Your address"}}, "steps": []object{
		{"id": "send_an_e_mail", "type": "send_email", "config": object{"to": "shop@example.com", "subject": "Your order", "text": "Soon"}},
	}}).decoded(t)["id"].(string)
	step := "/workflows/" + flow + "/edit/steps/send_an_e_mail"
	sent := url.Values{
		"revision": {"1"}, "id": {"send_an_e_mail"}, "name": {"Told"}, "name.was": {"Told"}, "on_error": {"fail"}, "on_unknown": {"wait"}, "retry.backoff": {"fixed"}, "retry.max_attempts": {"1"},
		"config.to": {"{{ input.who }}"}, "config.subject": {"Your order"}, "config.text": {"It leaves\ntoday"}, "workflow.name": {"Orders"}, "workflow.name.was": {"Orders"},
	}
	for name, c := range map[string]struct {
		path, do string
		form     url.Values
		shows    []string
	}{
		"a step":     {step, "", sent, []string{"To [Your address]", "Text It leaves today", "Save it and go on", "!Subject", "!Your order", "!fixed", "!fail", "!Told", "!Orders", "!send_an", "!{{"}},
		"to publish": {step, "publish", sent, []string{"Text It leaves today", "Save it and publish"}},
		"to act":     {step, "act", sent, []string{"Save it and do it now, really"}},
		"a step that is gone": {
			"/workflows/" + flow + "/edit/steps/end", "", sent, []string{"It leaves today", "Save it and go on", "!fixed", "!{{", "!Backoff", "!Config", "!send_an"},
		},
		"an answer": {"/inbox/" + flow, "", url.Values{"decision": {"approved"}, "comment": {"Fine"}}, []string{"Comment Fine", "Send the answer and go on", "!approved"}},
		"a run":     {"/workflows/" + flow + "/run", "", url.Values{"form": {"1"}, "input.who": {"ben@example.com"}}, []string{"Your address ben@example.com", "Start it and go on"}},
		"a removal": {"/workflows/" + flow + "/delete", "", url.Values{"revision": {"1"}}, []string{"Delete it and go on", "!What you had typed"}},
		"a pause":   {"/workflows/" + flow + "/pause", "", url.Values{"until": {"2027-01-02"}, "reason": {"Snow"}}, []string{"Reason Snow", "Go on with it"}},
	} {
		form := url.Values{}
		for entry, values := range c.form {
			form[entry] = values
		}
		if c.do != "" {
			form.Set("do", c.do)
		}
		anna := s.user(models.NewID()+"@example.com", auth.Editor) // one alone would sign in too often
		b := s.ended(anna)
		a := b.signsInAgain(b.post(c.path, form), anna.Email, password)
		if !sitetest.Contains(a.body, "You are signed in again") {
			t.Fatalf("%s: %d %s", name, a.StatusCode, a.text())
		}
		sitetest.Shows(t, strings.Join(strings.Fields(a.text()), " "), c.shows...)
	}
}

// A run does not begin without the files that were chosen for it.
func TestFilesAreChosenAgainAfterSigningInAgain(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	flow, _ := s.asks(nil, object{"name": "note", "type": "text"}, object{"name": "cv", "type": "file"})
	anna := s.user("anna@example.com", auth.Operator)
	b := s.ended(anna)
	cv := sentFile{"input.cv", "cv.pdf", "application/pdf", "%PDF"}
	a := b.upload("/workflows/"+flow+"/run", url.Values{"input.note": {"Typed for an hour"}, "form": {"1"}}, cv)
	if a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.text(), "what you typed is kept, but files have to be chosen again.") {
		t.Fatalf("a form with a file answered %d %s", a.StatusCode, a.text())
	}
	again := sitetest.FormOf(t, b.signsInAgain(a, anna.Email, password).body, "/workflows/"+flow+"/run")
	a = b.post("/workflows/"+flow+"/run", again)
	if a.StatusCode != 422 || !strings.Contains(a.body, `value="Typed for an hour"`) || !strings.Contains(a.text(), "Choose “cv.pdf” again: files are not kept.") {
		t.Fatalf("sent again without its file it answered %d %s", a.StatusCode, a.text())
	}
	if a := b.upload("/workflows/"+flow+"/run", sitetest.FormOf(t, a.body, "/workflows/"+flow+"/run"), cv); a.StatusCode != 303 {
		t.Errorf("with its file it answered %d %s", a.StatusCode, a.text())
	}
}

func TestWhatWasTypedIsForNobodyElse(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	anna, otto := s.user("anna@example.com", auth.Editor), s.user("otto@example.com", auth.Administrator)
	b := s.ended(anna)
	page := b.post("/workflows", url.Values{"name": {"Typed for an hour"}})
	a := b.signsInAgain(page, otto.Email, password)
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/workflows/new?template=" || strings.Contains(a.body, "an hour") {
		t.Errorf("somebody else was answered %d %s: %s", a.StatusCode, a.Header.Get("Location"), a.text())
	}
	form := sitetest.FormOf(t, page.body, "/login")
	form.Set("unsent", form.Get("unsent")[:len(form.Get("unsent"))-4]+"AAAA")
	form.Set("email", anna.Email)
	form.Set("password", password)
	if a := b.post("/login", form); a.StatusCode != http.StatusSeeOther {
		t.Errorf("what was changed on its way was answered %d: %s", a.StatusCode, a.text())
	}
}

func TestPasswordsAndKeysAreNotKeptForAfterSigningIn(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	anna := s.user("anna@example.com", auth.Administrator)
	for path, form := range map[string]url.Values{
		"/settings/secrets":  {"name": {"SHOP"}, "value": {"a long secret value"}},
		"/settings/password": {"present": {password}, "password": {"another good one"}},
	} {
		b := s.ended(anna)
		a := b.post(path, form)
		kept := sitetest.FormOf(t, a.body, "/login")
		if a.StatusCode != http.StatusUnauthorized || kept.Has("unsent") || !strings.Contains(a.text(), "holds a password or a key, so it was not kept") {
			t.Errorf("%s answered %d: %s", path, a.StatusCode, a.text())
		}
		if a := b.signsInAgain(a, anna.Email, password); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/workflows/new?template=" {
			t.Errorf("signing in answered %d %s", a.StatusCode, a.Header.Get("Location"))
		}
	}
}

// Whoever adds a page that asks for a password has its route say so.
func TestFormsWithPasswordsSaySo(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Administrator)
	found := 0
	for _, page := range s.site.Table {
		if page.Method != http.MethodGet || page.Who.Role() == "" || strings.HasPrefix(page.Path, "/live/") {
			continue
		}
		body := b.get(address(page)).body
		for _, form := range strings.Split(body, "<form")[1:] {
			form, _, _ = strings.Cut(form, "</form>")
			tag, _, _ := strings.Cut(form, ">")
			if !strings.Contains(form, `type="password"`) && !strings.Contains(tag, `autocomplete="off"`) {
				continue
			}
			_, action, _ := strings.Cut(form, `action="`)
			action, _, _ = strings.Cut(action, `"`)
			found++
			for _, route := range s.site.Table {
				if route.Method == http.MethodPost && route.Path == action && !route.Secret {
					t.Errorf("%s: what is sent to %s holds a secret, and its route does not say so", page.Path, action)
				}
			}
		}
	}
	if found < 2 {
		t.Errorf("only %d forms were found", found)
	}
}

// Whoever has all cookies taken away is a stranger to the site, but sits before a page of it.
func TestWhatWasTypedIsKeptWithoutAnyCookieToo(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		anna := s.user("anna@example.com", auth.Editor)
		b := s.visitor()
		b.headers.Set("Referer", host+"/workflows/new?template=")
		b.headers.Set("Sec-Fetch-Site", "same-origin")
		typed := url.Values{"name": {"Typed for an hour"}, "template": {""}}
		a := b.post("/workflows", typed)
		if a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.text(), "Sign in to go on: what you typed is kept.") || strings.Contains(a.body, "an hour") {
			t.Fatalf("a form without a cookie answered %d: %s", a.StatusCode, a.text())
		}
		a = b.signsInAgain(a, anna.Email, password)
		if a.StatusCode != http.StatusOK || sitetest.FormOf(t, a.body, "/workflows").Encode() != typed.Encode() {
			t.Fatalf("signing in answered %d: %s", a.StatusCode, a.text())
		}
		if found, _, err := models.ListWorkflows(t.Context(), s.db, models.WorkflowFilter{}); err != nil || len(found) > 0 {
			t.Errorf("it was sent before anybody said so: %d, %v", len(found), err)
		}
	})
}

// What strangers have the site read and seal is bounded, and never a password.
func TestStrangersFormsAreCountedAndHoldNoPassword(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	b := s.visitor()
	b.headers.Set("Referer", host+"/settings/secrets")
	b.headers.Set("Sec-Fetch-Site", "same-origin")
	a := b.post("/settings/secrets", url.Values{"name": {"SHOP"}, "value": {"a long secret value"}})
	if a.StatusCode != http.StatusUnauthorized || sitetest.FormOf(t, a.body, "/login").Has("unsent") {
		t.Errorf("a stranger's secret answered %d: %s", a.StatusCode, a.text())
	}
	for range 200 {
		if a = b.post("/workflows", url.Values{"name": {"x"}}); a.StatusCode == http.StatusTooManyRequests {
			return
		}
	}
	t.Errorf("200 forms of a stranger were read; the last answered %d", a.StatusCode)
}

func TestNothingIsReadOfProgramsThatWereNeverSignedIn(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	anna := s.user("anna@example.com", auth.Editor)
	b := s.visitor()
	b.headers.Set("Sec-Fetch-Site", "") // a program, which has no page of ours before it
	body := &counter{Reader: strings.NewReader("name=" + strings.Repeat("x", 100<<10))}
	if a := b.do("POST", "/workflows", body); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/login" || body.read > 0 {
		t.Errorf("a stranger was answered %d, and %d bytes were read", a.StatusCode, body.read)
	}
	b.cookies["last"] = anna.ID + ".0123456789"
	if a := b.do("POST", "/workflows", body); a.StatusCode != http.StatusSeeOther || body.read > 0 {
		t.Errorf("somebody who says to be Anna was answered %d, and %d bytes were read", a.StatusCode, body.read)
	}
}

type counter struct {
	io.Reader
	read int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += n
	return n, err
}

func TestButtonsOfAnEndedSessionLeadBackToTheirPage(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	anna := s.user("anna@example.com", auth.Editor)
	b := s.ended(anna)
	a := b.post("/workflows/"+models.NewID()+"/duplicate", nil)
	if a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.text(), "Your session has ended, so this was not done. Sign in, then do it again.") {
		t.Fatalf("a button answered %d: %s", a.StatusCode, a.text())
	}
	if a := b.signsInAgain(a, anna.Email, password); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/workflows/new?template=" {
		t.Errorf("signing in answered %d %s", a.StatusCode, a.Header.Get("Location"))
	}
}

func TestLongFormsAreKeptToo(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	anna := s.user("anna@example.com", auth.Editor)
	b := s.ended(anna)
	long := url.Values{"name": {"Long"}, "text": {strings.Repeat("a text of many words ", 11000)}}
	a := b.signsInAgain(b.post("/workflows", long), anna.Email, password)
	if a.StatusCode != http.StatusOK || sitetest.FormOf(t, a.body, "/workflows").Encode() != long.Encode() {
		t.Errorf("a long form is lost: %d", a.StatusCode)
	}
	noise := url.Values{"name": {models.NewID()}}
	for range 2200 { // some 250 kB, of at most 256
		noise.Add("name", models.NewID()+models.NewID()+models.NewID())
	}
	b = s.ended(anna)
	a = b.post("/workflows", noise)
	if a.StatusCode != http.StatusUnauthorized || sitetest.FormOf(t, a.body, "/login").Has("unsent") != strings.Contains(a.text(), "what you typed is kept") {
		t.Errorf("what is too long answered %d: %s", a.StatusCode, a.text())
	}
}
