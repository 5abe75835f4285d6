package routes_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/routes"
	"workflows/models"
	"workflows/models/modelstest"
)

func setupForm(token string) url.Values {
	return url.Values{"token": {token}, "name": {"Anna"}, "email": {"Anna@Example.com"}, "password": {password}, "time_zone": {"Europe/Berlin"}}
}

func TestSetupLinkWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		older, err := auth.NewSetupToken(t.Context(), s.db, models.Now())
		if err != nil {
			t.Fatal(err)
		}
		token, err := auth.NewSetupToken(t.Context(), s.db, models.Now())
		if err != nil {
			t.Fatal(err)
		}
		b := s.visitor()
		for _, wrong := range []string{"", "x", older, token + "x"} {
			if a := b.get("/setup?token=" + wrong); a.StatusCode != http.StatusForbidden {
				t.Errorf("token %q answered %d", wrong, a.StatusCode)
			}
			if a := b.post("/setup", setupForm(wrong)); a.StatusCode != http.StatusForbidden {
				t.Errorf("sending token %q answered %d", wrong, a.StatusCode)
			}
		}
		if a := b.get("/setup?token=" + token); a.StatusCode != http.StatusOK {
			t.Fatalf("the link answered %d", a.StatusCode)
		}
		if a := b.post("/setup", setupForm(token)); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/" {
			t.Fatalf("setting up answered %d: %s", a.StatusCode, a.text())
		}
		if a := b.get("/"); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "Anna") {
			t.Errorf("after setting up the overview answered %d", a.StatusCode)
		}
		second := s.visitor()
		if a := second.post("/setup", setupForm(token)); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/login" {
			t.Errorf("the second use answered %d %s", a.StatusCode, a.Header.Get("Location"))
		}
		if a := second.post("/login", url.Values{"email": {"anna@example.com"}, "password": {password}}); a.StatusCode != http.StatusSeeOther {
			t.Errorf("signing in answered %d: %s", a.StatusCode, a.text())
		}
	})
}

