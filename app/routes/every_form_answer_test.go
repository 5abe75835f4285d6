package routes_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"workflows/app/sitetest"
)

// inner is what no sentence for people holds: what Go, a database or a program says, braces,
// and the technical names of entries.
var inner = regexp.MustCompile(`\{\{|strconv|invalid syntax|unmarshal|runtime error|nil pointer|goroutine|(?i:sqlite|sql:|constraint|gorm|pgx)|yaml:|json:|dial tcp|<nil>|%!|map\[|\bEOF\b|parsing |\b[a-z]+_[a-z_]+\b|\b(config|settings|notify|input|retry|steps|triggers|inputs)\.[a-z]|\[\d+\]`)

// tampered is what is said of a choice that no page offers, in the words of programs, and of an
// input that is gone, which has only its name.
var tampered = regexp.MustCompile(`is not possible here\. Use [^.]*\.|Choose start or failed_step\.|has no input “[^”]*”|order_id`)

// judge says what is wrong with the answer.
func (w *walker) judge(form sentForm, page *paper, how string, values url.Values, a answer) {
	w.t.Helper()
	fault := func(format string, args ...any) {
		w.t.Helper()
		w.t.Errorf("POST %s (%s), on %s: "+format, append([]any{form.action, how, form.page}, args...)...)
	}
	switch {
	case a.StatusCode >= 500:
		fault("answered %d: %s", a.StatusCode, a.text())
		return
	case a.StatusCode == http.StatusSeeOther:
		next := w.get(w.proxy(a.Header.Get("Location")))
		if next.StatusCode >= 400 && next.StatusCode != http.StatusNotFound {
			fault("led to %s, which answered %d: %s", a.Header.Get("Location"), next.StatusCode, next.text())
		}
		root, err := html.Parse(strings.NewReader(next.body))
		if err != nil {
			w.t.Fatal(err)
		}
		typed := how == "empty" || how == "nonsense" || how == "long"                                                               // what only a broken page sends is not said
		silent := next.StatusCode == http.StatusSeeOther || form.action == subPath+"/logout" || form.action == subPath+"/workflows" // what comes next says it all
		if said := page.answers(root); typed && !silent && len(said) == 0 {
			fault("led to %s, which says nothing of it", a.Header.Get("Location"))
		}
		return
	}
	root, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		w.t.Fatal(err)
	}
	said := page.answers(root)
	if len(said) == 0 && a.StatusCode >= 400 {
		said = []string{mainText(root)}
	}
	for _, sentence := range said {
		if found := inner.FindString(tampered.ReplaceAllString(sentence, "")); found != "" {
			fault("says %q, with %q", sentence, found)
		}
		if len(sentence) > 600 && a.StatusCode == http.StatusUnprocessableEntity {
			fault("says in %d characters: %.200s …", len(sentence), sentence)
		}
	}
	if a.StatusCode == http.StatusRequestEntityTooLarge || how == "nothing" {
		return
	}
	shown := url.Values{}
	for node := range root.Descendants() {
		if node.Data == "form" && sitetest.Attribute(node, "method") == "post" {
			for name, list := range sitetest.ValuesOf(node) {
				shown[name] = append(shown[name], list...)
			}
		}
	}
	unsaid := func(name string) bool { // what is kept as a secret is not sent back, and marked
		chosen := values.Get("stored." + strings.TrimPrefix(name, "input."))
		wrong := sitetest.Find(root, func(n *html.Node) bool {
			return sitetest.Attribute(n, "name") == name && sitetest.Attribute(n, "aria-invalid") == "true"
		})
		help := sitetest.Find(root, func(n *html.Node) bool { return sitetest.Attribute(n, "id") == name+"-help" })
		secret := name == "value" || help != nil && strings.Contains(sitetest.TextIn(help), "It is kept as a secret")
		return chosen != "" || wrong != nil && secret
	}
	for _, e := range page.entries {
		if e.kind != "text" {
			continue
		}
		for _, value := range values[e.name] {
			kept := func(other string) bool { return strings.Contains(other, strings.TrimSpace(value)) }
			if value != "" && !slices.ContainsFunc(shown[e.name], kept) && !unsaid(e.name) {
				fault("answered %d and lost %s=%.30q: %.300s", a.StatusCode, e.name, value, strings.Join(said, " | "))
				return
			}
		}
	}
	if a.StatusCode != http.StatusUnprocessableEntity {
		return
	}
	page.marked(root, fault)
}

