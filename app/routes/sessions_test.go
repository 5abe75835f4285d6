package routes_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/modelstest"
)

// enter is a browser in which this person has signed in.
func (s *site) enter(email, password string) *browser {
	s.t.Helper()
	b := s.visitor()
	if a := b.post("/login", url.Values{"email": {email}, "password": {password}}); a.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("signing in answered %d %s", a.StatusCode, a.text())
	}
	return b
}

// meanwhile has something done once, while a request has read its user and has
// not finished.
func (s *site) meanwhile(do func()) {
	s.t.Helper()
	var once sync.Once
	done := false
	err := s.db.Callback().Query().After("gorm:query").Register("meanwhile", func(tx *gorm.DB) {
		if tx.Statement.Table == "users" && !done {
			once.Do(func() { done = true; do() })
		}
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) sessionsOf(user models.User) int {
	s.t.Helper()
	found, err := models.SessionsOf(s.t.Context(), s.db, user.ID, s.now.read(), auth.SessionIdle)
	if err != nil {
		s.t.Fatal(err)
	}
	return len(found)
}

func TestEndedSessionDoesNotComeBack(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		anna := s.user("anna@example.com", auth.Administrator)
		b := s.enter(anna.Email, password)
		s.now.forward(11 * time.Minute) // its last use is noted again now
		s.meanwhile(func() {
			if err := models.EndSessions(t.Context(), s.db.Session(&gorm.Session{NewDB: true}), anna.ID, ""); err != nil {
				t.Error(err)
			}
		})
		b.get("/")
		if found := s.sessionsOf(anna); found != 0 {
			t.Errorf("%d ended sessions came back", found)
		}
		s.now.forward(time.Minute)
		if a := b.get("/settings/people"); a.StatusCode != http.StatusSeeOther {
			t.Errorf("the ended session answered %d", a.StatusCode)
		}
	})
}

func TestRemovedPersonIsNotRememberedByARequestUnderWay(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	admin := s.signedIn(auth.Administrator)
	anna := s.user("anna@example.com", auth.Administrator)
	b := s.enter(anna.Email, password)
	s.now.forward(time.Minute)
	admin.get("/") // known for some seconds
	s.meanwhile(func() {
		if a := admin.post("/settings/people/"+anna.ID+"/remove", nil); a.StatusCode != http.StatusSeeOther {
			t.Errorf("removing answered %d", a.StatusCode)
		}
	})
	b.get("/")
	if a := b.get("/settings/people"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("somebody who was removed is answered %d", a.StatusCode)
	}
}

func TestListOfSessionsHoldsOnlyLivingOnes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		anna := s.user("anna@example.com", auth.Viewer)
		s.enter(anna.Email, password)
		here := s.enter(anna.Email, password)
		here.post("/settings/password", url.Values{"present": {password}, "password": {"another good one"}})
		if found := s.sessionsOf(anna); found != 1 {
			t.Errorf("after a new password %d sessions are listed", found)
		}
		s.now.forward(25 * time.Hour)
		if found := s.sessionsOf(anna); found != 0 {
			t.Errorf("after a day without use %d sessions are listed", found)
		}
	})
}

func TestLinksAreVoidWithTheRightToMakeThem(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		admin := s.signedIn(auth.Administrator)
		otto := s.user("otto@example.com", auth.Viewer)
		link := linkIn(t, admin.post("/settings/people/"+otto.ID+"/password", nil).body)
		if a := s.enter(otto.Email, password).post("/settings/password", url.Values{"present": {password}, "password": {"another good one"}}); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("choosing a password answered %d", a.StatusCode)
		}
		if a := s.visitor().get(link); a.StatusCode != http.StatusNotFound {
			t.Errorf("after a new password the older link answers %d", a.StatusCode)
		}
		older := linkIn(t, admin.post("/settings/people/"+otto.ID+"/password", nil).body)
		admin.post("/settings/people/"+otto.ID+"/email", url.Values{"email": {"olga@example.com"}})
		newer := linkIn(t, admin.post("/settings/people/"+otto.ID+"/password", nil).body)
		if a := s.visitor().post(newer, url.Values{"password": {"four more plain words"}}); a.StatusCode != http.StatusSeeOther {
			t.Errorf("a link to the new e-mail address answers %d", a.StatusCode)
		}
		if a := s.visitor().get(older); a.StatusCode != http.StatusNotFound {
			t.Errorf("after its use the link to the old e-mail address answers %d", a.StatusCode)
		}
		for name, change := range map[string]func(id string){
			"removed": func(id string) { admin.post("/settings/people/"+id+"/remove", nil) },
			"demoted": func(id string) { admin.post("/settings/people/"+id+"/role", url.Values{"role": {"viewer"}}) },
		} {
			maker := s.user(name+"@example.com", auth.Administrator)
			link := linkIn(t, s.enter(maker.Email, password).post("/settings/people", url.Values{"email": {"eve@example.com"}, "role": {"administrator"}}).body)
			change(maker.ID)
			if a := s.visitor().post(link, accountForm()); a.StatusCode != http.StatusNotFound {
				t.Errorf("the link of somebody who was %s answers %d", name, a.StatusCode)
			}
		}
	})
}

