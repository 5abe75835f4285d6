package sitetest

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

// OnSQLite is a site for what does not depend on the database.
func OnSQLite(t testing.TB) *Site { return New(t, modelstest.SQLite(t)) }

// Keep stores a definition as a draft and returns its address.
func (s *Site) Keep(definition string) string {
	s.T.Helper()
	d, problems, err := workflow.Parse([]byte(definition))
	s.Check(err)
	if len(problems) > 0 {
		s.T.Fatal(problems)
	}
	made, err := s.Catalog.Create(s.T.Context(), d, false, "Ann")
	s.Check(err)
	return "/workflows/" + made.ID
}

// Stored reads a workflow by its address.
func (s *Site) Stored(address string) (models.Workflow, workflow.Definition) {
	s.T.Helper()
	found, err := models.GetWorkflow(s.T.Context(), s.DB, strings.Split(address, "/")[2])
	s.Check(err)
	d, err := workflow.Load(found.Draft)
	s.Check(err)
	return found, d
}

// Fill opens a page and returns its form for the action as a Browser would send
// it, with the entries changed.
func (b *Browser) Fill(page, action string, changes url.Values) url.Values {
	b.Site.T.Helper()
	path, _, _ := strings.Cut(page, "#")
	form := FormOf(b.Site.T, b.Get(path, http.StatusOK), action)
	for name, values := range changes {
		form[name] = values
	}
	return form
}

// Submit opens a page, changes the form that is sent to the page's own address
// and sends it.
func (b *Browser) Submit(page string, changes url.Values, status int) Answer {
	b.Site.T.Helper()
	action, _, _ := strings.Cut(page, "?")
	return b.Post(action, b.Fill(page, action, changes), status)
}

// FormOf collects what a Browser sends for the form with this action.
func FormOf(t testing.TB, page, action string) url.Values {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	form := Find(root, func(n *html.Node) bool { return n.Data == "form" && Attribute(n, "action") == action })
	if form == nil {
		t.Fatalf("there is no form for %s in\n%s", action, MainOf(page))
	}
	return ValuesOf(form)
}

// ValuesOf are what a Browser sends for a form.
func ValuesOf(form *html.Node) url.Values {
	values := url.Values{}
	collect(form, values)
	return values
}

func collect(n *html.Node, values url.Values) {
	name := Attribute(n, "name")
	switch {
	case n.Type == html.ElementNode && n.Data == "template":
		return
	case name == "" || Has(n, "disabled"):
	case n.Data == "input":
		kind := Attribute(n, "type")
		if (kind != "checkbox" && kind != "radio") || Has(n, "checked") {
			values.Add(name, Attribute(n, "value"))
		}
	case n.Data == "textarea":
		values.Add(name, strings.TrimPrefix(TextIn(n), "\n"))
	case n.Data == "select":
		option := Find(n, func(o *html.Node) bool { return o.Data == "option" && Has(o, "selected") })
		if option == nil {
			option = Find(n, func(o *html.Node) bool { return o.Data == "option" })
		}
		values.Add(name, Attribute(option, "value"))
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		collect(child, values)
	}
}

// Find is the first element below n that is wanted, or nil.
func Find(n *html.Node, wanted func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && wanted(n) {
		return n
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if found := Find(child, wanted); found != nil {
			return found
		}
	}
	return nil
}

// Attribute is an attribute of an element; "" for none.
func Attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Has reports whether an element has the attribute.
func Has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// TextIn is the text right inside an element.
func TextIn(n *html.Node) string {
	var text strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.TextNode {
			text.WriteString(child.Data)
		}
	}
	return text.String()
}

// LinkTo is the address of the link with this relation.
func LinkTo(t testing.TB, page, relation string) (string, bool) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	link := Find(root, func(n *html.Node) bool { return n.Data == "a" && Attribute(n, "rel") == relation })
	if link == nil {
		return "", false
	}
	return Attribute(link, "href"), true
}
