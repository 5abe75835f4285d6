package words

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// QuotedLength is how long a text at the beginning of a piece of JSON is with its quotes; its
// end may be missing.
func QuotedLength(document string) int {
	for i := 1; i < len(document); i++ {
		switch document[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(document)
}

// Unquoted is the text itself. Of one that is cut off within an escape, that is left out.
func Unquoted(quoted string) string {
	inside := strings.TrimPrefix(quoted, `"`)
	if whole := strings.TrimSuffix(inside, `"`); !strings.Contains(whole, `\`) {
		return whole
	}
	var text strings.Builder
	for len(inside) > 0 && inside[0] != '"' {
		n := strings.IndexAny(inside, `"\`)
		if n < 0 {
			n = len(inside)
		}
		text.WriteString(inside[:n])
		if inside = inside[n:]; !strings.HasPrefix(inside, `\`) {
			continue
		}
		letter, length := escaped(inside)
		if length == 0 {
			break
		}
		text.WriteRune(letter)
		inside = inside[length:]
	}
	return text.String()
}

// escaped is the letter for which an escape stands, and how long that is; 0 where its end is
// missing.
func escaped(text string) (letter rune, length int) {
	if len(text) < 2 {
		return 0, 0
	}
	if n := strings.IndexByte("bfnrt", text[1]); n >= 0 {
		return rune("\b\f\n\r\t"[n]), 2
	}
	if text[1] != 'u' {
		return rune(text[1]), 2
	}
	if letter, length = coded(text); length == 0 || !utf16.IsSurrogate(letter) {
		return letter, length
	}
	second, more := coded(text[length:])
	if more == 0 && length == len(text) {
		return 0, 0
	}
	if both := utf16.DecodeRune(letter, second); both != utf8.RuneError {
		return both, length + more
	}
	return utf8.RuneError, length
}

// coded reads four digits.
func coded(text string) (letter rune, length int) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, 0
	}
	code, err := strconv.ParseUint(text[2:6], 16, 16)
	if err != nil {
		return 0, 0
	}
	return rune(code), 6
}

// Value is a text, number, true, false or null in a JSON document, and the names of the
// fields that lead to it, with dots. What stands in a list has the path of the list.
type Value struct {
	Path, Text string
	Quoted     bool
}

// deepest is how many fields and lists within each other are looked into.
const deepest = 100

// ValuesOf visits the values of a document in their order until visit returns false. The
// document's end may be missing.
func ValuesOf(path, document string, visit func(Value) bool) {
	d := &reader{document: document, visit: visit}
	d.value(path, 0)
}

type reader struct {
	document string
	at       int
	visit    func(Value) bool
	done     bool
}

// value reads what stands next.
func (d *reader) value(path string, depth int) {
	switch c := d.next(); {
	case d.done || c == 0 || depth > deepest:
		d.done = true
	case c == '{' || c == '[':
		d.at++
		for !d.done {
			switch inner := d.next(); {
			case inner == 0:
				d.done = true
			case inner == '}' || inner == ']':
				d.at++
				return
			case c == '[':
				d.value(path, depth+1)
			default:
				name := d.text()
				if d.next() == ':' {
					d.at++
				}
				d.value(path+"."+name, depth+1)
			}
		}
	case c == '"':
		d.done = !d.visit(Value{path, d.text(), true})
	default:
		length := strings.IndexAny(d.document[d.at:], ",]} \t\r\n")
		if length <= 0 {
			length = len(d.document) - d.at
		}
		d.done = !d.visit(Value{path, d.document[d.at : d.at+length], false})
		d.at += length
	}
}

// next is the sign that stands next, without spaces and commas; 0 at the end.
func (d *reader) next() byte {
	for d.at < len(d.document) && strings.IndexByte(" \t\r\n,", d.document[d.at]) >= 0 {
		d.at++
	}
	if d.at == len(d.document) {
		return 0
	}
	return d.document[d.at]
}

// text reads a text, or one sign where none stands.
func (d *reader) text() string {
	if d.document[d.at] != '"' {
		d.at++
		return ""
	}
	length := QuotedLength(d.document[d.at:])
	text := Unquoted(d.document[d.at : d.at+length])
	d.at += length
	return text
}
