package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// node is a JSON value that still knows the order of its members.
type node struct {
	kind    byte // 'o' object, 'a' list, 's' text, 'n' number, 'b' boolean, '0' null
	text    string
	flag    bool
	items   []node
	members []member
}

type member struct {
	name  string
	value node
}

// readTree reads one JSON value and refuses what encoding/json lets pass:
// duplicate keys and nesting over MaxDepth.
func readTree(data []byte) (node, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return node{}, Malformed("The document is empty. Send a JSON object.")
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return node{}, syntaxError(data, err)
	}
	return readNode(Tokens(data), 0)
}

func syntaxError(data []byte, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return Malformed("This is not valid JSON.")
	}
	switch message := syntax.Error(); {
	case strings.Contains(message, "unexpected end"):
		return Malformed("The JSON is cut off: its end is missing.")
	case strings.Contains(message, "max depth"):
		return Malformed("The JSON is nested more than %d levels deep.", MaxDepth)
	case strings.Contains(message, "after top-level value"):
		return Malformed("There is text after the end of the JSON. Send one object only.")
	}
	before := data[:min(max(int(syntax.Offset)-1, 0), len(data))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return Malformed("This is not valid JSON. Look at line %d, character %d.", line, column)
}

func readNode(decoder *json.Decoder, depth int) (node, error) {
	token, err := decoder.Token()
	if err != nil {
		return node{}, Malformed("This is not valid JSON.")
	}
	switch t := token.(type) {
	case string:
		return node{kind: 's', text: t}, nil
	case json.Number:
		return node{kind: 'n', text: t.String()}, nil
	case bool:
		return node{kind: 'b', flag: t}, nil
	case json.Delim:
		if depth >= MaxDepth {
			return node{}, Malformed("The JSON is nested more than %d levels deep.", MaxDepth)
		}
		if t == '[' {
			return readList(decoder, depth+1)
		}
		return readObject(decoder, depth+1)
	}
	return node{kind: '0'}, nil
}

func readList(decoder *json.Decoder, depth int) (node, error) {
	list := node{kind: 'a'}
	for decoder.More() {
		item, err := readNode(decoder, depth)
		if err != nil {
			return node{}, err
		}
		list.items = append(list.items, item)
	}
	_, err := decoder.Token() // the closing bracket
	return list, err
}

func readObject(decoder *json.Decoder, depth int) (node, error) {
	object := node{kind: 'o'}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return node{}, Malformed("This is not valid JSON.")
		}
		name, _ := token.(string)
		if seen[name] {
			return node{}, Malformed("“%s” is given twice in the same object. Keep one of them.", Shorten(name, 60))
		}
		seen[name] = true
		value, err := readNode(decoder, depth)
		if err != nil {
			return node{}, err
		}
		object.members = append(object.members, member{name, value})
	}
	_, err := decoder.Token() // the closing brace
	return object, err
}

// plain is the value as encoding/json would give it with UseNumber.
func (n node) plain() any {
	switch n.kind {
	case 's':
		return n.text
	case 'n':
		return json.Number(n.text)
	case 'b':
		return n.flag
	case 'a':
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = item.plain()
		}
		return list
	case 'o':
		object := make(map[string]any, len(n.members))
		for _, m := range n.members {
			object[m.name] = m.value.plain()
		}
		return object
	}
	return nil
}

// treeOf is the reverse of plain; the members of objects are sorted.
func treeOf(value any) node {
	switch v := value.(type) {
	case nil:
		return node{kind: '0'}
	case string:
		return node{kind: 's', text: v}
	case bool:
		return node{kind: 'b', flag: v}
	case json.Number:
		return node{kind: 'n', text: v.String()}
	case []any:
		list := node{kind: 'a', items: make([]node, len(v))}
		for i, item := range v {
			list.items[i] = treeOf(item)
		}
		return list
	case map[string]any:
		object := node{kind: 'o'}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			object.members = append(object.members, member{name, treeOf(v[name])})
		}
		return object
	}
	// Anything else came from Go code: let JSON say what it is.
	tree, err := readTree(JSON(value))
	if err != nil {
		return node{kind: '0'}
	}
	return tree
}

// Kind says in words what kind of value this is: "a list".
func Kind(value any) string { return treeOf(value).words() }

// Member is the path of an object's member.
func Member(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// Item is the path of a list's item.
func Item(path string, i int) string {
	return path + "[" + strconv.Itoa(i) + "]"
}
