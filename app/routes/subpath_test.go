package routes_test

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"workflows/app/auth"
	"workflows/app/routes"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/modelstest"
)

const subPath = "/flows"

// under is a site at a sub-path.
func under(t *testing.T) *site {
	return newSite(t, modelstest.SQLite(t), func(p *routes.Parts) { p.Settings.BaseURL = host + subPath })
}

// proxy is what stands in front of the site: the path that it asks the site for.
type proxy func(address string) string

func keeps(address string) string { return address }

func strips(address string) string {
	return "/" + strings.TrimPrefix(strings.TrimPrefix(address, subPath), "/")
}

// below says whether an address that begins at the root is one of the sub-path.
func (w *walker) below(address string) bool {
	rest, ok := strings.CutPrefix(address, w.at)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], "/?#"))
}

// written finds whole addresses of the site in any text.
var written = regexp.MustCompile(regexp.QuoteMeta(host) + `[\w/.?&=%@:-]*`)

// page is the tree of an answer; nil for one that is no page.
func (a answer) page(t *testing.T) *html.Node {
	t.Helper()
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
		return nil
	}
	root, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// addresses are those of the site in an answer, by where they stand in it.
func addresses(a answer, root *html.Node) map[string][]string {
	found := map[string][]string{}
	note := func(place, address string) {
		if path := strings.TrimPrefix(address, host); strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") {
			found[place] = append(found[place], path)
		}
	}
	for name, values := range a.Header {
		for _, value := range values {
			note("the header "+name, value)
		}
	}
	for _, cookie := range a.Cookies() {
		note("the cookie "+cookie.Name, cookie.Path)
	}
	for _, address := range written.FindAllString(html.UnescapeString(a.body), -1) {
		note("the text", address)
	}
	if root == nil {
		return found
	}
	for node := range root.Descendants() {
		for _, attribute := range node.Attr {
			switch name := attribute.Key; {
			case name == "value", name == "placeholder", name == "title", name == "alt", strings.HasPrefix(name, "aria-"): // words
			default:
				note(name, attribute.Val)
			}
		}
	}
	return found
}

// walker goes through the site by the addresses that its pages hold.
type walker struct {
	*browser
	at     string // where the site stands
	most   int    // pages of a route that are opened
	reads  bool   // and judges what they say
	proxy  proxy
	seen   map[string]bool
	opened map[string]int // how often, by the route
	forms  []sentForm     // that were met
	known  map[string]bool
}

// sentForm is a form that was met, and the address of its page.
type sentForm struct {
	page, action string
	values       url.Values
}

func (b *browser) walker(through proxy) *walker {
	return &walker{browser: b, at: subPath, most: 12, proxy: through, seen: map[string]bool{}, opened: map[string]int{}, known: map[string]bool{}}
}

// check fails the test for each address in an answer that leads out of the sub-path. It returns
// all of them, and the answer's tree.
func (w *walker) check(asked string, a answer) (map[string][]string, *html.Node) {
	w.t.Helper()
	root := a.page(w.t)
	found := addresses(a, root)
	for place, list := range found {
		for _, address := range list {
			if !w.below(address) {
				w.t.Errorf("%s: %s holds %s, which leads out of %s", asked, place, address, w.at)
			}
		}
	}
	if a.StatusCode >= 500 {
		w.t.Errorf("%s answered %d: %s", asked, a.StatusCode, a.text())
	}
	return found, root
}

// open opens a page, and returns where it leads.
func (w *walker) open(address string) (next []string) {
	w.t.Helper()
	a := w.get(w.proxy(address))
	found, root := w.check("GET "+address, a)
	program := strings.HasPrefix(address, w.at+"/api/v1") || strings.HasPrefix(address, w.at+"/hooks/")
	if a.StatusCode >= 400 && !program {
		w.t.Errorf("GET %s answered %d: %s", address, a.StatusCode, a.text())
	}
	if root != nil {
		w.meet(address, root)
		if w.reads {
			w.read(address, root)
		}
	}
	for _, place := range []string{"href", "src", "hx-get", "data-copy-from", "the text", "the header Location"} {
		next = append(next, found[place]...)
	}
	return next
}

// walk opens a page and all that it leads to, of each route some.
func (w *walker) walk(from string) {
	w.t.Helper()
	for next := []string{from}; len(next) > 0; next = next[1:] {
		address, _, _ := strings.Cut(next[0], "#")
		if w.seen[address] || !w.below(address) {
			continue
		}
		route := w.route(address)
		if w.opened[route] == w.most {
			continue
		}
		w.seen[address] = true
		w.opened[route]++
		next = append(next, w.open(address)...)
	}
}

// route is the path in the table of the route that answers an address; without one it is
// the address itself.
func (w *walker) route(address string) string {
	path, _, _ := strings.Cut(strips(address), "?")
	asked := strings.Split(path, "/")
	var fitting []string
	for _, route := range w.site.site.Table {
		if route.Method != "GET" || strings.Count(route.Path, "/") != len(asked)-1 {
			continue
		}
		if slices.EqualFunc(strings.Split(route.Path, "/"), asked, func(a, b string) bool { return a == b || strings.HasPrefix(a, ":") }) {
			fitting = append(fitting, route.Path)
		}
	}
	if len(fitting) == 0 {
		return path
	}
	return slices.MinFunc(fitting, func(a, b string) int { return strings.Count(a, ":") - strings.Count(b, ":") })
}

