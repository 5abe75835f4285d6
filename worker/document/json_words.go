package document

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// WrongJSON says in words, with the line, why a text is not JSON; "" where it is. It quotes
// the text, and so is for whoever writes it, not for what others send and logs hold.
func WrongJSON(text string) string {
	if json.Valid([]byte(text)) {
		return ""
	}
	r := jsonReader{text: text}
	problem := r.value(0)
	if problem == "" && !r.over() {
		problem = r.wrong(r.at, "there is more after the end of the JSON: “%s”.", r.word())
	}
	if problem == "" { // what only the real reader refuses
		problem = "This is not valid JSON."
	}
	return problem
}

// jsonReader goes through a text up to what keeps it from being JSON. Its methods return
// what that is, or "".
type jsonReader struct {
	text string
	at   int
	last string // what was read last, as it is quoted
	end  int    // of that
}

func (r *jsonReader) wrong(at int, format string, args ...any) string {
	return fmt.Sprintf("Line %d: ", strings.Count(r.text[:at], "\n")+1) + fmt.Sprintf(format, args...)
}

// over passes over what is between two parts.
func (r *jsonReader) over() bool {
	r.at = len(r.text) - len(strings.TrimLeft(r.text[r.at:], " \t\r\n"))
	return r.at == len(r.text)
}

// sees reports whether one of these characters is next.
func (r *jsonReader) sees(any string) bool {
	return !r.over() && strings.IndexByte(any, r.text[r.at]) >= 0
}

// took notes that a part is read, up to end.
func (r *jsonReader) took(end int) {
	part := r.text[r.at:end]
	if text := ""; part[0] == '"' && json.Unmarshal([]byte(part), &text) == nil {
		part = text
	}
	r.last, r.at, r.end = quotable(part), end, end
}

func quotable(part string) string { return Shorten(strings.TrimSpace(Line(part)), 40) }

// word is what stands next, up to what may end it.
func (r *jsonReader) word() string {
	rest := r.text[r.at:]
	if end := strings.IndexAny(rest, ",:{}[]\"\r\n"); end > 0 {
		rest = rest[:end]
	} else if end == 0 {
		rest = rest[:1]
	}
	return quotable(rest)
}

func (r *jsonReader) value(depth int) string {
	switch {
	case depth > MaxDepth:
		return r.wrong(r.at, "this is nested more than %d levels deep.", MaxDepth)
	case r.over() && r.end == 0:
		return "There is nothing here."
	case r.over(), r.sees("]},:"):
		return r.noValue()
	case r.sees("{"):
		return r.inside(depth, "}")
	case r.sees("["):
		return r.inside(depth, "]")
	case r.sees(`"`):
		return r.quoted()
	}
	return r.bare()
}

// inside reads an object or a list.
func (r *jsonReader) inside(depth int, closing string) string {
	opened := r.at
	r.took(r.at + 1)
	for first := true; ; first = false {
		switch {
		case r.over():
			return r.wrong(opened, "“%s” is not closed: “%s” is missing at the end.", r.text[opened:opened+1], closing)
		case r.sees(closing) && (first || r.text[r.end-1] != ','):
			r.took(r.at + 1)
			return ""
		case !first && r.text[r.end-1] != ',':
			if problem := r.comma(closing); problem != "" {
				return problem
			}
			continue
		}
		problem := ""
		if closing == "}" {
			problem = r.name()
		}
		if problem == "" {
			problem = r.value(depth + 1)
		}
		if problem != "" {
			return problem
		}
	}
}

// comma reads what parts two entries. It keeps what was read last, to be quoted.
func (r *jsonReader) comma(closing string) string {
	switch {
	case r.sees(","):
		r.at++
		r.end = r.at
		return ""
	case r.sees("}]"):
		return r.wrong(r.at, "“%s” stands where “%s” belongs.", r.text[r.at:r.at+1], closing)
	case strings.HasPrefix(r.text[r.at:], "//"), strings.HasPrefix(r.text[r.at:], "/*"), strings.HasPrefix(r.text[r.at:], "#"):
		return r.remark()
	case r.at == r.end && r.text[r.at-1] == '"':
		return r.wrong(r.at, `a comma is missing after “%s”. A quotation mark inside a text is written \".`, r.last)
	}
	return r.wrong(r.end, "a comma is missing after “%s”.", r.last)
}

