package routes_test

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

// entry is a place of a form into which a person types, or which a page fills in.
type entry struct {
	name, kind string // the kind is hidden, text, secret, choice or tick
}

// paper is a form as it stands in a page.
type paper struct {
	files   bool // it is sent in parts
	entries []entry
	values  url.Values
	said    []string // by its page, before anything is sent
}

// paperOf finds the form of that kind in a page; nil where it is gone.
func paperOf(t *testing.T, body string, wanted sentForm) *paper {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if node.Data != "form" || sitetest.Attribute(node, "action") != wanted.action {
			continue
		}
		p := &paper{files: sitetest.Attribute(node, "enctype") == "multipart/form-data", values: sitetest.ValuesOf(node), said: sentences(root)}
		if (sentForm{action: wanted.action, values: p.values}).route() != wanted.route() {
			continue
		}
		p.take(node)
		return p
	}
	return nil
}

// route is what forms have in common that are read by one function and have the same entries.
func (f sentForm) route() string {
	path := strings.Split(f.action, "/")
	for i, part := range path {
		if len(part) > 20 {
			path[i] = ":"
		}
	}
	return strings.Join(path, "/") + " " + strings.Join(slices.Sorted(maps.Keys(f.values)), " ")
}

func (p *paper) take(node *html.Node) {
	name, kind := sitetest.Attribute(node, "name"), sitetest.Attribute(node, "type")
	switch {
	case node.Data == "template":
		return
	case name == "" || sitetest.Has(node, "disabled") || node.Data == "button":
	case kind == "hidden":
		p.entries = append(p.entries, entry{name, kind})
	case kind == "password" || sitetest.Attribute(node, "autocomplete") == "new-password":
		p.entries = append(p.entries, entry{name, "secret"})
	case kind == "checkbox" || kind == "radio":
		p.entries = append(p.entries, entry{name, "tick"})
	case node.Data == "select":
		p.entries = append(p.entries, entry{name, "choice"})
	case kind != "file" && kind != "search":
		p.entries = append(p.entries, entry{name, "text"})
	}
	for child := node.FirstChild; child != nil; child = child.NextSibling {
		p.take(child)
	}
}

// nonsense is of no type that an entry can want, and long as long as an entry takes.
const nonsense = "zzz, qqq"

var long = strings.Repeat("0123456789 long ", 640) // 10 kB

// sendings are the ways in which a form is filled in that somebody gets wrong.
func (p *paper) sendings() map[string]url.Values {
	all := map[string]url.Values{}
	filled := func(with func(e entry, was string) (string, bool)) url.Values {
		values, seen := url.Values{}, map[string]int{}
		for _, e := range p.entries {
			was := ""
			if list := p.values[e.name]; seen[e.name] < len(list) {
				was = list[seen[e.name]]
			}
			seen[e.name]++
			if value, sent := with(e, was); sent {
				values.Add(e.name, value)
			}
		}
		return values
	}
	all["empty"] = filled(func(e entry, was string) (string, bool) {
		if e.kind == "hidden" {
			return was, true
		}
		return "", e.kind != "tick"
	})
	all["nonsense"] = filled(func(e entry, was string) (string, bool) {
		if e.kind == "hidden" {
			return was, true
		}
		return nonsense, true
	})
	room := 200 << 10 // of the 256 kB that a form may have
	all["long"] = filled(func(e entry, was string) (string, bool) {
		if e.kind == "text" || e.kind == "secret" {
			if room -= len(long) * 5 / 4; room > 0 {
				return long, true
			}
		}
		return was, e.kind != "tick" || was != ""
	})
	all["nothing hidden"] = filled(func(e entry, was string) (string, bool) {
		return was, e.kind != "hidden" && (e.kind != "tick" || was != "")
	})
	all["hidden nonsense"] = filled(func(e entry, was string) (string, bool) {
		if e.kind == "hidden" {
			return nonsense, true
		}
		return was, e.kind != "tick" || was != ""
	})
	all["nothing"] = url.Values{}
	for name, list := range p.values {
		if len(list) > 1 {
			values := maps.Clone(p.values)
			values[name] = nil
			all["without "+name] = values
		}
	}
	for name, values := range all { // what changes nothing, or is the same as another
		for other, same := range all {
			if other < name && maps.EqualFunc(values, same, slices.Equal) {
				delete(all, name)
			}
		}
	}
	return all
}

