package workflow

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// DecodeStrict reads a JSON object into the struct that into points to. A
// *MalformedError means that it cannot be read (not JSON, empty, trailing text,
// a duplicate key, nested too deep, not an object); problems mean that it can,
// but says something wrong (unknown field, wrong type, a character or number
// that cannot be stored). Numbers without a type of their own become
// json.Number. null counts as absent.
func DecodeStrict(data []byte, into any) ([]Problem, error) {
	if !utf8.Valid(data) {
		return []Problem{{Code: "invalid_utf8", Message: "The text is not valid UTF-8. Save it as UTF-8 and send it again."}}, nil
	}
	tree, err := readTree(data)
	if err != nil {
		return nil, err
	}
	if tree.kind != 'o' {
		return nil, malformed("Send a JSON object, not %s.", tree.words())
	}
	problems := unstorable(tree, "")
	if escape := loneSurrogate(data); escape != "" {
		problems = append(problems, Problem{Code: "invalid_character", Message: "The text contains half of a character (" + escape + "). Remove it."})
	}
	b := &binder{problems: problems}
	b.bind(tree, reflect.ValueOf(into).Elem(), "")
	return b.problems, nil
}

// unstorable finds what Go reads but a database refuses: U+0000 and numbers
// beyond every reasonable size.
func unstorable(n node, path string) []Problem {
	var problems []Problem
	switch n.kind {
	case 's':
		if strings.ContainsRune(n.text, 0) {
			problems = append(problems, Problem{Path: path, Code: "invalid_character", Message: "The text contains the invisible character U+0000. Remove it."})
		}
	case 'n':
		if !sensibleNumber(n.text) {
			problems = append(problems, Problem{Path: path, Code: "invalid_number", Message: "The number is too large, too small or too long. Use at most 300 digits."})
		}
	case 'a':
		for i, item := range n.items {
			problems = append(problems, unstorable(item, indexPath(path, i))...)
		}
	case 'o':
		for _, m := range n.members {
			if strings.ContainsRune(m.name, 0) {
				problems = append(problems, Problem{Path: path, Code: "invalid_character", Message: "A field's name contains the invisible character U+0000. Remove it."})
				continue
			}
			problems = append(problems, unstorable(m.value, joinPath(path, m.name))...)
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

// decodeAny reads one JSON value of any kind under the same rules.
func decodeAny(data []byte) (any, string) {
	if !utf8.Valid(data) {
		return nil, "The text is not valid UTF-8."
	}
	tree, err := readTree(data)
	if err != nil {
		return nil, err.Error()
	}
	if problems := unstorable(tree, ""); len(problems) > 0 {
		return nil, problems[0].Message
	}
	if loneSurrogate(data) != "" {
		return nil, "The text contains half of a character. Remove it."
	}
	return tree.plain(), ""
}

// decodeConfig reads a resolved config into a step type's config struct,
// forgiving what references bring about: a number where a text is wanted, a
// text of digits where a number is.
func decodeConfig(config map[string]any, into any) error {
	b := &binder{loose: true}
	b.bind(treeOf(map[string]any(config)), reflect.ValueOf(into).Elem(), "")
	if len(b.problems) == 0 {
		return nil
	}
	first := b.problems[0]
	return &StepError{Code: "invalid_config", Permanent: true, Message: fmt.Sprintf("The field “%s” cannot be used: %s", first.Path, first.Message)}
}
