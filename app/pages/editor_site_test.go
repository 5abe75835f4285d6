package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/workflow"
)

// newSQLiteSite is a site for what does not depend on the database.
func newSQLiteSite(t *testing.T) *runSite { return newRunSite(t, modelstest.SQLite(t)) }

// keep stores a definition as a draft and returns its address.
func (s *runSite) keep(definition string) string {
	s.t.Helper()
	d, problems, err := workflow.Parse([]byte(definition))
	s.check(err)
	if len(problems) > 0 {
		s.t.Fatal(problems)
	}
	made, err := s.catalog.Create(s.t.Context(), d, false, "Ann")
	s.check(err)
	return "/workflows/" + made.ID
}

// stored reads a workflow by its address.
func (s *runSite) stored(address string) (models.Workflow, workflow.Definition) {
	s.t.Helper()
	found, err := models.GetWorkflow(s.t.Context(), s.db, strings.Split(address, "/")[2])
	s.check(err)
	d, err := workflow.Load(found.Draft)
	s.check(err)
	return found, d
}

// fill opens a page and returns its form for the action as a browser would send
// it, with the entries changed.
func (b *browser) fill(page, action string, changes url.Values) url.Values {
	b.s.t.Helper()
	path, _, _ := strings.Cut(page, "#")
	form := formOf(b.s.t, b.get(path, http.StatusOK), action)
	for name, values := range changes {
		form[name] = values
	}
	return form
}

// submit opens a page, changes the form that is sent to the page's own address
// and sends it.
func (b *browser) submit(page string, changes url.Values, status int) answer {
	b.s.t.Helper()
	action, _, _ := strings.Cut(page, "?")
	return b.post(action, b.fill(page, action, changes), status)
}

// formOf collects what a browser sends for the form with this action.
func formOf(t *testing.T, page, action string) url.Values {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	form := find(root, func(n *html.Node) bool { return n.Data == "form" && attribute(n, "action") == action })
	if form == nil {
		t.Fatalf("there is no form for %s in\n%s", action, mainOf(page))
	}
	values := url.Values{}
	collect(form, values)
	return values
}

func collect(n *html.Node, values url.Values) {
	name := attribute(n, "name")
	switch {
	case n.Type == html.ElementNode && n.Data == "template":
		return
	case name == "" || has(n, "disabled"):
	case n.Data == "input":
		kind := attribute(n, "type")
		if (kind != "checkbox" && kind != "radio") || has(n, "checked") {
			values.Add(name, attribute(n, "value"))
		}
	case n.Data == "textarea":
		values.Add(name, strings.TrimPrefix(textIn(n), "\n"))
	case n.Data == "select":
		option := find(n, func(o *html.Node) bool { return o.Data == "option" && has(o, "selected") })
		if option == nil {
			option = find(n, func(o *html.Node) bool { return o.Data == "option" })
		}
		values.Add(name, attribute(option, "value"))
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		collect(child, values)
	}
}

func find(n *html.Node, wanted func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && wanted(n) {
		return n
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if found := find(child, wanted); found != nil {
			return found
		}
	}
	return nil
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func textIn(n *html.Node) string {
	var text strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.TextNode {
			text.WriteString(child.Data)
		}
	}
	return text.String()
}

// linkTo is the address of the link with this relation.
func linkTo(t *testing.T, page, relation string) (string, bool) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	link := find(root, func(n *html.Node) bool { return n.Data == "a" && attribute(n, "rel") == relation })
	if link == nil {
		return "", false
	}
	return attribute(link, "href"), true
}
