package document

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Lazy is JSON of which only those parts are read that are asked for: little of a large
// text is mostly all that is wanted. The text must be JSON, as what this program has
// stored is; what cannot be followed has no parts, and is an error when it is read. Not
// for several goroutines at once.
type Lazy struct {
	text    []byte
	in      *Lazy // that it is a part of; nil is all of the text
	name    string
	read    int // of all of the text: how many bytes were read so far, again and again
	whole   any // of all of the text, once that was more than twice as many as it has
	split   bool
	members map[string][]byte // of an object
	items   [][]byte          // of a list
	parts   map[string]*Lazy  // that were asked for
}

// NewLazy is the JSON in a text that nobody changes.
func NewLazy(text []byte) *Lazy { return &Lazy{text: bytes.TrimSpace(text)} }

// Value is what all of it stands for, see Value. However often it and its parts are
// asked, that reads no more than some four times the text.
func (l *Lazy) Value() (value any, err error) {
	all := l
	for all.in != nil {
		all = all.in
	}
	if all.read += len(l.text); all.read <= 2*len(all.text) {
		return Value(l.text)
	}
	if all.whole == nil {
		if all.whole, err = Value(all.text); err != nil {
			return nil, err
		}
	}
	return l.known(), nil
}

// known finds the value in that of all of the text.
func (l *Lazy) known() any {
	if l.in == nil {
		return l.whole
	}
	switch around := l.in.known().(type) {
	case map[string]any:
		return around[l.name]
	case []any:
		if i, err := strconv.Atoi(l.name); err == nil && i < len(around) {
			return around[i]
		}
	}
	return nil
}

// Part is a member of an object, or an entry of a list by its number.
func (l *Lazy) Part(name string) (*Lazy, bool) {
	if part, known := l.parts[name]; known {
		return part, true
	}
	l.takeApart()
	text, found := l.members[name]
	if i, err := strconv.Atoi(name); err == nil && 0 <= i && i < len(l.items) && strconv.Itoa(i) == name {
		text, found = l.items[i], true
	}
	if !found {
		return nil, false
	}
	if l.parts == nil {
		l.parts = map[string]*Lazy{}
	}
	l.parts[name] = &Lazy{text: text, in: l, name: name}
	return l.parts[name], true
}

// Items are the entries of a list, each as its text; false where it is none.
func (l *Lazy) Items() ([][]byte, bool) {
	l.takeApart()
	return l.items, l.items != nil
}

// Outline is the value without what is in it: an object whose members are null, a list of
// so many entries, or what is neither.
func (l *Lazy) Outline() any {
	l.takeApart()
	switch {
	case l.members != nil:
		object := make(map[string]any, len(l.members))
		for name := range l.members {
			object[name] = nil
		}
		return object
	case l.items != nil:
		return make([]any, len(l.items))
	}
	value, _ := l.Value()
	return value
}

// takeApart finds the parts, once.
func (l *Lazy) takeApart() {
	if l.split {
		return
	}
	l.split = true
	switch {
	case bytes.HasPrefix(l.text, []byte("{")):
		members := map[string][]byte{}
		if l.each(func(name string, part []byte) { members[name] = part }) {
			l.members = members
		}
	case bytes.HasPrefix(l.text, []byte("[")):
		items := [][]byte{}
		if l.each(func(_ string, part []byte) { items = append(items, part) }) {
			l.items = items
		}
	}
}

// each goes through the parts of an object or a list, and reports whether it could.
func (l *Lazy) each(visit func(name string, part []byte)) bool {
	named := l.text[0] == '{'
	at := skipSpace(l.text, 1)
	if at < len(l.text) && (l.text[at] == '}' || l.text[at] == ']') {
		return at == len(l.text)-1
	}
	for {
		name := ""
		if named {
			end := stringEnd(l.text, at)
			if end < 0 || json.Unmarshal(l.text[at:end], &name) != nil {
				return false
			}
			if at = skipSpace(l.text, end); at >= len(l.text) || l.text[at] != ':' {
				return false
			}
			at = skipSpace(l.text, at+1)
		}
		end := valueEnd(l.text, at)
		if end < 0 {
			return false
		}
		visit(name, l.text[at:end])
		if at = skipSpace(l.text, end); at >= len(l.text) {
			return false
		}
		if l.text[at] != ',' {
			return at == len(l.text)-1
		}
		at = skipSpace(l.text, at+1)
	}
}

func skipSpace(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r') {
		at++
	}
	return at
}

// stringEnd is where the text in quotes ends that begins at a place; -1 for none.
func stringEnd(text []byte, at int) int {
	if at >= len(text) || text[at] != '"' {
		return -1
	}
	for from := at + 1; ; {
		quote := bytes.IndexByte(text[from:], '"')
		if quote < 0 {
			return -1
		}
		end := from + quote
		escapes := 0
		for text[end-1-escapes] == '\\' {
			escapes++
		}
		if from = end + 1; escapes%2 == 0 {
			return from
		}
	}
}

// valueEnd is where the value ends that begins at a place; -1 for none.
func valueEnd(text []byte, at int) int {
	if at >= len(text) {
		return -1
	}
	if text[at] == '"' {
		return stringEnd(text, at)
	}
	if text[at] != '{' && text[at] != '[' {
		end := bytes.IndexAny(text[at:], ",]} \t\r\n")
		if end <= 0 {
			return -1
		}
		return at + end
	}
	for depth := 0; at < len(text); at++ {
		switch text[at] {
		case '"':
			end := stringEnd(text, at)
			if end < 0 {
				return -1
			}
			at = end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	return -1
}
