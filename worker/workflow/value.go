package workflow

import (
	"strings"
	"unicode/utf8"
)

// ParseValue reads any JSON value that somebody else has sent. What cannot be
// read is a *MalformedError, what cannot be stored a problem.
func ParseValue(data []byte) (any, []Problem, error) {
	if !utf8.Valid(data) {
		return nil, []Problem{{Path: "body", Code: "invalid_utf8", Message: "The text is not valid UTF-8. Send it as UTF-8."}}, nil
	}
	tree, err := readTree(data)
	if err != nil {
		return nil, nil, err
	}
	problems := unstorable(tree, "body")
	if escape := loneSurrogate(data); escape != "" {
		problems = append(problems, Problem{Path: "body", Code: "invalid_character", Message: "The text contains half of a character (" + escape + "). Remove it."})
	}
	return tree.plain(), problems, nil
}

// StorableText reports whether a text can be stored: UTF-8 without U+0000.
func StorableText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}