// sentences are all that a page says about what was sent.
func sentences(root *html.Node) (said []string) {
	for node := range root.Descendants() {
		class := strings.Fields(sitetest.Attribute(node, "class"))
		switch {
		case slices.Contains(class, "error-summary"):
			for inside := range node.Descendants() {
				if inside.Data == "li" {
					said = append(said, allText(inside))
				}
			}
		case slices.Contains(class, "error") || slices.Contains(class, "notice") || sitetest.Attribute(node, "role") == "alert":
			said = append(said, allText(node))
		}
	}
	return said
}

// typed counts the entries that a person fills in: a sentence about the only one needs no name.
func (p *paper) typed() int {
	return len(slices.DeleteFunc(slices.Clone(p.entries), func(e entry) bool { return e.kind == "hidden" || e.kind == "tick" }))
}

// answers are what a page says that the form's page did not say before.
func (p *paper) answers(root *html.Node) []string {
	return slices.DeleteFunc(sentences(root), func(sentence string) bool { return slices.Contains(p.said, sentence) })
}

// mainText is what a page says that is itself about what was sent.
func mainText(root *html.Node) string {
	main := sitetest.Find(root, func(n *html.Node) bool { return n.Data == "main" })
	text := allText(main)
	for node := range main.Descendants() {
		if sitetest.Attribute(node, "class") == "notices" {
			text = strings.Replace(text, allText(node), "", 1)
		}
	}
	return text
}

func allText(node *html.Node) string {
	var text strings.Builder
	for child := range node.Descendants() {
		if child.Type == html.TextNode {
			text.WriteString(child.Data + " ")
		}
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

// marked checks that each problem that the top of the page names leads to an entry that is
// marked as wrong and says so beside itself, and that each one that is marked does.
func (p *paper) marked(root *html.Node, fault func(format string, args ...any)) {
	ids := map[string]*html.Node{}
	for node := range root.Descendants() {
		if id := sitetest.Attribute(node, "id"); id != "" {
			ids[id] = node
		}
	}
	for node := range root.Descendants() {
		if sitetest.Attribute(node, "aria-invalid") != "true" {
			continue
		}
		says := false
		for id := range strings.FieldsSeq(sitetest.Attribute(node, "aria-describedby")) {
			says = says || strings.HasSuffix(id, "-error") && ids[id] != nil
		}
		if !says {
			fault("marks %s without a sentence beside it", sitetest.Attribute(node, "name"))
		}
	}
	for node := range root.Descendants() {
		if !slices.Contains(strings.Fields(sitetest.Attribute(node, "class")), "error-summary") {
			continue
		}
		for link := range node.Descendants() {
			at, inside := strings.CutPrefix(sitetest.Attribute(link, "href"), "#")
			if link.Data != "a" || !inside {
				continue
			}
			to := ids[at]
			if to == nil {
				fault("leads to #%s for %q, which is not there", at, allText(link))
				continue
			}
			invalid := sitetest.Attribute(to, "aria-invalid") == "true" || slices.Contains(strings.Fields(sitetest.Attribute(to, "class")), "invalid")
			for inside := range to.Descendants() {
				invalid = invalid || sitetest.Attribute(inside, "aria-invalid") == "true" || slices.Contains(strings.Fields(sitetest.Attribute(inside, "class")), "invalid")
			}
			if label := labelOf(root, to); p.typed() > 1 && !tampered.MatchString(allText(link)) && !names(allText(link), label) {
				fault("says %q, which does not name “%s”", allText(link), label)
			}
			if !invalid {
				fault("leads to #%s for %q, which is not marked", at, allText(link))
			}
		}
	}
}

// labelOf is what a page calls an entry.
func labelOf(root, entry *html.Node) string {
	id := sitetest.Attribute(entry, "id")
	label := sitetest.Find(root, func(n *html.Node) bool { return n.Data == "label" && sitetest.Attribute(n, "for") == id })
	if label == nil {
		label = sitetest.Find(entry, func(n *html.Node) bool { return n.Data == "legend" })
	}
	if label == nil {
		return sitetest.Attribute(entry, "aria-label")
	}
	return strings.TrimSuffix(strings.TrimSuffix(allText(label), " required"), " suggested")
}

// names reports whether a sentence holds a word of the label, of those that say something.
func names(sentence, label string) bool {
	for word := range strings.FieldsSeq(strings.ToLower(label)) {
		if word = strings.Trim(word, ",.:’s"); len(word) > 2 && strings.Contains(strings.ToLower(sentence), word) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(sentence), strings.ToLower(label))
}
