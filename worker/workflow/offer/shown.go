package offer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"workflows/worker/document"
	"workflows/worker/moment"
)

const (
	// shownEntries is how many entries of a list are shown of it, shownLength how much of
	// a text.
	shownEntries = 3
	shownLength  = 60
)

// beginningOf is a list of which only the beginning is there.
type beginningOf struct {
	entries []any
	length  int
}

// ShownShort is the beginning of a value, in one line.
func ShownShort(value any) string {
	switch v := value.(type) {
	case nil:
		return "empty"
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []any:
		return ShownShort(beginningOf{v, len(v)})
	case beginningOf:
		return v.shown()
	case map[string]any:
		return count(len(v), "field", "fields")
	}
	text := strings.TrimSpace(document.Line(document.Shorten(fmt.Sprint(value), shownLength)))
	if text == "" {
		return "empty"
	}
	return text
}

func (l beginningOf) shown() string {
	if l.length == 0 {
		return "an empty list"
	}
	length := count(l.length, "entry", "entries")
	var shown []string
	for _, entry := range l.entries[:min(len(l.entries), shownEntries)] {
		switch entry.(type) {
		case map[string]any, []any:
			return length
		}
		shown = append(shown, document.Shorten(ShownShort(entry), 20))
	}
	if l.length > len(shown) {
		shown = append(shown, "…")
	}
	return length + ": " + strings.Join(shown, ", ")
}

func count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + several
}

func lengthOf(list []any) json.Number { return json.Number(strconv.Itoa(len(list))) }

// Types of values that are told apart in a chooser; those of a text are text.
const (
	typeDate  = "date"
	typeEmail = "email"
)

// typeOf says what kind of value one is, as far as what may be done with it depends on it.
func typeOf(value any) string {
	switch v := value.(type) {
	case string:
		return typeOfText(v)
	case bool:
		return "boolean"
	case []any:
		return "list"
	case map[string]any:
		return "object"
	case nil:
		return "any"
	}
	return "number"
}

func typeOfText(text string) string {
	const longestDate = 40
	at := strings.IndexByte(text, '@')
	switch {
	case at > 0 && len(text) < 255 && !strings.ContainsAny(text, " \t\r\n,;<>/:") && strings.LastIndexByte(text, '@') == at && strings.Contains(text[at:], "."):
		return typeEmail
	case len(text) < longestDate && strings.ContainsAny(text, "-:/.") && moment.MayBe(text):
		if _, is := moment.Of(text); is {
			return typeDate
		}
	}
	return "text"
}
