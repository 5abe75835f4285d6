package indexing

import (
	"iter"
	"strings"

	"workflows/models/words"
)

// values are the texts and numbers in a JSON document, in their order, without the names
// of fields, which all runs of a workflow share. The document's end may be missing.
func values(document string) []string {
	var found []string
	for i := 0; i < len(document); {
		length := 1
		switch c := document[i]; {
		case c == '"':
			length = words.QuotedLength(document[i:])
			if rest := strings.TrimLeft(document[i+length:], " \t\r\n"); !strings.HasPrefix(rest, ":") {
				found = append(found, words.Unquoted(document[i:i+length]))
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
				length := words.QuotedLength(object[i:])
				if depth == 1 && begin == 0 {
					name = words.Unquoted(object[i : i+length])
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
