package ui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// render gives a component's HTML, with children inside it.
func render(t *testing.T, component templ.Component, children ...templ.Component) string {
	t.Helper()
	ctx := context.Background()
	if len(children) > 0 {
		ctx = templ.WithChildren(ctx, templ.Join(children...))
	}
	var out strings.Builder
	if err := component.Render(ctx, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func text(s string) templ.Component { return templ.Raw(templ.EscapeString(s)) }

// golden compares with testdata/name.html; UPDATE_GOLDEN=1 writes it anew.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
	path := filepath.Join("testdata", name+".html")
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs from %s (UPDATE_GOLDEN=1 writes it anew):\n%s", name, path, got)
	}
}

// walk visits every element of a piece of HTML.
func walk(t *testing.T, markup string, visit func(*html.Node)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if node.Type == html.ElementNode {
			visit(node)
		}
	}
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf is what copying the JSON tree takes: its text.
func textOf(t *testing.T, markup string) string {
	t.Helper()
	var out strings.Builder
	walk(t, markup, func(node *html.Node) {
		if attribute(node, "class") != "json-tree" {
			return
		}
		for child := range node.Descendants() {
			if child.Type == html.TextNode {
				out.WriteString(child.Data)
			}
		}
	})
	return out.String()
}
