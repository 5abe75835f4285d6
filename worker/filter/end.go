package filter

import "strings"

// End is where the “}}” stands that closes a template whose inside begins at text[0]:
// one inside a quoted text closes nothing. It is -1 where there is none.
func End(text string) int {
	return outside(text, func(rest string) bool { return strings.HasPrefix(rest, "}}") })
}

// Cut parts the inside of a template at its first “|”, which ends the reference.
// changed says whether there is one.
func Cut(inside string) (reference, filters string, changed bool) {
	bar := outside(inside, func(rest string) bool { return rest[0] == '|' })
	if bar < 0 {
		return inside, "", false
	}
	return inside[:bar], inside[bar+1:], true
}

// outside is the first place outside of quotes for which found holds, or -1.
func outside(text string, found func(rest string) bool) int {
	for at := 0; at < len(text); {
		if found(text[at:]) {
			return at
		}
		if text[at] != '"' {
			at += quotedPart(text[at:])
			continue
		}
		end := textEnd(text[at:])
		if end < 0 {
			return -1
		}
		at += end
	}
	return -1
}

// maxPart is longer than any part of a path that can be read, in bytes.
const maxPart = 4000

// quotedPart is the length of ["a part of a path"], where the text begins with one, else
// 1. Such a part knows no escapes.
func quotedPart(text string) int {
	if strings.HasPrefix(text, `["`) {
		if end := strings.Index(text[2:min(len(text), maxPart)], `"]`); end >= 0 {
			return 2 + end + 2
		}
	}
	return 1
}

// textEnd is where the text in quotes ends that begins at text[0]; -1 where it is not
// closed.
func textEnd(text string) int {
	for at := 1; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return -1
}