// tries sends every form that was met in every way, those last that take something away.
func (w *walker) tries() (tried int) {
	w.t.Helper()
	forms := map[string]sentForm{}
	for _, form := range w.forms {
		if _, known := forms[form.route()]; !known {
			forms[form.route()] = form
		}
	}
	done := map[string]bool{} // by what they are sent to
	order := func(f sentForm) string {
		switch {
		case strings.HasSuffix(f.action, "/logout"):
			return "3"
		case strings.HasSuffix(f.action, "/publish"): // while there is nothing wrong
			return "0"
		case deeds.MatchString(f.action):
			return "2" + string(rune(200-strings.Count(f.action, "/")))
		}
		return "1"
	}
	for _, form := range slices.SortedFunc(maps.Values(forms), func(a, b sentForm) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.route(), b.route()))
	}) {
		w.try(form, done)
	}
	return len(forms)
}

// deeds take something away that other forms are about.
var deeds = regexp.MustCompile(`/(delete|remove|restore|restored|withdraw|revoke|end|end-others|end-previous|sign-out|address|cancel|role|email|password)$`)

// try sends a form in every way, of which the last that is taken may be the last at all.
func (w *walker) try(form sentForm, done map[string]bool) {
	w.t.Helper()
	opened := w.get(w.proxy(form.page))
	if strings.HasPrefix(opened.Header.Get("Location"), subPath+"/login") { // another form has done that
		w.cookies = w.signedIn(auth.Administrator).cookies
		opened = w.get(w.proxy(form.page))
	}
	page := paperOf(w.t, opened.body, form)
	if page == nil && done[form.action] { // by another form beside it
		return
	}
	if page == nil {
		w.t.Errorf("%s has no form any more for %s: %d", form.page, form.action, opened.StatusCode)
		return
	}
	done[form.action] = true
	action, _, _ := strings.Cut(w.proxy(form.action), "#")
	sendings := page.sendings()
	for _, how := range slices.Sorted(maps.Keys(sendings)) {
		if page == nil {
			if page = paperOf(w.t, w.get(w.proxy(form.page)).body, form); page == nil {
				return // it did its thing
			}
			sendings = page.sendings()
		}
		values, there := sendings[how]
		if !there {
			continue
		}
		var a answer
		if page.files {
			a = w.upload(action, values)
		} else {
			a = w.post(action, values)
		}
		if a.StatusCode == http.StatusTooManyRequests {
			w.now.forward(61e9)
		}
		w.judge(form, page, how, values, a)
		if a.StatusCode < 400 {
			page = nil
		}
	}
}

// Every form, sent empty, with nonsense, with 10 kB of text and without what its page fills in,
// answers in sentences that name the entries, marks them, and holds what was typed.
func TestEveryFormAnswersWhateverIsSentAndLosesNothing(t *testing.T) {
	s := under(t)
	token, err := auth.NewSetupToken(t.Context(), s.db, s.now.read())
	if err != nil {
		t.Fatal(err)
	}
	stranger := s.visitor().walker(strips)
	stranger.walk(subPath + "/setup?token=" + token)
	stranger.walk(subPath + "/login?next=%2Fruns")
	stranger.tries()
	anna := s.signedIn(auth.Administrator).walker(strips)
	anna.reads = true
	for _, page := range append(s.furnished(), "", "/") {
		anna.walk(subPath + page)
	}
	if tried := anna.tries(); tried < 85 {
		t.Errorf("only %d forms were tried", tried)
	}
}