func TestNothingIsNamedByUnstorablePaths(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.signedIn(auth.Administrator)
		for _, route := range s.site.Table {
			if !strings.Contains(route.Path, ":") {
				continue
			}
			for _, bad := range []string{"%00", "a%00b", "%ff"} {
				parts := strings.Split(route.Path, "/")
				for i, part := range parts {
					if strings.HasPrefix(part, ":") {
						parts[i] = bad
					}
				}
				a := b.do(route.Method, strings.Join(parts, "/"), nil)
				if strings.HasPrefix(route.Path, "/api/v1") {
					a = s.api(route.Method, strings.TrimPrefix(strings.Join(parts, "/"), "/api/v1"), nil)
				}
				if a.StatusCode != http.StatusNotFound {
					t.Errorf("%s %s answered %d", route.Method, strings.Join(parts, "/"), a.StatusCode)
				}
			}
		}
		flow := s.make(simple)
		for _, cursor := range []string{"x", "-1", "99999999999", "99999999999999999999"} {
			if a := b.get("/workflows/" + flow + "/versions?cursor=" + cursor); a.StatusCode >= 500 {
				t.Errorf("the cursor %s answered %d", cursor, a.StatusCode)
			}
		}
	})
}

func TestLogHoldsNoAddressThatLetsIn(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	for _, prefix := range []string{"/hooks/", "/forms/", "/approvals/", "/invitations/"} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			for _, tail := range []string{"", "/", "/more"} {
				s.visitor().do(method, prefix+"t0p-secret-token"+tail, nil)
			}
		}
	}
	if strings.Contains(s.log.String(), "t0p-secret-token") {
		t.Error("the log holds the token of an address")
	}
}

func TestNothingIsCachedButStaticFiles(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Administrator)
	for _, path := range []string{"/", "/api/docs", "/nothing", "/runs/x/outputs/y", "/settings/audit.csv", "/login", "/invitations/x", "/healthz"} {
		if got := b.get(path).Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s may be kept: %q", path, got)
		}
	}
	if got := s.api("GET", "/workflows", nil).Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("answers of the API may be kept: %q", got)
	}
	if got := b.get("/live/overview").Header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("a live part says %q", got)
	}
}

// Browsers of some years ago, and all of them on http:// of a network, tell where a
// form came from by Origin alone.
func TestFormsOfOutsidersCanBeSentWithoutHTTPS(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	token, err := auth.NewSetupToken(t.Context(), s.db, models.Now())
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{site: s, cookies: map[string]string{}, headers: http.Header{"Sec-Fetch-Site": {""}}}
	shown := b.get("/setup?token=" + token)
	if policy := shown.Header.Get("Referrer-Policy"); slices.Contains([]string{"no-referrer", ""}, policy) {
		t.Errorf("with the policy %q a browser sends Origin: null", policy)
	}
	b.headers.Set("Origin", host)
	if a := b.post("/setup", setupForm(token)); a.StatusCode != http.StatusSeeOther {
		t.Errorf("setting up answered %d", a.StatusCode)
	}
}

func TestSignInIsRecordedOrRefused(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	s.user("anna@example.com", auth.Viewer)
	if err := s.db.Exec("CREATE TRIGGER full BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'no room'); END").Error; err != nil {
		t.Fatal(err)
	}
	b := s.visitor()
	if a := b.post("/login", url.Values{"email": {"anna@example.com"}, "password": {password}}); a.StatusCode < 500 || len(b.cookies) > 0 {
		t.Errorf("a sign-in that cannot be recorded answered %d, cookies %v", a.StatusCode, b.cookies)
	}
}
