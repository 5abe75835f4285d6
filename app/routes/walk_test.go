package routes_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/routes"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/environment"
)

// address fills a route's parameters with something that could be there.
func address(route routes.Route) string {
	parts := strings.Split(route.Path, "/")
	for i, part := range parts {
		switch {
		case part == ":number" || part == ":version":
			parts[i] = "1"
		case strings.HasPrefix(part, ":"):
			parts[i] = models.NewID()
		}
	}
	return strings.Join(parts, "/")
}

func TestEveryRouteSaysWhoMay(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	seen := map[string]bool{}
	for _, route := range s.site.Table {
		if route.Who == (routes.Who{}) {
			t.Errorf("%s %s does not say who may", route.Method, route.Path)
		}
		if seen[route.Method+route.Path] {
			t.Errorf("%s %s stands twice in the table", route.Method, route.Path)
		}
		seen[route.Method+route.Path] = true
	}
}

func TestAddressesThatAreARightSaySo(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	found := 0
	for _, route := range s.site.Table {
		held := strings.Contains(route.Path, ":token")
		if held != route.Who.ByAddress() {
			t.Errorf("%s %s: whoever knows an address with :token may use it, and its Who says so (Holder or Caller)", route.Method, route.Path)
		}
		if held {
			found++
		}
	}
	if found < 7 {
		t.Errorf("only %d routes hold a token", found)
	}
}

func TestNoTokenOfAnAddressIsLogged(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	const token = "tk-5e1f9c"
	for _, route := range s.site.Table {
		if !strings.Contains(route.Path, ":token") {
			continue
		}
		path := strings.ReplaceAll(route.Path, ":token", token)
		for _, odd := range []string{path, path + "/more", "/" + path, strings.ToUpper(path), strings.Replace(path, "/"+token, "//"+token, 1), strings.ReplaceAll(path, "5e", "%35e")} {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} {
				s.visitor().do(method, odd, nil)
			}
		}
	}
	if log := strings.ToLower(s.log.String()); strings.Contains(log, token) || strings.Count(log, ":token") < 100 {
		t.Errorf("the log shows a token, or not that there was one:\n%.2000s", log)
	}
}

func TestTokenOfARouteThatNobodyMarkedIsNotLoggedEither(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	sessions, err := auth.NewSessions(auth.Options{DB: s.db, Now: models.Now})
	if err != nil {
		t.Fatal(err)
	}
	var log buffer
	fine := func() string { return "" }
	handler, err := routes.Engine(routes.Options{
		Table: []routes.Route{{Method: "GET", Path: "/gifts/:token", Who: routes.Anyone(), Handler: func(*gin.Context) {}}},
		Log:   slog.New(slog.NewJSONHandler(&log, nil)), Sessions: sessions, Settings: environment.Settings{BaseURL: host},
		Problem: fine, Probes: routes.NewProbes(s.db, s.q, nil, fine, fine),
	})
	if err != nil {
		t.Fatal(err)
	}
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", host+"/gifts/tk-5e1f9c", nil))
	if !strings.Contains(log.String(), `"path":"/gifts/:token"`) || strings.Contains(log.String(), "tk-5e1f9c") {
		t.Errorf("the log says %s", log.String())
	}
}

func TestSignedOutPeopleAreLedToTheLogin(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	for _, route := range s.site.Table {
		if route.Who.Role() == "" {
			continue
		}
		path := address(route)
		plain := s.visitor()
		a := plain.do(route.Method, path, nil)
		if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/login") {
			t.Errorf("%s %s answered a stranger %d %s", route.Method, path, a.StatusCode, a.Header.Get("Location"))
		}
		part := s.visitor()
		part.headers.Set("HX-Request", "true")
		part.headers.Set("HX-Current-URL", host+"/queue?x=1")
		a = part.do(route.Method, path, nil)
		if route.Method == http.MethodPost { // what is typed stays in the page
			if a.StatusCode != http.StatusUnauthorized || a.Header.Get("HX-Redirect") != "" || !strings.Contains(a.text(), "Nothing that you typed is lost") {
				t.Errorf("POST %s answered htmx of a stranger %d %q: %s", path, a.StatusCode, a.Header.Get("HX-Redirect"), a.text())
			}
			continue
		}
		if a.StatusCode != http.StatusUnauthorized || a.Header.Get("HX-Redirect") != "/login?next=%2Fqueue%3Fx%3D1" || a.body != "" {
			t.Errorf("%s %s answered htmx of a stranger %d %q", route.Method, path, a.StatusCode, a.Header.Get("HX-Redirect"))
		}
	}
}

