package document

import (
	"reflect"
	"strconv"
	"unicode/utf8"

	"workflows/models/columns"
)

// Read reads a JSON object into the struct that into points to. A
// *MalformedError means that it cannot be read (not JSON, empty, trailing text,
// a duplicate key, nested too deep, not an object); problems mean that it can,
// but says something wrong (unknown field, wrong type, a character or number
// that cannot be stored). Numbers without a type of their own become
// json.Number. null counts as absent.
func Read(data []byte, into any) ([]Problem, error) {
	if !utf8.Valid(data) {
		return []Problem{{Code: "invalid_utf8", Message: "The text is not valid UTF-8. Save it as UTF-8 and send it again."}}, nil
	}
	tree, err := readTree(data)
	if err != nil {
		return nil, err
	}
	if tree.kind != 'o' {
		return nil, Malformed("Send a JSON object, not %s.", tree.words())
	}
	problems := unstorable(tree, "")
	if escape := loneSurrogate(data); escape != "" {
		problems = append(problems, Problem{Code: "invalid_character", Message: "The text contains half of a character (" + escape + "). Remove it."})
	}
	b := &binder{problems: problems}
	b.bind(tree, reflect.ValueOf(into).Elem(), "")
	return b.problems, nil
}

// ReadValue reads any JSON value under the same rules. The paths of problems begin
// with root.
func ReadValue(data []byte, root string) (any, []Problem, error) {
	if !utf8.Valid(data) {
		return nil, []Problem{{Path: root, Code: "invalid_utf8", Message: "The text is not valid UTF-8. Send it as UTF-8."}}, nil
	}
	tree, err := readTree(data)
	if err != nil {
		return nil, nil, err
	}
	problems := unstorable(tree, root)
	if escape := loneSurrogate(data); escape != "" {
		problems = append(problems, Problem{Path: root, Code: "invalid_character", Message: "The text contains half of a character (" + escape + "). Remove it."})
	}
	return tree.plain(), problems, nil
}

// unstorable finds what Go reads but a database refuses: U+0000 and numbers
// beyond every reasonable size.
func unstorable(n node, path string) []Problem {
	var problems []Problem
	switch n.kind {
	case 's':
		if !columns.Holds(n.text) {
			problems = append(problems, Problem{Path: path, Code: "invalid_character", Message: "The text contains the invisible character U+0000. Remove it."})
		}
	case 'n':
		if !SensibleNumber(n.text) {
			problems = append(problems, Problem{Path: path, Code: "invalid_number", Message: "The number is too large, too small or too long. Use at most 300 digits."})
		}
	case 'a':
		for i, item := range n.items {
			problems = append(problems, unstorable(item, Item(path, i))...)
		}
	case 'o':
		for _, m := range n.members {
			if !columns.Holds(m.name) {
				problems = append(problems, Problem{Path: path, Code: "invalid_character", Message: "A field's name contains the invisible character U+0000. Remove it."})
				continue
			}
			problems = append(problems, unstorable(m.value, Member(path, m.name))...)
		}
	}
	return problems
}

// loneSurrogate finds a \ud800-like escape that is not half of a pair. In valid
// JSON a backslash stands only inside texts.
func loneSurrogate(data []byte) string {
	unit := func(i int) (uint64, bool) {
		if i+6 > len(data) || data[i] != '\\' || data[i+1] != 'u' {
			return 0, false
		}
		code, err := strconv.ParseUint(string(data[i+2:i+6]), 16, 16)
		return code, err == nil
	}
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		code, ok := unit(i)
		switch {
		case !ok:
			i++ // another escape: skip its second byte
		case code < 0xd800 || code > 0xdfff:
			i += 5
		default:
			low, paired := unit(i + 6)
			if code >= 0xdc00 || !paired || low < 0xdc00 || low > 0xdfff {
				return string(data[i : i+6])
			}
			i += 11
		}
	}
	return ""
}

func (n node) words() string {
	switch n.kind {
	case 'o':
		return "an object"
	case 'a':
		return "a list"
	case 's':
		return "a text"
	case 'n':
		return "a number"
	case 'b':
		return "true or false"
	}
	return "null"
}
