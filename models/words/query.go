package words

import (
	"slices"
	"strings"
	"unicode"
)

// Query is what somebody has typed to find runs: words, phrases in quotation marks, and
// fields with their values, as in order.id:77 or "Order id":"A 77".
type Query struct {
	// Text is what is typed without the fields.
	Text string
	// Sought are the phrases of Text, Fields what is asked of fields.
	Sought Sought
	Fields []Field
}

// Field asks for a value in a field.
type Field struct {
	Name   string // the path of names, in lower case
	Value  string // as typed, without quotation marks
	Phrase []string
	// Whole are the words of all that was typed, for texts that say it so themselves.
	Whole []string
}

// Read reads a search. A field's name begins with a letter; what is typed with a colon and
// is none, such as 12:30 or an address of the web, is text.
func Read(typed string) Query {
	var q Query
	var text []string
	left := Most
	for _, token := range tokens(typed) {
		if field, is := fieldOf(token); is && len(q.Fields) < Most {
			q.Fields = append(q.Fields, field)
			continue
		}
		phrase := Of(token)
		phrase = phrase[:min(len(phrase), left)]
		text = append(text, strings.Trim(token, `"`))
		if len(phrase) > 0 && !slices.ContainsFunc(q.Sought, func(other []string) bool { return slices.Equal(other, phrase) }) {
			q.Sought = append(q.Sought, phrase)
			left -= len(phrase)
		}
	}
	q.Text = strings.Join(text, " ")
	return q
}

// tokens are what stands between spaces that are not in quotation marks. A mark that is not
// closed is a sign as any other.
func tokens(typed string) []string {
	var found []string
	begin, letters := -1, typed
	for i := 0; i < len(letters); i++ {
		switch c := letters[i]; {
		case c == '"' && (begin < 0 || letters[i-1] == ':'):
			if begin < 0 {
				begin = i
			}
			if length := strings.IndexByte(letters[i+1:], '"'); length >= 0 {
				i += length + 1
			}
		case strings.IndexByte(" \t\r\n", c) >= 0:
			if begin >= 0 {
				found = append(found, letters[begin:i])
			}
			begin = -1
		case begin < 0:
			begin = i
		}
	}
	if begin >= 0 {
		found = append(found, letters[begin:])
	}
	return found
}

func fieldOf(token string) (Field, bool) {
	name, value, divided := "", "", false
	if strings.HasPrefix(token, `"`) {
		name, value, divided = strings.Cut(token[1:], `":`)
	} else {
		name, value, divided = strings.Cut(token, ":")
		if strings.ContainsFunc(name, func(letter rune) bool {
			return !unicode.IsLetter(letter) && !unicode.IsDigit(letter) && !strings.ContainsRune("_-.", letter)
		}) {
			divided = false
		}
	}
	first, _, _ := strings.Cut(name, ".")
	if !divided || first == "" || !unicode.IsLetter([]rune(first)[0]) || strings.HasPrefix(value, "//") {
		return Field{}, false
	}
	value = strings.Trim(value, `"`)
	field := Field{Name: strings.ToLower(name), Value: value, Phrase: Of(value), Whole: Of(token)}
	return field, len(field.Phrase) > 0
}

// Holds reports whether words have a phrase.
func Holds(words, phrase []string) bool {
	for n := len(phrase); n > 0 && len(words) >= n; words = words[1:] {
		if slices.Equal(words[:n], phrase) {
			return true
		}
	}
	return false
}

// Meets reports whether a value is what is asked of a field: the names that lead to it have
// the field's one behind the other, and it has the words of a text, or is the number. A text
// anywhere that says the same meets it too.
func (v Value) Meets(field Field) bool {
	if v.Quoted && Holds(Of(v.Text), field.Whole) {
		return true
	}
	if !strings.Contains("."+strings.ToLower(v.Path)+".", "."+field.Name+".") {
		return false
	}
	if v.Quoted {
		return Holds(Of(v.Text), field.Phrase)
	}
	return strings.EqualFold(v.Text, field.Value) || slices.Equal(Of(v.Text), field.Phrase) && strings.HasPrefix(v.Text, "-") == strings.HasPrefix(field.Value, "-")
}
