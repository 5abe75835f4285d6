package routes_test

import (
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/modelstest"
)

func TestATemplateSaysWhatIsWrongWithItsValuesAndKeepsTheOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Editor)
	for name, c := range map[string]struct {
		id     string
		values url.Values
		shows  []string
	}{
		"nothing": {"watch_website", url.Values{"input.word": {"kept as typed"}}, []string{
			`href="#input.address"`, "Enter a value for “Address of the page”.", "Enter a value for “Who is told”.", `value="kept as typed"`,
		}},
		"nonsense": {"large_orders", url.Values{"input.address": {"ftp://x"}, "input.limit": {"many"}, "input.who": {"anna"}, "input.value": {"a b"}, "input.list": {"{{ x }}"}}, []string{
			"must be a web address", "must be a number", "must be an e-mail address", "Write only the name, such as total", `value="many"`,
		}},
		"a secret, which is not sent back": {"feed_to_chat", url.Values{"input.address": {""}, "input.chat": {"https://chat.example.com/hooks/s3cret-of-theirs"}}, []string{
			"Enter it once more", "!s3cret-of-theirs",
		}},
		"no address of a chat":     {"contact_form", url.Values{"input.who": {"a@example.com"}, "input.chat": {"#general"}}, []string{"This is not the address of a chat.", "!#general"}},
		"no address of a database": {"database_report", url.Values{"input.database": {"db.example.com"}, "input.time": {"noon"}}, []string{"This is not the address of a database.", "must be a time of day"}},
		"no table":                 {"new_rows", url.Values{"input.table": {"orders; DROP TABLE orders"}, "input.column": {"id"}}, []string{"Write only the name, in letters"}},
		"half a minute":            {"on_call", url.Values{"input.first": {"a@example.com"}, "input.second": {"b@example.com"}, "input.minutes": {"0.5"}}, []string{"Write a whole number"}},
		"an address inside": {"copy_list", url.Values{"input.source": {"https://shop.example.com/"}, "input.target": {"http://127.0.0.1/"}, "input.key": {"id"}}, []string{
			`href="#input.target"`, `!href="#input.source"`,
		}},
	} {
		page := b.post("/workflows/new/"+c.id, c.values)
		if page.StatusCode != 422 {
			t.Errorf("%s answered %d %s", name, page.StatusCode, page.text())
		}
		for _, text := range c.shows {
			if unwanted, not := strings.CutPrefix(text, "!"); strings.Contains(page.body, unwanted) == not {
				t.Errorf("%s shows %q: %v, which is wrong: %s", name, unwanted, not, page.text())
			}
		}
	}
	if stored := modelstest.Everything(t, s.db); stored["workflows"] != "" || stored["secrets"] != "" {
		t.Errorf("something is stored: %s %s", stored["workflows"], stored["secrets"])
	}
	if a := b.get("/workflows/new/nothing"); a.StatusCode != 404 {
		t.Errorf("a template that is none answered %d", a.StatusCode)
	}
}

func TestATemplateKeepsASecretOrTakesOneThatIsThere(t *testing.T) {
	t.Parallel()
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Editor)
	makes := func(values url.Values) string {
		t.Helper()
		values.Set("input.address", "blog.example.com/feed.xml")
		a := b.post("/workflows/new/feed_to_chat", values)
		if a.StatusCode != 303 {
			t.Fatalf("making it answered %d %s", a.StatusCode, a.text())
		}
		return s.api("GET", strings.TrimSuffix(a.Header.Get("Location"), "/edit"), nil).body
	}
	for n, c := range []struct {
		values url.Values
		name   string
	}{
		{url.Values{"input.chat": {"https://chat.example.com/hooks/first"}}, "TEAM_CHAT"},
		{url.Values{"input.chat": {"https://chat.example.com/hooks/other"}, "stored.chat": {""}}, "TEAM_CHAT_2"},
		{url.Values{"input.chat": {""}, "stored.chat": {"TEAM_CHAT"}}, "TEAM_CHAT"},
	} {
		made := makes(c.values)
		if !strings.Contains(made, `"webhook_secret":"`+c.name+`"`) || !strings.Contains(made, `"url":"https://blog.example.com/feed.xml"`) || strings.Contains(made, "/hooks/") {
			t.Errorf("%d: it is made as %s", n, made)
		}
	}
	if secrets := s.api("GET", "/secrets", nil).body; strings.Count(secrets, `"updated_by"`) != 2 || strings.Contains(s.log.String(), "/hooks/first") {
		t.Errorf("the secrets are %s", secrets)
	}
	if page := b.get("/workflows/new/contact_form"); !strings.Contains(page.body, `<option value="TEAM_CHAT_2"`) || !strings.Contains(page.body, `data-show-if="stored.chat="`) {
		t.Errorf("those that are there are not offered: %s", page.text())
	}
}