func TestProgramsWithoutATokenAreRefused(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	for _, route := range s.site.Table {
		if route.Who.Page() || route.Who == routes.OpenAPI() || route.Who == routes.Caller() {
			continue
		}
		for _, header := range []string{"", "Bearer", "Bearer wrong", "Basic " + adminToken, adminToken} {
			r := apiRequest(t, route.Method, strings.TrimPrefix(address(route), "/api/v1"), nil, "Authorization", header)
			a := s.send(r)
			if a.StatusCode != http.StatusUnauthorized || a.code(t) != "unauthorized" || a.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with %q answered %d", route.Method, route.Path, header, a.StatusCode)
			}
		}
	}
}

func TestNobodyDoesMoreThanTheirRole(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	for _, role := range auth.Roles() {
		b := s.signedIn(role)
		for _, route := range s.site.Table {
			if route.Who.Role() == "" || route.Path == "/logout" {
				continue
			}
			a := b.do(route.Method, address(route), strings.NewReader(""))
			refused := a.StatusCode == http.StatusForbidden
			if refused == role.AtLeast(route.Who.Role()) {
				t.Errorf("%s %s answered a %s %d", route.Method, route.Path, role, a.StatusCode)
			}
			if a.StatusCode >= 500 {
				t.Errorf("%s %s answered a %s %d: %s", route.Method, route.Path, role, a.StatusCode, a.text())
			}
			if a.StatusCode < 400 && !strings.Contains(a.Header.Get("Cache-Control"), "no-") {
				t.Errorf("%s %s may be cached: %q", route.Method, route.Path, a.Header.Get("Cache-Control"))
			}
		}
	}
}

func TestCookiesMeanNothingToTheAPI(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Administrator)
	if a := b.get("/api/v1/runs"); a.StatusCode != http.StatusUnauthorized {
		t.Fatalf("the API answered a cookie with %d", a.StatusCode)
	}
}

func TestNoTokenDoesMoreThanItsScopes(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	tokens, err := auth.NewTokens(s.db, 0, nil, models.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range auth.Scopes() {
		secret, _, err := tokens.Issue(t.Context(), scope.Name, []string{scope.Name}, 0, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, route := range s.site.Table {
			if route.Who.Page() || route.Who == routes.OpenAPI() || route.Who == routes.Caller() {
				continue
			}
			a := s.send(apiRequest(t, route.Method, strings.TrimPrefix(address(route), "/api/v1"), object{}, "Authorization", "Bearer "+secret))
			refused := a.StatusCode == http.StatusForbidden
			if refused == route.Who.Takes(scope.Name) {
				t.Errorf("%s %s answered a token with the scope %s %d", route.Method, route.Path, scope.Name, a.StatusCode)
			}
			if refused && a.code(t) != "missing_scope" || a.StatusCode >= 500 {
				t.Errorf("%s %s answered a token with the scope %s %d %s", route.Method, route.Path, scope.Name, a.StatusCode, a.body)
			}
		}
	}
}

func TestMissingScopeIsNamed(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	tokens, err := auth.NewTokens(s.db, 0, nil, models.Now)
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := tokens.Issue(t.Context(), "Reader", []string{auth.ScopeRead}, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	a := s.api("GET", "/runs", nil, "Authorization", "Bearer "+secret)
	if a.StatusCode != http.StatusOK {
		t.Fatalf("reading with the scope answered %d: %s", a.StatusCode, a.body)
	}
	a = s.api("POST", "/workflows", "{}", "Authorization", "Bearer "+secret)
	if a.StatusCode != http.StatusForbidden || a.code(t) != "missing_scope" || !strings.Contains(a.body, "“write”") {
		t.Fatalf("writing without the scope answered %d: %s", a.StatusCode, a.body)
	}
}