func (r *jsonReader) remark() string {
	line, _, _ := strings.Cut(r.text[r.at:], "\n")
	return r.wrong(r.at, "JSON has no remarks. Remove “%s”.", quotable(line))
}

// name reads the name of a member, and the colon behind it.
func (r *jsonReader) name() string {
	switch {
	case r.sees("}]},:"):
		return r.noValue()
	case !r.sees(`"`):
		return r.unquoted("a name")
	}
	if problem := r.quoted(); problem != "" {
		return problem
	}
	if !r.sees(":") {
		return r.wrong(r.end, "a colon is missing after the name “%s”.", r.last)
	}
	r.at++
	r.end = r.at
	return ""
}

// noValue is for a mark in the place of a name or a value.
func (r *jsonReader) noValue() string {
	switch before := r.text[:r.end]; {
	case strings.HasSuffix(before, ","):
		return r.wrong(r.end-1, "there is a comma too many after “%s”.", r.last)
	case strings.HasSuffix(before, ":"):
		return r.wrong(r.end-1, "the value of “%s” is missing.", r.last)
	}
	return r.wrong(r.at, "“%s” cannot stand here.", r.text[r.at:r.at+1])
}

// bare reads what stands without quotation marks: a number, true, false or null.
func (r *jsonReader) bare() string {
	rest := r.text[r.at:]
	end := strings.IndexAny(rest, ",:{}[]\" \t\r\n")
	if end < 0 {
		end = len(rest)
	}
	word := rest[:end]
	switch lower := strings.ToLower(word); {
	case json.Valid([]byte(word)):
		r.took(r.at + end)
		return ""
	case lower == "true", lower == "false", lower == "null":
		return r.wrong(r.at, "“%s” is written in small letters: %s.", word, lower)
	case strings.IndexByte("+-.0123456789", word[0]) >= 0:
		return r.wrong(r.at, "“%s” is no number. Write it like 42 or 0.5, or in quotation marks as a text.", quotable(word))
	}
	return r.unquoted("a text")
}

// unquoted is for what lacks its quotation marks.
func (r *jsonReader) unquoted(what string) string {
	rest := r.text[r.at:]
	switch mark := []rune(rest)[0]; {
	case strings.HasPrefix(rest, "//"), strings.HasPrefix(rest, "/*"), mark == '#':
		return r.remark()
	case unicode.Is(unicode.Quotation_Mark, mark), mark == '`':
		return r.wrong(r.at, `the quotation marks around %s are straight and double ones: ", not %c.`, what, mark)
	}
	return r.wrong(r.at, `%s stands in quotation marks: "%s".`, what, r.word())
}

// quoted reads a text.
func (r *jsonReader) quoted() string {
	for i := r.at + 1; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.took(i + 1)
			return ""
		case c == '\n', c == '\r':
			return r.unclosed(i)
		case c < ' ':
			return r.wrong(i, `a tab or another character that does not show stands in a text. A tab is written \t.`)
		case c == '\\':
			if i++; i == len(r.text) || !escape(r.text[i:]) {
				return r.wrong(r.at, `a “\” cannot stand in a text alone: it is written \\.`)
			}
		}
	}
	return r.unclosed(len(r.text))
}

func (r *jsonReader) unclosed(end int) string {
	return r.wrong(r.at, "the quotation mark after “%s” is missing.", quotable(r.text[r.at+1:end]))
}

// escape reports whether what follows a \ goes with it.
func escape(rest string) bool {
	if rest[0] != 'u' {
		return strings.IndexByte(`"\/bfnrt`, rest[0]) >= 0
	}
	return len(rest) > 4 && strings.Trim(rest[1:5], "0123456789abcdefABCDEF") == ""
}
