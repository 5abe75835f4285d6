package indexing

import (
	"iter"
	"strings"

	"workflows/worker/document"
)

// values are the texts and numbers in a JSON document, in their order, without the names
// of fields, which all runs of a workflow share. The document's end may be missing.
func values(document string) []string {
	var found []string
	for i := 0; i < len(document); {
		length := 1
		switch c := document[i]; {
		case c == '"':
			length = quotedLength(document[i:])
			if rest := strings.TrimLeft(document[i+length:], " \t\r\n"); !strings.HasPrefix(rest, ":") {
				found = append(found, unquoted(document[i:i+length]))
			}
		case c == '-' || '0' <= c && c <= '9':
			if length = strings.IndexAny(document[i:], ",]} \t\r\n"); length < 0 {
				length = len(document) - i
			}
			found = append(found, document[i:i+length])
		}
		i += length
	}
	return found
}

// members are the fields of an object with their values as they stand there. The end of the
// last one may be missing.
func members(object string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		name, depth, begin := "", 0, 0
		for i := 0; i < len(object); i++ {
			switch object[i] {
			case '"':
				length := quotedLength(object[i:])
				if depth == 1 && begin == 0 {
					name = unquoted(object[i : i+length])
				}
				i += length - 1
			case ':':
				if depth == 1 && begin == 0 {
					begin = i + 1
				}
			case '{', '[':
				depth++
			case '}', ']', ',':
				if depth == 1 && begin > 0 {
					if !yield(name, object[begin:i]) {
						return
					}
					begin = 0
				}
				if object[i] != ',' {
					depth--
				}
			}
		}
		if begin > 0 {
			yield(name, object[begin:])
		}
	}
}

// quotedLength is how long a text is with its quotes.
func quotedLength(document string) int {
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

// unquoted is the text itself. Of one that is cut off within an escape, that is left out.
func unquoted(quoted string) string {
	inside := strings.TrimPrefix(quoted, `"`)
	if whole := strings.TrimSuffix(inside, `"`); !strings.Contains(whole, `\`) {
		return whole
	}
	var text string
	for cut := range 12 { // as long as two escapes of one letter
		if end := len(inside) - cut; end >= 0 && document.Decode([]byte(`"`+strings.TrimSuffix(inside[:end], `"`)+`"`), &text) == nil {
			return text
		}
	}
	return ""
}
