package feed

import (
	"encoding/base64"
	"html"
	"strings"

	"workflows/worker/pattern"
)

var (
	declaration = pattern.Of(`^<\?xml[^>]*\?>`)
	reference   = pattern.Of(`&#(?:[0-9]+|[xX][0-9A-Fa-f]+);`)
	// bareLink is a link of Atom whose address stands where RSS has it.
	bareLink = pattern.Of(`<link((?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'))+)\s*>\s*(https?://[^<\s"]+)\s*</link>`)
	// encoded is a text of Atom 0.3 in base64.
	encoded = pattern.Of(`<(\w+)(\s[^>]*?)mode="base64"([^>]*)>([A-Za-z0-9+/=\s]*)</`)
)

// mended is a text as the parser takes it: without a declaration of how it was encoded,
// which it is no longer, and without what no XML may hold.
func mended(text string) string {
	text = declaration().ReplaceAllString(strings.TrimSpace(strings.TrimPrefix(text, "\ufeff")), "")
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff' {
			return -1
		}
		return r
	}, text)
	if strings.Contains(text, "&#") {
		text = reference().ReplaceAllStringFunc(text, withoutIllegal)
	}
	if strings.Contains(text, "<link ") {
		text = bareLink().ReplaceAllStringFunc(text, withAddress)
	}
	if strings.Contains(text, `mode="base64"`) {
		text = encoded().ReplaceAllStringFunc(text, decodedText)
	}
	return strings.TrimSpace(text)
}

// withoutIllegal takes out a reference to a character that no XML may hold.
func withoutIllegal(reference string) string {
	if text := html.UnescapeString(reference); text == "\ufffd" || text < " " && text != "\t" && text != "\n" && text != "\r" {
		return ""
	}
	return reference
}

func withAddress(link string) string {
	parts := bareLink().FindStringSubmatch(link)
	if strings.Contains(parts[1], "href") || !strings.Contains(parts[1], "rel") {
		return link
	}
	return "<link" + parts[1] + ` href="` + parts[2] + `"/>`
}

func decodedText(text string) string {
	parts := encoded().FindStringSubmatch(text)
	plain, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(parts[4]), ""))
	if err != nil {
		return text
	}
	return "<" + parts[1] + parts[2] + `mode="escaped"` + parts[3] + ">" + html.EscapeString(strings.ToValidUTF8(string(plain), "\ufffd")) + "</"
}
