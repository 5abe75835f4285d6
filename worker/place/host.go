package place

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxHost is more than the longest name of a host with a port, in bytes.
const maxHost = 1000

func (a *address) insertHost(i int, piece Piece, text string) error {
	written := a.text.String()
	_, before, _ := strings.Cut(written, "://")
	after := ""
	if i+1 < len(a.pieces) {
		after = a.pieces[i+1].Typed
	}
	what, fits := "a part of a host's name", isLabel
	switch {
	case strings.Contains(before, ":") && !strings.HasPrefix(before, "["):
		what, fits = "a port", isPort
	case before == "" && (i+1 == len(a.pieces) || after != "" && strings.IndexByte(":/?#", after[0]) >= 0):
		what, fits = "a host's name", isWholeHost
	}
	if piece.nothing() {
		return Missing(piece.Name, "a part of an address")
	}
	if len(text) > maxHost || !fits(text) {
		return misfit("invalid_url", "“%s” cannot be %s, which it is the place of: it would change where the call goes. Type the slash or the dot after it in the address itself.", piece.Name, what)
	}
	a.text.WriteString(text)
	return nil
}

// isWholeHost reports whether a text is the name or the address of a host, with or without
// a port. (Not patterns: those for letters of all languages take a quarter of a megabyte in
// every process.)
func isWholeHost(text string) bool {
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !strings.HasSuffix(text, "]") {
		if !isPort(text[i+1:]) {
			return false
		}
		text = text[:i]
	}
	if inside, bracketed := strings.CutPrefix(text, "["); bracketed {
		inside, closed := strings.CutSuffix(inside, "]")
		return closed && inside != "" && strings.Trim(inside, "0123456789abcdefABCDEF:.") == ""
	}
	text = strings.TrimSuffix(text, ".")
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	return !unicode.IsMark(first) && inName(first) && inName(last) && isLabel(strings.ReplaceAll(text, ".", "-"))
}

// isLabel reports whether a text can stand between the dots of a host's name.
func isLabel(text string) bool {
	return text != "" && strings.IndexFunc(text, func(r rune) bool { return r != '_' && r != '-' && !inName(r) }) < 0
}

func inName(r rune) bool { return unicode.In(r, unicode.Letter, unicode.Mark, unicode.Number) }

func isPort(text string) bool {
	return text != "" && len(text) <= 5 && strings.Trim(text, "0123456789") == ""
}
