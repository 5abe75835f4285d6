package routes_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/routes"
	"workflows/models/modelstest"
)

func TestFormsThatCannotBeReadAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.signedIn(auth.Administrator)
		for _, route := range s.site.Table {
			if route.Method != http.MethodPost || route.Who != routes.Viewer() || route.Path == "/logout" || strings.HasPrefix(route.Path, "/settings/sessions/") {
				continue // these read no form
			}
			for name, c := range map[string]struct {
				body, kind string
				status     int
			}{
				"U+0000":        {"name=a%00b", "", 422},
				"invalid UTF-8": {"name=%ff", "", 422},
				"bad escape":    {"name=%zz", "", 400},
				"semicolon":     {"a=1;b=2", "", 400},
				"over 256 kB":   {"name=" + strings.Repeat("x", 257<<10), "", 413},
				"JSON":          {`{"name":"x"}`, "application/json", 415},
				"files":         {"--x", "multipart/form-data; boundary=x", 415},
			} {
				sender := &browser{site: s, cookies: b.cookies, headers: http.Header{}}
				if c.kind != "" {
					sender.headers.Set("Content-Type", c.kind)
				}
				a := sender.do("POST", route.Path, strings.NewReader(c.body))
				if a.StatusCode != c.status {
					t.Errorf("%s to %s answered %d instead of %d", name, route.Path, a.StatusCode, c.status)
				}
				if strings.Contains(a.body, "http: request") || strings.Contains(a.body, "invalid URL") {
					t.Errorf("%s to %s shows inner text", name, route.Path)
				}
			}
		}
	})
}

func TestUnknownPagesAndMethodsAreExplained(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Viewer)
	for path, status := range map[string]int{
		"/nothing": 404, "/runs/": 404, "/runs/7": 404, "/runs/%00": 404, "/runs?q=%00": 422, "/runs?q=%zz": 400, "/static/../app.css": 404, "/.env": 404, "/hooks/x": 404, "/logout": 405,
	} {
		a := b.get(path)
		if a.StatusCode != status || a.text() == "" {
			t.Errorf("%s answered %d: %s", path, a.StatusCode, a.text())
		}
		if a.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s has no security policy", path)
		}
	}
	if a := b.do("DELETE", "/runs", nil); a.StatusCode != 405 || !strings.Contains(a.Header.Get("Allow"), "GET") {
		t.Errorf("DELETE /runs answered %d, Allow %q", a.StatusCode, a.Header.Get("Allow"))
	}
	if a := b.do("HEAD", "/runs", nil); a.StatusCode != 200 {
		t.Errorf("HEAD /runs answered %d", a.StatusCode)
	}
}

func TestAClosedSiteSaysWhyAndStaysAlive(t *testing.T) {
	sentence := "The database cannot be reached at postgres://db:5432/workflows. Start it."
	s := newSite(t, modelstest.SQLite(t), func(p *routes.Parts) { p.Problem = func() string { return sentence } })
	b := s.visitor()
	for _, path := range []string{"/", "/login", "/runs"} {
		if a := b.get(path); a.StatusCode != 503 || !strings.Contains(a.text(), sentence) || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s answered %d: %s", path, a.StatusCode, a.text())
		}
	}
	if a := s.api("GET", "/runs", nil); a.StatusCode != 503 || a.code(t) != "unavailable" {
		t.Errorf("the API answered %d: %s", a.StatusCode, a.body)
	}
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 503, "/metrics": 200, "/api/v1/health": 200, "/api/v1/openapi.json": 200} {
		if a := b.get(path); a.StatusCode != status {
			t.Errorf("%s answered %d", path, a.StatusCode)
		}
	}
}

func TestEveryAnswerIsLoggedOnceWithItsNumber(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	a := s.api("POST", "/workflows", "{")
	id := a.Header.Get("X-Request-Id")
	if id == "" || strings.Count(s.log.String(), id) != 1 {
		t.Errorf("the request %q stands %d times in the log:\n%s", id, strings.Count(s.log.String(), id), s.log)
	}
}

func TestTextsOfPeopleAreShownAsText(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Administrator)
	b.post("/settings/profile", url.Values{"name": {"<script>alert(1)</script>"}, "email": {"x@example.com"}, "time_zone": {"UTC"}})
	for _, path := range []string{"/", "/settings", "/runs", "/queue", "/schedules", "/login?next=<script>"} {
		if a := b.get(path); strings.Contains(a.body, "<script>alert") {
			t.Errorf("%s shows a script", path)
		}
	}
}
