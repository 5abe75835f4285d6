package place

import (
	"net/url"
	"strings"

	"workflows/worker/document"
)

// Address is the text of a web address. An inserted value is one part of its path, one
// name or value of its query, its host or one label of that, or its port; one at the very
// beginning brings scheme, host and the beginning of the path along. An address that is
// one inserted value stays as it is. What was typed stays; spaces and other characters
// that cannot stand in an address are written as %20 and the like.
func Address(pieces []Piece) (string, error) {
	pieces = trimmed(pieces)
	if len(pieces) == 1 && pieces[0].inserted() {
		if pieces[0].nothing() {
			return "", Missing(pieces[0].Name, "an address")
		}
		return strings.TrimSpace(document.Text(pieces[0].Value)), nil
	}
	a := address{pieces: pieces}
	for i, piece := range pieces {
		if !piece.inserted() {
			a.typed(piece.Typed)
			continue
		}
		if err := a.insert(i, piece); err != nil {
			return "", err
		}
	}
	return a.text.String(), a.climbs()
}

// trimmed is without the space around all that was typed.
func trimmed(pieces []Piece) []Piece {
	var kept []Piece
	for i, piece := range pieces {
		if !piece.inserted() {
			if i == 0 {
				piece.Typed = strings.TrimLeft(piece.Typed, " \t\r\n")
			}
			if i == len(pieces)-1 {
				piece.Typed = strings.TrimRight(piece.Typed, " \t\r\n")
			}
			if piece.Typed == "" {
				continue
			}
		}
		kept = append(kept, piece)
	}
	return kept
}

// component is the part of an address that is being written.
type component int

const (
	scheme component = iota
	host
	path
	query
	fragment
)

type address struct {
	pieces []Piece
	text   strings.Builder
	at     component
	// segment is how the part of the path that is being written begins, as far as it takes
	// to know “.” and “..”; by says which value stands in it.
	segment, by string
	climber     string // a value that has made a part of the path "." or ".."
}

// typed writes what the author has typed, and finds out what it leads to.
func (a *address) typed(text string) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case a.at == scheme && strings.HasPrefix(text[i:], "://"):
			a.at = host
			a.text.WriteString("://")
			i += 2
			continue
		case a.at == host && c == '/':
			a.at = path
		case a.at <= path && a.at > scheme && c == '?':
			a.endSegment()
			a.at = query
		case a.at > scheme && a.at < fragment && c == '#':
			a.endSegment()
			a.at = fragment
		case a.at == path && c == '/':
			a.endSegment()
		case a.at == path:
			a.lengthen(text[i : i+1])
		}
		a.write(c, i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]))
	}
}

// write writes a byte that was typed; escapes says that a percent sign begins %20 or the
// like.
func (a *address) write(c byte, escapes bool) {
	unfit := c == ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 || c == '%' && !escapes
	if unfit && a.at > host {
		a.text.WriteString("%" + string("0123456789ABCDEF"[c>>4]) + string("0123456789ABCDEF"[c&15]))
		return
	}
	a.text.WriteByte(c)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (a *address) insert(i int, piece Piece) error {
	text := document.Text(piece.Value)
	switch a.at {
	case scheme:
		return a.begin(i, piece, strings.TrimSpace(text))
	case host:
		return a.insertHost(i, piece, strings.TrimSpace(text))
	case path:
		if piece.nothing() {
			return Missing(piece.Name, "a part of an address")
		}
		a.lengthen(text)
		a.by = piece.Name
		a.text.WriteString(url.PathEscape(text))
	case query:
		// Not a plus for a space: outside of forms few take that for one.
		a.text.WriteString(strings.ReplaceAll(url.QueryEscape(text), "+", "%20"))
	case fragment:
		a.text.WriteString(url.PathEscape(text))
	}
	return nil
}

// begin writes a value that brings the beginning of the address along.
func (a *address) begin(i int, piece Piece, text string) error {
	switch {
	case piece.nothing():
		return Missing(piece.Name, "the beginning of an address")
	case i > 0 || !strings.Contains(text, "://"):
		return misfit("invalid_url", "“%s” stands at the beginning of the address, and is not the beginning of one: that is written like https://shop.example.com.", piece.Name)
	case strings.ContainsAny(text, "?#\\ \t\r\n"):
		return misfit("invalid_url", "“%s” stands at the beginning of the address and contains ?, #, \\ or a space, so that what follows would not stand where it was meant to. Insert an address without them.", piece.Name)
	}
	if i+1 < len(a.pieces) && strings.HasPrefix(a.pieces[i+1].Typed, "/") {
		text = strings.TrimSuffix(text, "/")
	}
	a.typed(text)
	return nil
}

func (a *address) lengthen(text string) {
	if len(a.segment) < len("...") {
		a.segment += text[:min(len(text), len("..."))]
	}
}

// endSegment ends a part of the path: an inserted one must not lead to another place.
func (a *address) endSegment() {
	if a.by != "" && (a.segment == "." || a.segment == "..") {
		a.climber = a.by
	}
	a.segment, a.by = "", ""
}

func (a *address) climbs() error {
	a.endSegment()
	if a.climber != "" {
		return misfit("invalid_url", "“%s” makes a part of the address “.” or “..”, which leads to another place. Insert a name.", a.climber)
	}
	return nil
}
