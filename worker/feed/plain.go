package feed

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"workflows/worker/pattern"
)

// markup is what makes a title HTML: a tag or an entity.
var markup = pattern.Of(`<[/!]?[A-Za-z-][^<>]*>|&(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#[xX][0-9A-Fa-f]+);`)

// plain is a title without the HTML that most sites write in it. What only looks like
// HTML stays: List<T>, and a tag that is never closed.
func plain(title string) string {
	title = fit(title)
	if !markup().MatchString(title) {
		return strings.Join(strings.Fields(title), " ")
	}
	var text strings.Builder
	tokens, hidden := html.NewTokenizer(strings.NewReader(title)), 0
	for {
		kind := tokens.Next()
		raw := string(tokens.Raw())
		token := tokens.Token()
		switch script := token.DataAtom == atom.Script || token.DataAtom == atom.Style; {
		case kind == html.ErrorToken:
			return fit(strings.Join(strings.Fields(text.String()), " "))
		case kind == html.TextToken && hidden == 0:
			text.WriteString(token.Data)
		case kind == html.StartTagToken && script:
			hidden++
		case kind == html.EndTagToken && script:
			hidden = max(0, hidden-1)
		case kind == html.StartTagToken && !isTag(token, title):
			text.WriteString(raw)
		}
	}
}

// isTag reports whether a token is a tag of HTML in a title that has it closed, if it has
// to be.
func isTag(token html.Token, title string) bool {
	switch token.DataAtom {
	case 0:
		return false
	case atom.Br, atom.Img, atom.Hr, atom.Wbr, atom.P, atom.Li:
		return true
	}
	return strings.Contains(strings.ToLower(title), "</"+token.Data)
}
