package routes_test

import (
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/models"
)

// linkIn finds the path of a link that a page shows once.
func linkIn(t *testing.T, page string) string {
	t.Helper()
	return linkTo(t, page, "/invitations/")
}

// linkTo is the link that a page shows once, of those that begin so.
func linkTo(t *testing.T, page, beginning string) string {
	t.Helper()
	_, link, found := strings.Cut(page, beginning)
	if !found {
		t.Fatalf("there is no link in %s", page)
	}
	link, _, _ = strings.Cut(link, "<")
	return beginning + link
}

func accountForm() url.Values {
	return url.Values{"name": {"Otto"}, "password": {password}, "time_zone": {"Europe/Berlin"}}
}

func TestInvitationMakesOneAccountWithItsRole(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.signedIn(auth.Administrator)
		for name, form := range map[string]url.Values{
			"no address": {"email": {""}, "role": {"viewer"}}, "a bad one": {"email": {"a@@b.c"}, "role": {"viewer"}}, "no such role": {"email": {"otto@example.com"}, "role": {"owner"}},
		} {
			if a := b.post("/settings/people", form); a.StatusCode != 422 {
				t.Errorf("%s answered %d", name, a.StatusCode)
			}
		}
		first := linkIn(t, b.post("/settings/people", url.Values{"email": {"Otto@Example.com"}, "role": {"operator"}}).body)
		made := b.post("/settings/people", url.Values{"email": {"otto@example.com"}, "role": {"operator"}})
		link := linkIn(t, made.body)
		if made.StatusCode != 201 || strings.Contains(b.get("/settings/people").body, link) {
			t.Errorf("making the link answered %d; it is shown again", made.StatusCode)
		}
		if a := s.visitor().get(first); a.StatusCode != 404 {
			t.Errorf("the older link still works: %d", a.StatusCode)
		}
		if a := s.visitor().get(link); a.StatusCode != 200 || !strings.Contains(a.text(), "otto@example.com") {
			t.Errorf("the link shows %d %s", a.StatusCode, a.text())
		}
		bad := accountForm()
		bad.Set("password", "short")
		if a := s.visitor().post(link, bad); a.StatusCode != 422 || !strings.Contains(a.body, `value="Otto"`) {
			t.Errorf("a short password answered %d", a.StatusCode)
		}
		var taken atomic.Int64
		var people sync.WaitGroup
		for range 4 {
			people.Go(func() {
				form := accountForm()
				form.Set("role", "administrator") // which nobody has asked for
				form.Set("email", "eve@example.com")
				if s.visitor().post(link, form).StatusCode == 303 {
					taken.Add(1)
				}
			})
		}
		people.Wait()
		user, err := models.UserByEmail(t.Context(), s.db, "otto@example.com")
		if taken.Load() != 1 || err != nil || user.Role != "operator" || user.Name != "Otto" {
			t.Errorf("the link made %d accounts: %+v, %v", taken.Load(), user, err)
		}
		if a := s.visitor().get(link); a.StatusCode != 404 || !strings.Contains(a.text(), "This link cannot be used") {
			t.Errorf("afterwards the link shows %d", a.StatusCode)
		}
		if a := b.post("/settings/people", url.Values{"email": {"otto@example.com"}, "role": {"viewer"}}); a.StatusCode != 422 || !strings.Contains(a.text(), "has an account already") {
			t.Errorf("inviting somebody who is here answered %d", a.StatusCode)
		}
		late := linkIn(t, b.post("/settings/people", url.Values{"email": {"olga@example.com"}, "role": {"viewer"}}).body)
		s.now.forward(8 * 24 * time.Hour)
		if a := s.visitor().get(late); a.StatusCode != 404 {
			t.Errorf("after eight days the link shows %d", a.StatusCode)
		}
	})
}

func TestRoleChangeAndRemovalEndSessions(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		admin := s.signedIn(auth.Administrator)
		user := s.user("otto@example.com", auth.Viewer)
		enter := func() *browser {
			b := s.visitor()
			if a := b.post("/login", url.Values{"email": {"otto@example.com"}, "password": {password}}); a.StatusCode != 303 {
				t.Fatalf("signing in answered %d %s", a.StatusCode, a.text())
			}
			return b
		}
		otto := enter()
		if a := admin.post("/settings/people/"+user.ID+"/role", url.Values{"role": {"editor"}}); a.StatusCode != 303 {
			t.Errorf("changing the role answered %d %s", a.StatusCode, a.text())
		}
		if a := otto.get("/workflows/new"); a.StatusCode != 303 || !strings.HasPrefix(a.Header.Get("Location"), "/login") {
			t.Errorf("the old session goes on: %d", a.StatusCode)
		}
		otto = enter()
		if a := otto.get("/workflows/new"); a.StatusCode != 200 {
			t.Errorf("with the new role it answered %d", a.StatusCode)
		}
		if a := admin.post("/settings/people/"+user.ID+"/role", url.Values{"role": {"owner"}}); a.StatusCode != 422 {
			t.Errorf("a role that is none answered %d", a.StatusCode)
		}
		admin.post("/settings/people/"+user.ID+"/sign-out", nil)
		if a := otto.get("/"); a.StatusCode != 303 {
			t.Errorf("signed out everywhere, it answered %d", a.StatusCode)
		}
		otto = enter()
		link := linkIn(t, admin.post("/settings/people/"+user.ID+"/password", nil).body)
		if a := s.visitor().post(link, url.Values{"password": {"another long password"}}); a.StatusCode != 303 {
			t.Errorf("choosing a new password answered %d %s", a.StatusCode, a.text())
		}
		if a := otto.get("/"); a.StatusCode != 303 {
			t.Errorf("with the old password the session goes on: %d", a.StatusCode)
		}
		if a := s.visitor().post("/login", url.Values{"email": {"otto@example.com"}, "password": {"another long password"}}); a.StatusCode != 303 {
			t.Errorf("the new password answered %d", a.StatusCode)
		}
		if a := admin.get("/settings/people/" + user.ID + "/remove"); a.StatusCode != 200 {
			t.Errorf("asking answered %d", a.StatusCode)
		}
		if a := admin.post("/settings/people/"+user.ID+"/remove", nil); a.StatusCode != 303 {
			t.Errorf("removing answered %d", a.StatusCode)
		}
		if a := s.visitor().post("/login", url.Values{"email": {"otto@example.com"}, "password": {"another long password"}}); a.StatusCode != 422 {
			t.Errorf("who was removed signs in: %d", a.StatusCode)
		}
	})
}

func TestLastAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		first := s.user("first@example.com", auth.Administrator)
		second := s.user("second@example.com", auth.Administrator)
		enter := func(email string) *browser {
			b := s.visitor()
			b.post("/login", url.Values{"email": {email}, "password": {password}})
			return b
		}
		a, b := enter("first@example.com"), enter("second@example.com")
		var people sync.WaitGroup
		people.Go(func() { a.post("/settings/people/"+second.ID+"/role", url.Values{"role": {"viewer"}}) })
		people.Go(func() { b.post("/settings/people/"+first.ID+"/remove", nil) })
		people.Wait()
		users, err := models.ListUsers(t.Context(), s.db)
		left := 0
		for _, user := range users {
			if user.Role == string(auth.Administrator) {
				left++
			}
		}
		if err != nil || left != 1 {
			t.Errorf("%d administrators are left, %v", left, err)
		}
	})
}

func TestPeopleEndTheirOwnSessionsOnly(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.user("otto@example.com", auth.Viewer)
		var browsers []*browser
		for range 3 {
			b := s.visitor()
			b.headers.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
			b.post("/login", url.Values{"email": {"otto@example.com"}, "password": {password}})
			browsers = append(browsers, b)
		}
		page := browsers[0].get("/settings")
		if !strings.Contains(page.text(), "Firefox on Linux This browser") || strings.Count(page.body, "/end\"") != 2 {
			t.Errorf("the sessions are %s", page.text())
		}
		at := strings.Index(page.body, "/settings/sessions/")
		end, _, _ := strings.Cut(page.body[at:], `"`)
		if a := s.signedIn(auth.Administrator).post(end, nil); a.StatusCode != 404 {
			t.Errorf("somebody else ended it: %d", a.StatusCode)
		}
		signedIn := func() (n int) {
			for _, b := range browsers {
				if b.get("/settings").StatusCode == 200 {
					n++
				}
			}
			return n
		}
		if browsers[0].post(end, nil); signedIn() != 2 {
			t.Errorf("one was ended, %d are left", signedIn())
		}
		if browsers[0].post("/settings/sessions/end-others", nil); signedIn() != 1 || browsers[0].get("/settings").StatusCode != 200 {
			t.Errorf("the others were ended, %d are left", signedIn())
		}
	})
}

func TestTokenHoldsAsLongAsItWasMadeFor(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.signedIn(auth.Administrator)
		if a := b.post("/settings/tokens", url.Values{"token_name": {"Import"}, "scopes": {"read"}, "lifetime": {"8"}}); a.StatusCode != 422 {
			t.Errorf("eight days answered %d", a.StatusCode)
		}
		made := b.post("/settings/tokens", url.Values{"token_name": {"Import"}, "scopes": {"read"}, "lifetime": {"7"}})
		_, rest, _ := strings.Cut(made.body, "wf_")
		call := func() int {
			return s.api("GET", "/runs", nil, "Authorization", "Bearer wf_"+rest[:32]).StatusCode
		}
		if call() != 200 {
			t.Errorf("the token answered %d", call())
		}
		if s.now.forward(7*24*time.Hour + time.Minute); call() != 401 {
			t.Errorf("after a week the token answered %d", call())
		}
	})
}

func TestWhoUsesALinkIsRecordedAsThemselves(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		admin := s.signedIn(auth.Administrator)
		invited := linkIn(t, admin.post("/settings/people", url.Values{"email": {"otto@example.com"}, "role": {"viewer"}}).body)
		if a := s.signedIn(auth.Editor).post(invited, accountForm()); a.StatusCode != 303 { // in somebody else's browser
			t.Fatalf("making the account answered %d %s", a.StatusCode, a.text())
		}
		otto, err := models.UserByEmail(t.Context(), s.db, "otto@example.com")
		if err != nil {
			t.Fatal(err)
		}
		link := linkIn(t, admin.post("/settings/people/"+otto.ID+"/password", nil).body)
		if a := s.visitor().post(link, url.Values{"password": {"another long password"}}); a.StatusCode != 303 {
			t.Fatalf("choosing a password answered %d %s", a.StatusCode, a.text())
		}
		for _, action := range []string{"user.created", "user.password_changed"} {
			events, _, err := models.ListAuditEvents(t.Context(), s.db, models.AuditFilter{Action: action, Limit: 5})
			if err != nil || len(events) != 1 || events[0].ActorKind != models.ActorPerson || events[0].ActorID != otto.ID || events[0].ActorName != "otto@example.com" || events[0].Address == "" || events[0].RequestID == "" {
				t.Errorf("%s: %+v, %v", action, events, err)
			}
		}
	})
}