func TestATemplateOffersOnlySecretsThatFit(t *testing.T) {
	t.Parallel()
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Editor)
	for name, value := range map[string]string{"TEAM": "https://chat.example.com/hooks/first", "SHOP": "mysql://reader:pass@db.example.com/shop", "MODEL": "sk-abcdef", "LOST": "a value that no key opens"} {
		s.api("POST", "/secrets", object{"name": name, "value": value})
	}
	if err := s.db.Model(&models.Secret{}).Where("name = ?", "LOST").Update("sealed", "nothing").Error; err != nil {
		t.Fatal(err)
	}
	for template, wanted := range map[string]string{"feed_to_chat": "TEAM", "database_report": "SHOP", "summarise": "MODEL"} {
		page := b.get("/workflows/new/" + template)
		for _, name := range []string{"TEAM", "SHOP", "MODEL", "LOST"} {
			if offered := strings.Contains(page.body, `<option value="`+name+`"`); offered != (name == wanted) {
				t.Errorf("%s offers %s: %v", template, name, offered)
			}
		}
	}
	a := b.post("/workflows/new/feed_to_chat", url.Values{"input.address": {"blog.example.com/feed.xml"}, "stored.chat": {"SHOP"}})
	if a.StatusCode != 422 {
		t.Errorf("a database in the place of a chat answered %d %s", a.StatusCode, a.text())
	}
}

func TestTemplatesGoByTheClocksOfWhoeverMakesThem(t *testing.T) {
	t.Parallel()
	s := newSite(t, modelstest.SQLite(t))
	b := s.signedIn(auth.Editor)
	values := url.Values{"input.text": {"Enter your hours."}, "input.who": {"anna@example.com"}, "input.time": {"09:00"}}
	made := func() string {
		t.Helper()
		a := b.post("/workflows/new/remind", values)
		return s.api("GET", strings.TrimSuffix(a.Header.Get("Location"), "/edit"), nil).body
	}
	if page := b.get("/workflows/new/remind"); !strings.Contains(page.text(), "It goes by the clocks of Europe/Berlin.") || strings.Contains(page.body, "data-browser-zone") {
		t.Errorf("who has chosen a zone sees %s", page.text())
	}
	if d := made(); !strings.Contains(d, `"time_zone":"Europe/Berlin"`) {
		t.Errorf("it is %s", d)
	}
	without := s.user("otto@example.com", auth.Editor)
	if err := s.db.Model(&models.User{}).Where("id = ?", without.ID).Update("time_zone", "").Error; err != nil {
		t.Fatal(err)
	}
	b = s.visitor()
	b.post("/login", url.Values{"email": {without.Email}, "password": {password}})
	if page := b.get("/workflows/new/remind"); !strings.Contains(page.body, "data-browser-zone") {
		t.Errorf("who has chosen none sees %s", page.text())
	}
	if page := b.get("/workflows/new/contact_form"); strings.Contains(page.body, "data-browser-zone") {
		t.Error("a form is asked for its time zone")
	}
	for chosen, zone := range map[string]string{"Asia/Tokyo": "Asia/Tokyo", "Nowhere/Odd": "UTC", "": "UTC"} {
		values.Set("time_zone", chosen)
		if d := made(); !strings.Contains(d, `"time_zone":"`+zone+`"`) {
			t.Errorf("%q: it is %s", chosen, d)
		}
	}
}