// meet remembers the forms of a page that change something.
func (w *walker) meet(address string, root *html.Node) {
	for node := range root.Descendants() {
		action := sitetest.Attribute(node, "action")
		if node.Data != "form" || sitetest.Attribute(node, "method") != "post" {
			continue
		}
		form := sentForm{address, action, sitetest.ValuesOf(node)}
		if !w.known[form.kind()] {
			w.known[form.kind()] = true
			w.forms = append(w.forms, form)
		}
	}
}

// kind tells forms that are sent to one address apart by what they send.
func (f sentForm) kind() string {
	return f.action + " " + strings.Join(slices.Sorted(maps.Keys(f.values)), " ")
}

// send sends every form that was met as it stands in its page, by htmx too.
func (w *walker) send() {
	w.t.Helper()
	for _, form := range w.forms {
		if strings.HasSuffix(form.action, "/logout") {
			continue
		}
		w.headers = map[string][]string{"Hx-Request": {"true"}, "Hx-Current-Url": {host + subPath + "/queue"}}
		w.check("htmx's POST "+form.action, w.post(w.proxy(form.action), form.values))
		w.headers = map[string][]string{"Referer": {host + subPath + "/queue"}}
		w.check("POST "+form.action, w.post(w.proxy(form.action), form.values))
	}
}

func TestEveryAddressStaysInTheSubPath(t *testing.T) {
	for name, through := range map[string]proxy{"a proxy that takes it off": strips, "a proxy that leaves it on": keeps} {
		t.Run(name, func(t *testing.T) {
			s := under(t)
			token, err := auth.NewSetupToken(t.Context(), s.db, s.now.read())
			if err != nil {
				t.Fatal(err)
			}
			stranger := s.visitor().walker(through)
			stranger.walk(subPath + "/setup?token=" + token)
			stranger.walk(subPath + "/login?next=%2Fruns")
			pages := append(s.furnished(), "", "/", "/styleguide", "/api/v1/openapi.json")
			anna := s.signedIn(auth.Administrator).walker(through)
			for _, page := range pages {
				anna.walk(subPath + page)
			}
			maps.Copy(stranger.opened, anna.opened)
			for _, route := range s.site.Table {
				if route.Method == "GET" && route.Who.Page() && stranger.opened[route.Path] == 0 {
					t.Errorf("nothing has led to %s: lead to it in furnished", route.Path)
				}
				path := through(subPath + address(route))
				stranger.check(route.Method+" "+path+" of a stranger", stranger.do(route.Method, path, strings.NewReader("")))
				if route.Path != "/logout" {
					anna.check(route.Method+" "+path+" of nothing", anna.do(route.Method, path, strings.NewReader("")))
				}
			}
			if len(anna.forms) < 70 {
				t.Errorf("only %d forms were met", len(anna.forms))
			}
			anna.send()
			stranger.send()
			anna.check("POST /logout", anna.post(through(subPath+"/logout"), nil))
		})
	}
}

// Where the session ends, people come back to where they were.
func TestWhoSignsInComesBackInTheSubPath(t *testing.T) {
	s := under(t)
	s.user("anna@example.com", auth.Editor)
	for name, through := range map[string]proxy{"takes off": strips, "leaves on": keeps} {
		b := s.visitor()
		if a := b.get(through("/flows/runs?status=failed")); a.Header.Get("Location") != "/flows/login?next=%2Fruns%3Fstatus%3Dfailed" {
			t.Errorf("%s: a stranger is sent to %s", name, a.Header.Get("Location"))
		}
		b.headers.Set("HX-Request", "true")
		b.headers.Set("HX-Current-URL", host+"/flows/queue?x=1")
		if a := b.get(through("/flows/live/queue")); a.StatusCode != 401 || a.Header.Get("HX-Redirect") != "/flows/login?next=%2Fqueue%3Fx%3D1" {
			t.Errorf("%s: htmx is sent to %s", name, a.Header.Get("HX-Redirect"))
		}
		b = s.visitor()
		form := sitetest.FormOf(t, b.get(through("/flows/login?next=%2Fruns%3Fstatus%3Dfailed")).body, "/flows/login")
		form.Set("email", "anna@example.com")
		form.Set("password", password)
		if a := b.post(through("/flows/login"), form); a.StatusCode != 303 || a.Header.Get("Location") != "/flows/runs?status=failed" {
			t.Errorf("%s: signing in leads to %s: %s", name, a.Header.Get("Location"), a.text())
		}
		b.headers.Set("Referer", host+"/flows/queue?x=1")
		if a := b.post(through("/flows/theme"), url.Values{"theme": {"dark"}}); a.Header.Get("Location") != "/flows/queue?x=1" {
			t.Errorf("%s: the theme leads to %s", name, a.Header.Get("Location"))
		}
		if a := b.get(through("/flows/runs/" + models.NewID())); a.StatusCode != 404 || !strings.Contains(a.body, `href="/flows/queue?x=1"`) {
			t.Errorf("%s: the way back from what is not there: %d %s", name, a.StatusCode, a.body)
		}
	}
}
