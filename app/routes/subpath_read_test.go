package routes_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/routes"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/environment"
)

// Whatever the sub-path is called, each address is read as one: with it and without it.
func TestSubPathThatBeginsLikeAPageIsReadRightOrRefused(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	sessions, err := auth.NewSessions(auth.Options{DB: s.db, Now: models.Now})
	if err != nil {
		t.Fatal(err)
	}
	var table []routes.Route
	subPaths := []string{"/flows", "/a/b", "/workflows/flows", "/api/v1"}
	for _, route := range s.site.Table {
		path := route.Path
		table = append(table, routes.Route{Method: route.Method, Path: path, Who: routes.Anyone(), Handler: func(c *gin.Context) { c.String(http.StatusOK, path) }})
		first := "/" + strings.Split(path, "/")[1]
		if first != "/" && !slices.Contains(subPaths, first) {
			subPaths = append(subPaths, first)
		}
	}
	fine := func() string { return "" }
	var refused []string
	for _, subPath := range subPaths {
		site, err := routes.Engine(routes.Options{
			Table: table, Log: slog.New(slog.DiscardHandler), Sessions: sessions, Settings: environment.Settings{BaseURL: host + subPath},
			Problem: fine, Probes: routes.NewProbes(s.db, s.q, nil, fine, fine),
		})
		if err != nil {
			if sentence := err.Error(); !strings.HasPrefix(sentence, "BASE_URL: "+subPath+" ") || !strings.HasSuffix(sentence, "Example: BASE_URL=https://example.com/flows") {
				t.Error(sentence)
			}
			refused = append(refused, subPath)
			continue
		}
		for _, route := range table {
			for _, path := range []string{address(route), subPath + address(route)} {
				answer := httptest.NewRecorder()
				site.ServeHTTP(answer, httptest.NewRequest(route.Method, host+path, nil))
				if answer.Body.String() != route.Path {
					t.Errorf("at %s, %s %s is answered %d by %s, not by %s", subPath, route.Method, path, answer.Code, answer.Body, route.Path)
				}
			}
		}
	}
	slices.Sort(refused)
	if !slices.Equal(refused, []string{"/api/v1", "/live", "/settings"}) {
		t.Errorf("refused are %v", refused)
	}
}

func TestProgramsReachTheSiteWithTheSubPathAndWithout(t *testing.T) {
	s := under(t)
	_, hook, _ := strings.Cut(s.made("/workflows", object{
		"format": 1, "name": "Takes orders", "publish": true, "triggers": []object{{"id": "shop", "type": "webhook"}}, "steps": []object{{"id": "end", "type": "stop", "config": object{"outcome": "succeeded"}}},
	})["triggers"].([]any)[0].(object)["url"].(string), host)
	if !strings.HasPrefix(hook, "/flows/hooks/") {
		t.Fatalf("the webhook's address is %s", hook)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/api/v1/health", "/api/v1/openapi.json", "/login"} {
		for _, asked := range []string{path, subPath + path} {
			if a := s.visitor().get(asked); a.StatusCode != http.StatusOK {
				t.Errorf("%s answered %d", asked, a.StatusCode)
			}
		}
	}
	for _, path := range []string{hook, strips(hook)} {
		if a := s.deliver(path, `{"order": 7}`); a.StatusCode != http.StatusAccepted {
			t.Errorf("%s answered %d %s", path, a.StatusCode, a.body)
		}
	}
	if servers := s.api("GET", "/openapi.json", nil).decoded(t)["servers"].([]any); servers[0].(object)["url"] != host+"/flows/api/v1" {
		t.Errorf("the document's servers are %v", servers)
	}
	for _, path := range []string{"/flowsrus", "/flows/nothing", "/flows/api/v1/nothing", "/flows//runs", "/flows/flows/runs"} {
		if a := s.visitor().get(path); a.StatusCode != http.StatusNotFound || strings.Contains(path, "/api/") != strings.HasPrefix(a.body, "{") {
			t.Errorf("%s answered %d %.60s", path, a.StatusCode, a.body)
		}
	}
}

func TestNoTokenOfAnAddressInTheSubPathIsLogged(t *testing.T) {
	s := under(t)
	const token = "tk-5e1f9c"
	for _, odd := range []string{"/flows/hooks/", "/flows/hooks//", "/flows//hooks/", "//flows/hooks/", "/FLOWS/hooks/", "/flows/HOOKS/", "/%66lows/hooks/", "/flows/../hooks/", "/hooks/", "/flows/approvals/", "/flows/invitations/"} {
		s.visitor().get(odd + token)
	}
	if log := s.log.String(); strings.Contains(log, token) || strings.Count(log, `:token","route"`) != 11 {
		t.Errorf("the log shows a token, or not that there was one:\n%s", log)
	}
}

func TestCookiesAreSentInTheSubPathAlone(t *testing.T) {
	for base, names := range map[string][]string{
		"https://workflows.example/flows": {"__Secure-session", "__Secure-last"}, // browsers drop __Host- with a path
		"http://workflows.example/a/b":    {"session", "last"},
	} {
		s := newSite(t, modelstest.SQLite(t), func(p *routes.Parts) { p.Settings.BaseURL = base })
		s.user("anna@example.com", auth.Viewer)
		cookies := s.visitor().post("/login", url.Values{"email": {"anna@example.com"}, "password": {password}}).Cookies()
		if len(cookies) != len(names) {
			t.Fatalf("at %s the cookies are %v", base, cookies)
		}
		for i, cookie := range cookies {
			if cookie.Name != names[i] || base[len(base)-len(cookie.Path):] != cookie.Path || cookie.Path == "/" || cookie.Secure != strings.HasPrefix(base, "https") {
				t.Errorf("at %s a cookie is %v", base, cookie)
			}
		}
	}
}

// A browser that sends no Sec-Fetch-Site is known by its Origin, which has no path.
func TestFormsAreTakenFromTheOriginOfTheSubPath(t *testing.T) {
	s := under(t)
	b := s.signedIn(auth.Administrator)
	for origin, status := range map[string]int{host: http.StatusSeeOther, "https://evil.example": http.StatusForbidden} {
		r := httptest.NewRequest("POST", "http://127.0.0.1:8080/flows/theme", strings.NewReader("theme=dark"))
		r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}}
		for name, value := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		if a := b.send(r); a.StatusCode != status {
			t.Errorf("a form of %s answered %d %s", origin, a.StatusCode, a.text())
		}
	}
}