func TestSetupKeepsWhatWasTypedAndSaysWhatIsWrong(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	token, err := auth.NewSetupToken(t.Context(), s.db, models.Now())
	if err != nil {
		t.Fatal(err)
	}
	for field, values := range map[string][]string{
		"email":     {"", "anna", "a@b", "a@@b.c", "anna@example.com\r\nBcc: x@y.z", "Anna <anna@example.com>"},
		"name":      {"", strings.Repeat("x", 101), "A\u202eB"},
		"password":  {"", "short", "aaaaaaaaaaaaaaaa", "anna@example.com", strings.Repeat("pw", 501)},
		"time_zone": {"", "Mars/Base", "Local"},
	} {
		for _, value := range values {
			form := setupForm(token)
			form.Set(field, value)
			a := s.visitor().post("/setup", form)
			if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="`+field+`-error"`) {
				t.Errorf("%s %.40q answered %d", field, value, a.StatusCode)
			}
			if field != "name" && !strings.Contains(a.body, `value="Anna"`) {
				t.Errorf("%s %.40q: the name that was typed is gone", field, value)
			}
			if strings.Contains(a.body, password) {
				t.Errorf("%s %.40q: the password is shown", field, value)
			}
		}
	}
	if exists, err := models.AnyUser(t.Context(), s.db); exists || err != nil {
		t.Errorf("a refused form made a user, %v", err)
	}
}

func TestLoginLeadsOnlyToOurOwnPages(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	for i, next := range []string{
		"https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/%0d%0aX: y\r\n",
		"", "evil", "/\t/evil.example", "/login", "/logout", "http:/evil.example", "///evil.example",
	} {
		email := string(rune('a'+i)) + "@example.com"
		s.user(email, auth.Viewer)
		a := s.visitor().post("/login", url.Values{"email": {email}, "password": {password}, "next": {next}})
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/" {
			t.Errorf("next %q led to %q (%d)", next, a.Header.Get("Location"), a.StatusCode)
		}
	}
	s.user("good@example.com", auth.Viewer)
	a := s.visitor().post("/login", url.Values{"email": {"GOOD@example.com "}, "password": {password}, "next": {"/runs?status=failed"}})
	if a.Header.Get("Location") != "/runs?status=failed" {
		t.Errorf("a page of ours led to %q", a.Header.Get("Location"))
	}
}

func TestWrongPasswordAndUnknownPersonLookTheSame(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	s.user("anna@example.com", auth.Viewer)
	known := s.visitor().post("/login", url.Values{"email": {"anna@example.com"}, "password": {"wrong"}})
	unknown := s.visitor().post("/login", url.Values{"email": {"otto@example.com"}, "password": {"wrong"}})
	if known.StatusCode != http.StatusUnprocessableEntity || unknown.StatusCode != known.StatusCode {
		t.Fatalf("answers %d and %d", known.StatusCode, unknown.StatusCode)
	}
	if strings.ReplaceAll(known.body, "anna@", "otto@") != unknown.body {
		t.Error("the two pages differ")
	}
}

func TestSigningInTooOftenIsRefusedForAWhile(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	s.user("anna@example.com", auth.Viewer)
	limited := 0
	for range 12 {
		a := s.visitor().post("/login", url.Values{"email": {"anna@example.com"}, "password": {"wrong"}})
		if a.StatusCode == http.StatusTooManyRequests {
			limited++
			if a.Header.Get("Retry-After") == "" || !strings.Contains(a.text(), "Wait") {
				t.Fatalf("the refusal says %q", a.text())
			}
		}
	}
	if limited == 0 {
		t.Error("twelve wrong passwords were all tried")
	}
	if a := s.visitor().post("/login", url.Values{"email": {"anna@example.com"}, "password": {password}}); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the right password during the wait answered %d", a.StatusCode)
	}
}

func TestSessionEnds(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		works := func(b *browser) bool { return b.get("/runs").StatusCode == http.StatusOK }
		idle := s.signedIn(auth.Viewer)
		s.now.forward(23 * time.Hour)
		if !works(idle) {
			t.Error("a session ended within a day")
		}
		s.now.forward(23 * time.Hour)
		if !works(idle) {
			t.Error("a session that is used ended within a day of its last use")
		}
		s.now.forward(25 * time.Hour)
		if works(idle) {
			t.Error("a session lasted a day without use")
		}
		used := s.signedIn(auth.Viewer)
		for day := range 16 {
			s.now.forward(23 * time.Hour)
			if !works(used) && day < 12 {
				t.Errorf("a session that is used every day ended on day %d", day)
			}
		}
		if works(used) {
			t.Error("a session lasted more than 14 days")
		}
		out := s.signedIn(auth.Viewer)
		stolen := s.visitor()
		stolen.cookies["session"] = out.cookies["session"]
		if a := out.post("/logout", nil); a.StatusCode != http.StatusSeeOther || works(out) || works(stolen) {
			t.Error("a session goes on after signing out")
		}
	})
}

func TestSessionTokenIsNewAfterSigningInAndStoredHashed(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	email := "anna@example.com"
	s.user(email, auth.Viewer)
	b := s.visitor()
	b.cookies["session"] = "a-token-that-an-attacker-planted"
	b.post("/login", url.Values{"email": {email}, "password": {password}})
	first := b.cookies["session"]
	b.post("/login", url.Values{"email": {email}, "password": {password}})
	if first == "a-token-that-an-attacker-planted" || first == "" || b.cookies["session"] == first {
		t.Error("a session's token was kept")
	}
	if _, found, err := models.FindSession(t.Context(), s.db, b.cookies["session"], models.Now()); found || err != nil {
		t.Errorf("the cookie's value is in the database, %v", err)
	}
}

func TestCookieIsBoundToTheSiteOverHTTPS(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t), func(p *routes.Parts) { p.Settings.BaseURL = "https://workflows.example" })
	s.user("anna@example.com", auth.Viewer)
	a := s.visitor().post("/login", url.Values{"email": {"anna@example.com"}, "password": {password}})
	cookies := a.Cookies()
	if len(cookies) != 2 || cookies[0].Name != "__Host-session" || cookies[1].Name != "__Host-last" {
		t.Errorf("cookies %v", cookies)
	}
	for _, cookie := range cookies {
		if !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" {
			t.Errorf("cookie %v", cookie)
		}
	}
	if a.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS on a site that is served by HTTPS")
	}
}

func TestRequestsFromOtherSitesAreRefused(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Administrator)
	for _, header := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Sec-Fetch-Site": {""}, "Origin": {"https://evil.example"}}} {
		other := &browser{site: s, cookies: b.cookies, headers: header}
		for _, route := range s.site.Table {
			if route.Method != http.MethodPost || !route.Who.Page() {
				continue
			}
			if a := other.post(address(route), nil); a.StatusCode != http.StatusForbidden {
				t.Errorf("%s from another site (%v) answered %d", route.Path, header, a.StatusCode)
			}
		}
	}
	if a := b.get("/"); a.StatusCode != http.StatusOK {
		t.Error("a request from another site signed the person out")
	}
}

func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.user("anna@example.com", auth.Viewer)
		enter := func(password string) *browser {
			b := s.visitor()
			if a := b.post("/login", url.Values{"email": {"anna@example.com"}, "password": {password}}); a.StatusCode != http.StatusSeeOther {
				t.Fatalf("signing in answered %d", a.StatusCode)
			}
			return b
		}
		here, there := enter(password), enter(password)
		if a := here.post("/settings/password", url.Values{"present": {"wrong"}, "password": {"another good one"}}); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a wrong present password answered %d", a.StatusCode)
		}
		if a := here.post("/settings/password", url.Values{"present": {password}, "password": {"another good one"}}); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("changing answered %d: %s", a.StatusCode, a.text())
		}
		if a := here.get("/runs"); a.StatusCode != http.StatusOK {
			t.Errorf("this browser is signed out: %d", a.StatusCode)
		}
		if a := there.get("/runs"); a.StatusCode != http.StatusSeeOther {
			t.Errorf("the other browser is still signed in: %d", a.StatusCode)
		}
		enter("another good one")
	})
}

func TestTokenIsShownOnceAndRevocable(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.signedIn(auth.Administrator)
		a := b.post("/settings/tokens", url.Values{"token_name": {"<script>Nightly"}, "scopes": {"read", "run"}})
		_, rest, found := strings.Cut(a.body, "wf_")
		if a.StatusCode != http.StatusCreated || !found || strings.Contains(a.body, "<script>Nightly") {
			t.Fatalf("making a token answered %d", a.StatusCode)
		}
		secret := "wf_" + rest[:32]
		call := func() int { return s.api("GET", "/runs", nil, "Authorization", "Bearer "+secret).StatusCode }
		if status := call(); status != http.StatusOK {
			t.Fatalf("the token answered %d", status)
		}
		if strings.Contains(b.get("/settings").body, secret) {
			t.Error("the token is shown again")
		}
		tokens, err := models.ListTokens(t.Context(), s.db)
		if err != nil || tokens[0].LastUsedAt == nil {
			t.Fatalf("tokens %+v, %v", tokens, err)
		}
		if a := b.get("/settings/tokens/" + tokens[0].ID + "/revoke"); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "&lt;script&gt;Nightly") {
			t.Errorf("asking answered %d", a.StatusCode)
		}
		b.post("/settings/tokens/"+tokens[0].ID+"/revoke", nil)
		if status := call(); status != http.StatusUnauthorized {
			t.Errorf("the revoked token answered %d", status)
		}
		for _, form := range []url.Values{{"scopes": {"read"}}, {"token_name": {"x"}}, {"token_name": {"x"}, "scopes": {"*"}}, {"token_name": {"x"}, "scopes": {"read", "root"}}} {
			if a := b.post("/settings/tokens", form); a.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%v answered %d", form, a.StatusCode)
			}
		}
	})
}

func TestRevokedAdminTokenStaysRevoked(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		first := auth.First{Email: "anna@example.com", Password: password, Token: adminToken}
		for range 2 {
			if err := auth.MakeFirst(t.Context(), s.db, first, models.Now()); err != nil {
				t.Fatal(err)
			}
		}
		tokens, err := models.ListTokens(t.Context(), s.db)
		if err != nil || len(tokens) != 1 {
			t.Fatalf("%d tokens, %v", len(tokens), err)
		}
		if err := models.DeleteToken(t.Context(), s.db, tokens[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := auth.MakeFirst(t.Context(), s.db, first, models.Now()); err != nil {
			t.Fatal(err)
		}
		if a := s.api("GET", "/runs", nil); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("the revoked token answered %d after a restart", a.StatusCode)
		}
		user, err := models.UserByEmail(t.Context(), s.db, "anna@example.com")
		if err != nil || user.Role != string(auth.Administrator) {
			t.Errorf("the first administrator is %+v, %v", user, err)
		}
	})
}

func TestProfileKeepsRoleAndAddressWhateverIsSent(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.user("berta@example.com", auth.Viewer)
		b := s.visitor()
		b.post("/login", url.Values{"email": {"berta@example.com"}, "password": {password}})
		a := b.post("/settings/profile", url.Values{
			"name": {"Berta"}, "email": {"boss@example.com"}, "time_zone": {"Asia/Tokyo"}, "theme": {"dark"}, "role": {"administrator"}, "id": {"1"},
		})
		if a.StatusCode != http.StatusSeeOther {
			t.Fatalf("saving answered %d: %s", a.StatusCode, a.text())
		}
		user, err := models.UserByEmail(t.Context(), s.db, "berta@example.com")
		if err != nil || user.Name != "Berta" || user.TimeZone != "Asia/Tokyo" || user.Theme != "dark" || user.Role != "viewer" {
			t.Errorf("the user is %+v, %v", user, err)
		}
		if page := b.get("/settings"); !strings.Contains(page.body, `data-theme="dark"`) || strings.Contains(page.body, "API tokens") || !strings.Contains(page.body, "An administrator can change it.") {
			t.Error("the page does not follow the settings")
		}
	})
}

func TestAdministratorChangesAddresses(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		admin := s.signedIn(auth.Administrator)
		otto := s.user("otto@example.com", auth.Viewer)
		s.user("taken@example.com", auth.Viewer)
		own := url.Values{"name": {"Anna"}, "email": {"Otto@example.com"}, "time_zone": {"UTC"}}
		if a := admin.post("/settings/profile", own); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="Otto@example.com"`) {
			t.Errorf("taking somebody's address answered %d", a.StatusCode)
		}
		page := "/settings/people/" + otto.ID
		for _, wrong := range []string{"", "a@@b.c", "Taken@example.com"} {
			if a := admin.post(page+"/email", url.Values{"email": {wrong}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="`+wrong+`"`) {
				t.Errorf("the address %q answered %d", wrong, a.StatusCode)
			}
		}
		if a := admin.post(page+"/email", url.Values{"email": {"Olga@Example.com"}}); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("changing the address answered %d: %s", a.StatusCode, a.text())
		}
		if a := s.visitor().post("/login", url.Values{"email": {"olga@example.com"}, "password": {password}}); a.StatusCode != http.StatusSeeOther {
			t.Errorf("signing in with the new address answered %d", a.StatusCode)
		}
		log := admin.get("/settings/audit?action=user").text()
		if !strings.Contains(log, "email olga@example.com, was otto@example.com") {
			t.Errorf("the audit log does not say what was and what is: %s", log)
		}
	})
}

// Some type their address with capitals, and phones begin it with one and end it with a
// space: a person has one address all the same, however it was typed when.
func TestAnAddressIsTheSameInCapitalsAndWithSpacesAroundIt(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		token, err := auth.NewSetupToken(t.Context(), s.db, models.Now())
		if err != nil {
			t.Fatal(err)
		}
		form := setupForm(token)
		form.Set("email", " Anna.Otto@Example.COM ")
		admin := s.visitor()
		if a := admin.post("/setup", form); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("setting up answered %d: %s", a.StatusCode, a.text())
		}
		for _, typed := range []string{"anna.otto@example.com", "ANNA.OTTO@EXAMPLE.COM", "\tAnna.otto@Example.com ", "anna.otto@example.com\u00a0"} {
			b := s.visitor()
			if a := b.post("/login", url.Values{"email": {typed}, "password": {password}}); a.StatusCode != http.StatusSeeOther {
				t.Errorf("%q answered %d: %s", typed, a.StatusCode, a.text())
			}
			if a := b.get("/settings"); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "anna.otto@example.com") {
				t.Errorf("%q is somebody else: %d", typed, a.StatusCode)
			}
		}
		for typed, secret := range map[string]string{"anna .otto@example.com": password, "ANNA.OTTO@EXAMPLE.COM": strings.ToUpper(password)} {
			if a := s.visitor().post("/login", url.Values{"email": {typed}, "password": {secret}}); a.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%q with %q answered %d", typed, secret, a.StatusCode)
			}
		}
		if a := admin.post("/settings/people", url.Values{"email": {"Anna.Otto@example.com"}, "role": {"viewer"}}); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("inviting her once more answered %d: %s", a.StatusCode, a.text())
		}
		var people int64
		if err := s.db.Model(&models.User{}).Count(&people).Error; err != nil || people != 1 {
			t.Errorf("there are %d accounts, %v", people, err)
		}
	})
}
